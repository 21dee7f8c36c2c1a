//! A child process at the other end of two pipes: starting it, saying how it ended, and not leaving it behind.

use std::future::poll_fn;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use rmix_provider::guest::{Host, Io};
use rmix_provider::tables::{AbiWaker, Err, READ, cause, delivery, kind};
use rmix_provider::{EndReason, failure};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitIdStatus};

/// How long a child may go on after its input has ended before it is killed, in nanoseconds.
const GRACE_NS: u64 = 2_000_000_000;
/// How long a child that nobody watches any more, because its host is ending, may take to end, in nanoseconds.
const LAST_WAIT_NS: i64 = 1_000_000_000;
/// How long to wait for the exit status of a child that closed its output, in nanoseconds: it is ending, as a rule.
const STATUS_WAIT_NS: i64 = 200_000_000;

/// A running child.
pub(crate) struct Child {
    pidfd: OwnedFd,
    name: String,
    /// How it ended, once known: it can be asked for only once.
    status: Mutex<Option<WaitIdStatus>>,
}

/// A child with the pipes to it.
pub(crate) struct Started {
    pub(crate) child: Arc<Child>,
    /// Its standard output.
    pub(crate) read: OwnedFd,
    /// Its standard input.
    pub(crate) write: OwnedFd,
}

impl Child {
    /// Starts a command line, split as a shell would, without a shell.
    ///
    /// # Errors
    /// `FixRequest`: the line is empty or wrongly quoted, or there is no such program.
    pub(crate) fn start(endpoint: &str, line: &str) -> Result<Started, Err> {
        let words = shell_words::split(line)
            .map_err(|wrong| failure::endpoint(endpoint, &wrong.to_string()))?;
        let Some((program, arguments)) = words.split_first() else {
            return Err(failure::endpoint(endpoint, "it names no command"));
        };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|why| not_started(program, &why))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            let message = "the child has no pipes";
            return Err(Err::new(kind::INTERNAL, cause::IO, message));
        };
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let opened = pid
            .ok_or(rustix::io::Errno::SRCH)
            .and_then(|pid| rustix::process::pidfd_open(pid, PidfdFlags::empty()));
        let pidfd = opened.map_err(|errno| {
            // Not watched, it must not run: there is nobody to collect it later.
            let _ = child.kill();
            let _ = child.wait();
            failure::io("watching the child", errno).delivered(delivery::NOT_SENT)
        })?;
        Ok(Started {
            child: Arc::new(Child {
                pidfd,
                name: program.clone(),
                status: Mutex::new(None),
            }),
            read: output.into(),
            write: input.into(),
        })
    }

    /// How the child ended, when it has; collects it.
    fn ended(&self) -> Option<WaitIdStatus> {
        let mut known = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() {
            let id = WaitId::PidFd(self.pidfd.as_fd());
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
            *known = rustix::process::waitid(id, options).ok().flatten();
        }
        *known
    }

    /// The error of calls on a link whose child has ended; waits a moment for a child that is just ending.
    pub(crate) fn end_reason(self: &Arc<Child>) -> EndReason {
        let child = self.clone();
        Box::new(move || {
            child.wait(STATUS_WAIT_NS);
            child.ended().map(|status| child.exit_error(status))
        })
    }

    /// Blocks until it has ended, but no longer than this.
    fn wait(&self, nanoseconds: i64) {
        let mut poll = [PollFd::new(&self.pidfd, PollFlags::IN)];
        let wait = Timespec {
            tv_sec: nanoseconds / 1_000_000_000,
            tv_nsec: nanoseconds % 1_000_000_000,
        };
        // A failed wait only means that the status is not known.
        let _ = rustix::event::poll(&mut poll, Some(&wait));
    }

    fn exit_error(&self, status: WaitIdStatus) -> Err {
        let name = &self.name;
        let (code, how) = match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => (i64::from(code), format!("exited with status {code}")),
            (_, Some(signal)) => (
                128 + i64::from(signal),
                format!("was killed by signal {signal}"),
            ),
            _ => (-1, "ended".to_owned()),
        };
        let message = format!("the child process {name:?} {how}");
        Err::new(kind::RECONNECT, cause::CHILD_EXITED, message)
            .with_code(code)
            .delivered(delivery::MAYBE_EXECUTED)
    }

    /// Collects the child when it ends; kills it when it outlives its link (`closed` is ready) by more than the grace
    /// time.
    pub(crate) async fn keep(
        self: Arc<Child>,
        host: Host,
        mut closed: impl FnMut(&AbiWaker) -> Poll<()>,
    ) {
        let watched = self.pidfd.try_clone().map(|fd| host.register(fd));
        let Ok(Ok(watched)) = watched else {
            host.warn("rmix::pipe", "a child process cannot be watched");
            return;
        };
        let mut timer = host.timer();
        let mut kill_at = None;
        poll_fn(|cx| {
            let waker = AbiWaker::lend(cx.waker());
            let ended = watched.poll_io(READ, &waker, |_| match self.ended() {
                Some(_) => Io::Done(()),
                None => Io::WouldBlock,
            });
            if ended.is_ready() {
                return Poll::Ready(());
            }
            if kill_at.is_none() && closed(&waker).is_ready() {
                kill_at = Some(host.now_ns().saturating_add(GRACE_NS));
            }
            if let Some(deadline) = kill_at
                && timer.poll_until(deadline, &waker).is_ready()
            {
                self.kill();
                kill_at = Some(u64::MAX);
            }
            Poll::Pending
        })
        .await;
    }

    fn kill(&self) {
        // It may have ended just now.
        let _ = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.ended().is_none() {
            // Its input has ended with the link: it may be busy with what it was sent last.
            self.wait(LAST_WAIT_NS);
        }
        if self.ended().is_none() {
            self.kill();
            let id = WaitId::PidFd(self.pidfd.as_fd());
            // A killed child ends at once; waiting leaves no zombie.
            let _ = rustix::process::waitid(id, WaitIdOptions::EXITED);
        }
    }
}

fn not_started(program: &str, why: &std::io::Error) -> Err {
    let hint = match why.kind() {
        std::io::ErrorKind::NotFound => "; is it installed, and in PATH?",
        std::io::ErrorKind::PermissionDenied => "; may this user run it?",
        _ => "",
    };
    let message = format!("the command {program:?} cannot be started: {why}{hint}");
    let code = i64::from(why.raw_os_error().unwrap_or(0));
    Err::new(kind::FIX_REQUEST, cause::CONNECT, message).with_code(code)
}

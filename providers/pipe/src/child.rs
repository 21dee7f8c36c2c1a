//! A child process at the other end of two pipes: starting it, saying how it ended, and not leaving it behind.

use std::future::poll_fn;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use rmix_provider::guest::{BoxFuture, Host, Io};
use rmix_provider::tables::{AbiWaker, Err, READ, cause, delivery, kind};
use rmix_provider::{EndReason, failure};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitIdStatus};

/// How long a child may go on after its input has ended before it is told to end (SIGTERM), in nanoseconds.
const GRACE_NS: u64 = 2_000_000_000;
/// How long a child that was told to end may take before it is killed (SIGKILL), in nanoseconds.
const TERM_GRACE_NS: u64 = 1_000_000_000;
/// The same two times for a child that outlives its host.
const LAST_GRACE_NS: i64 = 750_000_000;
const LAST_TERM_GRACE_NS: i64 = 250_000_000;
/// How long calls wait to be told the exit status of a child that closed its output, in nanoseconds: it is ending, as a
/// rule.
const STATUS_WAIT_NS: u64 = 1_000_000_000;

/// How often a child is looked at that cannot be watched for want of descriptors, in nanoseconds.
const LOOK_AGAIN_NS: u64 = 50_000_000;

/// A running child.
pub(crate) struct Child {
    host: Host,
    process: Process,
}

/// The process of a child. Its keeper is a task that lives until the process has ended; so when this is dropped before
/// that, the host has dropped its tasks and no reactor runs here: it waits for the process, for a bounded time, and
/// collects it.
struct Process {
    pidfd: OwnedFd,
    name: String,
    state: Mutex<State>,
}

/// Guarded for moments only.
#[derive(Default)]
struct State {
    /// How it ended, once known: it can be asked for only once.
    status: Option<WaitIdStatus>,
    /// Who wants to know.
    waiters: Vec<Waker>,
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
    pub(crate) fn start(host: Host, endpoint: &str, line: &str) -> Result<Started, Err> {
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
                host,
                process: Process {
                    pidfd,
                    name: program.clone(),
                    state: Mutex::default(),
                },
            }),
            read: output.into(),
            write: input.into(),
        })
    }

    /// Says how the child ended to the calls that wait for it.
    pub(crate) fn end_reason(self: &Arc<Child>) -> Box<dyn EndReason> {
        Box::new(ChildEnd(self.clone()))
    }

    /// Collects the child when it ends. When it outlives its link (`closed` is ready), whose end is that of its input,
    /// it is told to end after a while, and killed after another.
    pub(crate) async fn keep(self: Arc<Child>, mut closed: impl FnMut(&AbiWaker) -> Poll<()>) {
        let (host, process) = (self.host, &self.process);
        let copy = process.pidfd.try_clone().ok();
        let watched = copy.and_then(|fd| host.register(fd).ok());
        let mut look = host.timer();
        let mut timer = host.timer();
        let mut open = true;
        let mut next = None;
        poll_fn(|cx| {
            let waker = AbiWaker::lend(cx.waker());
            let ended = match &watched {
                Some(watched) => {
                    let polled = watched.poll_io(READ, &waker, |_| match process.ended() {
                        Some(_) => Io::Done(()),
                        None => Io::WouldBlock,
                    });
                    polled.is_ready()
                }
                // Out of descriptors: asked again and again instead.
                None => loop {
                    if process.ended().is_some() {
                        break true;
                    }
                    let until = host.now_ns().saturating_add(LOOK_AGAIN_NS);
                    if look.poll_until(until, &waker).is_pending() {
                        break false;
                    }
                },
            };
            if ended {
                return Poll::Ready(());
            }
            if open && closed(&waker).is_ready() {
                open = false;
                next = Some((host.now_ns().saturating_add(GRACE_NS), Signal::TERM));
            }
            while let Some((deadline, signal)) = next
                && timer.poll_until(deadline, &waker).is_ready()
            {
                process.send(signal);
                let kill_at = host.now_ns().saturating_add(TERM_GRACE_NS);
                next = (signal == Signal::TERM).then_some((kill_at, Signal::KILL));
            }
            Poll::Pending
        })
        .await;
    }
}

/// How a child ended, for its link.
struct ChildEnd(Arc<Child>);

impl EndReason for ChildEnd {
    fn known(&self) -> Option<Err> {
        let process = &self.0.process;
        process.ended().map(|status| process.exit_error(status))
    }

    fn settled(&self) -> BoxFuture<()> {
        let child = self.0.clone();
        Box::pin(async move {
            let process = &child.process;
            let mut timer = child.host.timer();
            let until = child.host.now_ns().saturating_add(STATUS_WAIT_NS);
            poll_fn(|cx| match process.poll_ended(cx.waker()) {
                Poll::Ready(()) => Poll::Ready(()),
                Poll::Pending => timer.poll_until(until, &AbiWaker::lend(cx.waker())),
            })
            .await;
        })
    }
}

impl Process {
    /// How the process ended, when it has; collects it.
    fn ended(&self) -> Option<WaitIdStatus> {
        let (status, waiters) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.status.is_none() {
                let id = WaitId::PidFd(self.pidfd.as_fd());
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
                state.status = rustix::process::waitid(id, options).ok().flatten();
            }
            let waiters = match state.status {
                Some(_) => std::mem::take(&mut state.waiters),
                None => Vec::new(),
            };
            (state.status, waiters)
        };
        waiters.into_iter().for_each(Waker::wake);
        status
    }

    /// Ready when it has ended; the waker is woken when that is found out.
    fn poll_ended(&self, waker: &Waker) -> Poll<()> {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if !state.waiters.iter().any(|known| known.will_wake(waker)) {
                state.waiters.push(waker.clone());
            }
        }
        match self.ended() {
            Some(_) => Poll::Ready(()),
            None => Poll::Pending,
        }
    }

    /// Blocks until it has ended, but no longer than this; whether it has.
    fn wait(&self, nanoseconds: i64) -> bool {
        let mut poll = [PollFd::new(&self.pidfd, PollFlags::IN)];
        let wait = Timespec {
            tv_sec: nanoseconds / 1_000_000_000,
            tv_nsec: nanoseconds % 1_000_000_000,
        };
        // A failed wait only means that the status is not known.
        let _ = rustix::event::poll(&mut poll, Some(&wait));
        self.ended().is_some()
    }

    fn send(&self, signal: Signal) {
        // It may have ended just now.
        let _ = rustix::process::pidfd_send_signal(&self.pidfd, signal);
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
}

impl Drop for Process {
    fn drop(&mut self) {
        // Its input has ended with the link: it may be busy with what it was sent last.
        if self.ended().is_some() || self.wait(LAST_GRACE_NS) {
            return;
        }
        self.send(Signal::TERM);
        if self.wait(LAST_TERM_GRACE_NS) {
            return;
        }
        self.send(Signal::KILL);
        let id = WaitId::PidFd(self.pidfd.as_fd());
        // A killed process ends at once; waiting leaves no zombie.
        let _ = rustix::process::waitid(id, WaitIdOptions::EXITED);
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

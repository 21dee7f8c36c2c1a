//! A network of its own, with a loopback interface, and a folder /run of its own, so that a peer may
//! have a fixed port (rpcbind: 111) and a fixed path (/run/rpcbind.sock) beside others that have the
//! same. It needs the rights of root, and knows no peer.

use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::AsFd;
use std::panic;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::error::PeerError;
use crate::process::{Line, Process, run};
use crate::server::Server;

/// How long a daemon may take until it answers: the machine may be busy.
const READY_LIMIT: Duration = Duration::from_secs(60);

/// How often a daemon is asked whether it answers: it has no other way to say so.
const READY_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// How long a killed daemon's end is waited for.
const END_LIMIT: Duration = Duration::from_secs(10);

/// How long a program that goes into the background may take to do so.
const BACKGROUND_LIMIT: Duration = Duration::from_secs(60);

/// The first process: it ends with its standard input, and all others of the namespace with it.
const FIRST_PROCESS: &str = "ip link set lo up && mount -t tmpfs tmpfs /run && \
     mkdir -p /run/rpcbind /run/ganesha /run/lock && echo READY yes && exec cat > /dev/null";

/// Runs a program until standard input ends, and ends with the program.
const WATCHED: &str = "exec 3<&0; \"$@\" </dev/null 3<&- & child=$!; \
     (cat <&3 >/dev/null; kill -KILL $child) >/dev/null 2>&1 & exec 3<&-; wait $child";

/// A network, a process and a mount namespace. Its programs are killed when it is dropped, or when
/// this process ends.
#[derive(Debug)]
pub struct Namespace {
    /// Never locked: a mutex is what threads may share, and the value is only held.
    _first_process: Mutex<Server>,
    pid: u32,
    network: File,
}

impl Namespace {
    /// Makes a namespace with an own loopback interface (127.0.0.1 and ::1) and an empty /run.
    ///
    /// # Errors
    ///
    /// When this process may not: it takes the rights of root.
    pub fn start() -> Result<Self, PeerError> {
        let mut command = Command::new("unshare");
        command
            .args(["--net", "--mount", "--pid", "--fork", "--kill-child"])
            .args(["sh", "-c", FIRST_PROCESS]);
        let (first_process, _) = Server::start(&mut command)?;
        let pid = first_process.id();
        let path = PathBuf::from(format!("/proc/{pid}/ns/net"));
        let network = File::open(&path).map_err(PeerError::file(path))?;
        Ok(Self {
            _first_process: Mutex::new(first_process),
            pid,
            network,
        })
    }

    /// A command that runs `program` in this network, with this /run. The program keeps the
    /// environment, but not the current folder: its paths are to be absolute.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.nsenter();
        command.arg("--").arg(program);
        command
    }

    /// The words before a program's own that make it run in this network, with this /run.
    pub fn prefix(&self) -> Vec<String> {
        let command = self.command("");
        let mut words = vec![command.get_program().to_string_lossy().into_owned()];
        words.extend(command.get_args().map(|word| word.to_string_lossy().into()));
        words.pop();
        words
    }

    /// Where a file of the namespace's /run is found from outside: a Unix socket there can be
    /// connected to by this path.
    pub fn path(&self, inside: &str) -> PathBuf {
        format!("/proc/{}/root{inside}", self.pid).into()
    }

    /// Runs `work` on a thread of its own that is in this network: the sockets it makes are, and so
    /// are those of the threads it starts. Files, /run among them, stay those of the caller.
    ///
    /// # Errors
    ///
    /// When the thread may not enter: it takes the rights of root.
    ///
    /// # Panics
    ///
    /// When `work` does.
    pub fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, PeerError> {
        thread::scope(|scope| {
            let entered = scope.spawn(|| {
                move_into_link_name_space(self.network.as_fd(), Some(LinkNameSpaceType::Network))
                    .map_err(|error| PeerError::file(self.path(""))(error.into()))?;
                Ok(work())
            });
            entered
                .join()
                .unwrap_or_else(|panicked| panic::resume_unwind(panicked))
        })
    }

    /// Starts a program that stays in the foreground, and waits until `is_ready`.
    pub(crate) fn start_daemon(
        &self,
        program: &str,
        arguments: &[&str],
        is_ready: impl FnMut() -> bool,
    ) -> Result<Daemon, PeerError> {
        let mut command = self.nsenter();
        command
            .arg(format!("--pid=/proc/{}/ns/pid_for_children", self.pid))
            .args(["--", "sh", "-c", WATCHED, "watched", program])
            .args(arguments)
            .stdin(Stdio::piped());
        let daemon = Daemon {
            process: Process::start(&mut command)?,
        };
        daemon.wait_until(is_ready)
    }

    /// Runs a program that goes into the background by itself; it ends with the namespace.
    pub(crate) fn start_background(&self, program: &str) -> Result<(), PeerError> {
        let mut command = self.nsenter();
        command
            .arg(format!("--pid=/proc/{}/ns/pid_for_children", self.pid))
            .args(["--", "sh", "-c", "\"$@\" >/dev/null 2>&1 </dev/null"])
            .args(["background", program]);
        run(&mut command, BACKGROUND_LIMIT, &mut |_line| {})?;
        Ok(())
    }

    fn nsenter(&self) -> Command {
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--net=/proc/{}/ns/net", self.pid))
            .arg(format!("--mount=/proc/{}/ns/mnt", self.pid));
        command
    }
}

/// A program of a namespace that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Daemon {
    process: Process,
}

impl Daemon {
    fn wait_until(mut self, mut is_ready: impl FnMut() -> bool) -> Result<Self, PeerError> {
        let deadline = Instant::now() + READY_LIMIT;
        while !is_ready() {
            if let Line::End = self.process.next_line(Instant::now() + READY_POLL_INTERVAL) {
                // Wait for the last words on its standard error.
                self.process.wait(deadline);
                return Err(PeerError::NotReady {
                    command: self.process.shown().to_owned(),
                    instead: None,
                    stderr: self.process.stderr(),
                });
            }
            if Instant::now() >= deadline {
                return Err(self.process.timed_out(READY_LIMIT).into());
            }
        }
        self.process.ignore_lines();
        Ok(self)
    }

    /// The end of what it wrote to its standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.process.stderr()
    }
}

impl Drop for Daemon {
    /// With the end of its standard input the daemon is killed; nothing of it is left after this.
    fn drop(&mut self) {
        drop(self.process.take_stdin());
        self.process.wait(Instant::now() + END_LIMIT);
    }
}

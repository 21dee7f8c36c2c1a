//! A peer's server while it runs: started until it says READY, and stopped with the value that
//! holds it. It does not talk to the server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::PeerError;
use crate::process::{Line, Process};

/// How long a server may take until it says READY: interpreters are slow on a busy machine.
const READY_LIMIT: Duration = Duration::from_secs(60);

/// How long a server may take to end after its standard input has ended.
const END_LIMIT: Duration = Duration::from_secs(20);

/// A server that listens on a TCP port of the loopback address. Killed on drop; it also ends by
/// itself when this process ends, since its standard input ends then.
#[derive(Debug)]
pub struct RunningServer {
    server: Server,
    port: u16,
}

impl RunningServer {
    /// Starts `command` and waits until it listens.
    pub(crate) fn start(command: &mut Command) -> Result<Self, PeerError> {
        let (server, address) = Server::start(command)?;
        match address.parse() {
            Ok(port) => Ok(Self { server, port }),
            Err(_) => Err(server.not_ready(Some(format!("READY {address}")))),
        }
    }

    /// The address it listens on.
    pub fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and port with a colon between them.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host(), self.port)
    }

    /// The end of what the server wrote to its standard error so far.
    pub fn stderr(&self) -> String {
        self.server.stderr()
    }

    /// Ends the server's standard input and waits until it has ended by itself.
    ///
    /// # Errors
    ///
    /// When it does not end within 20 seconds (it is killed then), or not with success.
    pub fn stop(self) -> Result<(), PeerError> {
        self.server.stop()
    }
}

/// A server that listens on a Unix socket. Killed on drop, which also removes the socket's file; it
/// ends by itself when this process ends.
#[derive(Debug)]
pub struct RunningUnixServer {
    server: Option<Server>,
    path: PathBuf,
}

impl RunningUnixServer {
    /// Starts `command` and waits until it listens.
    pub(crate) fn start(command: &mut Command) -> Result<Self, PeerError> {
        let (server, path) = Server::start(command)?;
        Ok(Self {
            server: Some(server),
            path: path.into(),
        })
    }

    /// The path of its socket.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The end of what the server wrote to its standard error so far.
    pub fn stderr(&self) -> String {
        match &self.server {
            Some(server) => server.stderr(),
            None => String::new(),
        }
    }

    /// Ends the server's standard input and waits until it has ended by itself.
    ///
    /// # Errors
    ///
    /// When it does not end within 20 seconds (it is killed then), or not with success.
    pub fn stop(mut self) -> Result<(), PeerError> {
        self.server.take().map_or(Ok(()), Server::stop)
    }
}

impl Drop for RunningUnixServer {
    fn drop(&mut self) {
        drop(self.server.take());
        // A server that ended by itself has removed it already.
        let _ = fs::remove_file(&self.path);
    }
}

/// A server's process. Fields drop in order: the input ends before the process is killed.
#[derive(Debug)]
pub(crate) struct Server {
    stdin: Option<ChildStdin>,
    process: Process,
}

impl Server {
    /// Starts `command` and returns what stands behind READY.
    pub(crate) fn start(command: &mut Command) -> Result<(Self, String), PeerError> {
        let mut process = Process::start(command.stdin(Stdio::piped()))?;
        let stdin = process.take_stdin();
        let mut server = Self { stdin, process };
        let deadline = Instant::now() + READY_LIMIT;
        match server.process.next_line(deadline) {
            Line::Text(line) => match line.strip_prefix("READY ") {
                Some(address) => {
                    server.process.ignore_lines();
                    Ok((server, address.to_owned()))
                }
                None => Err(server.not_ready(Some(line))),
            },
            Line::End => {
                // Wait for the last words on its standard error.
                server.process.wait(deadline);
                Err(server.not_ready(None))
            }
            Line::TimedOut => Err(server.process.timed_out(READY_LIMIT).into()),
        }
    }

    /// The process's number.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The end of what it wrote to its standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.process.stderr()
    }

    /// Says that it wrote `instead`, or ended, where READY was due.
    pub(crate) fn not_ready(&self, instead: Option<String>) -> PeerError {
        PeerError::NotReady {
            command: self.process.shown().to_owned(),
            instead,
            stderr: self.process.stderr(),
        }
    }

    /// Ends the standard input and waits until the process has ended by itself.
    pub(crate) fn stop(mut self) -> Result<(), PeerError> {
        drop(self.stdin.take());
        match self.process.wait(Instant::now() + END_LIMIT) {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(self.process.failed(status).into()),
            None => Err(self.process.timed_out(END_LIMIT).into()),
        }
    }
}

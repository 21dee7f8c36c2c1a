//! A running SOAP server of a peer, with the URLs of its services. It does not talk to it.

use std::process::Command;

use tempfile::TempDir;

use crate::error::PeerError;
use crate::server::RunningServer;

/// A server of a SOAP peer at a free port of 127.0.0.1. Killed on drop; it also ends by itself when
/// this process ends.
#[derive(Debug)]
pub struct SoapServer {
    server: RunningServer,
    _state: Option<TempDir>,
}

impl SoapServer {
    /// Starts `command` and waits until it serves.
    pub(super) fn start(command: &mut Command) -> Result<Self, PeerError> {
        let server = RunningServer::start(command)?;
        Ok(Self {
            server,
            _state: None,
        })
    }

    /// Starts `command` with the path of a folder for what it keeps between calls.
    pub(super) fn start_with_state(command: &mut Command) -> Result<Self, PeerError> {
        let state = TempDir::with_prefix("soap-").map_err(PeerError::file("/tmp"))?;
        let server = RunningServer::start(command.arg(state.path()))?;
        Ok(Self {
            server,
            _state: Some(state),
        })
    }

    /// The URL of a service by its path: `contract` (SOAP 1.1), `contract12` (SOAP 1.2), `rpc` or
    /// `encoded`, as far as the server has it.
    pub fn endpoint(&self, path: &str) -> String {
        format!("http://{}/{path}", self.server.address())
    }

    /// The TCP port it listens on.
    pub fn tcp_port(&self) -> u16 {
        self.server.port()
    }

    /// The end of what it wrote to its standard error so far.
    pub fn stderr(&self) -> String {
        self.server.stderr()
    }

    /// Ends its standard input and waits until it has ended by itself.
    ///
    /// # Errors
    ///
    /// When it does not end within 20 seconds (it is killed then), or not with success.
    pub fn stop(self) -> Result<(), PeerError> {
        self.server.stop()
    }
}

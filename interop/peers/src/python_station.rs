//! The Python station: programs under `python/` on aio-msgpack-rpc, with the Python packages they
//! need in a folder of the caller's. It prepares and starts them, and does not know
//! MessagePack-RPC.

use std::path::Path;

use serde_json::Value;

use crate::client::run_client;
use crate::error::{BuildError, PeerError};
use crate::neovim::nvim_command;
use crate::peer::Peer;
use crate::python_environment::{PythonEnvironment, Requirements};
use crate::server::{RunningServer, RunningUnixServer};

const REQUIRED: Requirements = Requirements {
    file: "requirements.txt",
    text: include_str!("../python/requirements.txt"),
    import: "import aio_msgpack_rpc, msgpack",
};

/// The Python programs, with an interpreter that finds what they import.
#[derive(Clone, Debug)]
pub struct PythonStation {
    environment: PythonEnvironment,
}

impl PythonStation {
    /// Installs the Python packages under `folder`, unless they are there already: into a virtual
    /// environment, or, where Python cannot make one, by `pip install --target`.
    ///
    /// # Errors
    ///
    /// When packages of the system are missing (the error carries the command that installs them),
    /// when the folder cannot be used, or when pip fails.
    ///
    /// # Blocking
    ///
    /// For many seconds the first time; callers that share a folder wait for one another.
    pub fn prepare(folder: &Path) -> Result<Self, BuildError> {
        let status = Peer::PythonStation.status();
        if !status.is_present() {
            return Err(BuildError::Missing(status));
        }
        Self::prepare_with(Path::new("python3"), folder)
    }

    /// Like `prepare`, with an interpreter of the caller's choice.
    ///
    /// # Errors
    ///
    /// When the folder cannot be used, or when pip fails.
    pub fn prepare_with(python: &Path, folder: &Path) -> Result<Self, BuildError> {
        let environment = PythonEnvironment::prepare(python, folder, &REQUIRED)?;
        Ok(Self { environment })
    }

    /// Starts the server on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When it does not listen within a minute.
    pub fn start_server_tcp(&self) -> Result<RunningServer, PeerError> {
        RunningServer::start(
            self.environment
                .script("station_server.py")
                .args(["tcp", "127.0.0.1:0"]),
        )
    }

    /// Starts the server on a Unix socket at `path`, which the system limits to 107 bytes.
    ///
    /// # Errors
    ///
    /// When it does not listen within a minute.
    pub fn start_server_unix(&self, path: &Path) -> Result<RunningUnixServer, PeerError> {
        RunningUnixServer::start(
            self.environment
                .script("station_server.py")
                .arg("unix")
                .arg(path),
        )
    }

    /// Starts a server whose `latest` always fails with Offline, on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When it does not listen within a minute.
    pub fn start_offline_server_tcp(&self) -> Result<RunningServer, PeerError> {
        let mut command = self.environment.script("station_server.py");
        RunningServer::start(command.args(["--offline", "tcp", "127.0.0.1:0"]))
    }

    /// Runs the client with `arguments`: address (host:port, or a path with a slash in it),
    /// operation and the operation's own. Returns the line of JSON it prints: `{"ok": …}`, or
    /// `{"error": …}` with the error member of the response.
    ///
    /// # Errors
    ///
    /// When it could not connect, was called wrongly, got no answer, or took more than five
    /// minutes.
    pub fn client(&self, arguments: &[&str]) -> Result<Value, PeerError> {
        run_client(self.environment.script("station_client.py").args(arguments))
    }

    /// Runs Neovim on the callback source and serves its calls from Python, by hand: what it
    /// returns, and all it sent, is what RMIX in Python's place must see.
    ///
    /// # Errors
    ///
    /// When Neovim cannot be started or does not answer.
    pub fn check_nvim_callback(&self) -> Result<Value, PeerError> {
        let mut command = self.environment.script("check_nvim_callback.py");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/nvim/callback.lua"));
        run_client(command.args(nvim_command()))
    }
}

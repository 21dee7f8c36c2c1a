//! The C station: rpcgen and the C compiler turn the sources under `c/` into a Sun RPC server and
//! client on libtirpc. It builds and starts them, and neither knows Sun RPC nor asks a portmapper.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::c_build::{Program, Project};
use crate::client::run_client;
use crate::error::{BuildError, PeerError};
use crate::peer::Peer;
use crate::server::RunningServer;

const PROJECT: Project = Project {
    name: "station",
    interface: concat!(env!("CARGO_MANIFEST_DIR"), "/c/station.x"),
    programs: &[
        Program {
            name: "station_server",
            sources: &["station_server.c", "serving.c"],
            generated: "_svc.c",
        },
        Program {
            name: "station_client",
            sources: &["station_client.c", "console.c"],
            generated: "_clnt.c",
        },
    ],
    headers: &["serving.h", "console.h"],
};

/// Builds the C station in `out_dir`, unless it is there already and not older than its sources.
///
/// # Errors
///
/// When packages are missing (the error carries the command that installs them), when the folder
/// cannot be used, or when rpcgen or the compiler fails.
///
/// # Blocking
///
/// For seconds; callers that share a folder wait for one another.
pub fn build_c(out_dir: &Path) -> Result<CStation, BuildError> {
    let status = Peer::CStation.status();
    if !status.is_present() {
        return Err(BuildError::Missing(status));
    }
    let folder = PROJECT.build(out_dir)?;
    Ok(CStation { folder })
}

/// The built C programs.
#[derive(Clone, Debug)]
pub struct CStation {
    folder: PathBuf,
}

impl CStation {
    /// Starts the server on a free port of 127.0.0.1, without a portmapper.
    ///
    /// # Errors
    ///
    /// When it does not listen within a minute.
    pub fn start_server(&self) -> Result<RunningServer, PeerError> {
        RunningServer::start(&mut self.server_command())
    }

    /// Starts a server whose `latest` always answers with the fault Offline.
    ///
    /// # Errors
    ///
    /// When it does not listen within a minute.
    pub fn start_offline_server(&self) -> Result<RunningServer, PeerError> {
        RunningServer::start(self.server_command().arg("--offline"))
    }

    /// Runs the client with `arguments`: host, port, operation and the operation's own. Returns the
    /// line of JSON it prints: `{"ok": …}`, `{"error": …}` for a declared fault, or
    /// `{"failure": {"status": …, "text": …}}` with libtirpc's status of a call that failed.
    ///
    /// # Errors
    ///
    /// When it could not connect, was called wrongly, or took more than five minutes.
    pub fn client(&self, arguments: &[&str]) -> Result<Value, PeerError> {
        run_client(Command::new(self.client_program()).args(arguments))
    }

    /// The path of the client, for those who run it otherwise.
    pub fn client_program(&self) -> PathBuf {
        self.folder.join("station_client")
    }

    fn server_command(&self) -> Command {
        Command::new(self.folder.join("station_server"))
    }
}

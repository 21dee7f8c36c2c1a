//! The weather station in Java, on JAX-WS RI, by the programs under `soap/jaxws/station`: wsimport turns
//! `soap/station.wsdl` into Java for the server as for the client. A client stays for many commands,
//! since a JVM is slow to start.

use std::io::Write as _;
use std::path::Path;
use std::process::{ChildStdin, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::client::SoapVersion;
use super::jaxws::JaxWs;
use super::server::SoapServer;
use crate::error::{BuildError, PeerError};
use crate::process::{Line, Process};

const PROGRAMS: [&str; 3] = [
    "jaxws/station/StationClient.java",
    "jaxws/station/StationServer.java",
    "jaxws/logging.properties",
];

/// How long one command may take; a cold JVM fits.
const ANSWER_LIMIT: Duration = Duration::from_secs(120);

/// The built Java programs.
#[derive(Clone, Debug)]
pub struct JavaStation {
    programs: JaxWs,
}

impl JavaStation {
    /// Builds the programs in `folder`, unless they are there already.
    ///
    /// # Errors
    ///
    /// When packages are missing (the error carries the command that installs them), when the folder
    /// cannot be used, or when wsimport or the compiler fails.
    ///
    /// # Blocking
    ///
    /// For many seconds the first time; callers that share a folder wait for one another.
    pub fn prepare(folder: &Path) -> Result<Self, BuildError> {
        let programs = JaxWs::build(folder, &["station.wsdl"], &PROGRAMS)?;
        Ok(Self { programs })
    }

    /// Starts the server: `station` by SOAP 1.1, `station12` by SOAP 1.2.
    ///
    /// # Errors
    ///
    /// When it does not serve within a minute.
    ///
    /// # Blocking
    ///
    /// For seconds.
    pub fn start_server(&self) -> Result<SoapServer, PeerError> {
        SoapServer::start(self.programs.java().arg("StationServer"))
    }

    /// Starts a client of the station that is described at the URL `wsdl`, in a version of SOAP.
    ///
    /// # Errors
    ///
    /// When Java cannot be started. That there is no station is told by the first command.
    pub fn start_client(
        &self,
        wsdl: &str,
        version: SoapVersion,
    ) -> Result<JavaStationClient, PeerError> {
        let mut command = self.programs.java();
        command.args(["StationClient", wsdl, version.number()]);
        let mut process = Process::start(command.stdin(Stdio::piped()))?;
        let stdin = process.take_stdin();
        Ok(JavaStationClient { stdin, process })
    }
}

/// A running client. Killed on drop; it also ends by itself when this process ends.
#[derive(Debug)]
pub struct JavaStationClient {
    stdin: Option<ChildStdin>,
    process: Process,
}

impl JavaStationClient {
    /// Has it run a command: an operation and the operation's own. Returns the line of JSON it prints:
    /// `{"ok": …}`, `{"error": …}` for a declared fault, or `{"failure": …}`.
    ///
    /// # Errors
    ///
    /// When it has ended, since there is no such station; when it took more than two minutes; or when
    /// what it printed is not JSON.
    ///
    /// # Blocking
    ///
    /// Until it answers.
    pub fn ask(&mut self, arguments: &[&str]) -> Result<Value, PeerError> {
        let line = format!("{}\n", arguments.join(" "));
        if let Some(stdin) = &mut self.stdin {
            // It has ended then, which its output tells better.
            let _ = stdin.write_all(line.as_bytes());
        }
        let deadline = Instant::now() + ANSWER_LIMIT;
        match self.process.next_line(deadline) {
            Line::Text(output) => serde_json::from_str(&output).map_err(|_| {
                let command = self.process.shown().to_owned();
                PeerError::NotOneLineOfJson { command, output }
            }),
            Line::End => match self.process.wait(deadline) {
                Some(status) => Err(self.process.failed(status).into()),
                None => Err(self.process.timed_out(ANSWER_LIMIT).into()),
            },
            Line::TimedOut => Err(self.process.timed_out(ANSWER_LIMIT).into()),
        }
    }
}

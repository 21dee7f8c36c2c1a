//! zeep, a SOAP client in Python that reads the WSDL at run time. It prepares and starts the client
//! program under `soap/zeep`.

use std::path::Path;
use std::process::Command;

use super::cases::Service;
use super::client::{RUN_LIMIT, SoapClient, none_of};
use super::recipe::source;
use crate::error::{BuildError, PeerError};
use crate::peer::Peer;
use crate::process;
use crate::python_environment::{PythonEnvironment, Requirements};

const REQUIRED: Requirements = Requirements {
    file: "../soap/zeep/requirements.txt",
    text: include_str!("../../soap/zeep/requirements.txt"),
    import: "import zeep",
};

const EMPTY: &str = "an empty string in a structure is read as none at all";

/// zeep's client programs, with an interpreter that finds zeep.
#[derive(Clone, Debug)]
pub struct Zeep {
    environment: PythonEnvironment,
}

impl Zeep {
    /// Installs zeep under `folder`, unless it is there already.
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
        Peer::Zeep.require_to_build()?;
        let environment = PythonEnvironment::prepare(Path::new("python3"), folder, &REQUIRED)?;
        Ok(Self { environment })
    }

    /// Asks the service that is described at `wsdl` for a reference by `find`, and gives it back to
    /// `text_of`: its address, the names of its parameters, and the answer, one a line.
    ///
    /// # Errors
    ///
    /// When a call fails, or it takes more than two minutes.
    pub fn hand_back(&self, wsdl: &str) -> Result<Vec<String>, PeerError> {
        let program = source("zeep/reference_client.py");
        let mut command = self.environment.script_at(&program);
        Ok(process::run(command.arg(wsdl), RUN_LIMIT, &mut |_line| {})?)
    }
}

impl SoapClient for Zeep {
    fn name(&self) -> &'static str {
        "zeep"
    }

    fn cannot(&self, service: Service) -> Vec<(&'static str, &'static str)> {
        match service {
            Service::Contract => vec![("reading-bare", EMPTY), ("revise-empty", EMPTY)],
            Service::Rpc => Vec::new(),
            Service::Encoded => none_of(service, "zeep follows no references of multiRef"),
        }
    }

    fn command(&self, service: Service) -> Command {
        let program = match service {
            Service::Contract => "zeep/contract_client.py",
            Service::Rpc | Service::Encoded => "zeep/rpc_client.py",
        };
        self.environment.script_at(&source(program))
    }
}

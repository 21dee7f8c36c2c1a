//! The package soap on Node, by the programs under `soap/node`; npm installs it, of the versions that
//! the lock file beside them names.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::cases::Service;
use super::client::{SoapClient, none_of};
use super::recipe;
use super::server::SoapServer;
use crate::error::{BuildError, PeerError};
use crate::peer::Peer;

const SOURCES: [&str; 2] = ["node/package.json", "node/package-lock.json"];

const INFINITE: &str = "INF is read as not a number";
const DECIMAL: &str = "decimals are read as doubles";

/// Node with the package soap.
#[derive(Clone, Debug)]
pub struct NodeSoap {
    modules: PathBuf,
}

impl NodeSoap {
    /// Installs the package under `folder`, unless it is there already.
    ///
    /// # Errors
    ///
    /// When packages of the system are missing (the error carries the command that installs them),
    /// when the folder cannot be used, or when npm fails.
    ///
    /// # Blocking
    ///
    /// For many seconds the first time; callers that share a folder wait for one another.
    pub fn prepare(folder: &Path) -> Result<Self, BuildError> {
        Peer::NodeSoap.require_to_build()?;
        let built = recipe::prepare(folder, &SOURCES, |built| {
            recipe::copy(&SOURCES, built)?;
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
            recipe::tool(built, &mut npm)
        })?;
        let modules = built.join("node_modules");
        Ok(Self { modules })
    }

    /// Starts the server: `contract`, by SOAP 1.1.
    ///
    /// # Errors
    ///
    /// When it does not serve within a minute.
    pub fn start_server(&self) -> Result<SoapServer, PeerError> {
        SoapServer::start(&mut self.program("node/contract_server.js"))
    }

    /// The cases its server cannot do, each with the reason; its client has another list.
    pub fn server_cannot(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            ("echo-space", "white space is cut off at both ends"),
            ("stats-up", INFINITE),
            ("stats-down", INFINITE),
            ("reading-nil", "the prefix of xsi:nil is not declared"),
            ("revise", "a nil element is left out"),
            ("pay-exact", DECIMAL),
        ]
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new("node");
        command.env("NODE_PATH", &self.modules);
        command.arg(recipe::source(name));
        command
    }
}

impl SoapClient for NodeSoap {
    fn name(&self) -> &'static str {
        "node"
    }

    fn cannot(&self, service: Service) -> Vec<(&'static str, &'static str)> {
        match service {
            Service::Contract => vec![
                ("stats-up", INFINITE),
                ("stats-down", INFINITE),
                ("pay-exact", DECIMAL),
            ],
            Service::Rpc => vec![(
                "join",
                "the package qualifies the elements of an array in a part",
            )],
            Service::Encoded => none_of(service, "the package writes no arrays of rpc/encoded"),
        }
    }

    fn command(&self, service: Service) -> Command {
        self.program(match service {
            Service::Contract => "node/contract_client.js",
            Service::Rpc | Service::Encoded => "node/rpc_client.js",
        })
    }
}

//! PHP's SoapClient and SoapServer, by the programs under `soap/php`: the server is PHP's own web
//! server, which serves one request after the other.

use std::process::Command;

use super::cases::Service;
use super::client::SoapClient;
use super::recipe::source;
use super::server::SoapServer;
use crate::error::PeerError;
use crate::peer::Peer;

/// PHP with its SOAP extension.
#[derive(Clone, Copy, Debug)]
pub struct PhpSoap(());

impl PhpSoap {
    /// Looks whether it is there; nothing is built.
    ///
    /// # Errors
    ///
    /// When packages of the system are missing: the error carries the command that installs them.
    pub fn find() -> Result<Self, PeerError> {
        Peer::PhpSoap.require()?;
        Ok(Self(()))
    }

    /// Starts the server: `contract`, `contract12`, `rpc` and `encoded`.
    ///
    /// # Errors
    ///
    /// When it does not serve within a minute.
    pub fn start_server(self) -> Result<SoapServer, PeerError> {
        let mut command = php();
        command.arg(source("php/serve.php"));
        SoapServer::start_with_state(command.arg(source("php/router.php")))
    }
}

impl SoapClient for PhpSoap {
    fn name(&self) -> &'static str {
        "php"
    }

    fn cannot(&self, service: Service) -> Vec<(&'static str, &'static str)> {
        match service {
            Service::Contract => vec![(
                "stats-nan",
                "SoapClient writes NAN, which xs:double does not know",
            )],
            Service::Rpc | Service::Encoded => Vec::new(),
        }
    }

    fn command(&self, service: Service) -> Command {
        let mut command = php();
        command.arg(source(match service {
            Service::Contract => "php/contract_client.php",
            Service::Rpc => "php/rpc_client.php",
            Service::Encoded => "php/encoded_client.php",
        }));
        command
    }
}

fn php() -> Command {
    let mut command = Command::new("php");
    command.args(["-d", "display_errors=stderr", "-d", "precision=17"]);
    command
}

//! SOAP::Lite in Perl, by the programs under `soap/perl`: rpc/encoded, which it was made for, without
//! a WSDL.

use std::process::Command;

use super::cases::Service;
use super::client::{SoapClient, none_of};
use super::recipe::source;
use super::server::SoapServer;
use crate::error::PeerError;
use crate::peer::Peer;

/// Perl with SOAP::Lite.
#[derive(Clone, Copy, Debug)]
pub struct SoapLite(());

impl SoapLite {
    /// Looks whether it is there; nothing is built.
    ///
    /// # Errors
    ///
    /// When packages of the system are missing: the error carries the command that installs them.
    pub fn find() -> Result<Self, PeerError> {
        Peer::SoapLite.require()?;
        Ok(Self(()))
    }

    /// Starts the server of the encoded service, which answers at any path and has no description.
    ///
    /// # Errors
    ///
    /// When it does not serve within a minute.
    pub fn start_server(self) -> Result<SoapServer, PeerError> {
        SoapServer::start(&mut perl("perl/encoded_server.pl"))
    }
}

impl SoapClient for SoapLite {
    fn name(&self) -> &'static str {
        "soap-lite"
    }

    fn cannot(&self, service: Service) -> Vec<(&'static str, &'static str)> {
        match service {
            Service::Encoded => Vec::new(),
            Service::Contract | Service::Rpc => {
                none_of(service, "SOAP::Lite reads no schemas of literal messages")
            }
        }
    }

    fn command(&self, _service: Service) -> Command {
        perl("perl/encoded_client.pl")
    }
}

/// The system's own, since that has the system's packages.
fn perl(program: &str) -> Command {
    let mut command = Command::new("/usr/bin/perl");
    command.arg(source(program));
    command
}

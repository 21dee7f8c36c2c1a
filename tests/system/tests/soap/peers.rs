//! The foreign SOAP libraries: built once for all runs, or left out by name when that was asked for.

use rmix_peers::Peer;
use rmix_peers::soap::{Gsoap, JaxWs, NodeSoap, PhpSoap, SoapLite, Zeep};

use crate::support::{kept_peers, ok, there};

pub(super) fn gsoap() -> Option<Gsoap> {
    there(Peer::Gsoap)?;
    Some(ok(Gsoap::prepare(&kept_peers().join("soap-gsoap"))))
}

pub(super) fn jaxws() -> Option<JaxWs> {
    there(Peer::JaxWs)?;
    Some(ok(JaxWs::prepare(&kept_peers().join("soap-jaxws"))))
}

pub(super) fn node() -> Option<NodeSoap> {
    there(Peer::NodeSoap)?;
    Some(ok(NodeSoap::prepare(&kept_peers().join("soap-node"))))
}

pub(super) fn php() -> Option<PhpSoap> {
    there(Peer::PhpSoap)?;
    Some(ok(PhpSoap::find()))
}

pub(super) fn soap_lite() -> Option<SoapLite> {
    there(Peer::SoapLite)?;
    Some(ok(SoapLite::find()))
}

pub(super) fn zeep() -> Option<Zeep> {
    there(Peer::Zeep)?;
    Some(ok(Zeep::prepare(&kept_peers().join("soap-zeep"))))
}

//! The peers of SOAP against one another: each client runs every case its library can do against
//! its own server and those of other libraries, and prints the same right lines.

mod by_hand;
mod contract;
mod java_station;
mod judge;
mod older_styles;
mod recorded;

use rmix_peers::soap::{
    Gsoap, JaxWs, NodeSoap, PhpSoap, Service, SoapClient, SoapLite, Target, Zeep,
};

use crate::{kept_folder, ok};

fn gsoap() -> Gsoap {
    ok(Gsoap::prepare(&kept_folder("soap-gsoap")))
}

fn jaxws() -> JaxWs {
    ok(JaxWs::prepare(&kept_folder("soap-jaxws")))
}

fn node() -> NodeSoap {
    ok(NodeSoap::prepare(&kept_folder("soap-node")))
}

fn php() -> PhpSoap {
    ok(PhpSoap::find())
}

fn soap_lite() -> SoapLite {
    ok(SoapLite::find())
}

fn zeep() -> Zeep {
    ok(Zeep::prepare(&kept_folder("soap-zeep")))
}

/// Runs all cases the client can do, and compares its lines with those that are right.
fn check(client: &dyn SoapClient, service: Service, target: &Target) {
    check_without(client, service, target, &[]);
}

/// The same, without the cases that the server cannot do.
fn check_without(
    client: &dyn SoapClient,
    service: Service,
    target: &Target,
    server_cannot: &[(&str, &str)],
) {
    let mut cases = client.able(service);
    cases.retain(|name| server_cannot.iter().all(|(other, _)| other != name));
    assert!(!cases.is_empty());
    let lines = ok(client.run(service, target, &cases));
    assert_eq!(lines, service.lines(&target.user, &cases), "{target:?}");
}

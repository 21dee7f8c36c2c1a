//! The contract: document/literal wrapped, by both versions of SOAP.

use rmix_peers::soap::{Service, SoapClient, SoapServer, SoapVersion, Target};

use super::{check, jaxws, node, php, zeep};
use crate::ok;

const VERSIONS: [(SoapVersion, &str); 2] = [
    (SoapVersion::V11, "contract"),
    (SoapVersion::V12, "contract12"),
];

/// All clients at one server, by both versions, each under a name of its own.
fn check_by_both_versions(client: &dyn SoapClient, server: &SoapServer) {
    for (version, path) in VERSIONS {
        let user = format!("{} {}", client.name(), version.number());
        let target = Target::at(server.endpoint(path), version, &user);
        check(client, Service::Contract, &target);
    }
}

#[test]
fn every_client_is_served_by_jaxws() {
    let jaxws = jaxws();
    let server = ok(jaxws.start_server());
    for client in [&jaxws as &dyn SoapClient, &zeep(), &node(), &php()] {
        check_by_both_versions(client, &server);
    }
    ok(server.stop());
}

#[test]
fn every_client_is_served_by_php() {
    let php = php();
    let server = ok(php.start_server());
    for client in [&php as &dyn SoapClient, &zeep(), &node(), &jaxws()] {
        check_by_both_versions(client, &server);
    }
    ok(server.stop());
}

#[test]
fn a_case_without_an_answer_is_an_error_that_names_it() {
    let server = ok(php().start_server());
    let endpoint = server.endpoint("nowhere");
    let mut target = Target::at(server.endpoint("contract"), SoapVersion::V11, "lost");
    target.endpoint = endpoint;
    for client in [&php() as &dyn SoapClient, &zeep(), &node(), &jaxws()] {
        let refused = client.run(Service::Contract, &target, &["add"]);
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("add: "), "{}: {message}", client.name());
    }
}

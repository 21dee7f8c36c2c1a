//! The contract: document/literal wrapped, by both versions of SOAP.

use rmix_peers::soap::{
    Service, SoapClient, SoapServer, SoapVersion, Target, cases, contract_file,
};

use super::{check, check_without, gsoap, jaxws, node, php, zeep};
use crate::ok;

const VERSIONS: [(SoapVersion, &str); 2] = [
    (SoapVersion::V11, "contract"),
    (SoapVersion::V12, "contract12"),
];

/// All clients at one server, by both versions, each under a name of its own.
fn check_by_both_versions(client: &dyn SoapClient, server: &SoapServer) {
    for (version, path) in VERSIONS {
        let user = format!("{} {}", client.name(), version.number());
        let file = contract_file("contract.wsdl");
        let target = Target::described(server.endpoint(path), &file, version, &user);
        check(client, Service::Contract, &target);
    }
}

#[test]
fn every_client_is_served_by_jaxws() {
    let jaxws = jaxws();
    let server = ok(jaxws.start_server());
    for client in [
        &jaxws as &dyn SoapClient,
        &gsoap(),
        &zeep(),
        &node(),
        &php(),
    ] {
        check_by_both_versions(client, &server);
    }
    ok(server.stop());
}

#[test]
fn every_client_is_served_by_php() {
    let php = php();
    let server = ok(php.start_server());
    for client in [
        &php as &dyn SoapClient,
        &gsoap(),
        &zeep(),
        &node(),
        &jaxws(),
    ] {
        check_by_both_versions(client, &server);
    }
    ok(server.stop());
}

#[test]
fn every_client_is_served_by_gsoap() {
    let gsoap = gsoap();
    let server = ok(gsoap.start_server(Service::Contract));
    for client in [
        &gsoap as &dyn SoapClient,
        &zeep(),
        &node(),
        &php(),
        &jaxws(),
    ] {
        check_by_both_versions(client, &server);
    }
    ok(server.stop());
}

#[test]
fn every_client_is_served_by_node_as_far_as_it_can() {
    let node = node();
    let server = ok(node.start_server());
    let file = contract_file("contract.wsdl");
    for client in [
        &node as &dyn SoapClient,
        &gsoap(),
        &zeep(),
        &php(),
        &jaxws(),
    ] {
        let endpoint = server.endpoint("contract");
        let target = Target::described(endpoint, &file, SoapVersion::V11, client.name());
        check_without(client, Service::Contract, &target, &node.server_cannot());
    }
    ok(server.stop());
}

#[test]
fn descriptions_are_served_with_the_address_of_the_server() {
    let jaxws = jaxws();
    for server in [ok(jaxws.start_server()), ok(php().start_server())] {
        let target = Target::at(server.endpoint("contract"), SoapVersion::V11, "described");
        for client in [&jaxws as &dyn SoapClient, &zeep(), &node(), &php()] {
            let lines = ok(client.run(Service::Contract, &target, &["add", "tree"]));
            assert_eq!(lines, ["add 3", "tree 4"], "{}", client.name());
        }
    }
}

#[test]
fn the_cases_of_a_client_are_those_of_the_contract_without_what_it_cannot_do() {
    let clients = [
        &jaxws() as &dyn SoapClient,
        &gsoap(),
        &zeep(),
        &node(),
        &php(),
    ];
    for client in clients {
        let cannot = client.cannot(Service::Contract);
        let able = client.able(Service::Contract);
        let all = cases(Service::Contract);
        assert_eq!(able.len() + cannot.len(), all.len(), "{}", client.name());
    }
}

#[test]
fn a_case_without_an_answer_is_an_error_that_names_it() {
    let server = ok(php().start_server());
    let endpoint = server.endpoint("nowhere");
    let mut target = Target::at(server.endpoint("contract"), SoapVersion::V11, "lost");
    target.endpoint = endpoint;
    for client in [
        &php() as &dyn SoapClient,
        &gsoap(),
        &zeep(),
        &node(),
        &jaxws(),
    ] {
        let refused = client.run(Service::Contract, &target, &["add"]);
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("add: "), "{}: {message}", client.name());
    }
}

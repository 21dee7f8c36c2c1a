//! The clients of others at our server: by our description where they read one at run time, else by the contract's.

use std::path::PathBuf;

use rmix_peers::soap::{Service, SoapClient, SoapVersion, Target, contract_file};
use rmix_system_tests::contract::ContractSkeleton;
use rmix_system_tests::encoded::EncodedSkeleton;
use rmix_system_tests::rpc::RpcSkeleton;
use rmix_system_tests::{ContractObject, EncodedObject, RpcObject};

use super::Served;
use super::peers::{gsoap, jaxws, node, php, soap_lite, zeep};
use crate::support::{Watchdog, ok};

const VERSIONS: [SoapVersion; 2] = [SoapVersion::V11, SoapVersion::V12];

/// What our object of rpc/encoded cannot do, with the reason.
const ENCODED_CANNOT: [(&str, &str); 2] = [
    ("same-not", "arguments are values: equal ones are the same"),
    ("ring", "a circle is no value"),
];

/// By what description a client calls.
enum Description {
    /// What `?wsdl` answers.
    Ours,
    /// A file of the contract.
    Theirs(&'static str),
}

impl Description {
    fn target(&self, url: &str, version: SoapVersion, user: &str) -> Target {
        match self {
            Description::Ours => Target::at(url, version, user),
            Description::Theirs(name) => {
                let file: PathBuf = contract_file(name);
                Target::described(url, &file, version, user)
            }
        }
    }
}

/// Runs every case the client can do, but for what our object cannot.
fn check(client: &dyn SoapClient, service: Service, target: &Target, cannot: &[(&str, &str)]) {
    let mut names = client.able(service);
    names.retain(|name| cannot.iter().all(|(other, _)| other != name));
    assert!(!names.is_empty());
    let lines = ok(client.run(service, target, &names));
    let right = service.lines(&target.user, &names);
    assert_eq!(lines, right, "{} {target:?}", client.name());
}

/// A client of the contract by both versions; `options` are our endpoint's.
fn check_contract(client: &dyn SoapClient, description: &Description, options: &str) {
    let _watchdog = Watchdog::start();
    let skeleton = ContractSkeleton::new(ContractObject::default());
    let served = Served::start(skeleton, "contract", options);
    for version in VERSIONS {
        let user = format!("{} {}", client.name(), version.number());
        let target = description.target(&served.url, version, &user);
        check(client, Service::Contract, &target, &[]);
    }
}

fn check_rpc(client: &dyn SoapClient, description: &Description, versions: &[SoapVersion]) {
    let _watchdog = Watchdog::start();
    let served = Served::start(RpcSkeleton::new(RpcObject), "rpc", "");
    for version in versions {
        let target = description.target(&served.url, *version, client.name());
        check(client, Service::Rpc, &target, &[]);
    }
}

fn check_encoded(client: &dyn SoapClient, description: &Description, versions: &[SoapVersion]) {
    let _watchdog = Watchdog::start();
    let served = Served::start(EncodedSkeleton::new(EncodedObject), "encoded", "");
    for version in versions {
        let target = description.target(&served.url, *version, client.name());
        check(client, Service::Encoded, &target, &ENCODED_CANNOT);
    }
}

const CONTRACT: Description = Description::Theirs("contract.wsdl");
const RPC: Description = Description::Theirs("rpc.wsdl");
const ENCODED: Description = Description::Theirs("encoded.wsdl");

#[test]
fn jaxws_calls_the_contract() {
    let Some(jaxws) = jaxws() else { return };
    check_contract(&jaxws, &CONTRACT, "");
}

#[test]
fn gsoap_calls_the_contract() {
    let Some(gsoap) = gsoap() else { return };
    check_contract(&gsoap, &CONTRACT, "");
}

#[test]
fn zeep_calls_the_contract() {
    let Some(zeep) = zeep() else { return };
    check_contract(&zeep, &CONTRACT, "");
}

#[test]
fn zeep_calls_the_contract_by_our_description() {
    let Some(zeep) = zeep() else { return };
    check_contract(&zeep, &Description::Ours, "");
    check_contract(&zeep, &Description::Ours, "?schemas=separate");
}

#[test]
fn node_calls_the_contract() {
    let Some(node) = node() else { return };
    check_contract(&node, &CONTRACT, "");
}

#[test]
fn node_calls_the_contract_by_our_description() {
    let Some(node) = node() else { return };
    check_contract(&node, &Description::Ours, "");
    check_contract(&node, &Description::Ours, "?schemas=separate");
}

#[test]
fn php_calls_the_contract() {
    let Some(php) = php() else { return };
    check_contract(&php, &CONTRACT, "");
}

#[test]
fn php_calls_the_contract_by_our_description() {
    let Some(php) = php() else { return };
    check_contract(&php, &Description::Ours, "");
    check_contract(&php, &Description::Ours, "?schemas=separate");
}

#[test]
fn jaxws_and_gsoap_call_rpc_literal() {
    let Some(jaxws) = jaxws() else { return };
    let Some(gsoap) = gsoap() else { return };
    check_rpc(&jaxws, &RPC, &[SoapVersion::V11]);
    check_rpc(&gsoap, &RPC, &VERSIONS);
}

#[test]
fn zeep_node_and_php_call_rpc_literal_by_either_description() {
    let Some(zeep) = zeep() else { return };
    let Some(node) = node() else { return };
    let Some(php) = php() else { return };
    for client in [&zeep as &dyn SoapClient, &node, &php] {
        check_rpc(client, &RPC, &[SoapVersion::V11]);
        check_rpc(client, &Description::Ours, &VERSIONS);
    }
}

#[test]
fn gsoap_and_soap_lite_call_rpc_encoded() {
    let Some(gsoap) = gsoap() else { return };
    let Some(soap_lite) = soap_lite() else { return };
    check_encoded(&gsoap, &ENCODED, &VERSIONS);
    check_encoded(&soap_lite, &ENCODED, &[SoapVersion::V11]);
}

#[test]
fn php_calls_rpc_encoded_by_either_description() {
    let Some(php) = php() else { return };
    check_encoded(&php, &ENCODED, &VERSIONS);
    check_encoded(&php, &Description::Ours, &VERSIONS);
}

//! What others make of our description, with schemas inside and as documents of their own: wsimport and wsdl2h turn it
//! into clients that call us, and our importer reads the same names back.

use std::path::Path;

use rmix_peers::Peer;
use rmix_peers::soap::{Gsoap, JaxWs, Service, SoapClient, SoapVersion, Target, contract_file};
use rmix_system_tests::contract::ContractSkeleton;
use rmix_system_tests::encoded::EncodedSkeleton;
use rmix_system_tests::rpc::RpcSkeleton;
use rmix_system_tests::{ContractObject, EncodedObject, RpcObject};

use super::Served;
use super::documents::Documents;
use crate::support::{Watchdog, ok, there};

const SCHEMAS: [&str; 2] = ["", "?schemas=separate"];

/// The Rust items of a description that say what goes over the wire, in alphabetical order: without documentation,
/// addresses, and the names of types that are others by another name, which our description does not have.
fn items(file: &Path) -> Vec<String> {
    let rust = ok(rmix_idl::wsdl::Import::new(file).rust());
    let lines = rust.lines().map(str::trim);
    let lines = lines.filter(|line| !line.starts_with("//") && !line.contains("_ENDPOINT: &str"));
    let mut text = lines.collect::<Vec<_>>().join("\n");
    let aliases = |line: &str| {
        let (name, other) = line.strip_prefix("pub type ")?.split_once(" = ")?;
        Some((name.to_owned(), other.strip_suffix(';')?.to_owned()))
    };
    for (name, other) in rust.lines().filter_map(aliases) {
        text = text.replace(&format!("pub type {name} = {other};"), "");
        text = text.replace(&format!(": {name}"), &format!(": {other}"));
    }
    let items = text.split("\n\n").map(str::trim);
    let mut items: Vec<String> = items
        .filter(|item| !item.is_empty())
        .map(String::from)
        .collect();
    items.sort();
    items
}

fn check_names(served: &Served, file: &str) {
    let ours = items(&Documents::of(served).wsdl());
    let theirs = items(&contract_file(file));
    let without = |some: &[String], others: &[String]| -> Vec<String> {
        let only = some.iter().filter(|item| !others.contains(item));
        only.cloned().collect()
    };
    let differences = [without(&ours, &theirs), without(&theirs, &ours)];
    assert_eq!(differences, [const { Vec::<String>::new() }; 2]);
    assert!(ours.iter().any(|item| item.contains("async fn")));
}

#[test]
fn our_importer_reads_the_contract_back_from_our_description() {
    let _watchdog = Watchdog::start();
    for options in SCHEMAS {
        let skeleton = ContractSkeleton::new(ContractObject::default());
        check_names(
            &Served::start(skeleton, "contract", options),
            "contract.wsdl",
        );
    }
}

#[test]
fn our_importer_reads_rpc_literal_back_from_our_description() {
    let _watchdog = Watchdog::start();
    for options in SCHEMAS {
        let skeleton = RpcSkeleton::new(RpcObject);
        check_names(&Served::start(skeleton, "rpc", options), "rpc.wsdl");
    }
}

#[test]
fn our_importer_reads_rpc_encoded_back_from_our_description() {
    let _watchdog = Watchdog::start();
    for options in SCHEMAS {
        let skeleton = EncodedSkeleton::new(EncodedObject);
        check_names(&Served::start(skeleton, "encoded", options), "encoded.wsdl");
    }
}

/// A client of the contract that was made of our description, at our server by both versions.
fn check_client(served: &Served, client: &dyn SoapClient) {
    let names = client.able(Service::Contract);
    for version in [SoapVersion::V11, SoapVersion::V12] {
        let user = format!("{} {}", client.name(), version.number());
        let target = Target::at(&served.url, version, &user);
        let lines = ok(client.run(Service::Contract, &target, &names));
        assert_eq!(lines, Service::Contract.lines(&user, &names));
    }
}

#[test]
fn what_wsimport_makes_of_our_description_calls_us() {
    let _watchdog = Watchdog::start();
    if there(Peer::JaxWs).is_none() {
        return;
    }
    for options in SCHEMAS {
        let skeleton = ContractSkeleton::new(ContractObject::default());
        let served = Served::start(skeleton, "contract", options);
        let built = tempfile::tempdir().unwrap();
        let documents = Documents::of(&served);
        let client = ok(JaxWs::described_by(&documents.wsdl(), built.path()));
        check_client(&served, &client);
    }
}

#[test]
fn what_gsoap_makes_of_our_description_calls_us() {
    let _watchdog = Watchdog::start();
    if there(Peer::Gsoap).is_none() {
        return;
    }
    for options in SCHEMAS {
        let skeleton = ContractSkeleton::new(ContractObject::default());
        let served = Served::start(skeleton, "contract", options);
        let built = tempfile::tempdir().unwrap();
        let documents = Documents::of(&served);
        let client = ok(Gsoap::described_by(&documents.wsdl(), built.path()));
        check_client(&served, &client);
    }
}

#[test]
fn wsimport_and_gsoap_accept_our_descriptions_of_rpc() {
    let _watchdog = Watchdog::start();
    if there(Peer::JaxWs).is_none() || there(Peer::Gsoap).is_none() {
        return;
    }
    for options in SCHEMAS {
        let literal = Served::start(RpcSkeleton::new(RpcObject), "rpc", options);
        let literal = Documents::of(&literal);
        let encoded = Served::start(EncodedSkeleton::new(EncodedObject), "encoded", options);
        let encoded = Documents::of(&encoded);
        let [java, one, other] = [(); 3].map(|()| tempfile::tempdir().unwrap());
        ok(JaxWs::accept(&literal.wsdl(), java.path()));
        ok(Gsoap::accept(Service::Rpc, &literal.wsdl(), one.path()));
        ok(Gsoap::accept(
            Service::Encoded,
            &encoded.wsdl(),
            other.path(),
        ));
    }
}

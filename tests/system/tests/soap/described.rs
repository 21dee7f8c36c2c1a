//! What others make of our description, with schemas inside and as documents of their own: wsimport and wsdl2h accept it,
//! and our importer reads the same names back.

use rmix_peers::soap::contract_file;
use rmix_system_tests::contract::ContractSkeleton;
use rmix_system_tests::encoded::EncodedSkeleton;
use rmix_system_tests::rpc::RpcSkeleton;
use rmix_system_tests::{ContractObject, EncodedObject, RpcObject};

use super::Served;
use super::documents::Documents;
use crate::support::{Watchdog, ok};

const SCHEMAS: [&str; 2] = ["", "?schemas=separate"];

/// The Rust of a description, without what a name on the wire does not show in: documentation, addresses, the order of
/// types.
fn rust(file: &std::path::Path) -> Vec<String> {
    let import = rmix_idl::wsdl::Import::new(file);
    let rust = ok(import.rust());
    let lines = rust.lines().map(str::trim);
    let kept = lines.filter(|line| !line.starts_with("//") && !line.contains("_ENDPOINT: &str"));
    let text: Vec<&str> = kept.collect();
    let mut items: Vec<String> = text
        .join("\n")
        .split("\n\n")
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect();
    items.sort();
    items
}

fn check_names(served: &Served, file: &str) {
    let ours = rust(&Documents::of(served).wsdl());
    let theirs = rust(&contract_file(file));
    assert_eq!(ours.join("\n\n"), theirs.join("\n\n"));
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

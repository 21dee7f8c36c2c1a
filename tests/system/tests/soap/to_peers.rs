//! Our client at the servers of others.

use rmix_peers::soap::{Service, SoapServer, SoapVersion, cases};
use rmix_system_tests::contract::ContractStub;
use rmix_system_tests::encoded::EncodedStub;
use rmix_system_tests::rpc::RpcStub;

use super::our_rpc::ENCODED_CANNOT;
use super::peers::{gsoap, jaxws, node, php, soap_lite};
use super::{bind, our_contract, our_rpc, runtime};
use crate::support::{ok, run};

const USER: &str = "rmix";

/// Every case of the contract at this path by this version, but for what the server cannot do.
fn check_contract(server: &SoapServer, path: &str, version: SoapVersion, cannot: &[&str]) {
    let mut names = cases(Service::Contract);
    names.retain(|name| !cannot.contains(name));
    let user = format!("{USER} {}", version.number());
    let url = server.endpoint(path);
    let lines = run(async {
        let runtime = runtime();
        let stub: ContractStub = bind(&runtime, &url, version).await;
        our_contract::lines(&stub, &user, &names).await
    });
    assert_eq!(lines, Service::Contract.lines(&user, &names));
}

fn check_rpc(server: &SoapServer, version: SoapVersion) {
    let names = cases(Service::Rpc);
    let url = server.endpoint("rpc");
    let lines = run(async {
        let runtime = runtime();
        let stub: RpcStub = bind(&runtime, &url, version).await;
        our_rpc::rpc_lines(&stub, &names).await
    });
    assert_eq!(lines, Service::Rpc.lines(USER, &names));
}

fn check_encoded(server: &SoapServer, version: SoapVersion) {
    let mut names = cases(Service::Encoded);
    names.retain(|name| ENCODED_CANNOT.iter().all(|(other, _)| other != name));
    let url = server.endpoint("encoded");
    let lines = run(async {
        let runtime = runtime();
        let stub: EncodedStub = bind(&runtime, &url, version).await;
        our_rpc::encoded_lines(&stub, &names).await
    });
    assert_eq!(lines, Service::Encoded.lines(USER, &names));
}

/// What our client says of an answer in a circle.
fn ring_refused(server: &SoapServer) -> String {
    let url = server.endpoint("encoded");
    run(async {
        let runtime = runtime();
        let stub: EncodedStub = bind(&runtime, &url, SoapVersion::V11).await;
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        let refused = stub.ring(names).await.unwrap_err().to_string();
        // The link goes on.
        assert_eq!(stub.sum(vec![2, 3]).await.unwrap(), 5);
        refused
    })
}

#[test]
fn jaxws_serves_the_contract_by_soap_1_1_and_1_2() {
    let Some(jaxws) = jaxws() else { return };
    let server = ok(jaxws.start_server());
    check_contract(&server, "contract", SoapVersion::V11, &[]);
    check_contract(&server, "contract12", SoapVersion::V12, &[]);
    ok(server.stop());
}

#[test]
fn gsoap_serves_the_contract_by_soap_1_1_and_1_2() {
    let Some(gsoap) = gsoap() else { return };
    let server = ok(gsoap.start_server(Service::Contract));
    check_contract(&server, "contract", SoapVersion::V11, &[]);
    check_contract(&server, "contract12", SoapVersion::V12, &[]);
    ok(server.stop());
}

#[test]
fn php_serves_the_contract_by_soap_1_1_and_1_2() {
    let Some(php) = php() else { return };
    let server = ok(php.start_server());
    check_contract(&server, "contract", SoapVersion::V11, &[]);
    check_contract(&server, "contract12", SoapVersion::V12, &[]);
    ok(server.stop());
}

#[test]
fn node_serves_the_contract_as_far_as_it_can() {
    let Some(node) = node() else { return };
    let server = ok(node.start_server());
    let cannot: Vec<&str> = node.server_cannot().iter().map(|(name, _)| *name).collect();
    check_contract(&server, "contract", SoapVersion::V11, &cannot);
    ok(server.stop());
}

#[test]
fn jaxws_gsoap_and_php_serve_rpc_literal() {
    let Some(jaxws) = jaxws() else { return };
    let Some(gsoap) = gsoap() else { return };
    let Some(php) = php() else { return };
    for server in [
        ok(jaxws.start_server()),
        ok(gsoap.start_server(Service::Rpc)),
        ok(php.start_server()),
    ] {
        check_rpc(&server, SoapVersion::V11);
        ok(server.stop());
    }
}

#[test]
fn gsoap_and_php_serve_rpc_by_soap_1_2() {
    let Some(gsoap) = gsoap() else { return };
    let Some(php) = php() else { return };
    for server in [ok(gsoap.start_server(Service::Rpc)), ok(php.start_server())] {
        check_rpc(&server, SoapVersion::V12);
        ok(server.stop());
    }
    for server in [
        ok(gsoap.start_server(Service::Encoded)),
        ok(php.start_server()),
    ] {
        check_encoded(&server, SoapVersion::V12);
        ok(server.stop());
    }
}

#[test]
fn gsoap_php_and_soap_lite_serve_rpc_encoded() {
    let Some(gsoap) = gsoap() else { return };
    let Some(php) = php() else { return };
    let Some(soap_lite) = soap_lite() else { return };
    for server in [
        ok(gsoap.start_server(Service::Encoded)),
        ok(php.start_server()),
        ok(soap_lite.start_server()),
    ] {
        check_encoded(&server, SoapVersion::V11);
        ok(server.stop());
    }
}

#[test]
fn an_answer_in_a_circle_is_refused() {
    let Some(gsoap) = gsoap() else { return };
    let Some(php) = php() else { return };
    let Some(soap_lite) = soap_lite() else { return };
    for server in [
        ok(gsoap.start_server(Service::Encoded)),
        ok(php.start_server()),
        ok(soap_lite.start_server()),
    ] {
        let refused = ring_refused(&server);
        assert!(refused.contains("circle"), "{refused}");
        ok(server.stop());
    }
}

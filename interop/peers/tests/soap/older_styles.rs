//! rpc/literal and rpc/encoded.

use rmix_peers::soap::{Service, SoapClient, SoapVersion, Target, contract_file};

use super::{check, gsoap, jaxws, node, php, soap_lite, zeep};
use crate::ok;

#[test]
fn every_client_of_rpc_literal_is_served_by_every_server() {
    let (jaxws, gsoap) = (jaxws(), gsoap());
    let servers = [
        ok(jaxws.start_server()),
        ok(gsoap.start_server(Service::Rpc)),
        ok(php().start_server()),
    ];
    let file = contract_file("rpc.wsdl");
    for server in servers {
        let endpoint = server.endpoint("rpc");
        let target = Target::described(endpoint, &file, SoapVersion::V11, "rpc");
        for client in [&jaxws as &dyn SoapClient, &gsoap, &zeep(), &node(), &php()] {
            check(client, Service::Rpc, &target);
        }
        ok(server.stop());
    }
}

#[test]
fn shared_objects_stay_shared_by_rpc_encoded() {
    let gsoap = gsoap();
    let servers = [
        ok(gsoap.start_server(Service::Encoded)),
        ok(php().start_server()),
        ok(soap_lite().start_server()),
    ];
    let file = contract_file("encoded.wsdl");
    for server in servers {
        let endpoint = server.endpoint("encoded");
        let target = Target::described(endpoint, &file, SoapVersion::V11, "encoded");
        for client in [&gsoap as &dyn SoapClient, &php(), &soap_lite()] {
            check(client, Service::Encoded, &target);
        }
        ok(server.stop());
    }
}

//! rpc/literal and rpc/encoded.

use rmix_peers::soap::{Service, SoapClient, SoapVersion, Target};

use super::{check, jaxws, node, php, zeep};
use crate::ok;

#[test]
fn every_client_of_rpc_literal_is_served_by_jaxws_and_php() {
    let jaxws = jaxws();
    for server in [ok(jaxws.start_server()), ok(php().start_server())] {
        let target = Target::at(server.endpoint("rpc"), SoapVersion::V11, "rpc");
        for client in [&jaxws as &dyn SoapClient, &zeep(), &node(), &php()] {
            check(client, Service::Rpc, &target);
        }
    }
}

#[test]
fn php_keeps_shared_objects_shared_by_rpc_encoded() {
    let server = ok(php().start_server());
    let target = Target::at(server.endpoint("encoded"), SoapVersion::V11, "encoded");
    check(&php(), Service::Encoded, &target);
}

//! What goes over the wire, recorded by a relay and read by tshark: the client of one library, the
//! server of another.

use rmix_peers::soap::{Service, SoapClient, SoapVersion, Target, contract_file, validate};
use rmix_peers::{Recording, Relay, Speaker, dissect_as};

use super::{gsoap, php};
use crate::ok;

/// One call of `area` with a circle, by gSOAP to PHP.
fn recorded() -> Recording {
    let server = ok(php().start_server());
    let relay = ok(Relay::start(server.tcp_port()));
    let endpoint = format!("http://127.0.0.1:{}/contract", relay.port());
    let target = Target::at(endpoint, SoapVersion::V11, "recorded");
    let lines = ok(gsoap().run(Service::Contract, &target, &["area-circle"]));
    assert_eq!(lines, ["area-circle 12.566370614359172"]);
    let mut recordings = relay.finish();
    assert_eq!(recordings.len(), 1);
    recordings.remove(0)
}

#[test]
fn tshark_reads_a_recorded_call() {
    let fields = ["http.request.method", "http.response.code", "xml.tag"];
    let capture = recorded().to_capture(8080);
    let packets = ok(dissect_as("http", &capture, &fields));
    let all = |field: &str| -> Vec<_> {
        let values = packets.iter().flat_map(|packet| packet.values(field));
        values.map(String::as_str).collect()
    };
    assert_eq!(all("http.request.method"), ["POST"]);
    assert_eq!(all("http.response.code"), ["200"]);
    let mut tags = all("xml.tag").into_iter();
    assert!(tags.any(|tag| tag.contains("xsi:type=\"t:Circle\"")));
    assert!(tags.any(|tag| tag.contains("areaResponse")));
}

#[test]
fn the_body_of_a_recorded_request_is_valid() {
    let said = String::from_utf8(recorded().said_by(Speaker::Client)).unwrap();
    let (start, rest) = said.split_once("<SOAP-ENV:Body>").unwrap();
    let (body, _) = rest.split_once("</SOAP-ENV:Body>").unwrap();
    // The prefixes are declared at the envelope.
    let (_, declared) = start.split_once("<SOAP-ENV:Envelope").unwrap();
    let (declared, _) = declared.split_once('>').unwrap();
    let document = body.replacen("<c:area", &format!("<c:area{declared}"), 1);
    let schema = contract_file("contract.xsd");
    assert_eq!(ok(validate(document.as_bytes(), &schema)), Ok(()));
}

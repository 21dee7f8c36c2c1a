//! What our client and our server say to one another, recorded by a relay: every envelope is valid by the contract's
//! schemas and by ours, and tshark finds nothing wrong.

use std::fs;
use std::path::{Path, PathBuf};

use rmix_peers::soap::{Service, SoapVersion, cases, contract_file, validate};
use rmix_peers::{Peer, Recording, Relay, Speaker, dissect_as};
use rmix_system_tests::ContractObject;
use rmix_system_tests::contract::{ContractSkeleton, ContractStub};

use super::documents::Documents;
use super::{Served, bind, our_contract, runtime};
use crate::support::{ok, run, there};

const USER: &str = "rmix";

/// All cases of the contract, once each.
struct Spoken {
    served: Served,
    recordings: Vec<Recording>,
}

impl Spoken {
    fn by(version: SoapVersion) -> Spoken {
        let skeleton = ContractSkeleton::new(ContractObject::default());
        let served = Served::start(skeleton, "contract", "?schemas=separate");
        let relay = ok(Relay::start(served.tcp_port()));
        let url = format!("http://127.0.0.1:{}/contract", relay.port());
        let names = cases(Service::Contract);
        let lines = run(async {
            // Its connections end with it.
            let runtime = runtime();
            let stub: ContractStub = bind(&runtime, &url, version).await;
            our_contract::lines(&stub, USER, &names).await
        });
        assert_eq!(lines, Service::Contract.lines(USER, &names));
        let recordings = relay.finish();
        Spoken { served, recordings }
    }

    /// What one end said in envelopes.
    fn envelopes(&self, speaker: Speaker) -> Vec<Vec<u8>> {
        let said = self.recordings.iter().map(|one| one.said_by(speaker));
        said.flat_map(|said| bodies(&said)).collect()
    }
}

/// The bodies of HTTP's messages, without empty ones.
fn bodies(said: &[u8]) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    let mut rest = said;
    while let Some(end) = rest.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&rest[..end]).to_ascii_lowercase();
        let (_, length) = head.split_once("content-length: ").expect(&head);
        let length = length.lines().next().unwrap_or_default();
        let length: usize = length.trim().parse().unwrap();
        let (body, after) = rest[end + 4..].split_at(length);
        if !body.is_empty() {
            bodies.push(body.to_vec());
        }
        rest = after;
    }
    assert!(rest.is_empty());
    bodies
}

/// A schema of envelopes whose headers, bodies and details are of these schemas, and must be known there.
fn envelope_schema(version: SoapVersion, imported: &[(String, PathBuf)]) -> String {
    let imports = imported.iter().map(|(namespace, path)| {
        let path = path.display();
        format!("<xs:import namespace='{namespace}' schemaLocation='{path}'/>")
    });
    let any = "<xs:complexType><xs:sequence><xs:any namespace='##any' processContents='strict' minOccurs='0' \
               maxOccurs='unbounded'/></xs:sequence></xs:complexType>";
    let (namespace, fault) = match version {
        SoapVersion::V11 => (
            "http://schemas.xmlsoap.org/soap/envelope/",
            format!(
                "<xs:element name='faultcode' type='xs:QName' form='unqualified'/>
                 <xs:element name='faultstring' type='xs:string' form='unqualified'/>
                 <xs:element name='detail' form='unqualified' minOccurs='0'>{any}</xs:element>"
            ),
        ),
        SoapVersion::V12 => (
            "http://www.w3.org/2003/05/soap-envelope",
            format!(
                "<xs:element name='Code'><xs:complexType><xs:sequence><xs:element name='Value' type='xs:QName'/>
                 </xs:sequence></xs:complexType></xs:element>
                 <xs:element name='Reason'><xs:complexType><xs:sequence><xs:element name='Text'><xs:complexType>
                 <xs:simpleContent><xs:extension base='xs:string'><xs:attribute ref='xml:lang' use='required'/>
                 </xs:extension></xs:simpleContent></xs:complexType></xs:element></xs:sequence></xs:complexType>
                 </xs:element><xs:element name='Detail' minOccurs='0'>{any}</xs:element>"
            ),
        ),
    };
    format!(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='{namespace}'
             elementFormDefault='qualified'>
           <xs:import namespace='http://www.w3.org/XML/1998/namespace' schemaLocation='xml.xsd'/>
           {}
           <xs:element name='Envelope'><xs:complexType><xs:sequence>
             <xs:element name='Header' minOccurs='0'>{any}</xs:element>
             <xs:element name='Body'>{any}</xs:element>
           </xs:sequence></xs:complexType></xs:element>
           <xs:element name='Fault'><xs:complexType><xs:sequence>{fault}</xs:sequence></xs:complexType></xs:element>
         </xs:schema>",
        imports.collect::<String>()
    )
}

/// The attribute that reasons have.
const XML_SCHEMA: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' \
    targetNamespace='http://www.w3.org/XML/1998/namespace'>\
    <xs:attribute name='lang' type='xs:language'/></xs:schema>";

/// Writes that schema into a folder.
fn write_schema(folder: &Path, version: SoapVersion, imported: &[(String, PathBuf)]) -> PathBuf {
    fs::write(folder.join("xml.xsd"), XML_SCHEMA).unwrap();
    let schema = folder.join("envelope.xsd");
    fs::write(&schema, envelope_schema(version, imported)).unwrap();
    schema
}

/// Lets xmllint judge every envelope that was spoken.
fn check_envelopes(spoken: &Spoken, version: SoapVersion, schemas: &[(String, PathBuf)]) {
    let folder = tempfile::tempdir().unwrap();
    let schema = write_schema(folder.path(), version, schemas);
    for speaker in [Speaker::Client, Speaker::Server] {
        let envelopes = spoken.envelopes(speaker);
        // Two of `notify` and two of `notified` for one case; what is one-way has no answer.
        assert!(envelopes.len() >= cases(Service::Contract).len());
        for envelope in envelopes {
            let judged = ok(validate(&envelope, &schema));
            assert_eq!(judged, Ok(()), "{}", String::from_utf8_lossy(&envelope));
        }
    }
}

/// The contract's own schema.
fn theirs() -> (String, PathBuf) {
    let namespace = "urn:rmix:contract".to_owned();
    (namespace, contract_file("contract.xsd"))
}

fn check_envelopes_of(version: SoapVersion) {
    let spoken = Spoken::by(version);
    check_envelopes(&spoken, version, &[theirs()]);
    let documents = Documents::of(&spoken.served);
    check_envelopes(&spoken, version, &documents.schemas());
}

#[test]
fn envelopes_of_soap_1_1_are_valid_by_the_contract_and_by_our_schemas() {
    if there(Peer::Xmllint).is_none() {
        return;
    }
    check_envelopes_of(SoapVersion::V11);
}

#[test]
fn envelopes_of_soap_1_2_are_valid_by_the_contract_and_by_our_schemas() {
    if there(Peer::Xmllint).is_none() {
        return;
    }
    check_envelopes_of(SoapVersion::V12);
}

#[test]
fn envelopes_with_another_name_than_the_schemas_are_not_valid() {
    if there(Peer::Xmllint).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for version in [SoapVersion::V11, SoapVersion::V12] {
        let schema = write_schema(folder.path(), version, &[theirs()]);
        let spoken = Spoken::by(version);
        let envelopes = spoken.envelopes(Speaker::Client);
        let envelope = envelopes
            .iter()
            .find(|envelope| String::from_utf8_lossy(envelope).contains("whoami"));
        let envelope = String::from_utf8_lossy(envelope.unwrap());
        for changed in [
            envelope.replace(":user>", ":uses>"),
            envelope.replace(":SessionToken", ":SessionTaken"),
            envelope.replace(":whoami", ":whoareyou"),
        ] {
            assert_ne!(changed, envelope);
            assert!(ok(validate(changed.as_bytes(), &schema)).is_err());
        }
    }
}

#[test]
fn tshark_reads_every_case_without_complaint() {
    if there(Peer::Tshark).is_none() {
        return;
    }
    for version in [SoapVersion::V11, SoapVersion::V12] {
        let spoken = Spoken::by(version);
        let mut requests = 0;
        let mut codes = Vec::new();
        for recording in &spoken.recordings {
            let fields = ["http.request.method", "http.response.code"];
            let packets = ok(dissect_as("http", &recording.to_capture(8080), &fields));
            for packet in packets {
                assert_eq!(packet.complaints, [""; 0], "{packet:?}");
                requests += packet.values("http.request.method").len();
                codes.extend_from_slice(packet.values("http.response.code"));
            }
        }
        let count = |code: &str| codes.iter().filter(|one| *one == code).count();
        // `notify` is two one-way calls and `notified`; one case is a fault.
        assert_eq!(requests, cases(Service::Contract).len() + 2);
        let ok_answers = cases(Service::Contract).len() - 1;
        assert_eq!(
            [count("200"), count("202"), count("500")],
            [ok_answers, 2, 1]
        );
    }
}

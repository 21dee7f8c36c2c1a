//! WS-Addressing through the façade and as raw HTTP: what is answered, what is refused, and that nobody is connected to.

use std::net::TcpListener;

use rmix::{Cause, Delivery, ErrorKind};

use crate::door::{Closed, DoorStub, Served};
use crate::envelopes::{SOAP11, SOAP12, ask, envelope};

const WSA: &str = "http://www.w3.org/2005/08/addressing";

fn calls_go_through(stub: &DoorStub) {
    let blocking = stub.blocking();
    assert_eq!(blocking.open(7).unwrap(), 7);
    let closed = blocking.open(8).unwrap_err();
    assert_eq!(closed.fault(), Some(&Closed::Until("noon".to_owned())));
    blocking.knock().unwrap();
    assert_eq!(blocking.who().unwrap(), "None");
}

#[test]
fn calls_with_addressing_are_answered_with_it() {
    let served = Served::with("addressing=required");
    for options in ["addressing=required", "addressing=on", "addressing=2004"] {
        for version in ["1.1", "1.2"] {
            let stub = served
                .stub(&format!("{options}&version={version}"))
                .unwrap();
            calls_go_through(&stub);
        }
    }
    let reference = served.runtime.bind(&served.exported);
    let stub: DoorStub = reference.blocking().unwrap();
    calls_go_through(&stub);
}

#[test]
fn ends_that_do_not_agree_on_addressing_say_so() {
    let served = Served::with("addressing=required");
    for version in ["1.1", "1.2"] {
        let stub = served.stub(&format!("version={version}")).unwrap();
        let refused = stub.blocking().who().unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::FixRequest, "{refused}");
        assert_eq!(refused.delivery(), Delivery::NotSent);
        let said = refused.to_string();
        assert!(said.contains("MessageAddressingHeaderRequired"), "{said}");
    }
    let served = Served::with("");
    let stub = served.stub("addressing=required").unwrap();
    let refused = stub.blocking().who().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported, "{refused}");
    // Without insisting, each speaks as it can.
    calls_go_through(&served.stub("addressing=on").unwrap());
    calls_go_through(&Served::with("addressing=on").stub("").unwrap());
}

/// A request to open the door, with these headers besides the usual.
fn post(served: &Served, version: &str, action: &str, headers: &str) -> (u16, String) {
    let body = "<d:open xmlns:d='urn:test:door'><key>7</key></d:open>";
    let headers = format!(
        "<a:Action xmlns:a='{WSA}'>urn:test:door/open</a:Action>\
         <a:MessageID xmlns:a='{WSA}'>urn:id:1</a:MessageID>{headers}"
    );
    let media = match version {
        SOAP12 => format!("Content-Type: application/soap+xml; action=\"{action}\""),
        _ => format!("Content-Type: text/xml\r\nSOAPAction: \"{action}\""),
    };
    let head = format!("POST /door HTTP/1.1\r\n{media}");
    let message = envelope(version, &headers, body);
    ask(&served.authority, &head, message.as_bytes())
}

fn reply_to(address: &str) -> String {
    format!("<a:ReplyTo xmlns:a='{WSA}'><a:Address>{address}</a:Address></a:ReplyTo>")
}

#[test]
fn answers_say_which_request_they_answer() {
    let served = Served::with("addressing=on");
    for version in [SOAP11, SOAP12] {
        let here = reply_to(&format!("{WSA}/anonymous"));
        let (status, answer) = post(&served, version, "", &here);
        assert_eq!(status, 200, "{answer}");
        for said in [
            ">urn:id:1</wsa:RelatesTo>",
            ">urn:test:door:Door:openResponse</wsa:Action>",
            ">urn:uuid:",
            "<return>7</return>",
        ] {
            assert!(answer.contains(said), "{answer}");
        }
    }
}

#[test]
fn nobody_is_connected_to_for_an_answer() {
    let served = Served::with("addressing=on");
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let elsewhere = reply_to(&format!("http://{}/", other.local_addr().unwrap()));
    let (status, answer) = post(&served, SOAP11, "", &elsewhere);
    assert_eq!(status, 500);
    for said in [
        "\">code:OnlyAnonymousAddressSupported</faultcode>",
        "<wsa:FaultDetail",
        ">urn:id:1</wsa:RelatesTo>",
        ">http://www.w3.org/2005/08/addressing/fault</wsa:Action>",
    ] {
        assert!(answer.contains(said), "{answer}");
    }
    let (status, answer) = post(&served, SOAP12, "", &elsewhere);
    assert_eq!(status, 400);
    for said in [
        ">code:InvalidAddressingHeader</soap:Value><soap:Subcode>",
        ">code:OnlyAnonymousAddressSupported</soap:Value></soap:Subcode></soap:Subcode>",
        "<soap:Detail><wsa:ProblemHeaderQName",
    ] {
        assert!(answer.contains(said), "{answer}");
    }
    let came = other.accept().map(|_| ());
    assert_eq!(came.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn answers_for_nobody_are_dropped() {
    let served = Served::with("addressing=on");
    let nobody = reply_to(&format!("{WSA}/none"));
    let (status, answer) = post(&served, SOAP11, "", &nobody);
    assert_eq!(status, 202, "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    let broken = format!("{nobody}<a:To xmlns:a='{WSA}'/>");
    let (status, answer) = post(&served, SOAP11, "", &broken);
    assert_eq!((status, answer.contains("Fault")), (202, false));
}

#[test]
fn action_of_http_must_be_that_of_the_header() {
    let served = Served::with("addressing=on");
    for (version, status) in [(SOAP11, 500), (SOAP12, 400)] {
        assert_eq!(post(&served, version, "urn:test:door/open", "").0, 200);
        let (found, answer) = post(&served, version, "urn:test:door/close", "");
        assert_eq!(found, status);
        assert!(answer.contains("code:ActionMismatch"), "{answer}");
    }
}

#[test]
fn header_that_must_be_understood_is_or_is_not() {
    let headers = format!("<a:To xmlns:a='{WSA}' e:mustUnderstand='1'>urn:x</a:To>");
    let (status, answer) = post(&Served::with("addressing=on"), SOAP11, "", &headers);
    assert_eq!(status, 200, "{answer}");
    let (status, answer) = post(&Served::with(""), SOAP11, "", &headers);
    assert_eq!(status, 500);
    assert!(answer.contains("soap:MustUnderstand"), "{answer}");
    // What Microsoft's frameworks write where there is no addressing says nothing more.
    let none = "http://schemas.microsoft.com/ws/2005/05/addressing/none";
    let block = |name: &str| {
        headers
            .replace(WSA, none)
            .replace("a:To", &format!("a:{name}"))
    };
    for (name, expected) in [("To", 200), ("Action", 200), ("ReplyTo", 500)] {
        let (status, answer) = post(&Served::with(""), SOAP11, "", &block(name));
        assert_eq!(status, expected, "{name}: {answer}");
    }
}

#[test]
fn parameters_of_an_endpoint_reach_the_object_they_name() {
    let served = Served::with("addressing=on");
    let object = served.exported.reference().object();
    let named = |object: u64| {
        let parameter = format!("%3Cr:object%20xmlns:r='urn:rmix:soap'%3E{object}%3C/r:object%3E");
        served.stub(&format!("addressing=on&parameters={parameter}"))
    };
    calls_go_through(&named(object.0).unwrap());
    let gone = named(object.0 + 1).unwrap().blocking().who().unwrap_err();
    assert_eq!(gone.cause(), Cause::NoSuchObject, "{gone}");
}

#[test]
fn description_says_actions() {
    let get = "GET /door?wsdl HTTP/1.1";
    let (_, wsdl) = ask(&Served::with("addressing=on").authority, get, b"");
    for said in [
        "<wsaw:UsingAddressing/>",
        "wsam:Action=\"urn:test:door/open\"",
        "wsam:Action=\"urn:test:door:Door:whoRequest\"",
        "wsam:Action=\"urn:test:door:Door:whoResponse\"",
        "wsam:Action=\"urn:test:door:Door:knock\"",
        "wsam:Action=\"http://www.w3.org/2005/08/addressing/soap/fault\"",
    ] {
        assert!(wsdl.contains(said), "{said}: {wsdl}");
    }
    let (_, wsdl) = ask(&Served::with("").authority, get, b"");
    assert!(!wsdl.contains("wsam"), "{wsdl}");
}

#[test]
fn options_that_would_do_nothing_are_refused() {
    let served = Served::with("");
    for wrong in [
        "addressing=maybe",
        "parameters=%3Ca/%3E",
        "addressing=on&parameters=%3Ca%3E",
        "addressing=on&parameters=text",
    ] {
        let refused = served.stub(wrong).map(|_| ()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::FixRequest, "{wrong}: {refused}");
    }
    assert!(Served::at("soap+http://127.0.0.1:0", "addressing=2004").is_err());
}

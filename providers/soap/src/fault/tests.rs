//! Faults of both versions: written as they should be, and read as peers write them.

use std::sync::Arc;

use bytes::Bytes;
use rmix_abi::describe::{InterfaceDesc, MethodDesc};
use rmix_abi::tables::{Err, cause, delivery, kind, refusal};

use super::{FaultCode, Reply, read_reply, refuse, write_fault};
use crate::envelope::{Envelope, Version};
use crate::names::Interface;
use crate::xml::XmlLimits;

fn read(message: &[u8]) -> Result<Err, String> {
    static METHODS: [MethodDesc; 1] = [MethodDesc::new("m", 0, 0, &[], None, None)];
    static DESC: InterfaceDesc = InterfaceDesc::new("I", "urn:i", 0, 0, &METHODS);
    let plan = Arc::new(Interface::plan(&DESC).unwrap());
    let bytes = Bytes::copy_from_slice(message);
    let len = bytes.len();
    let envelope = Envelope::read(bytes, 0..len, None, &XmlLimits::default());
    let envelope = envelope.map_err(|error| error.message)?;
    match read_reply(envelope, &plan, 0, Default::default(), (64, 1000)) {
        Ok(Reply::Refused(error)) => Ok(error),
        Ok(Reply::Value(_)) => Err("a value".into()),
        Ok(Reply::Fault(_)) => Err("a declared fault".into()),
        Err(error) => Err(error.message),
    }
}

#[test]
fn every_refusal_comes_back_as_what_it_is() {
    for version in [Version::Soap11, Version::Soap12] {
        for (refused, kind, cause, delivery) in [
            (
                refusal::NO_SUCH_OBJECT,
                kind::FIX_REQUEST,
                cause::NO_SUCH_OBJECT,
                delivery::NOT_SENT,
            ),
            (
                refusal::NO_SUCH_METHOD,
                kind::FIX_REQUEST,
                cause::NO_SUCH_METHOD,
                delivery::NOT_SENT,
            ),
            (
                refusal::BAD_ARGUMENTS,
                kind::FIX_REQUEST,
                cause::BAD_ARGUMENTS,
                delivery::NOT_SENT,
            ),
            (
                refusal::INTERNAL,
                kind::PEER_BROKEN,
                cause::REMOTE,
                delivery::EXECUTED,
            ),
            (refusal::BUSY, kind::RETRY, cause::LIMIT, delivery::NOT_SENT),
            (
                refusal::DENIED,
                kind::DENIED,
                cause::AUTHENTICATION,
                delivery::NOT_SENT,
            ),
        ] {
            let error = read(&refuse(version, refused, "why <&>", &[])).unwrap();
            assert_eq!(
                (error.kind, error.cause, error.delivery),
                (kind, cause, delivery)
            );
            assert!(error.text().ends_with(": why <&>"), "{}", error.text());
        }
    }
}

#[test]
fn faults_are_written_as_each_version_has_them() {
    let old = write_fault(Version::Soap11, FaultCode::Client, "a<b", b"").unwrap();
    assert_eq!(
        String::from_utf8(old).unwrap(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soap:Envelope \
         xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><soap:Fault>\
         <faultcode>soap:Client</faultcode><faultstring>a&lt;b</faultstring></soap:Fault></soap:Body></soap:Envelope>"
    );
    let new = write_fault(Version::Soap12, FaultCode::VersionMismatch, "no", b"<d/>").unwrap();
    let new = String::from_utf8(new).unwrap();
    assert!(new.ends_with(
        "</soap:Upgrade></soap:Header><soap:Body><soap:Fault><soap:Code><soap:Value>soap:VersionMismatch</soap:Value>\
         </soap:Code><soap:Reason><soap:Text xml:lang=\"en\">no</soap:Text></soap:Reason><soap:Detail><d/></soap:Detail>\
         </soap:Fault></soap:Body></soap:Envelope>"
    ), "{new}");
    let refused = refuse(Version::Soap12, refusal::BAD_ARGUMENTS, "bell \u{7}", &[]);
    let refused = String::from_utf8(refused).unwrap();
    assert!(
        refused.contains("code:BadArguments</soap:Value></soap:Subcode></soap:Code>"),
        "{refused}"
    );
    assert!(refused.contains(">bell \u{fffd}</soap:Text>"), "{refused}");
}

#[test]
fn faults_are_read_as_peers_write_them() {
    let old = |inside: &str| {
        format!(
            "<S:Envelope xmlns:S='http://schemas.xmlsoap.org/soap/envelope/'><S:Body><S:Fault>{inside}</S:Fault></S:Body></S:Envelope>"
        )
    };
    let error = read(old("<faultcode>S:Server</faultcode><faultstring xml:lang='en'> it broke </faultstring><detail>\n stack trace<e/></detail>").as_bytes()).unwrap();
    assert_eq!(
        (error.kind, error.cause, error.delivery),
        (kind::PEER_BROKEN, cause::REMOTE, delivery::MAYBE_EXECUTED)
    );
    assert_eq!(
        error.text(),
        "the peer answered with the fault Server: it broke"
    );
    let error = read(
        old("<faultstring>s</faultstring><faultcode>Client.Authentication</faultcode>").as_bytes(),
    )
    .unwrap();
    assert_eq!(
        (error.kind, error.delivery),
        (kind::FIX_REQUEST, delivery::MAYBE_EXECUTED)
    );
    let new = "<S:Envelope xmlns:S='http://www.w3.org/2003/05/soap-envelope'><S:Body><S:Fault><S:Code><S:Value>S:Sender</S:Value>\
        <S:Subcode><S:Value>m:Odd</S:Value></S:Subcode></S:Code><S:Reason><S:Text xml:lang='de'>nein</S:Text>\
        <S:Text xml:lang='en-GB'>no</S:Text><S:Text xml:lang='fr'>non</S:Text></S:Reason><S:Role>urn:r</S:Role></S:Fault></S:Body></S:Envelope>";
    let error = read(new.as_bytes()).unwrap();
    assert_eq!(
        error.text(),
        "the peer answered with the fault Sender (Odd): no"
    );
    assert!(
        read(old("<faultstring>s</faultstring>").as_bytes())
            .unwrap_err()
            .starts_with("a fault has no code")
    );
    let long = old(&format!(
        "<faultcode>x</faultcode><faultstring>{}</faultstring>",
        "ü".repeat(1000)
    ));
    let error = read(long.as_bytes()).unwrap();
    assert_eq!(
        error
            .text()
            .chars()
            .filter(|character| *character == 'ü')
            .count(),
        500
    );
}

#[test]
fn codes_of_applications_do_not_say_that_nothing_ran() {
    const WSSE: &str =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    const WSU: &str =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    const W3C: &str = "http://www.w3.org/2005/08/addressing";
    const SUBMISSION: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
    const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
    const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";
    let old = |namespace: &str, code: &str| {
        format!(
            "<S:Envelope xmlns:S='{SOAP11}'><S:Body><S:Fault><faultcode xmlns:c='{namespace}'>\n c:{code} </faultcode>\
             <faultstring>s</faultstring></S:Fault></S:Body></S:Envelope>"
        )
    };
    let new = |namespace: &str, code: &str| {
        format!(
            "<S:Envelope xmlns:S='{SOAP12}'><S:Body><S:Fault><S:Code><S:Value>S:Sender</S:Value><S:Subcode xmlns:c='{namespace}'>\
             <S:Value>c:{code}</S:Value></S:Subcode></S:Code><S:Reason><S:Text xml:lang='en'>s</S:Text></S:Reason></S:Fault>\
             </S:Body></S:Envelope>"
        )
    };
    for (code, own) in [
        ("FailedAuthentication", WSSE),
        ("MessageExpired", WSU),
        ("InvalidAddress", W3C),
        ("InvalidMessageInformationHeader", SUBMISSION),
        ("DestinationUnreachable", W3C),
    ] {
        for fault in [&old as &dyn Fn(&str, &str) -> String, &new] {
            let error = read(fault(own, code).as_bytes()).unwrap();
            assert_eq!(error.delivery, delivery::NOT_SENT, "{code}");
            let error = read(fault("urn:app", code).as_bytes()).unwrap();
            assert_eq!(error.delivery, delivery::MAYBE_EXECUTED, "{code}");
            assert_eq!(error.cause, cause::REMOTE, "{code}");
        }
    }
    for code in ["ProcedureNotPresent", "BadArguments"] {
        for (namespace, delivery) in [
            ("http://www.w3.org/2003/05/soap-rpc", delivery::NOT_SENT),
            ("urn:app", delivery::MAYBE_EXECUTED),
        ] {
            let error = read(new(namespace, code).as_bytes()).unwrap();
            assert_eq!(error.delivery, delivery, "{namespace} {code}");
        }
    }
    for code in ["MustUnderstand", "VersionMismatch"] {
        for (namespace, delivery) in [
            (SOAP11, delivery::NOT_SENT),
            ("urn:app", delivery::MAYBE_EXECUTED),
        ] {
            let error = read(old(namespace, code).as_bytes()).unwrap();
            assert_eq!(error.delivery, delivery, "{namespace} {code}");
        }
    }
    // Neither does one whose prefix is not declared.
    let undeclared = old(W3C, "InvalidAddress").replace("xmlns:c=", "xmlns:d=");
    let error = read(undeclared.as_bytes()).unwrap();
    assert_eq!(error.delivery, delivery::MAYBE_EXECUTED);
}

#[test]
fn what_is_around_a_fault_is_well_formed_and_ends() {
    let whole = String::from_utf8(refuse(Version::Soap11, refusal::BUSY, "later", &[])).unwrap();
    assert!(read(whole.as_bytes()).is_ok());
    for (from, to, rule) in [
        ("</soap:Body>", "</other>", "an end tag has another name"),
        (
            "</soap:Envelope>",
            "</other>",
            "an end tag has another name",
        ),
        (
            "</soap:Envelope>",
            "<x/></soap:Envelope>",
            "an envelope ends with its Body",
        ),
        (
            "</soap:Envelope>",
            "text</soap:Envelope>",
            "text stands between elements",
        ),
        (
            "</soap:Envelope>",
            "</soap:Envelope><x/>",
            "something follows the envelope",
        ),
    ] {
        let refused = read(whole.replace(from, to).as_bytes()).unwrap_err();
        assert!(refused.starts_with(rule), "{refused}");
    }
}

#[test]
fn no_cut_of_a_fault_is_one() {
    for version in [Version::Soap11, Version::Soap12] {
        let whole = refuse(version, refusal::BUSY, "later", &[]);
        for cut in 0..whole.len() {
            assert!(read(&whole[..cut]).is_err(), "cut at {cut}");
        }
    }
}

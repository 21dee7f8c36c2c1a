//! Envelopes no client library sends: CDATA, comments, headers that are missing or not understood.

use rmix_peers::soap::{Answer, Service, SoapServer, post};

use super::{gsoap, jaxws, node, php};
use crate::ok;

const XML: [&str; 2] = ["Content-Type: text/xml; charset=utf-8", "SOAPAction: \"\""];

fn sent(server: &SoapServer, header: &str, body: &str) -> Answer {
    let envelope = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' \
         xmlns:c='urn:rmix:contract'>{header}<e:Body>{body}</e:Body></e:Envelope>"
    );
    ok(post(
        &server.endpoint("contract"),
        &XML,
        envelope.as_bytes(),
    ))
}

fn servers() -> [SoapServer; 3] {
    [
        ok(jaxws().start_server()),
        ok(gsoap().start_server(Service::Contract)),
        ok(php().start_server()),
    ]
}

/// What the server's echo of `text` says, with `>` as it is: some write it so.
fn echoed(server: &SoapServer, text: &str) -> Answer {
    let mut answer = sent(server, "", &format!("<c:echo><text>{text}</text></c:echo>"));
    answer.body = answer.body.replace("&gt;", ">");
    answer
}

#[test]
fn cdata_is_text() {
    for server in servers().into_iter().chain([ok(node().start_server())]) {
        let answer = echoed(&server, "<![CDATA[a <b> &amp; c]]>");
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.body.contains(">a &lt;b> &amp;amp; c<"), "{answer:?}");
    }
}

#[test]
fn cdata_and_text_are_one_text_to_jaxws_and_gsoap_only() {
    let text = "a <![CDATA[<b> &amp;]]> c";
    let [jaxws, gsoap, php] = servers();
    for server in [jaxws, gsoap] {
        let answer = echoed(&server, text);
        assert!(answer.body.contains(">a &lt;b> &amp;amp; c<"), "{answer:?}");
    }
    // The package soap cuts the white space off at both ends of each piece.
    let answer = echoed(&ok(node().start_server()), text);
    assert!(answer.body.contains(">a&lt;b> &amp;amp;c<"), "{answer:?}");
    // SoapServer takes one node of text and no more.
    let answer = echoed(&php, text);
    assert_eq!(answer.status, 500, "{answer:?}");
    assert!(
        answer.body.contains("Violation of encoding rules"),
        "{answer:?}"
    );
}

#[test]
fn a_header_that_must_be_understood_and_is_not_is_a_fault() {
    let header = "<e:Header><x:Strange xmlns:x='urn:x' e:mustUnderstand='1'/></e:Header>";
    for server in servers() {
        let answer = sent(&server, header, "<c:add><a>1</a><b>2</b></c:add>");
        assert_eq!(answer.status, 500, "{answer:?}");
        assert!(answer.body.contains(":MustUnderstand<"), "{answer:?}");
    }
}

#[test]
fn a_header_that_need_not_be_understood_is_ignored() {
    let header = "<e:Header><x:Strange xmlns:x='urn:x' e:mustUnderstand='0'/></e:Header>";
    for server in servers() {
        let answer = sent(&server, header, "<c:add><a>1</a><b>2</b></c:add>");
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.body.contains(">3<"), "{answer:?}");
    }
}

#[test]
fn a_call_without_the_header_it_needs_is_a_fault_that_says_so() {
    for server in servers() {
        let answer = sent(&server, "", "<c:whoami/>");
        assert_eq!(answer.status, 500, "{answer:?}");
        let says_so = answer.body.contains("SessionToken is missing");
        assert!(says_so, "{answer:?}");
    }
}

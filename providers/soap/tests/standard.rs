//! Messages as SOAP 1.1, SOAP 1.2 and the Basic Profile 1.1 have them, on raw sockets: what our client sends, what our object
//! answers and when it is not called, and the answers of others that our client takes.

use rmix::Exported;

use crate::calls::{MyStation, StationSkeleton, StationStub, Unknown, runtime};
use crate::lent::watched;
use crate::raw::{Heard, Raw, Scripted, accept};

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";

/// An envelope of SOAP 1.1.
fn envelope(header: &str, body: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='{SOAP11}' xmlns:t='urn:test:station'><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    )
}

/// Our object, and a connection to it.
struct Station {
    _rmix: rmix::Runtime,
    _exported: Exported,
    raw: Raw,
}

impl Station {
    fn start() -> Station {
        let rmix = runtime();
        let skeleton = StationSkeleton::new(MyStation::default());
        let exported = rmix.export_blocking(skeleton, ["soap+http://127.0.0.1:0/"]);
        let exported = exported.unwrap();
        let endpoint = exported.endpoints()[0].to_string();
        let authority = endpoint.strip_prefix("soap+http://").unwrap();
        let address = authority.trim_end_matches('/').parse().unwrap();
        Station {
            _rmix: rmix,
            _exported: exported,
            raw: Raw::connect(address),
        }
    }

    fn ask(&mut self, body: &str) -> Heard {
        let length = body.len();
        self.raw.say(format!(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
        self.raw.answer()
    }

    /// What `report` has added up.
    fn reported(&mut self) -> String {
        let heard = self.ask(&envelope("", "<t:reported/>"));
        let text = text(&heard);
        let (_, value) = text.split_once("<return>").expect("a result");
        value.split('<').next().unwrap_or_default().to_owned()
    }
}

fn text(heard: &Heard) -> String {
    String::from_utf8(heard.body.clone()).unwrap()
}

/// What our client sends by `call`, which is answered with this status line and fields, and this body.
fn sent(
    version: &str,
    answer: (&str, String),
    call: impl FnOnce(&StationStub) + Send,
) -> (String, String) {
    let (tell, told) = std::sync::mpsc::channel();
    let (head, body) = (answer.0.to_owned(), answer.1);
    let server = Scripted::start(move |listener| {
        let mut raw = accept(listener);
        let (request, content) = raw.request().expect("a request");
        raw.say(format!(
            "{head}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        tell.send((request, String::from_utf8(content).unwrap()))
            .unwrap();
    });
    let endpoint = format!("soap+http://{}/s?version={version}", server.address);
    let rmix = runtime();
    watched("a call", || {
        let station: StationStub = rmix.bind(&endpoint).blocking().unwrap();
        call(&station);
    });
    server.end();
    told.recv().unwrap()
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/xml";
const FAILED: &str = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/xml";

fn added() -> String {
    envelope("", "<t:addResponse><return>3</return></t:addResponse>")
}

/// BP 1.1 R1109, R2744 and R2745; SOAP 1.1, 6.1.1.
#[test]
fn requests_of_soap_1_1_have_their_action_in_quotes_in_a_field_of_its_own() {
    let answer = envelope("", "<t:swapResponse><a>b</a><b>1</b></t:swapResponse>");
    let (head, _) = sent("1.1", (OK, answer), |station| {
        assert_eq!(station.blocking().swap(1, "b".into()).unwrap().a, "b");
    });
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /s http/1.1\r\n"), "{head}");
    assert!(
        head.contains("\r\ncontent-type: text/xml; charset=utf-8\r\n"),
        "{head}"
    );
    assert!(
        head.contains("\r\nsoapaction: \"urn:test:station/swap\"\r\n"),
        "{head}"
    );
    let (head, _) = sent("1.1", (OK, added()), |station| {
        assert_eq!(station.blocking().add(1, 2).unwrap(), 3);
    });
    assert!(
        head.to_ascii_lowercase()
            .contains("\r\nsoapaction: \"\"\r\n"),
        "{head}"
    );
}

/// SOAP 1.2 part 2, 7.5.1.2; RFC 3902.
#[test]
fn requests_of_soap_1_2_have_their_action_in_the_media_type() {
    let newer = |text: String| text.replace(SOAP11, SOAP12);
    let ok = "HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml";
    let answer = envelope("", "<t:swapResponse><a>b</a><b>1</b></t:swapResponse>");
    let (head, _) = sent("1.2", (ok, newer(answer)), |station| {
        assert_eq!(station.blocking().swap(1, "b".into()).unwrap().a, "b");
    });
    let head = head.to_ascii_lowercase();
    let expected = "application/soap+xml; charset=utf-8; action=\"urn:test:station/swap\"\r\n";
    assert!(head.contains(expected), "{head}");
    assert!(!head.contains("soapaction"), "{head}");
    let (head, _) = sent("1.2", (ok, newer(added())), |station| {
        assert_eq!(station.blocking().add(1, 2).unwrap(), 3);
    });
    assert!(!head.to_ascii_lowercase().contains("action"), "{head}");
}

/// BP 1.1 R1005, R1006, R1008, R1009, R1011, R1014 and R2735.
#[test]
fn literal_requests_have_one_qualified_element_and_nothing_of_the_encoding() {
    for version in ["1.1", "1.2"] {
        let (namespace, media) = match version {
            "1.1" => (SOAP11, "text/xml"),
            _ => (SOAP12, "application/soap+xml"),
        };
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {media}");
        let answer = added().replace(SOAP11, namespace);
        let (_, body) = sent(version, (&head, answer), |station| {
            assert_eq!(station.blocking().add(1, 2).unwrap(), 3);
        });
        for never in ["encodingStyle", "<!", "<?xml-", "xsi:type"] {
            assert!(!body.contains(never), "{body}");
        }
        let (_, content) = body.split_once("<soap:Body>").expect("a body");
        let (content, _) = content.split_once("</soap:Body>").expect("its end");
        assert_eq!(content, "<ns0:add><a>1</a><b>2</b></ns0:add>");
        assert!(body.contains("xmlns:ns0=\"urn:test:station\""), "{body}");
        assert!(body.ends_with("</soap:Body></soap:Envelope>"), "{body}");
    }
}

/// BP 1.1 R1112; WSDL 1.1, 2.4.1.
#[test]
fn one_way_request_is_accepted_with_an_empty_202() {
    let mut station = Station::start();
    let heard = station.ask(&envelope("", "<t:report><value>7</value></t:report>"));
    assert_eq!((heard.status, &heard.body[..]), (202, &b""[..]));
    assert!(
        !heard.head.to_ascii_lowercase().contains("content-type"),
        "{}",
        heard.head
    );
    // On one connection requests are run in their order.
    while station.reported() != "7" {}
}

/// BP 1.1 R1025; SOAP 1.1, 4.2.3; SOAP 1.2 part 1, 2.4.
#[test]
fn header_block_that_is_not_understood_keeps_the_object_from_being_called() {
    let mut station = Station::start();
    let report = "<t:report><value>7</value></t:report>";
    let must = "<x:y xmlns:x='urn:x' e:mustUnderstand='1'/>";
    let known =
        "<x:a xmlns:x='urn:x'/><t:user xmlns:t='urn:test:station' e:mustUnderstand='1'>me</t:user>";
    for header in [
        must.to_owned(),
        format!("{known}{must}"),
        format!("{must}{known}"),
    ] {
        let heard = station.ask(&envelope(&header, report));
        assert_eq!(heard.status, 500);
        assert!(
            text(&heard).contains("<faultcode>soap:MustUnderstand<"),
            "{}",
            text(&heard)
        );
    }
    assert_eq!(station.reported(), "0");
    // The same block is understood by the operation that describes it.
    let whoami = "<t:whoami><polite>true</polite></t:whoami>";
    let heard = station.ask(&envelope(known, whoami));
    assert!(
        text(&heard).contains("<return>dear me</return>"),
        "{}",
        text(&heard)
    );
}

/// BP 1.1 R1009, R1011 and R2714; SOAP 1.1, 4.1.1; SOAP 1.2 part 1, 5.
#[test]
fn nothing_stands_beside_the_header_the_body_and_its_element() {
    let mut station = Station::start();
    let report = "<t:report><value>7</value></t:report>";
    let add = "<t:add><a>1</a><b>2</b></t:add>";
    for (body, oneway) in [(add, false), (report, true)] {
        let whole = envelope("", body);
        let with = |from: &str, to: &str| whole.replace(from, to);
        for wrong in [
            with("</e:Body>", "</e:Body><x/>"),
            with("</e:Body>", "</e:Body><e:Body/>"),
            with("</e:Body>", "</e:Body><e:Header/>"),
            with("</e:Body>", "</e:Body>text"),
            with("<e:Body>", "<x/><e:Body>"),
            with("<e:Body>", "<e:Header/><e:Body>"),
            with("<e:Body>", "<e:Body>text"),
            with("</e:Body>", "<t:reported/></e:Body>"),
            with("<e:Body>", "<e:Body><?go away?>"),
            with("<e:Body>", "<?go away?><e:Body>"),
            format!("<?go away?>{whole}"),
            format!("{whole}<?go away?>"),
            format!("{whole}<x/>"),
            format!("{whole}text"),
            with("</e:Envelope>", ""),
        ] {
            let heard = station.ask(&wrong);
            // A one-way request may be accepted before its arguments are read.
            if oneway && heard.status == 202 {
                continue;
            }
            assert_eq!(heard.status, 500, "{wrong}: {}", text(&heard));
            let client = "<faultcode>soap:Client<";
            assert!(text(&heard).contains(client), "{wrong}: {}", text(&heard));
        }
        let spaced = with("</e:Body>", "\n<!-- c --></e:Body>\n");
        let spaced = format!("<!-- a -->\n{spaced}\n<!-- b -->\n");
        let heard = station.ask(&spaced);
        assert_eq!(
            heard.status,
            if oneway { 202 } else { 200 },
            "{}",
            text(&heard)
        );
    }
    // That of the one which was well-formed.
    while station.reported() == "0" {}
    assert_eq!(station.reported(), "7");
}

/// BP 1.1 R1107: a fault is known by the body's element, whatever the status.
#[test]
fn fault_is_known_by_its_body_whatever_the_status() {
    let fault = "<e:Fault><faultcode>e:Server</faultcode><faultstring>s</faultstring><detail><t:NoSuchPlace>\
        <place>x</place><known>Oslo</known></t:NoSuchPlace></detail></e:Fault>";
    for status in [
        OK,
        FAILED,
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/xml",
    ] {
        sent("1.1", (status, envelope("", fault)), |station| {
            let found = station.blocking().latest("x".into()).unwrap_err();
            let known = Unknown {
                place: "x".into(),
                known: vec!["Oslo".into()],
            };
            match found {
                rmix::CallError::Fault(crate::calls::StationFault::NoSuchPlace(found)) => {
                    assert_eq!(found, known);
                }
                other => panic!("{status}: {other:?}"),
            }
        });
    }
}

/// Mono's WCF writes the action of a fault as what must be understood, though nobody has asked it for addressing.
#[test]
fn fault_is_seen_behind_headers_that_only_describe_it() {
    let fault = "<e:Fault><faultcode>e:Client</faultcode><faultstring>why</faultstring></e:Fault>";
    let refused = "the answer cannot be read: the header block";
    for (namespace, name, said) in [
        (
            "http://schemas.microsoft.com/ws/2005/05/addressing/none",
            "Action",
            "fault Client: why",
        ),
        (
            "http://www.w3.org/2005/08/addressing",
            "Action",
            "fault Client: why",
        ),
        (
            "http://www.w3.org/2005/08/addressing",
            "RelatesTo",
            "fault Client: why",
        ),
        (
            "http://schemas.xmlsoap.org/ws/2004/08/addressing",
            "MessageID",
            "fault Client: why",
        ),
        ("http://www.w3.org/2005/08/addressing", "ReplyTo", refused),
        ("urn:other", "Action", refused),
    ] {
        let block =
            format!("<a:{name} xmlns:a='{namespace}' e:mustUnderstand='1'>urn:x</a:{name}>");
        sent("1.1", (FAILED, envelope(&block, fault)), |station| {
            let error = station.blocking().add(1, 2).unwrap_err().to_string();
            assert!(error.contains(said), "{name}: {error}");
        });
    }
}

/// A result with a status of failure, or nothing where a result is due, is the peer's error.
#[test]
fn status_and_body_that_contradict_each_other_are_an_error() {
    let empty = "HTTP/1.1 202 Accepted".to_owned();
    for (head, body) in [
        (FAILED.to_owned(), added()),
        (empty, String::new()),
        (OK.to_owned(), String::new()),
    ] {
        sent("1.1", (&head, body), |station| {
            let error = station.blocking().add(1, 2).unwrap_err();
            assert!(
                error.to_string().contains("the peer answered with"),
                "{error}"
            );
        });
    }
}

/// BP 1.1 R1112: old peers answer one-way requests with 200 and nothing.
#[test]
fn one_way_request_may_be_answered_with_an_empty_200() {
    let server = Scripted::start(|listener| {
        // Calls that wait for answers have connections of their own.
        let _first = accept(listener);
        let mut raw = accept(listener);
        for value in ["7", "8"] {
            let (_, content) = raw.request().expect("a request");
            let content = String::from_utf8(content).unwrap();
            assert!(
                content.contains(&format!("<value>{value}</value>")),
                "{content}"
            );
            raw.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let endpoint = format!("soap+http://{}/s", server.address);
    let rmix = runtime();
    let flushed = watched("one-way requests", || {
        let station: StationStub = rmix.bind(&endpoint).blocking().unwrap();
        station.blocking().report(7).unwrap();
        station.blocking().report(8).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(station.flush())
    });
    server.end();
    flushed.unwrap();
}

//! Limits of XML and of messages of several parts, set by options of the endpoint: a request at the limit is served, one
//! beyond it is refused by the limit's name.

use crate::calls::{MyStation, StationSkeleton, runtime};
use crate::raw::Raw;

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// Asks an object that is exported with these options to echo, and returns status and answer.
fn ask(options: &str, content_type: &str, message: &str) -> (u16, String) {
    let rmix = runtime();
    let skeleton = StationSkeleton::new(MyStation::default());
    let endpoint = format!("soap+http://127.0.0.1:0/station?{options}");
    let exported = rmix.export_blocking(skeleton, [endpoint]).unwrap();
    let endpoint = exported.endpoints()[0].to_string();
    let authority = endpoint.strip_prefix("soap+http://").unwrap();
    let authority = authority.split('/').next().unwrap();
    let mut raw = Raw::connect(authority.parse().unwrap());
    raw.say(format!(
        "POST /station HTTP/1.1\r\nhost: h\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n{message}",
        message.len()
    ));
    let heard = raw.answer();
    (heard.status, String::from_utf8(heard.body).unwrap())
}

/// An envelope of four elements around what is in `text`: envelope, body, operation and argument.
fn message(header: &str, argument: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='{SOAP11}'>{header}<e:Body><t:echo xmlns:t='urn:test:station'>{argument}</t:echo></e:Body></e:Envelope>"
    )
}

/// With the option at `limit` the message is served; one less, and it is refused by the option's name.
fn check(name: &str, limit: usize, content_type: &str, message: &str) {
    let (status, answer) = ask(&format!("{name}={limit}"), content_type, message);
    assert_eq!(status, 200, "{name}={limit}: {answer}");
    assert!(answer.contains("echoResponse"), "{answer}");
    let (status, answer) = ask(&format!("{name}={}", limit - 1), content_type, message);
    assert_eq!(status, 500, "{name}={}: {answer}", limit - 1);
    assert!(answer.contains("soap:Client"), "{answer}");
    assert!(answer.contains(name), "{answer}");
    assert!(answer.contains(&(limit - 1).to_string()), "{answer}");
}

const XML: &str = "text/xml";

#[test]
fn elements_are_limited_in_depth_and_number() {
    let nested = "<x><y><z/></y></x><text>t</text>";
    check("xml_depth", 6, XML, &message("", nested));
    check("xml_elements", 7, XML, &message("", nested));
}

#[test]
fn attributes_declarations_and_names_are_limited() {
    let attributes: String = (0..7).map(|number| format!(" a{number}=''")).collect();
    let argument = format!("<text{attributes}>t</text>");
    check("xml_attributes", 7, XML, &message("", &argument));
    let spaces: String = (0..7)
        .map(|number| format!(" xmlns:n{number}='u'"))
        .collect();
    let argument = format!("<text{spaces}>t</text>");
    // And the two of the envelope and the operation.
    check("xml_namespaces", 9, XML, &message("", &argument));
    let argument = format!("<{0}/><text>t</text>", "n".repeat(40));
    check("xml_name_bytes", 40, XML, &message("", &argument));
}

#[test]
fn texts_and_header_blocks_are_limited() {
    let argument = format!("<text>{}</text>", "t".repeat(1200));
    check("xml_text_bytes", 1200, XML, &message("", &argument));
    let header = "<e:Header><a xmlns='u'/><b xmlns='u'/><c xmlns='u'/></e:Header>";
    check("soap_headers", 3, XML, &message(header, "<text>t</text>"));
}

#[test]
fn parts_are_limited_in_number_and_length_of_their_fields() {
    let envelope = message("", "<text>t</text>");
    let related = "multipart/related; boundary=b; type=\"text/xml\"; start-info=\"text/xml\"";
    let fields = "Content-Type: text/xml\r\nContent-ID: <e>";
    let root = format!("--b\r\n{fields}\r\n\r\n{envelope}\r\n");
    let other = "--b\r\nContent-ID: <o>\r\n\r\n\r\n";
    let long = format!("--b\r\nContent-ID: <{}>\r\n\r\n\r\n", "x".repeat(86));
    check("mime_parts", 2, related, &format!("{root}{other}--b--"));
    check(
        "mime_header_bytes",
        100,
        related,
        &format!("{root}{long}--b--"),
    );
}

#[test]
fn parts_that_are_read_again_and_again_are_limited() {
    let rmix = "urn:test:station";
    let include = "<data><xop:Include xmlns:xop='http://www.w3.org/2004/08/xop/include' href='cid:p'/></data>";
    let envelope = format!(
        "<e:Envelope xmlns:e='{SOAP11}'><e:Body><t:blobs xmlns:t='{rmix}'>{}</t:blobs></e:Body></e:Envelope>",
        include.repeat(3)
    );
    let message = format!(
        "--b\r\nContent-Type: text/xml\r\n\r\n{envelope}\r\n--b\r\nContent-ID: <p>\r\n\r\n{}\r\n--b--",
        "x".repeat(100)
    );
    let related = "multipart/related; boundary=b; start-info=\"text/xml\"";
    let (status, answer) = ask("xml_reference_bytes=300", related, &message);
    assert_eq!(status, 200, "{answer}");
    let (status, answer) = ask("xml_reference_bytes=299", related, &message);
    assert_eq!(status, 500, "{answer}");
    assert!(
        answer.contains("xml_reference_bytes, 300 declared, limit 299"),
        "{answer}"
    );
}

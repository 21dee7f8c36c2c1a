//! Bodies of several parts, both ways and broken.

use std::sync::Arc;

use bytes::Bytes;
use rmix_abi::describe::{FieldDesc, InterfaceDesc, MethodDesc, Schema};
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::{Buf, Enc, profile};

use super::{MediaType, MimeError, MimeLimits, read_package, write_package};
use crate::codec::SoapCodec;
use crate::envelope::{Envelope, Version, begin_request, finish};
use crate::names::Interface;
use crate::xml::XmlLimits;

fn plan() -> Arc<Interface> {
    static FIELDS: [FieldDesc; 1] = [FieldDesc::new("data", Schema::of::<Vec<Vec<u8>>>())];
    static METHODS: [MethodDesc; 1] = [MethodDesc::new("put", 0, 0, &FIELDS, None, None)];
    static DESC: InterfaceDesc = InterfaceDesc::new("I", "urn:i", 0, 0, &METHODS);
    Arc::new(Interface::plan(&DESC).unwrap())
}

fn write(data: &Vec<Vec<u8>>, part_bytes_min: usize) -> (String, Bytes) {
    let mut enc = Enc::new(Buf::new(), SoapCodec::ENCODER, profile::NONE, 1 << 24);
    enc.depth_left = 64;
    begin_request(
        &mut enc,
        &plan(),
        0,
        Version::Soap12,
        b"",
        Some(part_bytes_min),
    )
    .unwrap();
    encode_value(&mut enc, data).unwrap();
    let outgoing = finish(&mut enc).unwrap();
    let envelope = Bytes::from(enc.buf.into_vec());
    let package = write_package(outgoing.version, "a\"b", envelope, &outgoing.parts, 7);
    (package.content_type, Bytes::from(package.pieces.concat()))
}

fn read(content_type: &str, body: &Bytes) -> Result<Vec<Vec<u8>>, String> {
    let media_type = MediaType::parse(content_type).ok_or("no media type")?;
    let package = read_package(body, &media_type, &MimeLimits::default());
    let package = package.map_err(|error| error.to_string())?;
    let envelope = Envelope::read(body.clone(), package.root, None, &XmlLimits::default());
    let envelope = envelope.map_err(|error| error.message)?;
    let dec = envelope.into_request(&plan(), 0, package.attachments, (64, 1000));
    decode_value(dec.map_err(|error| error.message)?).map_err(|error| error.to_string())
}

#[test]
fn octets_travel_beside_the_envelope() {
    let data = vec![vec![0, 13, 10, 45, 45, 255], vec![1; 100_000], vec![9; 3]];
    let (content_type, body) = write(&data, 4);
    assert_eq!(
        content_type,
        "multipart/related; boundary=\"rmix-00000000000000000000000000000007\"; type=\"application/xop+xml\"; \
         start=\"<envelope@rmix>\"; start-info=\"application/soap+xml\"; action=\"a\\\"b\""
    );
    let text = String::from_utf8_lossy(&body);
    assert!(text.contains(
        "<data><xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:part1@rmix\"/></data>"
    ));
    assert!(text.contains("<data>CQkJ</data>"));
    assert_eq!(read(&content_type, &body), Ok(data));
}

#[test]
fn packages_are_read_as_peers_write_them() {
    let envelope = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><i:put xmlns:i='urn:i'>\
        <data> <x:Include xmlns:x='http://www.w3.org/2004/08/xop/include' href='cid:a%40b'/> </data>\
        <data><x:Include xmlns:x='http://www.w3.org/2004/08/xop/include' href='cid:c'></x:Include></data>\
        </i:put></e:Body></e:Envelope>";
    let body = format!(
        "preamble\r\n--b b\r\nContent-ID:\r\n <a@b>\r\n\r\nA\r\n--b b \t\r\ncontent-id: c\r\n\
         Content-Transfer-Encoding: Base64\r\n\r\nQk\r\nJC\r\n--b b\r\n\r\nnobody's\r\n--b b\r\nContent-Id: <r>\r\n\
         Content-Type: application/xop+xml;\r\n\ttype=\"text/xml\"\r\n\r\n{envelope}\r\n--b b--\r\nepilogue"
    );
    let content_type = "Multipart/Related; start=\"<r>\"; boundary=\"b b\"; x=y";
    let data = vec![b"A".to_vec(), b"BBB".to_vec()];
    assert_eq!(read(content_type, &Bytes::from(body)), Ok(data));
}

#[test]
fn includes_lead_to_parts_only() {
    let (content_type, body) = write(&vec![vec![5; 10]], 4);
    let text = String::from_utf8(body.to_vec()).unwrap();
    for (href, rule) in [
        (
            "http://h/part1",
            "an xop:Include refers to something else than a part",
        ),
        (
            "cid:part9@rmix",
            "an xop:Include refers to a part that is not there",
        ),
        (
            "file:///etc/passwd",
            "an xop:Include refers to something else than a part",
        ),
    ] {
        let changed = text.replace("cid:part1@rmix", href);
        let error = read(&content_type, &Bytes::from(changed)).unwrap_err();
        assert!(error.starts_with(rule), "{error}");
    }
}

#[test]
fn no_cut_of_a_package_is_one() {
    let (content_type, body) = write(&vec![vec![5; 10], vec![6; 10]], 4);
    let whole = body.len() - 4;
    for cut in 0..whole {
        assert!(
            read(&content_type, &body.slice(..cut)).is_err(),
            "cut at {cut}"
        );
    }
}

#[test]
fn broken_packages_are_told() {
    let parse = |content_type: &str, body: &str, limits: &MimeLimits| {
        let media_type = MediaType::parse(content_type).unwrap();
        read_package(
            &Bytes::copy_from_slice(body.as_bytes()),
            &media_type,
            limits,
        )
        .unwrap_err()
    };
    let limits = MimeLimits::default();
    let related = "multipart/related; boundary=b";
    assert_eq!(parse("multipart/related", "", &limits), MimeError::Boundary);
    assert_eq!(
        parse("multipart/related; boundary=\"<\"", "", &limits),
        MimeError::Boundary
    );
    assert_eq!(parse(related, "", &limits), MimeError::NoParts);
    assert_eq!(parse(related, "--b--", &limits), MimeError::NoParts);
    assert_eq!(
        parse(related, "--bx", &limits),
        MimeError::Unfinished { offset: 3 }
    );
    assert_eq!(
        parse(related, "--b\r\n\r\nx", &limits),
        MimeError::Unfinished { offset: 5 }
    );
    assert_eq!(
        parse(related, "--b\r\nno colon\r\n\r\nx\r\n--b--", &limits),
        MimeError::Header { offset: 5 }
    );
    let start = "multipart/related; boundary=b; start=s";
    assert_eq!(
        parse(start, "--b\r\n\r\nx\r\n--b--", &limits),
        MimeError::NoRoot
    );
    let twice =
        "--b\r\n\r\nx\r\n--b\r\nContent-ID: a\r\n\r\n\r\n--b\r\nContent-ID: <a>\r\n\r\n\r\n--b--";
    assert!(matches!(
        parse(related, twice, &limits),
        MimeError::SameId { .. }
    ));
    let packed = "--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nx\r\n--b--";
    assert!(matches!(
        parse(related, packed, &limits),
        MimeError::TransferEncoding { offset: 5 }
    ));
}

#[test]
fn parts_and_header_fields_are_limited() {
    let media_type = MediaType::parse("multipart/related; boundary=b").unwrap();
    let read = |body: &str, limits: &MimeLimits| {
        read_package(
            &Bytes::copy_from_slice(body.as_bytes()),
            &media_type,
            limits,
        )
        .map(drop)
    };
    let parts = |parts: usize| MimeLimits {
        parts,
        ..MimeLimits::default()
    };
    let three = format!("{}--b--", "--b\r\n\r\nx\r\n".repeat(3));
    assert_eq!(read(&three, &parts(3)), Ok(()));
    assert_eq!(
        read(&three, &parts(2)),
        Err(MimeError::Limit {
            name: "mime_parts",
            limit: 2
        })
    );
    let header = |header_bytes: usize| MimeLimits {
        header_bytes,
        ..MimeLimits::default()
    };
    let long = format!("--b\r\nX: {}\r\n\r\nx\r\n--b--", "y".repeat(97));
    assert_eq!(read(&long, &header(100)), Ok(()));
    assert_eq!(
        read(&long, &header(99)),
        Err(MimeError::Limit {
            name: "mime_header_bytes",
            limit: 99
        })
    );
}

#[test]
fn media_types_are_read_as_they_are_written() {
    let parsed = MediaType::parse("Text/XML ;charset = \"ut\\f-8\" ; Action=x;").unwrap();
    assert_eq!(parsed.essence(), "text/xml");
    assert_eq!(parsed.parameter("charset"), Some("utf-8"));
    assert_eq!(parsed.parameter("action"), Some("x"));
    assert_eq!(parsed.parameter("boundary"), None);
    for wrong in [
        "",
        "text",
        "te xt/xml",
        "text/xml; a",
        "text/xml; a=\"b",
        "text/xml; =b",
        "/",
    ] {
        assert_eq!(MediaType::parse(wrong), None, "{wrong}");
    }
    let many = |count: usize| format!("a/b{}", ";c=d".repeat(count));
    assert!(MediaType::parse(&many(32)).is_some());
    assert!(MediaType::parse(&many(33)).is_none());
}

//! Several arguments, in any order and in every place.

use bytes::Bytes;
use rmix_abi::tables::Dec;

use super::interface::*;
use super::{Attachments, Case, DEPTH, ITEMS, case, encoder};
use crate::envelope::{Envelope, begin_request, finish};
use crate::xml::XmlLimits;

/// What the host does, by the boundary's tables: one argument after the other.
fn put<T: serde::Serialize>(enc: &mut rmix_abi::tables::Enc, index: u32, value: &T) {
    use rmix_abi::guest::Encode;
    super::SoapCodec::argument(enc, index).unwrap();
    rmix_abi::host::codec::encode_next(enc, value).unwrap();
}

fn get<T: serde::de::DeserializeOwned>(dec: &mut Dec, index: u32) -> T {
    use rmix_abi::guest::Decode;
    super::SoapCodec::argument(dec, index).unwrap();
    rmix_abi::host::codec::decode_next(dec).unwrap()
}

fn open(case: &Case, message: &str) -> Dec {
    let bytes = Bytes::copy_from_slice(message.as_bytes());
    let len = bytes.len();
    let envelope = Envelope::read(bytes, 0..len, None, &XmlLimits::default()).unwrap();
    assert_eq!(envelope.operation(&case.plan), Some(case.place));
    envelope
        .check_understood(&case.plan, case.place, true, |_| false)
        .unwrap();
    let limits = (DEPTH, ITEMS);
    envelope
        .into_request(&case.plan, case.place, Attachments::default(), limits)
        .unwrap()
}

type Arguments = (Vec<String>, Plain, i32, Option<i32>);

fn write(values: &Arguments, headers: &[u8]) -> String {
    let case = case(&PLACED, "places");
    let mut enc = encoder();
    begin_request(
        &mut enc,
        &case.plan,
        case.place,
        case.version,
        headers,
        None,
    )
    .unwrap();
    put(&mut enc, 0, &values.0);
    put(&mut enc, 1, &values.1);
    put(&mut enc, 2, &values.2);
    put(&mut enc, 3, &values.3);
    finish(&mut enc).unwrap();
    String::from_utf8(enc.buf.into_vec()).unwrap()
}

fn read(message: &str) -> Arguments {
    use rmix_abi::guest::Decode;
    let case = case(&PLACED, "places");
    let mut dec = open(&case, message);
    let values = (
        get(&mut dec, 0),
        get(&mut dec, 1),
        get(&mut dec, 2),
        get(&mut dec, 3),
    );
    super::SoapCodec::finish(&mut dec).unwrap();
    values
}

fn values() -> Arguments {
    let token = Plain {
        name: "t".into(),
        ..Plain::default()
    };
    (vec!["a".into(), "b".into()], token, 7, Some(1))
}

#[test]
fn header_blocks_and_attributes_go_where_they_belong() {
    let expected = "<soap:Header><ns1:token><name>t</name><count>0</count></ns1:token><ns2:other>1</ns2:other>\
                    </soap:Header><soap:Body><ns0:Places late=\"7\"><body>a</body><body>b</body></ns0:Places>\
                    </soap:Body></soap:Envelope>";
    let message = write(&values(), b"");
    let (start, rest) = message.split_at(message.find("<soap:Header>").unwrap());
    assert_eq!(rest, expected);
    for (prefix, uri) in [("ns0", "urn:r"), ("ns1", "urn:q"), ("ns2", "urn:t")] {
        assert!(
            start.contains(&format!("xmlns:{prefix}=\"{uri}\"")),
            "{start}"
        );
    }
    assert_eq!(read(&message), values());
    let more = write(&values(), b"<z xmlns=\"urn:z\"/>");
    assert!(
        more.contains("<soap:Header><z xmlns=\"urn:z\"/><ns"),
        "{more}"
    );
    assert_eq!(read(&more), values());
}

#[test]
fn an_absent_header_block_writes_no_header_of_its_own() {
    let (body, token, late, _) = values();
    let message = write(&(body, token, late, None), b"");
    assert!(!message.contains("other"), "{message}");
    assert_eq!(read(&message).3, None);
}

#[test]
fn arguments_come_in_any_order() {
    let message = "<E:Envelope xmlns:E='http://www.w3.org/2003/05/soap-envelope'><E:Header>\
        <h:other xmlns:h='urn:t'>1</h:other><h:token xmlns:h='urn:q' E:mustUnderstand='true'><count>0</count>\
        <name>t</name></h:token></E:Header><E:Body><w:Places xmlns:w='urn:r' late=' 7 '><x/><body>a</body>\
        <y>?</y><body>b</body></w:Places></E:Body></E:Envelope>";
    assert_eq!(read(message), values());
}

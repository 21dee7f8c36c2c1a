//! Messages of several parts: any media type and any body. What is read is written again and read to the same.

use bytes::Bytes;
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_soap::envelope::{Envelope, begin_request, finish};
use rmix_soap::mime::{MediaType, MimeLimits, Package, read_package, write_package};
use rmix_soap::xml::XmlLimits;

use crate::budget::within;
use crate::soap_types::STYLES;
use crate::soap_values::encoder;

/// A line that is the media type, and the body.
pub fn check_soap_package(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n');
    let (line, body) = data.split_at(end.unwrap_or(data.len()));
    let body = Bytes::copy_from_slice(body.get(1..).unwrap_or_default());
    let line = String::from_utf8_lossy(line);
    let Some(media_type) = MediaType::parse(&line) else {
        return;
    };
    let limits = MimeLimits::default();
    let read = within(data.len(), || read_package(&body, &media_type, &limits));
    let package = match read {
        Ok(package) => package,
        Err(refused) => return assert!(!refused.to_string().is_empty()),
    };
    let boundary = media_type
        .parameter("boundary")
        .expect("a package has a boundary");
    let root = body.get(package.root.clone()).expect("a part of the body");
    let delimiter = format!("\r\n--{boundary}");
    let within_root = root.windows(delimiter.len());
    assert!(
        !within_root
            .into_iter()
            .any(|part| part == delimiter.as_bytes())
    );
    check_octets(&body, package);
}

/// The octets of an envelope and its parts come back when they are packed anew.
fn check_octets(body: &Bytes, package: Package) {
    let Some((version, octets)) = octets(body, package) else {
        return;
    };
    let interface = &STYLES.wrapped;
    let place = interface.named("parts").expect("described");
    let mut enc = encoder();
    begin_request(&mut enc, interface, place, version, b"", Some(3)).expect("room");
    encode_value(&mut enc, &octets).expect("octets can be written");
    let outgoing = finish(&mut enc).expect("a complete message");
    let envelope = Bytes::from(enc.buf.into_vec());
    let packed = write_package(version, "urn:a\"b", envelope, &outgoing.parts, UNIQUE);
    let media_type = MediaType::parse(&packed.content_type).expect("a media type of ours");
    let body = Bytes::from(packed.pieces.concat());
    let package = read_package(&body, &media_type, &MimeLimits::default());
    // More octets than a message may have parts.
    if outgoing.parts.len() >= MimeLimits::default().parts {
        return assert!(package.is_err());
    }
    let again = self::octets(&body, package.expect("a package of ours"));
    assert_eq!(again, Some((version, octets)));
}

type Octets = (rmix_soap::envelope::Version, Vec<Vec<u8>>);

fn octets(body: &Bytes, package: Package) -> Option<Octets> {
    let charset = package.root_type.parameter("charset");
    let limits = XmlLimits::default();
    let envelope = Envelope::read(body.clone(), package.root, charset, &limits).ok()?;
    let version = envelope.version();
    let interface = &STYLES.wrapped;
    let place = interface.named("parts").expect("described");
    if envelope.operation(interface) != Some(place) {
        return None;
    }
    let dec = envelope.into_request(interface, place, package.attachments, (64, 4_000));
    Some((version, decode_value(dec.ok()?).ok()?))
}

const UNIQUE: u128 = 0x1234_5678_9abc_def0;

/// A package of ours, and one as peers write them.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let interface = &STYLES.wrapped;
    let place = interface.named("parts").expect("described");
    let version = rmix_soap::envelope::Version::Soap12;
    let mut enc = encoder();
    begin_request(&mut enc, interface, place, version, b"", Some(3)).expect("room");
    let octets = vec![vec![0_u8, 13, 10, 45, 45, 255], vec![1, 2]];
    encode_value(&mut enc, &octets).expect("octets can be written");
    let outgoing = finish(&mut enc).expect("a complete message");
    let envelope = Bytes::from(enc.buf.into_vec());
    let packed = write_package(version, "a", envelope, &outgoing.parts, 7);
    let ours = [
        packed.content_type.as_bytes(),
        b"\n",
        &packed.pieces.concat(),
    ]
    .concat();
    let theirs = "Multipart/Related; start=\"<r>\"; boundary=\"b b\"; x=y\npreamble\r\n--b b\r\nContent-ID:\r\n <a@b>\r\n\
        \r\nA\r\n--b b \t\r\ncontent-id: c\r\nContent-Transfer-Encoding: Base64\r\n\r\nQk\r\nJC\r\n--b b\r\n\r\nx\r\n\
        --b b\r\nContent-Id: <r>\r\nContent-Type: application/xop+xml;\r\n\ttype=\"text/xml\"\r\n\r\n\
        <e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><i:parts xmlns:i='urn:t'>\
        <in><x:Include xmlns:x='http://www.w3.org/2004/08/xop/include' href='cid:a%40b'/></in>\
        <in><x:Include xmlns:x='http://www.w3.org/2004/08/xop/include' href='cid:c'></x:Include></in>\
        </i:parts></e:Body></e:Envelope>\r\n--b b--\r\nepilogue";
    vec![ours, theirs.as_bytes().to_vec()]
}

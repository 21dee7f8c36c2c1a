//! Tests of the codec through the host's serde, with whole envelopes, as calls have it.

mod arguments;
mod hostile;
mod interface;
mod memory;
mod namesakes;
mod octets;
mod shapes;
mod styles;
mod tolerance;

use std::sync::Arc;

use bytes::Bytes;
use rmix_abi::describe::InterfaceDesc;
use rmix_abi::host::CodecError;
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::{Buf, Enc, profile};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Attachments, SoapCodec};
use crate::envelope::{Envelope, Version, begin_fault, begin_request, begin_response, finish};
use crate::fault::{Reply, read_reply};
use crate::names::Interface;
use crate::xml::XmlLimits;

const DEPTH: u32 = 64;
const ITEMS: u64 = 100_000;
const BYTES_MAX: u64 = 1 << 26;

/// One operation of an interface, whose one value goes both ways.
struct Case {
    plan: Arc<Interface>,
    place: usize,
    version: Version,
}

fn case(desc: &'static InterfaceDesc, method: &str) -> Case {
    let plan = Arc::new(Interface::plan(desc).expect("planned"));
    let place = plan.named(method).expect("described");
    let version = Version::Soap11;
    Case {
        plan,
        place,
        version,
    }
}

fn encoder() -> Enc {
    let mut enc = Enc::new(Buf::new(), SoapCodec::ENCODER, profile::NONE, BYTES_MAX);
    enc.depth_left = DEPTH;
    enc
}

impl Case {
    fn try_request<T: Serialize>(&self, value: &T) -> Result<String, CodecError> {
        let mut enc = encoder();
        begin_request(&mut enc, &self.plan, self.place, self.version, b"", None).unwrap();
        encode_value(&mut enc, value)?;
        finish(&mut enc).unwrap();
        Ok(String::from_utf8(enc.buf.into_vec()).unwrap())
    }

    fn response<T: Serialize>(&self, value: &T) -> String {
        let mut enc = encoder();
        begin_response(&mut enc, &self.plan, self.place, self.version, b"", None).unwrap();
        encode_value(&mut enc, value).unwrap();
        finish(&mut enc).unwrap();
        String::from_utf8(enc.buf.into_vec()).unwrap()
    }

    fn fault<T: Serialize>(&self, value: &T) -> String {
        let mut enc = encoder();
        begin_fault(&mut enc, &self.plan, self.place, self.version, b"").unwrap();
        encode_value(&mut enc, value).unwrap();
        finish(&mut enc).unwrap();
        String::from_utf8(enc.buf.into_vec()).unwrap()
    }

    fn read_request<T: DeserializeOwned>(&self, message: &str) -> Result<T, String> {
        self.read_request_within(message.as_bytes(), &XmlLimits::default())
    }

    fn read_request_within<T: DeserializeOwned>(
        &self,
        message: &[u8],
        limits: &XmlLimits,
    ) -> Result<T, String> {
        let bytes = Bytes::copy_from_slice(message);
        let len = bytes.len();
        let envelope =
            Envelope::read(bytes, 0..len, None, limits).map_err(|error| error.to_string())?;
        let place = envelope.operation(&self.plan).ok_or("no such operation")?;
        assert_eq!(place, self.place);
        let dec = envelope
            .into_request(&self.plan, place, Attachments::default(), (DEPTH, ITEMS))
            .map_err(|error| error.to_string())?;
        decode_value(dec).map_err(|error| error.to_string())
    }

    fn read_reply(&self, message: &str) -> Reply {
        let bytes = Bytes::copy_from_slice(message.as_bytes());
        let len = bytes.len();
        let envelope = Envelope::read(bytes, 0..len, None, &XmlLimits::default()).unwrap();
        let limits = (DEPTH, ITEMS);
        read_reply(
            envelope,
            &self.plan,
            self.place,
            Attachments::default(),
            limits,
        )
        .unwrap()
    }

    fn read_response<T: DeserializeOwned>(&self, message: &str) -> Result<T, String> {
        match self.read_reply(message) {
            Reply::Value(dec) => decode_value(dec).map_err(|error| error.to_string()),
            Reply::Fault(_) => Err("a fault".into()),
            Reply::Refused(error) => Err(error.text().into_owned()),
        }
    }

    fn read_fault<T: DeserializeOwned>(&self, message: &str) -> T {
        match self.read_reply(message) {
            Reply::Fault(dec) => decode_value(dec).unwrap(),
            Reply::Value(_) => panic!("a value"),
            Reply::Refused(error) => panic!("{}", error.text()),
        }
    }
}

/// What stands in the body of an envelope.
fn body(message: &str) -> &str {
    let (_, rest) = message.split_once("<soap:Body>").expect("a body");
    rest.strip_suffix("</soap:Body></soap:Envelope>")
        .expect("its end")
}

/// An envelope of SOAP 1.1 around a body, with the prefixes `x` (`urn:t`) and `xsi`.
fn envelope(body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:x=\"urn:t\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><s:Body>{body}</s:Body></s:Envelope>"
    )
}

//! Envelopes: any bytes as a request to, and as an answer of, interfaces of every style, with header blocks, faults and
//! references. What is read is written again and read to the same; names are those that another reader finds.

use std::cell::Cell;
use std::sync::Arc;

use bytes::Bytes;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use rmix_abi::describe::{FieldDesc, TypeDesc};
use rmix_abi::guest::{Decode, Encode};
use rmix_abi::host::codec::{decode_next, encode_next};
use rmix_abi::tables::{Dec, Enc, fault};
use rmix_idl::described::{Described, DescribedSeed};
use rmix_soap::codec::{Attachments, SoapCodec};
use rmix_soap::envelope::{Envelope, Version, begin_fault, begin_request, begin_response, finish};
use rmix_soap::fault::{Reply, read_reply};
use rmix_soap::names::Interface;
use rmix_soap::xml::XmlLimits;
use serde::de::DeserializeSeed as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::budget::within;
use crate::soap_types::INTERFACES;
use crate::soap_values::encoder;

/// Any bytes as a message.
pub fn check_soap_envelope(data: &[u8]) {
    let message = Bytes::copy_from_slice(data);
    let envelope = match within(data.len(), || read(&message)) {
        Ok(envelope) => envelope,
        Err(refused) => return assert!(!refused.is_empty()),
    };
    check_names(&envelope);
    let version = envelope.version();
    let local = envelope.body().map_or("", |body| &*body.local).to_owned();
    drop(envelope);
    for interface in INTERFACES.iter() {
        check_request(&message, interface, version);
        let answered = |place: &usize| {
            let name = interface.desc().methods().get(*place);
            name.is_some_and(|method| local.strip_suffix("Response") == Some(method.name()))
        };
        let places = 0..interface.desc().methods().len();
        let place = places.clone().find(answered).unwrap_or_default();
        check_reply(&message, interface, place, version);
    }
}

fn check_request(message: &Bytes, interface: &Arc<Interface>, version: Version) {
    let envelope = read(message).expect("it was read before");
    let Some(place) = envelope.operation(interface) else {
        return;
    };
    // Both ways: with and without header blocks that somebody else reads.
    let _ = envelope.check_understood(interface, place, true, |_| false);
    let dec = envelope.into_request(interface, place, Attachments::default(), LIMITS);
    let Ok(dec) = dec else { return };
    let Some(method) = interface.desc().methods().get(place) else {
        return;
    };
    let fields = method.arguments();
    let Some(values) = arguments(dec, fields) else {
        return;
    };
    let mut enc = encoder();
    begin_request(&mut enc, interface, place, version, b"", None).expect("room");
    let Some(written) = written(enc, fields, &values) else {
        return;
    };
    let envelope = read(&written).unwrap_or_else(|error| panic!("{error}: {}", shown(&written)));
    assert_eq!(envelope.operation(interface), Some(place));
    let dec = envelope.into_request(interface, place, Attachments::default(), LIMITS);
    let dec = dec.unwrap_or_else(|error| panic!("{error}: {}", shown(&written)));
    let again = arguments(dec, fields);
    assert_eq!(Some(&values), again.as_ref(), "{}", shown(&written));
}

fn check_reply(message: &Bytes, interface: &Arc<Interface>, place: usize, version: Version) {
    let Some(method) = interface.desc().methods().get(place) else {
        return;
    };
    let reply = |message: &Bytes| {
        let envelope = read(message).ok()?;
        read_reply(envelope, interface, place, Attachments::default(), LIMITS).ok()
    };
    let (dec, ty, is_fault) = match reply(message) {
        Some(Reply::Value(dec)) => (dec, method.result(), false),
        Some(Reply::Fault(dec)) => (dec, method.fault(), true),
        Some(Reply::Refused(error)) => return assert!(!error.text().is_empty()),
        None => return,
    };
    let Some(ty) = ty else { return };
    let Some(value) = single(dec, ty) else { return };
    let mut enc = encoder();
    match is_fault {
        true => begin_fault(&mut enc, interface, place, version, b"").expect("room"),
        false => begin_response(&mut enc, interface, place, version, b"", None).expect("room"),
    }
    if !put(&mut enc, 0, ty, &value) {
        return;
    }
    finish(&mut enc).expect("a complete message");
    let written = Bytes::from(enc.buf.into_vec());
    let again = match reply(&written) {
        Some(Reply::Value(dec)) if !is_fault => single(dec, ty),
        Some(Reply::Fault(dec)) if is_fault => single(dec, ty),
        _ => None,
    };
    assert_eq!(Some(value), again, "{}", shown(&written));
}

fn read(message: &Bytes) -> Result<Envelope, String> {
    let limits = XmlLimits {
        elements: ELEMENTS_MAX,
        reference_bytes: 1 << 16,
        ..XmlLimits::default()
    };
    let envelope = Envelope::read(message.clone(), 0..message.len(), None, &limits);
    envelope.map_err(|error| error.to_string())
}

thread_local! {
    /// What the next [`Found`] is.
    static TYPE: Cell<Option<&'static TypeDesc>> = const { Cell::new(None) };
}

/// Lets a type that is only described be read where a Rust type is wanted.
struct Found(Value);

impl<'de> Deserialize<'de> for Found {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Found, D::Error> {
        let ty = TYPE.take().expect("it was set");
        DescribedSeed { ty }.deserialize(deserializer).map(Found)
    }
}

fn get(dec: &mut Dec, ty: &'static TypeDesc) -> Option<Value> {
    TYPE.set(Some(ty));
    match decode_next::<Found>(dec) {
        Ok(Found(value)) => Some(value),
        Err(refused) => {
            assert_ne!(refused.class(), fault::PANIC, "{refused}");
            assert!(!refused.to_string().is_empty());
            None
        }
    }
}

fn arguments(mut dec: Dec, fields: &'static [FieldDesc]) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    for (index, field) in (0..).zip(fields) {
        <SoapCodec as Decode>::argument(&mut dec, index).ok()?;
        values.push(get(&mut dec, field.ty())?);
    }
    SoapCodec::finish(&mut dec).ok()?;
    Some(values)
}

fn single(mut dec: Dec, ty: &'static TypeDesc) -> Option<Value> {
    <SoapCodec as Decode>::argument(&mut dec, 0).ok()?;
    let value = get(&mut dec, ty)?;
    SoapCodec::finish(&mut dec).ok()?;
    Some(value)
}

/// Whether XML carries the value.
fn put(enc: &mut Enc, index: u32, ty: &'static TypeDesc, value: &Value) -> bool {
    <SoapCodec as Encode>::argument(enc, index).expect("a described argument");
    let described = Described {
        ty,
        value: Some(value),
    };
    match encode_next(enc, &described) {
        Ok(()) => true,
        Err(refused) => {
            assert_ne!(refused.class(), fault::PANIC, "{refused}");
            // What was read need not be writable: a character that has a number but no form, say.
            assert!(!refused.to_string().is_empty());
            false
        }
    }
}

fn written(mut enc: Enc, fields: &'static [FieldDesc], values: &[Value]) -> Option<Bytes> {
    for ((index, field), value) in (0..).zip(fields).zip(values) {
        if !put(&mut enc, index, field.ty(), value) {
            return None;
        }
    }
    finish(&mut enc).expect("a complete message");
    Some(Bytes::from(enc.buf.into_vec()))
}

/// Header blocks and the body's child are named as another reader names them, where it reads so far.
fn check_names(envelope: &Envelope) {
    let text = std::str::from_utf8(envelope.text()).expect("an envelope is UTF-8");
    let Some((headers, body)) = names(text) else {
        return;
    };
    let ours = envelope.headers().iter();
    let ours: Vec<_> = ours
        .map(|block| (block.namespace().to_owned(), block.local().to_owned()))
        .collect();
    assert_eq!(ours, headers);
    let ours = envelope.body();
    let ours = ours.map(|body| (body.namespace.to_string(), body.local.to_string()));
    assert_eq!(ours, body);
    for block in envelope.headers() {
        let range = block.range();
        assert!(text[range.clone()].starts_with('<') && text[range].ends_with('>'));
    }
}

type Name = (String, String);

/// Header blocks, and the body's child.
fn names(text: &str) -> Option<(Vec<Name>, Option<Name>)> {
    // The other reader gives namespaces as they are written.
    if text.contains(['&', '\r']) {
        return None;
    }
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<String> = Vec::new();
    let mut headers = Vec::new();
    loop {
        let (namespace, event) = reader.read_resolved_event().ok()?;
        let (tag, is_empty) = match event {
            Event::Start(tag) => (tag, false),
            Event::Empty(tag) => (tag, true),
            Event::End(_) => {
                if open.pop()? == "Body" && open.len() == 1 {
                    return Some((headers, None));
                }
                continue;
            }
            Event::Eof => return None,
            _ => continue,
        };
        // Whoever enters such an element is refused.
        if tag.attributes().any(|attribute| attribute.is_err()) {
            return None;
        }
        let namespace: String = match namespace {
            ResolveResult::Bound(namespace) => {
                AsRef::<str>::as_ref(&namespace).replace(['\t', '\n'], " ")
            }
            ResolveResult::Unbound => String::new(),
            ResolveResult::Unknown(_) => return None,
        };
        let local: String = AsRef::<str>::as_ref(&tag.local_name()).to_owned();
        match open.as_slice() {
            [_, part] if part == "Header" => headers.push((namespace, local.clone())),
            [_, part] if part == "Body" => return Some((headers, Some((namespace, local)))),
            [_] if is_empty && local == "Body" => return Some((headers, None)),
            _ => {}
        }
        if !is_empty {
            open.push(local);
        }
    }
}

fn shown(message: &[u8]) -> String {
    String::from_utf8_lossy(message).into_owned()
}

/// Nesting and number of values. Few, because references have an element be read many times.
const LIMITS: (u32, u64) = (64, 1_000);
const ELEMENTS_MAX: u64 = 2_000;

/// A request with header blocks, one with references, and a fault.
pub(crate) const SEEDS: &[&str] = &[
    "<?xml version='1.0'?><e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns:q='urn:q'><e:Header>\
     <q:token e:mustUnderstand='1'><name>t</name><count>0</count></q:token><other xmlns='urn:t'>1</other></e:Header><e:Body>\
     <places xmlns='urn:t' late=' 7 '><body xmlns=''>a<![CDATA[<]]>&#65;</body><!-- --><body xmlns=''/></places></e:Body></e:Envelope>",
    "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns:c='http://schemas.xmlsoap.org/soap/encoding/' \
     xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><e:Body><r:tree xmlns:r='urn:e'><in href='#a'/></r:tree>\
     <m id='a' i:type='x'><value>1</value><children c:arrayType='x:T[1]'><i href='#b'/></children></m><m id='b'><value>2</value>\
     </m></e:Body></e:Envelope>",
    "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value>\
     </e:Code><e:Reason><e:Text xml:lang='en'>no</e:Text></e:Reason><e:Detail><NotFound xmlns='urn:t'/></e:Detail></e:Fault>\
     </e:Body></e:Envelope>",
];

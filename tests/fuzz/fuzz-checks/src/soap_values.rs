//! SOAP's codec below the host's serde: values of many types, made of any bytes, come back from XML as they were, in every
//! style and version, as arguments, results and faults.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use rmix_abi::host::CodecError;
use rmix_abi::host::codec::{decode_next, decode_value, encode_value};
use rmix_abi::tables::{Buf, Enc, fault, profile};
use rmix_soap::codec::{Attachments, SoapCodec};
use rmix_soap::envelope::{Envelope, Version, begin_fault, begin_request, begin_response, finish};
use rmix_soap::fault::{Reply, read_reply};
use rmix_soap::names::Interface;
use rmix_soap::xml::XmlLimits;
use rmix_sunrpc::XdrCodec;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::soap_types::{
    AnyShape, Choices, Circle, Color, Either, Facets, Failure, Plain, Price, Repeated, STYLES,
    Scalars, Times, Tree,
};

/// A byte that chooses type, one that chooses style and version, and the value as XDR.
pub fn check_soap_values(data: &[u8]) {
    let [choice, form, value @ ..] = data else {
        return;
    };
    let form = Form::chosen(*form);
    match choice % 23 {
        0 => check::<Plain>("plain", value, form),
        1 => check::<Facets>("facets", value, form),
        2 => check::<Price>("price", value, form),
        3 => check::<Color>("color", value, form),
        4 => check::<Either>("either", value, form),
        5 => check::<Choices>("choices", value, form),
        6 => check::<Repeated>("repeated", value, form),
        7 => check::<AnyShape>("shape", value, form),
        8 => check::<Tree>("tree", value, form),
        9 => check::<Scalars>("scalars", value, form),
        10 => check::<Times>("times", value, form),
        11 => check::<i32>("i32", value, form),
        12 => check::<f64>("f64", value, form),
        13 => check::<String>("string", value, form),
        14 => check::<Vec<u8>>("octets", value, form),
        15 => check::<Vec<Vec<u8>>>("parts", value, form),
        16 => check::<Vec<f64>>("f64s", value, form),
        17 => check::<Vec<String>>("strings", value, form),
        18 => check::<Option<i32>>("maybe", value, form),
        19 => check::<()>("nothing", value, form),
        20 => check::<[i16; 3]>("array", value, form),
        21 => check::<(i32, Vec<String>)>("pair", value, form),
        _ => check_fault(value, form),
    }
}

/// Style and version of a message.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    interface: &'static Arc<Interface>,
    version: Version,
}

impl Form {
    fn chosen(choice: u8) -> Form {
        let styles = &*STYLES;
        let interface = match choice % 3 {
            0 => &styles.wrapped,
            1 => &styles.rpc,
            _ => &styles.encoded,
        };
        let version = match choice & 0x80 {
            0 => Version::Soap11,
            _ => Version::Soap12,
        };
        Form { interface, version }
    }
}

fn check<T: DeserializeOwned + Serialize + Debug>(method: &str, data: &[u8], form: Form) {
    let Some(value) = made::<T>(data) else {
        return;
    };
    let interface = form.interface;
    let place = interface.named(method).expect("described");
    let parts = Some(16).filter(|_| data.len() % 2 == 1);
    let mut enc = encoder();
    begin_request(&mut enc, interface, place, form.version, b"", parts).expect("room");
    let Some((request, attachments)) = written(enc, &value) else {
        return;
    };
    let found = read_request::<T>(&request, attachments, interface, place);
    let found = found.unwrap_or_else(|refused| panic!("{refused}: {}", shown(&request)));
    assert_same(&value, &found, &request);

    let mut enc = encoder();
    begin_response(&mut enc, interface, place, form.version, b"", parts).expect("room");
    let (response, attachments) = written(enc, &value).expect("it was written before");
    let dec = match reply(&response, attachments, interface, place) {
        Ok(Reply::Value(dec)) => dec,
        Ok(_) => panic!("another kind of answer: {}", shown(&response)),
        Err(refused) => panic!("{refused}: {}", shown(&response)),
    };
    let found = decode_value::<T>(dec);
    let found = found.unwrap_or_else(|refused| panic!("{refused}: {}", shown(&response)));
    assert_same(&value, &found, &response);
}

fn check_fault(data: &[u8], form: Form) {
    let Some(value) = made::<Failure>(data) else {
        return;
    };
    let interface = form.interface;
    let mut enc = encoder();
    begin_fault(&mut enc, interface, 0, form.version, b"").expect("room");
    let Some((message, attachments)) = written(enc, &value) else {
        return;
    };
    let dec = match reply(&message, attachments, interface, 0) {
        Ok(Reply::Fault(dec)) => dec,
        Ok(_) => panic!("another kind of answer: {}", shown(&message)),
        Err(refused) => panic!("{refused}: {}", shown(&message)),
    };
    let found = decode_value::<Failure>(dec);
    let found = found.unwrap_or_else(|refused| panic!("{refused}: {}", shown(&message)));
    assert_same(&value, &found, &message);
}

/// The value that the bytes begin with as XDR, which has a form for each.
fn made<T: DeserializeOwned>(data: &[u8]) -> Option<T> {
    let mut dec = XdrCodec::decoder(Bytes::copy_from_slice(data), DEPTH, ITEMS);
    decode_next(&mut dec).ok()
}

/// The message, and its parts, with the value in it; none when XML cannot carry the value.
fn written<T: Serialize>(mut enc: Enc, value: &T) -> Option<(Bytes, Attachments)> {
    if let Err(refused) = encode_value(&mut enc, value) {
        assert_eq!(refused.class(), fault::UNSUPPORTED, "{refused}");
        return None;
    }
    let outgoing = finish(&mut enc).expect("a complete message");
    let mut attachments = Attachments::default();
    for (place, part) in outgoing.parts.iter().enumerate() {
        let is_new = attachments.insert(&format!("part{}@rmix", place + 1), part.clone());
        assert!(is_new);
    }
    Some((Bytes::from(enc.buf.into_vec()), attachments))
}

pub(crate) fn encoder() -> Enc {
    let mut enc = Enc::new(
        Buf::new(),
        SoapCodec::ENCODER,
        profile::NONE,
        MESSAGE_BYTES_MAX,
    );
    enc.depth_left = DEPTH;
    enc
}

fn read_request<T: DeserializeOwned>(
    message: &Bytes,
    attachments: Attachments,
    interface: &Arc<Interface>,
    place: usize,
) -> Result<T, String> {
    let envelope = read(message)?;
    assert_eq!(envelope.operation(interface), Some(place));
    let dec = envelope.into_request(interface, place, attachments, (DEPTH, ITEMS));
    let found: Result<T, CodecError> = decode_value(dec.map_err(|error| error.to_string())?);
    found.map_err(|error| error.to_string())
}

fn reply(
    message: &Bytes,
    attachments: Attachments,
    interface: &Arc<Interface>,
    place: usize,
) -> Result<Reply, String> {
    let envelope = read(message)?;
    let reply = read_reply(envelope, interface, place, attachments, (DEPTH, ITEMS));
    reply.map_err(|error| error.to_string())
}

fn read(message: &Bytes) -> Result<Envelope, String> {
    let envelope = Envelope::read(
        message.clone(),
        0..message.len(),
        None,
        &XmlLimits::default(),
    );
    envelope.map_err(|error| error.to_string())
}

/// As shown, because what is not a number equals nothing.
fn assert_same<T: Debug>(value: &T, found: &T, message: &[u8]) {
    let (value, found) = (format!("{value:?}"), format!("{found:?}"));
    assert_eq!(value, found, "{}", shown(message));
}

fn shown(message: &[u8]) -> String {
    String::from_utf8_lossy(message).into_owned()
}

const DEPTH: u32 = 64;
/// A unit takes an item and no bytes of XDR.
const ITEMS: u64 = 4_000;
const MESSAGE_BYTES_MAX: u64 = 1 << 24;

/// One value of each type.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let plain = Plain {
        name: " n<&>\r\n".to_owned(),
        count: -1,
        maybe: Some(f64::NEG_INFINITY),
        many: vec![String::new(), "ß".to_owned()],
    };
    let facets = facets(&plain);
    let price = Price {
        value: 1.5,
        currency: "€".to_owned(),
    };
    let shape = AnyShape::Circle(Circle {
        name: "c".to_owned(),
        radius: 2.0,
    });
    let leaf = Tree {
        value: 2,
        children: vec![],
    };
    let tree = Tree {
        value: 1,
        children: vec![leaf.clone(), leaf],
    };
    let named = Either::Named {
        left: true,
        right: Some(false),
    };
    let choices = Choices {
        first: "f".to_owned(),
        one: named.clone(),
        last: Some(3),
    };
    let pair = Either::Pair(1, "p".to_owned());
    let all = vec![
        Either::Nothing,
        Either::Number(-1),
        pair,
        Either::Plain(plain.clone()),
    ];
    vec![
        seed(0, 0, &plain),
        seed(1, 0x80, &facets),
        seed(2, 1, &price),
        seed(3, 2, &Color::DarkBlue),
        seed(4, 2, &named),
        seed(5, 0, &choices),
        seed(6, 0, &Repeated { all }),
        seed(7, 0x82, &shape),
        seed(8, 2, &tree),
        seed(9, 1, &scalars()),
        seed(10, 0, &times()),
        seed(12, 0, &-0.0_f64),
        seed(13, 0, &"text"),
        seed(15, 0x80, &vec![vec![1_u8; 20], vec![]]),
        seed(16, 0, &vec![1.0_f64, 1e300]),
        seed(21, 1, &(5, vec!["x"])),
        seed(22, 0x80, &Failure::Invalid(plain)),
        seed(22, 1, &Failure::Odd(facets)),
    ]
}

fn seed<T: Serialize>(choice: u8, form: u8, value: &T) -> Vec<u8> {
    let mut enc = XdrCodec::encoder(Buf::new(), 1 << 20);
    enc.depth_left = DEPTH;
    encode_value(&mut enc, value).expect("a value that XDR carries");
    [vec![choice, form], enc.buf.into_vec()].concat()
}

fn facets(plain: &Plain) -> Facets {
    Facets {
        id: 7,
        body: "b".to_owned(),
        label: Some("\"\t".to_owned()),
        list: vec![1, -2],
        words: vec!["a".to_owned(), "b".to_owned()],
        hex: vec![0, 255],
        nil: Some(None),
        wrapped: vec![plain.clone()],
        numbers: vec![0.1, f64::NAN],
        tail: Some(1),
    }
}

fn scalars() -> Scalars {
    Scalars {
        flag: true,
        i8: -128,
        i64: i64::MIN,
        u16: 65_535,
        u64: u64::MAX,
        single: f32::MIN_POSITIVE,
        double: f64::MAX,
        letter: '𝄞',
        text: "t".to_owned(),
        octets: vec![1, 2, 3],
        nothing: (),
    }
}

fn times() -> Times {
    Times {
        at: "2026-02-28T23:59:59.5-14:00".parse().ok(),
        on: "-0001-01-01Z".parse().ok(),
        time: "24:00:00".parse().ok(),
        lasts: "-P1Y2M3DT4H5M6.7S".parse().ok(),
        costs: "-0.0100".parse().ok(),
    }
}

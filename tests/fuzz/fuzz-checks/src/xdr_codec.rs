//! The XDR codec below the host's serde: any bytes as values of many types, read by the host in place and through the
//! table. XDR has one form for a value, so what is accepted is written back byte for byte (but for maps, which are sorted).

use std::collections::BTreeMap;

use bytes::Bytes;
use rmix_abi::guest::{dec_table, enc_table};
use rmix_abi::host::CodecError;
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::{Buf, Dec, Enc, fault, profile};
use rmix_sunrpc::{Nul, XdrCodec};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::budget::within_times;
use crate::types::{Forest, Point, Rich, Runs, Scalars, Shape, Tree};

/// Any bytes as a struct that uses every event, and as its parts.
pub fn check_xdr_rich(data: &[u8]) {
    check_value::<Rich>(data, size_of::<Shape>(), Form::Sorted);
    check_value::<Scalars>(data, 8, Form::Only);
    check_value::<Runs>(data, 8, Form::Only);
    check_value::<(String, Option<i8>, [u8; 4], Point)>(data, 8, Form::Only);
    check_value::<Vec<u8>>(data, 8, Form::Only);
    check_value::<Vec<bool>>(data, 8, Form::Only);
    check_value::<Vec<()>>(data, 8, Form::Only);
    let pair = size_of::<(i16, Vec<String>)>();
    check_value::<BTreeMap<i16, Vec<String>>>(data, pair, Form::Sorted);
}

/// Any bytes as types that nest.
pub fn check_xdr_nested(data: &[u8]) {
    check_value::<Vec<Option<Tree>>>(data, size_of::<Tree>(), Form::Only);
    check_value::<Forest>(data, size_of::<Forest>(), Form::Only);
    check_value::<Vec<Vec<Vec<Option<u16>>>>>(data, size_of::<Vec<u8>>(), Form::Only);
    let pair = size_of::<(String, Tree)>();
    check_value::<BTreeMap<String, Tree>>(data, pair, Form::Sorted);
}

/// How many forms a value has on the wire.
#[derive(PartialEq)]
enum Form {
    /// One.
    Only,
    /// Others in which a map is not sorted, or names a key twice.
    Sorted,
}

/// Decodes a `T`, whose elements take `element_bytes` of memory each, and has it go round.
fn check_value<T: DeserializeOwned + Serialize>(data: &[u8], element_bytes: usize, form: Form) {
    // An element takes four bytes of the wire, or one when it is an octet; a vector that grows has its old and its new
    // place at once.
    let decoded = within_times(8 + element_bytes, data.len(), || decode::<T>(data));
    let Ok(value) = decoded else {
        return;
    };
    let written = encode(&value);
    if form == Form::Only {
        assert_eq!(written, data);
    }
    let again = decode::<T>(&written).expect("what was written can be read");
    assert_eq!(encode(&again), written);
}

/// Decodes both ways, which must agree.
fn decode<T: DeserializeOwned>(data: &[u8]) -> Result<T, CodecError> {
    let bytes = Bytes::copy_from_slice(data);
    let in_place = decode_value::<T>(XdrCodec::decoder(bytes.clone(), DEPTH, ITEMS));
    let in_place = in_place.map(|_| ());
    let table = const { &dec_table::<XdrCodec>() };
    let dec = Dec::over(bytes, table, profile::NONE, DEPTH, ITEMS);
    let by_table = decode_value::<T>(dec);
    match (&in_place, &by_table) {
        (Err(in_place), Err(by_table)) => {
            assert_eq!(in_place.class(), by_table.class(), "{in_place}, {by_table}");
            assert_ne!(by_table.class(), fault::PANIC, "{by_table}");
            assert!(by_table.offset() <= data.len() as u64, "{by_table}");
        }
        _ => assert_eq!(in_place.is_ok(), by_table.is_ok()),
    }
    by_table
}

/// Encodes both ways, which must agree.
fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let encode = |mut enc: Enc| {
        // A peer may have sent one.
        Nul::Keep.set(&mut enc);
        enc.depth_left = DEPTH;
        encode_value(&mut enc, value).expect("what was read can be written");
        enc.buf.into_vec()
    };
    let in_place = encode(XdrCodec::encoder(Buf::new(), BYTES_MAX));
    let table = const { &enc_table::<XdrCodec>() };
    let by_table = encode(Enc::new(Buf::new(), table, profile::NONE, BYTES_MAX));
    assert_eq!(in_place, by_table);
    by_table
}

const DEPTH: u32 = 64;
/// Few, because a unit takes an item and no bytes: four bytes may declare all of them.
const ITEMS: u64 = 4_000;
const BYTES_MAX: u64 = 1 << 24;

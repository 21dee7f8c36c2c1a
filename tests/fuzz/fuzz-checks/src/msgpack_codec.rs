//! The MessagePack codec below the host's serde: any bytes as values of many types.

use std::collections::BTreeMap;

use bytes::Bytes;
use rmix_abi::host::CodecError;
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::{Buf, Enc, fault};
use rmix_msgpack_rpc::{MsgpackArrayCodec, MsgpackCodec};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::budget::within_times;
use crate::types::{Forest, Rich, Shape, Tree};

/// Any bytes as a struct that uses every event, and as its parts.
pub fn check_msgpack_rich(data: &[u8]) {
    check_value::<Rich>(data, size_of::<Shape>());
    check_value::<(String, Option<i8>, [u8; 4])>(data, 8);
    check_value::<BTreeMap<i16, Vec<String>>>(data, PER_PAIR * size_of::<(i16, Vec<String>)>());
    check_value::<Vec<u8>>(data, 8);
    check_value::<Vec<f64>>(data, 8);
    check_value::<Vec<bool>>(data, 8);
}

/// Any bytes as types that nest, and as whatever they describe themselves to be.
pub fn check_msgpack_nested(data: &[u8]) {
    check_value::<Vec<Option<Tree>>>(data, size_of::<Tree>());
    check_value::<Forest>(data, size_of::<Forest>());
    check_value::<Vec<Vec<Vec<Option<u16>>>>>(data, size_of::<Vec<u8>>());
    check_value::<BTreeMap<String, Tree>>(data, PER_PAIR * size_of::<(String, Tree)>());
    check_value::<serde_json::Value>(data, PER_PAIR * size_of::<(String, serde_json::Value)>());
    let skipped = decode::<IgnoredAny>(data);
    assert!(skipped.is_ok() || decode::<serde_json::Value>(data).is_err());
}

/// Decodes a `T`, whose elements take `element_bytes` of memory for at least one byte each, and has it go round.
fn check_value<T: DeserializeOwned + Serialize>(data: &[u8], element_bytes: usize) {
    // A vector that grows has its old and its new place at once.
    let decoded = within_times(8.max(3 * element_bytes), data.len(), || decode::<T>(data));
    let Ok(value) = decoded else {
        return;
    };
    let named = encode(MsgpackCodec::encoder(Buf::new(), BYTES_MAX), &value);
    let arrays = encode(MsgpackArrayCodec::encoder(Buf::new(), BYTES_MAX), &value);
    for bytes in [&named, &arrays] {
        let again = decode::<T>(bytes).expect("what was written can be read");
        // Compared as bytes, because NaN differs from itself.
        let twice = encode(MsgpackCodec::encoder(Buf::new(), BYTES_MAX), &again);
        assert_eq!(twice, named);
    }
}

/// Decodes with both layouts, which read the same.
fn decode<T: DeserializeOwned>(data: &[u8]) -> Result<T, CodecError> {
    let bytes = Bytes::copy_from_slice(data);
    let named = decode_value::<T>(MsgpackCodec::decoder(bytes.clone(), DEPTH, ITEMS));
    let named = named.map(|_| ());
    let arrays = decode_value::<T>(MsgpackArrayCodec::decoder(bytes, DEPTH, ITEMS));
    match (&named, &arrays) {
        (Err(named), Err(arrays)) => {
            assert_eq!(named.to_string(), arrays.to_string());
            assert_ne!(arrays.class(), fault::PANIC, "{arrays}");
            assert!(arrays.offset() <= data.len() as u64, "{arrays}");
        }
        _ => assert_eq!(named.is_ok(), arrays.is_ok()),
    }
    arrays
}

fn encode<T: Serialize>(mut enc: Enc, value: &T) -> Vec<u8> {
    enc.depth_left = DEPTH;
    encode_value(&mut enc, value).expect("what was read can be written");
    enc.buf.into_vec()
}

/// Two values a pair; a map's node has room for more pairs than it holds.
const PER_PAIR: usize = 6;
const DEPTH: u32 = 64;
const ITEMS: u64 = 100_000;
const BYTES_MAX: u64 = 1 << 24;

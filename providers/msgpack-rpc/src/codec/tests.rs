//! Tests of the codec through the host's serde, as values of a call take it; `rmp-serde` serves as
//! the oracle.

mod golden;
mod hostile;
mod limits;
mod oracle;
mod sample;
mod shapes;

use bytes::Bytes;
use rmix_abi::host::CodecError;
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::{Buf, fault};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{MsgpackArrayCodec, MsgpackCodec, StructLayout, ValueCodec};

const DEPTH: u32 = 64;
const ITEMS: u64 = 100_000;
const BYTES_MAX: u64 = 1 << 24;

fn try_encode_as<L: StructLayout, T: Serialize + ?Sized>(
    value: &T,
    bytes_max: u64,
    depth: u32,
) -> Result<Vec<u8>, CodecError> {
    let mut enc = ValueCodec::<L>::encoder(Buf::new(), bytes_max);
    enc.depth_left = depth;
    encode_value(&mut enc, value)?;
    assert_eq!(enc.depth_left, depth, "depth is given back");
    Ok(enc.buf.into_vec())
}

/// The value with structs as maps.
fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    try_encode(value).expect("the format carries it")
}

fn try_encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CodecError> {
    try_encode_as::<super::StructsAsMaps, T>(value, BYTES_MAX, DEPTH)
}

/// The value with structs as arrays.
fn encode_arrays<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    try_encode_as::<super::StructsAsArrays, T>(value, BYTES_MAX, DEPTH).expect("as above")
}

/// Decodes with both codecs, which must agree.
fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    let bytes = Bytes::copy_from_slice(bytes);
    let named = decode_value(MsgpackCodec::decoder(bytes.clone(), DEPTH, ITEMS));
    let arrays = decode_value::<T>(MsgpackArrayCodec::decoder(bytes, DEPTH, ITEMS));
    assert_eq!(named.is_ok(), arrays.is_ok());
    if let Err(error) = &named {
        assert_ne!(error.class(), fault::PANIC, "{error}");
    }
    named
}

/// Asserts that `bytes` are refused as a `T` with this class and this sentence.
fn check_refused<T: DeserializeOwned>(bytes: &[u8], class: u32, sentence: &str) {
    let error = decode::<T>(bytes).err().expect("refused");
    assert_eq!(error.to_string(), sentence);
    assert_eq!(error.class(), class, "{error}");
}

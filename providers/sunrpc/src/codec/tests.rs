//! Tests of the codec through the host's serde, as values of a call take it: both the way of a call,
//! where the host writes and reads primitives in place, and the way through the table alone.

mod golden;
mod hostile;
mod limits;
mod paths;
mod sample;
mod shapes;

use bytes::Bytes;
use rmix_abi::guest::{dec_table, enc_table};
use rmix_abi::host::CodecError;
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::{Buf, Dec, Enc, fault, profile};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Nul, XdrCodec};

const DEPTH: u32 = 64;
const ITEMS: u64 = 100_000;
const BYTES_MAX: u64 = 1 << 24;

/// As [`XdrCodec::encoder`], but every primitive goes through the table.
fn table_encoder(bytes_max: u64) -> Enc {
    let table = const { &enc_table::<XdrCodec>() };
    Enc::new(Buf::new(), table, profile::NONE, bytes_max)
}

/// As [`XdrCodec::decoder`], but every primitive goes through the table.
fn table_decoder(bytes: Bytes, depth: u32, items: u64) -> Dec {
    let table = const { &dec_table::<XdrCodec>() };
    Dec::over(bytes, table, profile::NONE, depth, items)
}

/// Encodes both ways, which must agree in the bytes or in the class of the fault.
fn try_encode<T: Serialize + ?Sized>(
    value: &T,
    bytes_max: u64,
    depth: u32,
) -> Result<Vec<u8>, CodecError> {
    let encode = |mut enc: Enc| {
        // Any text comes back; what is refused by default has its own test.
        Nul::Keep.set(&mut enc);
        enc.depth_left = depth;
        encode_value(&mut enc, value)?;
        assert_eq!(enc.depth_left, depth, "depth is given back");
        Ok::<_, CodecError>(enc.buf.into_vec())
    };
    let in_place = encode(XdrCodec::encoder(Buf::new(), bytes_max));
    let by_table = encode(table_encoder(bytes_max));
    match (&in_place, &by_table) {
        (Ok(in_place), Ok(by_table)) => assert_eq!(in_place, by_table),
        (Err(in_place), Err(by_table)) => {
            assert_eq!(in_place.class(), by_table.class(), "{in_place}, {by_table}");
            assert_ne!(in_place.class(), fault::PANIC, "{in_place}");
        }
        other => panic!("the two ways disagree: {other:?}"),
    }
    in_place
}

fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    try_encode(value, BYTES_MAX, DEPTH).expect("XDR carries it")
}

/// Decodes both ways, which must agree in the value or in the fault's class and place.
fn decode_within<T: DeserializeOwned>(
    bytes: &[u8],
    depth: u32,
    items: u64,
) -> Result<T, CodecError> {
    let bytes = Bytes::copy_from_slice(bytes);
    let in_place = decode_value::<T>(XdrCodec::decoder(bytes.clone(), depth, items));
    let by_table = decode_value::<T>(table_decoder(bytes, depth, items));
    match (&in_place, &by_table) {
        (Ok(_), Ok(_)) => {}
        (Err(in_place), Err(by_table)) => {
            assert_eq!(in_place.class(), by_table.class(), "{in_place}, {by_table}");
            assert_ne!(in_place.class(), fault::PANIC, "{in_place}");
        }
        (in_place, by_table) => panic!(
            "the two ways disagree: {:?}, {:?}",
            in_place.as_ref().err(),
            by_table.as_ref().err()
        ),
    }
    by_table
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    decode_within(bytes, DEPTH, ITEMS)
}

/// Asserts that `bytes` are refused as a `T` with this class and this sentence.
fn check_refused<T: DeserializeOwned>(bytes: &[u8], class: u32, sentence: &str) {
    let error = decode::<T>(bytes).err().expect("refused");
    assert_eq!(error.to_string(), sentence);
    assert_eq!(error.class(), class, "{error}");
}

//! What RFC 4506 has besides serde's shapes: linked lists, unions, octets of fixed length, bounds.

use bytes::Bytes;
use rmix::{Array, Bounded, List, Opaque};
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::Buf;
use rmix_sunrpc::{Nul, XdrCodec};
use serde::{Deserialize, Serialize};

use crate::budget::within_times;

/// A union that contains itself.
#[derive(Debug, Clone, PartialEq, rmix::Union)]
#[repr(i32)]
pub(crate) enum Entry {
    /// A leaf.
    Leaf(Opaque<5>) = 0,
    /// More of them.
    Many(List<Entry>) = -7,
    /// Nothing.
    Nothing = 9,
    /// Anything else.
    #[rmix(default)]
    Other(i32, Bounded<String, 9>),
}

/// A list of such.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shapes {
    entries: List<Entry>,
    numbers: Bounded<Vec<u32>, 5>,
    row: Option<Box<Array<u16, 33>>>,
}

/// What decodes is written back byte for byte.
pub fn check_xdr_shapes(data: &[u8]) {
    let bytes = Bytes::copy_from_slice(data);
    let largest = size_of::<Shapes>().max(size_of::<Entry>());
    let decoded = within_times(largest, data.len(), || {
        decode_value::<Shapes>(XdrCodec::decoder(bytes, DEPTH, ITEMS))
    });
    let Ok(shapes) = decoded else { return };
    assert_eq!(encoded(&shapes), data);
}

pub(crate) fn encoded(shapes: &Shapes) -> Vec<u8> {
    let mut enc = XdrCodec::encoder(Buf::new(), 1 << 24);
    enc.depth_left = DEPTH;
    // A peer may have sent one.
    Nul::Keep.set(&mut enc);
    encode_value(&mut enc, shapes).expect("what was read can be written");
    enc.buf.into_vec()
}

/// A value with every arm.
pub(crate) fn shapes() -> Shapes {
    let entries = vec![
        Entry::Leaf(Opaque([1, 2, 3, 4, 5])),
        Entry::Many(List(vec![Entry::Nothing, Entry::Leaf(Opaque::default())])),
        Entry::Other(-1, Bounded("nine".to_owned())),
    ];
    Shapes {
        entries: List(entries),
        numbers: Bounded(vec![1, 2, 3]),
        row: Some(Box::new(Array([7; 33]))),
    }
}

const DEPTH: u32 = 64;
const ITEMS: u64 = 4_000;

//! The items of XDR one by one. The first byte of an input says how many items are taken, the next bytes which ones, the
//! rest is the wire.

use std::fmt::Debug;

use rmix_xdr::{Primitive, XdrDecoder, XdrEncoder, XdrError};

use crate::budget::within;

/// Takes items: a failure takes nothing, and a success takes what writing the item back gives.
pub fn check_xdr_items(data: &[u8]) {
    let Some((count, rest)) = data.split_first() else {
        return;
    };
    let (items, wire) = rest.split_at(rest.len().min(usize::from(*count)));
    within(data.len(), || {
        let mut decoder = XdrDecoder::at(wire, BASE);
        for item in items {
            let before = decoder.clone();
            let mut written = Vec::new();
            let mut encoder = XdrEncoder::new(&mut written);
            let taken = take(*item, &mut decoder, &mut encoder);
            let used = before.remaining() - decoder.remaining();
            assert_eq!(decoder.offset(), before.offset() + used);
            assert!(before.rest().ends_with(decoder.rest()));
            match taken {
                Ok(()) => assert_eq!(written, before.rest()[..used], "item {item}"),
                Err(failure) => {
                    assert_eq!(used, 0, "{failure} took something");
                    assert!(!failure.to_string().is_empty());
                }
            }
        }
        assert_eq!(decoder.finish().is_ok(), decoder.remaining() == 0);
    });
}

type Encoder<'s> = XdrEncoder<'s, Vec<u8>>;

/// Takes the item of a number and writes it back.
fn take(item: u8, from: &mut XdrDecoder<'_>, to: &mut Encoder<'_>) -> Result<(), XdrError> {
    let limit = u32::from(item >> 5) * 37;
    let length = usize::from(item >> 5);
    match item & 31 {
        0 => from.i32().map(|value| to.i32(value)),
        1 => from.u32().map(|value| to.u32(value)),
        2 => from.i64().map(|value| to.i64(value)),
        3 => from.u64().map(|value| to.u64(value)),
        4 => from.f32().map(|value| to.f32(value)),
        5 => from.f64().map(|value| to.f64(value)),
        6 => from.bool().map(|value| to.bool(value)),
        7 => from.discriminant().map(|value| to.discriminant(value)),
        8 => from.words::<0>().map(|words| to.words(words)),
        9 => from.words::<3>().map(|words| to.words(words)),
        10 => from
            .opaque_fixed(length)
            .map(|bytes| to.opaque_fixed(bytes)),
        11 => to.opaque(from.opaque(limit)?, limit),
        12 => to.opaque(from.opaque(u32::MAX)?, u32::MAX),
        13 => to.string(from.string(limit)?, limit),
        14 => to.string(from.string(u32::MAX)?, u32::MAX),
        15 => take_array(limit, from, to),
        16 => take_array(u32::MAX, from, to),
        17 => from.padding(length).map(|()| to.padding(length)),
        18 => take_bytes(length, from, to),
        19 => take_primitives::<bool>(length, from, to),
        20 => take_primitives::<i8>(length, from, to),
        21 => take_primitives::<u8>(length, from, to),
        22 => take_primitives::<i16>(length, from, to),
        23 => take_primitives::<u16>(length, from, to),
        24 => take_primitives::<i32>(length, from, to),
        25 => take_primitives::<u32>(length, from, to),
        26 => take_primitives::<i64>(length, from, to),
        27 => take_primitives::<u64>(length, from, to),
        28 => take_primitives::<f32>(length, from, to),
        29 => take_primitives::<f64>(length, from, to),
        30 => take_too_much(from),
        _ => from.length(limit, 0).map(|count| {
            to.length(count, limit).expect("within the limit");
        }),
    }
}

/// An array of hypers: its count may be trusted with an allocation.
fn take_array(limit: u32, from: &mut XdrDecoder<'_>, to: &mut Encoder<'_>) -> Result<(), XdrError> {
    let count = from.length(limit, 8)?;
    let mut values = vec![0_u64; count];
    from.primitives(&mut values).expect("that many are there");
    to.length(count, limit).expect("within the limit");
    to.primitives(&values);
    Ok(())
}

fn take_bytes(
    length: usize,
    from: &mut XdrDecoder<'_>,
    to: &mut Encoder<'_>,
) -> Result<(), XdrError> {
    let bytes = from.bytes(length)?;
    for byte in bytes {
        to.sink().push(*byte);
    }
    Ok(())
}

fn take_primitives<T: Primitive + Default + Debug>(
    length: usize,
    from: &mut XdrDecoder<'_>,
    to: &mut Encoder<'_>,
) -> Result<(), XdrError> {
    let mut values = vec![T::default(); length];
    let mut one_by_one = from.clone();
    let together = from.primitives(&mut values);
    let alone = (0..length).try_for_each(|_| one_by_one.primitive::<T>().map(|_| ()));
    assert_eq!(together.is_ok(), alone.is_ok());
    together?;
    assert_eq!(from.remaining(), one_by_one.remaining());
    to.primitives(&values);
    Ok(())
}

/// Lengths that overflow when they are rounded up or multiplied.
fn take_too_much(from: &mut XdrDecoder<'_>) -> Result<(), XdrError> {
    assert!(from.opaque_fixed(usize::MAX).is_err());
    assert!(from.bytes(usize::MAX).is_err());
    let mut counted = from.clone();
    if let Ok(count) = counted.length(u32::MAX, usize::MAX) {
        assert_eq!(count, 0);
    }
    Ok(())
}

/// Offsets count from within a larger message.
const BASE: usize = 40;

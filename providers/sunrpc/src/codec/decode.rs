//! Values off the wire. A failing function consumes nothing. A declared count is compared with the
//! bytes that are left as soon as the elements' least size is known, and sizes no allocation.
//!
//! Word 0 of `Dec::state` is the number of elements that the innermost array opened last still has
//! to come as primitives. It needs no stack: primitives contain nothing, so from an array's first
//! primitive to its last no other array is opened.

use rmix_abi::guest::{Decode, DecodeHooks, PrimsMut, Taken, VariantHead};
use rmix_abi::tables::{Dec, Fault, fault, prim};
use rmix_xdr::{BLOCK_BYTES, LENGTH_MAX, Primitive, XdrDecoder, XdrError, padding_len};

use super::XdrCodec;
use super::fault::{no_128_bits, of_xdr};

macro_rules! misfit {
    ($name:ident) => {
        concat!("the integer does not fit ", stringify!($name))
    };
}

macro_rules! scalars {
    ($($name:ident),* $(,)?) => { $(
        #[inline]
        fn $name(d: &mut Dec) -> Result<$name, Fault> {
            read(d, misfit!($name), |xdr| xdr.primitive())
        }
    )* };
}

impl Decode for XdrCodec {
    const HOOKS: DecodeHooks = DecodeHooks {
        tuple_ends: false,
        structs: false,
        map_ends: false,
        variant_ends: false,
        arguments: false,
        any: false,
        more: false,
        locate: false,
    };

    scalars! { bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64 }

    fn i128(_d: &mut Dec) -> Result<i128, Fault> {
        Err(no_128_bits())
    }

    fn u128(_d: &mut Dec) -> Result<u128, Fault> {
        Err(no_128_bits())
    }

    fn char(d: &mut Dec) -> Result<u32, Fault> {
        Self::u32(d)
    }

    fn str(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        Self::bytes(d)
    }

    fn bytes(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        let length = decoder(d)
            .opaque(LENGTH_MAX)
            .map_err(|error| of_xdr(error, ""))?
            .len();
        d.advance(BLOCK_BYTES);
        d.take_before(length, padding_len(length))
    }

    fn unit(_d: &mut Dec) -> Result<(), Fault> {
        Ok(())
    }

    fn option(d: &mut Dec) -> Result<bool, Fault> {
        Self::bool(d)
    }

    fn begin_seq(d: &mut Dec) -> Result<u64, Fault> {
        // The size of the elements is not known yet: octets take one byte, units none.
        let count = u64::from(Self::u32(d)?);
        d.state[PRIMITIVES_LEFT] = count;
        Ok(count)
    }

    fn end_seq(d: &mut Dec, element: u32, count: u64) -> Result<(), Fault> {
        if element != prim::U8 {
            return Ok(());
        }
        let octets = usize::try_from(count).unwrap_or(usize::MAX);
        read(d, "", |xdr| xdr.padding(octets))
    }

    fn prims(d: &mut Dec, values: PrimsMut<'_>) -> Result<(), Fault> {
        match values {
            PrimsMut::U8(values) => octets(d, values),
            PrimsMut::I8(values) => primitives(d, values, misfit!(i8)),
            PrimsMut::I16(values) => primitives(d, values, misfit!(i16)),
            PrimsMut::U16(values) => primitives(d, values, misfit!(u16)),
            PrimsMut::I32(values) => primitives(d, values, ""),
            PrimsMut::U32(values) => primitives(d, values, ""),
            PrimsMut::I64(values) => primitives(d, values, ""),
            PrimsMut::U64(values) => primitives(d, values, ""),
            PrimsMut::F32(values) => primitives(d, values, ""),
            PrimsMut::F64(values) => primitives(d, values, ""),
        }
    }

    fn begin_tuple(_d: &mut Dec, _len: u64) -> Result<(), Fault> {
        Ok(())
    }

    fn begin_map(d: &mut Dec) -> Result<u64, Fault> {
        let mut xdr = decoder(d);
        let count = u64::from(xdr.u32().map_err(|error| of_xdr(error, ""))?);
        // A key takes a block at least. Only the unit type takes nothing, and has one value.
        let fitting = (xdr.remaining() / BLOCK_BYTES) as u64;
        if count > fitting.max(1) {
            return Err(beyond(d, count, fitting));
        }
        d.advance(BLOCK_BYTES);
        Ok(count)
    }

    fn begin_variant<'a>(d: &'a mut Dec, _name: &[u8]) -> Result<VariantHead<'a>, Fault> {
        // The discriminant, an `i32`, bit by bit.
        Self::u32(d).map(VariantHead::Index)
    }

    fn finish(d: &mut Dec) -> Result<(), Fault> {
        decoder(d).finish().map_err(|error| of_xdr(error, ""))
    }
}

#[inline]
fn decoder(d: &Dec) -> XdrDecoder<'_> {
    XdrDecoder::at(d.rest(), usize::try_from(d.offset()).unwrap_or(usize::MAX))
}

/// Takes items with a decoder of the rest, and consumes what it took.
#[inline]
fn read<T>(
    d: &mut Dec,
    misfit: &'static str,
    items: impl FnOnce(&mut XdrDecoder<'_>) -> Result<T, XdrError>,
) -> Result<T, Fault> {
    let mut xdr = decoder(d);
    let value = items(&mut xdr).map_err(|error| of_xdr(error, misfit))?;
    let used = d.remaining() - xdr.remaining();
    d.advance(used);
    Ok(value)
}

fn primitives<T: Primitive>(
    d: &mut Dec,
    values: &mut [T],
    misfit: &'static str,
) -> Result<(), Fault> {
    all_there(d, T::WIRE_BYTES)?;
    read(d, misfit, |xdr| xdr.primitives(values))?;
    took(d, values.len());
    Ok(())
}

/// Fills `values` with octets, which lie packed; `end_seq` takes the padding.
fn octets(d: &mut Dec, values: &mut [u8]) -> Result<(), Fault> {
    all_there(d, 1)?;
    read(d, "", |xdr| {
        values.copy_from_slice(xdr.bytes(values.len())?);
        Ok(())
    })?;
    took(d, values.len());
    Ok(())
}

/// Refuses an array whose elements, of `bytes` each, cannot all be there; called before the first of
/// them is read.
#[inline]
fn all_there(d: &Dec, bytes: usize) -> Result<(), Fault> {
    let fitting = (d.remaining() / bytes) as u64;
    let declared = d.state[PRIMITIVES_LEFT];
    if declared > fitting {
        return Err(beyond(d, declared, fitting));
    }
    Ok(())
}

fn took(d: &mut Dec, count: usize) {
    let left = &mut d.state[PRIMITIVES_LEFT];
    *left = left.saturating_sub(count as u64);
}

#[cold]
fn beyond(d: &Dec, declared: u64, fitting: u64) -> Fault {
    let rule = "an array or map declares more elements than there are bytes for";
    Fault::new(fault::MALFORMED, rule)
        .declared(declared)
        .limit(fitting)
        .at(d.offset())
}

/// Index of the word of the state that is used.
const PRIMITIVES_LEFT: usize = 0;

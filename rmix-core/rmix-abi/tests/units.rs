//! A reference codec: big-endian units of four bytes, by position, as RFC 4506 has them. With the fixed-width profile the
//! host moves single primitives itself; without it everything goes through the table. Both must give the same bytes.

use bytes::Bytes;
use rmix_abi::guest::{
    Decode, DecodeHooks, Encode, EncodeHooks, Prims, PrimsMut, Taken, VariantHead, dec_table,
    enc_table,
};
use rmix_abi::host::CodecError;
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::{Buf, Dec, DecVt, Enc, EncVt, Fault, Limits, UNKNOWN, fault, prim, profile};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The profile that the host moves primitives by itself for, and none.
pub(crate) const TWINS: [u32; 2] = [profile::FIXED_BE4, profile::NONE];

static ENC: EncVt = enc_table::<Put>();
static DEC: DecVt = dec_table::<Get>();

/// Encodes within `limits`.
pub(crate) fn encode_within<T: Serialize + ?Sized>(
    profile: u32,
    limits: &Limits,
    value: &T,
) -> Result<Vec<u8>, CodecError> {
    let mut enc = Enc::new(Buf::new(), &ENC, profile, limits.message_bytes);
    enc.depth_left = limits.depth;
    encode_value(&mut enc, value)?;
    Ok(enc.buf.into_vec())
}

/// Decodes within `limits`.
pub(crate) fn decode_within<T: DeserializeOwned>(
    profile: u32,
    limits: &Limits,
    bytes: &[u8],
) -> Result<T, CodecError> {
    let bytes = Bytes::copy_from_slice(bytes);
    decode_value(Dec::over(bytes, &DEC, profile, limits.depth, limits.items))
}

/// Encodes with both twins, which must agree.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let [inline, table] = TWINS.map(|profile| {
        encode_within(profile, &Limits::default(), value).expect("the codec carries the value")
    });
    assert_eq!(inline, table, "both profiles write the same bytes");
    table
}

/// Decodes with both twins, which must agree in success.
pub(crate) fn decode<T: DeserializeOwned + PartialEq + std::fmt::Debug>(
    bytes: &[u8],
) -> Result<T, CodecError> {
    let [inline, table] =
        TWINS.map(|profile| decode_within::<T>(profile, &Limits::default(), bytes));
    match (&inline, &table) {
        (Ok(inline), Ok(table)) => assert_eq!(format!("{inline:?}"), format!("{table:?}")),
        (inline, table) => assert_eq!(inline.is_err(), table.is_err(), "{inline:?}, {table:?}"),
    }
    inline.and(table)
}

struct Put;
struct Get;

type Done = Result<(), Fault>;

fn unit(d: &mut Dec) -> Result<[u8; 4], Fault> {
    let bytes = d.rest().first_chunk().copied();
    d.take(4)?;
    Ok(bytes.unwrap_or_default())
}

fn double_unit(d: &mut Dec) -> Result<[u8; 8], Fault> {
    let bytes = d.rest().first_chunk().copied();
    d.take(8)?;
    Ok(bytes.unwrap_or_default())
}

fn narrow<T>(value: Result<T, std::num::TryFromIntError>) -> Result<T, Fault> {
    value.map_err(|_| Fault::new(fault::MALFORMED, "the integer does not fit"))
}

fn count(e: &mut Enc, len: u64) -> Done {
    let len = u32::try_from(len);
    e.put(
        &len.map_err(|_| Fault::new(fault::UNSUPPORTED, "too many"))?
            .to_be_bytes(),
    )
}

fn padding(len: u64) -> usize {
    usize::try_from(len.wrapping_neg() % 4).expect("less than four")
}

/// The place of a count that is known later, in all but its highest bit.
const LATER: u64 = 1 << 63;

impl Encode for Put {
    const HOOKS: EncodeHooks = EncodeHooks {
        tuples: false,
        structs: false,
        fields: false,
        variant_ends: false,
        arguments: false,
    };

    fn bool(e: &mut Enc, value: bool) -> Done {
        Self::u32(e, value.into())
    }
    fn i8(e: &mut Enc, value: i8) -> Done {
        Self::i32(e, value.into())
    }
    fn i16(e: &mut Enc, value: i16) -> Done {
        Self::i32(e, value.into())
    }
    fn i32(e: &mut Enc, value: i32) -> Done {
        e.put(&value.to_be_bytes())
    }
    fn i64(e: &mut Enc, value: i64) -> Done {
        e.put(&value.to_be_bytes())
    }
    fn u8(e: &mut Enc, value: u8) -> Done {
        Self::u32(e, value.into())
    }
    fn u16(e: &mut Enc, value: u16) -> Done {
        Self::u32(e, value.into())
    }
    fn u32(e: &mut Enc, value: u32) -> Done {
        e.put(&value.to_be_bytes())
    }
    fn u64(e: &mut Enc, value: u64) -> Done {
        e.put(&value.to_be_bytes())
    }
    fn i128(e: &mut Enc, value: i128) -> Done {
        e.put(&value.to_be_bytes())
    }
    fn u128(e: &mut Enc, value: u128) -> Done {
        e.put(&value.to_be_bytes())
    }
    fn f32(e: &mut Enc, value: f32) -> Done {
        e.put(&value.to_be_bytes())
    }
    fn f64(e: &mut Enc, value: f64) -> Done {
        e.put(&value.to_be_bytes())
    }
    fn char(e: &mut Enc, value: u32) -> Done {
        Self::u32(e, value)
    }
    fn str(e: &mut Enc, value: &[u8]) -> Done {
        Self::bytes(e, value)
    }
    fn bytes(e: &mut Enc, value: &[u8]) -> Done {
        count(e, value.len() as u64)?;
        e.put(value)?;
        e.put(&[0; 3][..padding(value.len() as u64)])
    }
    fn unit(_: &mut Enc) -> Done {
        Ok(())
    }
    fn none(e: &mut Enc) -> Done {
        Self::u32(e, 0)
    }
    fn some(e: &mut Enc) -> Done {
        Self::u32(e, 1)
    }
    fn begin_seq(e: &mut Enc, len: u64, _: u32) -> Result<u64, Fault> {
        let later = if len == UNKNOWN { LATER } else { 0 };
        let token = later | e.buf.len() as u64;
        count(e, if len == UNKNOWN { 0 } else { len })?;
        Ok(token)
    }
    fn end_seq(e: &mut Enc, token: u64, element: u32, len: u64) -> Done {
        if token & LATER != 0 {
            let at = usize::try_from(token & !LATER).expect("a place in the buffer");
            let len = u32::try_from(len).expect("tests are small").to_be_bytes();
            e.buf.as_mut_slice()[at..at + 4].copy_from_slice(&len);
        }
        if element == prim::U8 {
            return e.put(&[0; 3][..padding(len)]);
        }
        Ok(())
    }
    fn prims(e: &mut Enc, values: Prims<'_>) -> Done {
        match values {
            Prims::U8(values) => e.put(values),
            Prims::I8(values) => values.iter().try_for_each(|value| Self::i8(e, *value)),
            Prims::I16(values) => values.iter().try_for_each(|value| Self::i16(e, *value)),
            Prims::U16(values) => values.iter().try_for_each(|value| Self::u16(e, *value)),
            Prims::I32(values) => values.iter().try_for_each(|value| Self::i32(e, *value)),
            Prims::U32(values) => values.iter().try_for_each(|value| Self::u32(e, *value)),
            Prims::I64(values) => values.iter().try_for_each(|value| Self::i64(e, *value)),
            Prims::U64(values) => values.iter().try_for_each(|value| Self::u64(e, *value)),
            Prims::F32(values) => values.iter().try_for_each(|value| Self::f32(e, *value)),
            Prims::F64(values) => values.iter().try_for_each(|value| Self::f64(e, *value)),
        }
    }
    fn begin_map(e: &mut Enc, len: u64) -> Result<u64, Fault> {
        Self::begin_seq(e, len, prim::NONE)
    }
    fn end_map(e: &mut Enc, token: u64, len: u64) -> Done {
        Self::end_seq(e, token, prim::NONE, len)
    }
    fn begin_variant(e: &mut Enc, _: &[u8], _: &[u8], index: u32, _: u32) -> Done {
        Self::u32(e, index)
    }
}

macro_rules! fill {
    ($d:ident, $values:ident, $method:ident) => {
        for value in $values {
            *value = Get::$method($d)?;
        }
    };
}

impl Decode for Get {
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

    fn bool(d: &mut Dec) -> Result<bool, Fault> {
        match Self::u32(d)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Fault::new(fault::MALFORMED, "neither 0 nor 1")),
        }
    }
    fn i8(d: &mut Dec) -> Result<i8, Fault> {
        narrow(Self::i32(d)?.try_into())
    }
    fn i16(d: &mut Dec) -> Result<i16, Fault> {
        narrow(Self::i32(d)?.try_into())
    }
    fn i32(d: &mut Dec) -> Result<i32, Fault> {
        Ok(i32::from_be_bytes(unit(d)?))
    }
    fn i64(d: &mut Dec) -> Result<i64, Fault> {
        Ok(i64::from_be_bytes(double_unit(d)?))
    }
    fn u8(d: &mut Dec) -> Result<u8, Fault> {
        narrow(Self::u32(d)?.try_into())
    }
    fn u16(d: &mut Dec) -> Result<u16, Fault> {
        narrow(Self::u32(d)?.try_into())
    }
    fn u32(d: &mut Dec) -> Result<u32, Fault> {
        Ok(u32::from_be_bytes(unit(d)?))
    }
    fn u64(d: &mut Dec) -> Result<u64, Fault> {
        Ok(u64::from_be_bytes(double_unit(d)?))
    }
    fn i128(d: &mut Dec) -> Result<i128, Fault> {
        let high = Self::i64(d)?;
        Ok((i128::from(high) << 64) | i128::from(Self::u64(d)?))
    }
    fn u128(d: &mut Dec) -> Result<u128, Fault> {
        let high = Self::u64(d)?;
        Ok((u128::from(high) << 64) | u128::from(Self::u64(d)?))
    }
    fn f32(d: &mut Dec) -> Result<f32, Fault> {
        Ok(f32::from_be_bytes(unit(d)?))
    }
    fn f64(d: &mut Dec) -> Result<f64, Fault> {
        Ok(f64::from_be_bytes(double_unit(d)?))
    }
    fn char(d: &mut Dec) -> Result<u32, Fault> {
        Self::u32(d)
    }
    fn str(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        Self::bytes(d)
    }
    fn bytes(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        let len = Self::u32(d)?;
        let padding = padding(len.into());
        d.rest()
            .get(..len as usize + padding)
            .ok_or(Fault::new(fault::MALFORMED, "the padding ends early"))?;
        d.take_before(len as usize, padding)
    }
    fn unit(_: &mut Dec) -> Done {
        Ok(())
    }
    fn option(d: &mut Dec) -> Result<bool, Fault> {
        Self::bool(d)
    }
    fn begin_seq(d: &mut Dec) -> Result<u64, Fault> {
        Ok(Self::u32(d)?.into())
    }
    fn end_seq(d: &mut Dec, element: u32, len: u64) -> Done {
        if element == prim::U8 {
            d.take(padding(len))?;
        }
        Ok(())
    }
    fn prims(d: &mut Dec, values: PrimsMut<'_>) -> Done {
        match values {
            PrimsMut::U8(values) => {
                let bytes = d.rest().get(..values.len()).map(<[u8]>::to_vec);
                d.take(values.len())?;
                values.copy_from_slice(&bytes.unwrap_or_default());
            }
            PrimsMut::I8(values) => fill!(d, values, i8),
            PrimsMut::I16(values) => fill!(d, values, i16),
            PrimsMut::U16(values) => fill!(d, values, u16),
            PrimsMut::I32(values) => fill!(d, values, i32),
            PrimsMut::U32(values) => fill!(d, values, u32),
            PrimsMut::I64(values) => fill!(d, values, i64),
            PrimsMut::U64(values) => fill!(d, values, u64),
            PrimsMut::F32(values) => fill!(d, values, f32),
            PrimsMut::F64(values) => fill!(d, values, f64),
        }
        Ok(())
    }
    fn begin_tuple(_: &mut Dec, _: u64) -> Done {
        Ok(())
    }
    fn begin_map(d: &mut Dec) -> Result<u64, Fault> {
        Self::begin_seq(d)
    }
    fn begin_variant<'a>(d: &'a mut Dec, _: &[u8]) -> Result<VariantHead<'a>, Fault> {
        Ok(VariantHead::Index(Self::u32(d)?))
    }
    fn finish(d: &mut Dec) -> Done {
        match d.remaining() {
            0 => Ok(()),
            left => Err(Fault::new(fault::MALFORMED, "bytes are left").declared(left as u64)),
        }
    }
}

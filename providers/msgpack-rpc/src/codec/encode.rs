//! Values onto the wire. Headers of known length take their smallest encoding; a length that is
//! only known at the end gets a 32-bit header that is filled in then.

use rmix_abi::guest::{Encode, EncodeHooks, Prims};
use rmix_abi::tables::{Enc, Fault, UNKNOWN, fault, prim, shape};
use rmp::Marker;

use super::fault::length;
use super::{StructLayout, ValueCodec};
use crate::encoded::Encoded;
use crate::sink::Sink;
use crate::value::{Number, write_numbers};

type Done = Result<(), Fault>;

macro_rules! scalars {
    ($($name:ident $encode:ident),* $(,)?) => { $(
        #[inline]
        fn $name(e: &mut Enc, value: $name) -> Done {
            put(e, Encoded::$encode(value.into()))
        }
    )* };
}

impl<L: StructLayout> Encode for ValueCodec<L> {
    const HOOKS: EncodeHooks = EncodeHooks {
        tuples: true,
        structs: true,
        fields: L::NAMED,
        variant_ends: false,
        arguments: false,
    };

    scalars! {
        bool bool, i8 signed, i16 signed, i32 signed, i64 signed, u8 unsigned, u16 unsigned,
        u32 unsigned, u64 unsigned, f32 float32, f64 float64,
    }

    fn i128(e: &mut Enc, value: i128) -> Done {
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => Self::i64(e, value),
            (_, Ok(value)) => Self::u64(e, value),
            _ => Err(too_wide()),
        }
    }

    fn u128(e: &mut Enc, value: u128) -> Done {
        match u64::try_from(value) {
            Ok(value) => Self::u64(e, value),
            Err(_) => Err(too_wide()),
        }
    }

    fn char(e: &mut Enc, value: u32) -> Done {
        let Some(value) = char::from_u32(value) else {
            return Err(Fault::new(
                fault::UNSUPPORTED,
                "the char is no Unicode scalar value",
            ));
        };
        text(e, value.encode_utf8(&mut [0; 4]).as_bytes())
    }

    #[inline]
    fn str(e: &mut Enc, value: &[u8]) -> Done {
        text(e, value)
    }

    fn bytes(e: &mut Enc, value: &[u8]) -> Done {
        put(e, Encoded::bin_header(length(value.len() as u64)?))?;
        e.put(value)
    }

    fn raw_str(e: &mut Enc, value: &[u8]) -> Done {
        text(e, value)
    }

    fn unit(e: &mut Enc) -> Done {
        put(e, Encoded::nil())
    }

    fn none(e: &mut Enc) -> Done {
        put(e, Encoded::nil())
    }

    fn some(_e: &mut Enc) -> Done {
        Ok(())
    }

    fn begin_seq(e: &mut Enc, len: u64, element: u32) -> Result<u64, Fault> {
        match (len, element) {
            (UNKNOWN, prim::U8) => placeholder(e, Marker::Bin32),
            (UNKNOWN, _) => placeholder(e, Marker::Array32),
            (len, prim::U8) => known(e, Encoded::bin_header(length(len)?)),
            (len, _) => known(e, Encoded::array_header(length(len)?)),
        }
    }

    fn end_seq(e: &mut Enc, token: u64, _element: u32, count: u64) -> Done {
        fill_in(e, token, count)
    }

    fn prims(e: &mut Enc, values: Prims<'_>) -> Done {
        match values {
            Prims::U8(values) => e.put(values),
            Prims::I8(values) => numbers(e, values),
            Prims::I16(values) => numbers(e, values),
            Prims::U16(values) => numbers(e, values),
            Prims::I32(values) => numbers(e, values),
            Prims::U32(values) => numbers(e, values),
            Prims::I64(values) => numbers(e, values),
            Prims::U64(values) => numbers(e, values),
            Prims::F32(values) => numbers(e, values),
            Prims::F64(values) => numbers(e, values),
        }
    }

    fn begin_tuple(e: &mut Enc, len: u64) -> Done {
        put(e, Encoded::array_header(length(len)?))
    }

    fn begin_map(e: &mut Enc, len: u64) -> Result<u64, Fault> {
        match len {
            UNKNOWN => placeholder(e, Marker::Map32),
            len => known(e, Encoded::map_header(length(len)?)),
        }
    }

    fn end_map(e: &mut Enc, token: u64, count: u64) -> Done {
        fill_in(e, token, count)
    }

    fn begin_struct(e: &mut Enc, _name: &[u8], fields: u64) -> Done {
        let fields = length(fields)?;
        if L::NAMED {
            return put(e, Encoded::map_header(fields));
        }
        put(e, Encoded::array_header(fields))
    }

    #[inline]
    fn field(e: &mut Enc, name: &[u8], _index: u32) -> Done {
        text(e, name)
    }

    fn begin_variant(e: &mut Enc, _name: &[u8], variant: &[u8], _index: u32, content: u32) -> Done {
        if content != shape::UNIT {
            put(e, Encoded::map_header(1))?;
        }
        text(e, variant)
    }

    fn ext(e: &mut Enc, kind: i64, value: &[u8]) -> Done {
        let Ok(kind) = i8::try_from(kind) else {
            let rule = "MessagePack has the extension types -128 to 127";
            return Err(Fault::new(fault::UNSUPPORTED, rule));
        };
        put(e, Encoded::ext_header(kind, length(value.len() as u64)?))?;
        e.put(value)
    }
}

/// Appends a scalar or header; a single byte, which most are, without a call.
#[inline]
fn put(e: &mut Enc, encoded: Encoded) -> Done {
    match encoded.as_slice() {
        [byte] => e.put(&[*byte]),
        bytes => e.put(bytes),
    }
}

#[inline]
fn text(e: &mut Enc, value: &[u8]) -> Done {
    put(e, Encoded::str_header(length(value.len() as u64)?))?;
    e.put(value)
}

/// Writes a header whose length is right already.
fn known(e: &mut Enc, header: Encoded) -> Result<u64, Fault> {
    put(e, header)?;
    Ok(COMPLETE)
}

/// Writes a header without its length; the token is the header's place.
fn placeholder(e: &mut Enc, marker: Marker) -> Result<u64, Fault> {
    let token = e.buf.len() as u64;
    e.put(&[marker.to_u8(), 0, 0, 0, 0])?;
    Ok(token)
}

/// Fills in the length of the header that [`placeholder`] wrote.
fn fill_in(e: &mut Enc, token: u64, count: u64) -> Done {
    if token == COMPLETE {
        return Ok(());
    }
    let count = length(count)?.to_be_bytes();
    let field = usize::try_from(token)
        .ok()
        .and_then(|token| e.buf.as_mut_slice().get_mut(token..)?.get_mut(1..))
        .and_then(<[u8]>::first_chunk_mut);
    match field {
        Some(field) => *field = count,
        None => {
            return Err(Fault::new(
                fault::MALFORMED,
                "the token of a sequence or map is not the one its beginning gave",
            ));
        }
    }
    Ok(())
}

fn numbers<T: Number>(e: &mut Enc, values: &[T]) -> Done {
    let mut out = Outgoing {
        enc: e,
        result: Ok(()),
    };
    write_numbers(&mut out, values);
    out.result
}

/// The buffer as a sink, which cannot fail: the first failure is kept, and ends the writing.
struct Outgoing<'a> {
    enc: &'a mut Enc,
    result: Done,
}

impl Sink for Outgoing<'_> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        if self.result.is_ok() {
            self.result = self.enc.put(bytes);
        }
    }
}

#[cold]
fn too_wide() -> Fault {
    Fault::new(
        fault::UNSUPPORTED,
        "MessagePack integers have at most 64 bits: declare a larger one as text or octets",
    )
}

/// Token of a sequence or map whose header needs nothing more; no offset is that large.
const COMPLETE: u64 = u64::MAX;

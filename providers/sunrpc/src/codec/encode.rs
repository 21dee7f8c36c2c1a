//! Values onto the wire. A length that is only known at the end gets a length word that is filled in
//! then.

use rmix_abi::guest::{Encode, EncodeHooks, Prims};
use rmix_abi::tables::{Enc, Fault, UNKNOWN, fault, prim};
use rmix_xdr::{BLOCK_BYTES, Primitive, Sink, XdrEncoder};

use super::fault::{length, no_128_bits};
use super::{Nul, XdrCodec};

type Done = Result<(), Fault>;

macro_rules! scalars {
    ($($name:ident as $unit:ident),* $(,)?) => { $(
        #[inline]
        fn $name(e: &mut Enc, value: $name) -> Done {
            e.put(&$unit::from(value).to_be_bytes())
        }
    )* };
}

impl Encode for XdrCodec {
    const HOOKS: EncodeHooks = EncodeHooks {
        tuples: false,
        structs: false,
        fields: false,
        variant_ends: false,
        arguments: false,
    };

    scalars! {
        bool as u32, i8 as i32, i16 as i32, i32 as i32, i64 as i64, u8 as u32, u16 as u32, u32 as u32,
        u64 as u64, f32 as f32, f64 as f64,
    }

    fn i128(_e: &mut Enc, _value: i128) -> Done {
        Err(no_128_bits())
    }

    fn u128(_e: &mut Enc, _value: u128) -> Done {
        Err(no_128_bits())
    }

    fn char(e: &mut Enc, value: u32) -> Done {
        Self::u32(e, value)
    }

    fn str(e: &mut Enc, value: &[u8]) -> Done {
        if !value.contains(&0) {
            return Self::bytes(e, value);
        }
        match Nul::of(e) {
            Nul::Keep => Self::bytes(e, value),
            Nul::Escape => {
                let parts: Vec<&[u8]> = value.split(|octet| *octet == 0).collect();
                Self::bytes(e, &parts.join(&br"\0"[..]))
            }
            Nul::Refuse => Err(Fault::new(
                fault::UNSUPPORTED,
                "a string has a NUL, where C programs end it: send octets (Vec<u8>), or set the endpoint's option nul=escape",
            )),
        }
    }

    fn bytes(e: &mut Enc, value: &[u8]) -> Done {
        Self::u32(e, length(value.len() as u64)?)?;
        write(e, |xdr| xdr.opaque_fixed(value))
    }

    fn raw_str(_e: &mut Enc, _value: &[u8]) -> Done {
        Err(Fault::new(
            fault::UNSUPPORTED,
            "a string of Sun RPC is UTF-8 here: declare other text as octets (Vec<u8>)",
        ))
    }

    fn unit(_e: &mut Enc) -> Done {
        Ok(())
    }

    fn none(e: &mut Enc) -> Done {
        Self::bool(e, false)
    }

    fn some(e: &mut Enc) -> Done {
        Self::bool(e, true)
    }

    fn begin_seq(e: &mut Enc, len: u64, _element: u32) -> Result<u64, Fault> {
        let (word, token) = match len {
            UNKNOWN => (0, e.buf.len() as u64),
            len => (length(len)?, COMPLETE),
        };
        Self::u32(e, word)?;
        Ok(token)
    }

    fn end_seq(e: &mut Enc, token: u64, element: u32, count: u64) -> Done {
        fill_in(e, token, count)?;
        if element != prim::U8 {
            return Ok(());
        }
        // Only the count's remainder matters for the padding, so a 32-bit word does.
        let octets = usize::try_from(length(count)?).unwrap_or(usize::MAX);
        write(e, |xdr| xdr.padding(octets))
    }

    fn prims(e: &mut Enc, values: Prims<'_>) -> Done {
        match values {
            // Packed, not one to a block; `end_seq` adds the padding.
            Prims::U8(values) => e.put(values),
            Prims::I8(values) => primitives(e, values),
            Prims::I16(values) => primitives(e, values),
            Prims::U16(values) => primitives(e, values),
            Prims::I32(values) => primitives(e, values),
            Prims::U32(values) => primitives(e, values),
            Prims::I64(values) => primitives(e, values),
            Prims::U64(values) => primitives(e, values),
            Prims::F32(values) => primitives(e, values),
            Prims::F64(values) => primitives(e, values),
        }
    }

    fn begin_map(e: &mut Enc, len: u64) -> Result<u64, Fault> {
        Self::begin_seq(e, len, prim::NONE)
    }

    fn end_map(e: &mut Enc, token: u64, count: u64) -> Done {
        fill_in(e, token, count)
    }

    fn begin_variant(
        e: &mut Enc,
        _name: &[u8],
        _variant: &[u8],
        index: u32,
        _content: u32,
    ) -> Done {
        // The discriminant, an `i32`, bit by bit.
        Self::u32(e, index)
    }

    fn ext(_e: &mut Enc, _kind: i64, _value: &[u8]) -> Done {
        Err(Fault::new(
            fault::UNSUPPORTED,
            "XDR has no extension types: declare a struct of the type and its octets",
        ))
    }
}

fn primitives<T: Primitive>(e: &mut Enc, values: &[T]) -> Done {
    write(e, |xdr| xdr.primitives(values))
}

fn write(e: &mut Enc, items: impl FnOnce(&mut XdrEncoder<'_, Outgoing<'_>>)) -> Done {
    let mut out = Outgoing {
        enc: e,
        result: Ok(()),
    };
    items(&mut XdrEncoder::new(&mut out));
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

/// Fills in the length word of a sequence or map of unknown length.
fn fill_in(e: &mut Enc, token: u64, count: u64) -> Done {
    if token == COMPLETE {
        return Ok(());
    }
    let count = length(count)?.to_be_bytes();
    let word = usize::try_from(token)
        .ok()
        .and_then(|token| e.buf.as_mut_slice().get_mut(token..))
        .and_then(<[u8]>::first_chunk_mut::<BLOCK_BYTES>);
    match word {
        Some(word) => {
            *word = count;
            Ok(())
        }
        None => Err(Fault::new(
            fault::MALFORMED,
            "the token of a sequence or map is not the one its beginning gave",
        )),
    }
}

/// Token of a sequence or map whose length is there already; no offset is that large.
const COMPLETE: u64 = u64::MAX;

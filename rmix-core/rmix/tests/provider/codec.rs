//! A self-describing codec for tests: a tag byte before every value, everything little-endian.

use rmix_abi::guest::{
    AnyValue, Decode, DecodeHooks, Encode, EncodeHooks, Prims, PrimsMut, StructHead, Taken,
    VariantHead,
};
use rmix_abi::tables::{Dec, Enc, Fault, any, fault, layout, prim, shape};

const NIL: u8 = 0;
const BOOL: u8 = 1;
const INT: u8 = 2;
const UINT: u8 = 3;
const F32: u8 = 4;
const F64: u8 = 5;
const STR: u8 = 6;
const BYTES: u8 = 7;
const SEQ: u8 = 8;
const MAP: u8 = 9;
const EXT: u8 = 10;

pub(crate) struct Tagged;

fn tagged(e: &mut Enc, tag: u8, bytes: &[u8]) -> Result<(), Fault> {
    e.put(&[tag])?;
    e.put(bytes)
}

fn counted(e: &mut Enc, tag: u8, len: u64) -> Result<(), Fault> {
    tagged(e, tag, &len.to_le_bytes())
}

fn octets(e: &mut Enc, tag: u8, bytes: &[u8]) -> Result<(), Fault> {
    counted(e, tag, bytes.len() as u64)?;
    e.put(bytes)
}

macro_rules! put {
    ($($name:ident $ty:ty as $wide:ty, $tag:ident);* $(;)?) => { $(
        fn $name(e: &mut Enc, value: $ty) -> Result<(), Fault> {
            tagged(e, $tag, &<$wide>::from(value).to_le_bytes())
        }
    )* };
}

impl Encode for Tagged {
    const HOOKS: EncodeHooks = EncodeHooks {
        tuples: true,
        structs: true,
        fields: true,
        variant_ends: false,
        arguments: false,
    };
    put! {
        bool bool as u8, BOOL; i8 i8 as i64, INT; i16 i16 as i64, INT; i32 i32 as i64, INT; i64 i64 as i64, INT;
        u8 u8 as i64, INT; u16 u16 as i64, INT; u32 u32 as i64, INT; char u32 as i64, INT; f32 f32 as f32, F32;
        f64 f64 as f64, F64;
    }
    fn u64(e: &mut Enc, value: u64) -> Result<(), Fault> {
        match i64::try_from(value) {
            Ok(value) => <Self as Encode>::i64(e, value),
            Err(_) => tagged(e, UINT, &value.to_le_bytes()),
        }
    }
    fn str(e: &mut Enc, value: &[u8]) -> Result<(), Fault> {
        octets(e, STR, value)
    }
    fn raw_str(e: &mut Enc, value: &[u8]) -> Result<(), Fault> {
        octets(e, STR, value)
    }
    fn bytes(e: &mut Enc, value: &[u8]) -> Result<(), Fault> {
        octets(e, BYTES, value)
    }
    fn unit(e: &mut Enc) -> Result<(), Fault> {
        e.put(&[NIL])
    }
    fn none(e: &mut Enc) -> Result<(), Fault> {
        e.put(&[NIL])
    }
    fn some(_e: &mut Enc) -> Result<(), Fault> {
        Ok(())
    }
    fn begin_seq(e: &mut Enc, len: u64, element: u32) -> Result<u64, Fault> {
        counted(e, if element == prim::U8 { BYTES } else { SEQ }, len)?;
        Ok(0)
    }
    fn end_seq(_e: &mut Enc, _token: u64, _element: u32, _count: u64) -> Result<(), Fault> {
        Ok(())
    }
    fn prims(e: &mut Enc, values: Prims<'_>) -> Result<(), Fault> {
        match values {
            Prims::U8(values) => e.put(values),
            Prims::I64(values) => values
                .iter()
                .try_for_each(|value| <Self as Encode>::i64(e, *value)),
            Prims::I32(values) => values
                .iter()
                .try_for_each(|value| <Self as Encode>::i32(e, *value)),
            Prims::F64(values) => values
                .iter()
                .try_for_each(|value| <Self as Encode>::f64(e, *value)),
            _ => Err(Fault::new(fault::UNSUPPORTED, "this kind of array")),
        }
    }
    fn begin_tuple(e: &mut Enc, len: u64) -> Result<(), Fault> {
        counted(e, SEQ, len)
    }
    fn begin_map(e: &mut Enc, len: u64) -> Result<u64, Fault> {
        counted(e, MAP, len)?;
        Ok(0)
    }
    fn end_map(_e: &mut Enc, _token: u64, _count: u64) -> Result<(), Fault> {
        Ok(())
    }
    fn begin_struct(e: &mut Enc, _name: &[u8], fields: u64) -> Result<(), Fault> {
        counted(e, MAP, fields)
    }
    fn field(e: &mut Enc, name: &[u8], _index: u32) -> Result<(), Fault> {
        octets(e, STR, name)
    }
    fn begin_variant(
        e: &mut Enc,
        _name: &[u8],
        variant: &[u8],
        _index: u32,
        form: u32,
    ) -> Result<(), Fault> {
        if form != shape::UNIT {
            counted(e, MAP, 1)?;
        }
        octets(e, STR, variant)
    }
    fn ext(e: &mut Enc, kind: i64, value: &[u8]) -> Result<(), Fault> {
        tagged(e, EXT, &kind.to_le_bytes())?;
        e.put(&(value.len() as u64).to_le_bytes())?;
        e.put(value)
    }
}

fn word(d: &mut Dec) -> Result<[u8; 8], Fault> {
    let early = Fault::new(fault::MALFORMED, "the value ends early");
    let word = *d.rest().first_chunk::<8>().ok_or(early)?;
    d.advance(8);
    Ok(word)
}

fn tag(d: &mut Dec) -> Result<u8, Fault> {
    let early = Fault::new(fault::MALFORMED, "the value ends early");
    let tag = *d.rest().first().ok_or(early)?;
    d.advance(1);
    Ok(tag)
}

fn expect(d: &mut Dec, wanted: u8) -> Result<(), Fault> {
    if tag(d)? != wanted {
        return Err(Fault::new(fault::MISMATCH, "a value of another type"));
    }
    Ok(())
}

fn run(d: &mut Dec, wanted: u8) -> Result<Taken<'_>, Fault> {
    expect(d, wanted)?;
    let len = usize::from_le_bytes(word(d)?);
    d.take(len)
}

fn int(d: &mut Dec) -> Result<i64, Fault> {
    expect(d, INT)?;
    Ok(i64::from_le_bytes(word(d)?))
}

macro_rules! get {
    ($($name:ident $ty:ty),*) => { $(
        fn $name(d: &mut Dec) -> Result<$ty, Fault> {
            int(d)?.try_into().map_err(|_| Fault::new(fault::MISMATCH, "the integer does not fit"))
        }
    )* };
}

impl Decode for Tagged {
    const HOOKS: DecodeHooks = DecodeHooks {
        tuple_ends: false,
        structs: true,
        map_ends: false,
        variant_ends: false,
        arguments: false,
        any: true,
        more: false,
        locate: false,
    };
    get!(i8 i8, i16 i16, i32 i32, i64 i64, u8 u8, u16 u16, u32 u32, char u32);
    fn u64(d: &mut Dec) -> Result<u64, Fault> {
        if d.rest().first() == Some(&UINT) {
            d.advance(1);
            return Ok(u64::from_le_bytes(word(d)?));
        }
        int(d)?
            .try_into()
            .map_err(|_| Fault::new(fault::MISMATCH, "the integer does not fit"))
    }
    fn bool(d: &mut Dec) -> Result<bool, Fault> {
        expect(d, BOOL)?;
        Ok(tag(d)? != 0)
    }
    fn f32(d: &mut Dec) -> Result<f32, Fault> {
        expect(d, F32)?;
        let early = Fault::new(fault::MALFORMED, "the value ends early");
        let bits = *d.rest().first_chunk::<4>().ok_or(early)?;
        d.advance(4);
        Ok(f32::from_le_bytes(bits))
    }
    fn f64(d: &mut Dec) -> Result<f64, Fault> {
        expect(d, F64)?;
        Ok(f64::from_le_bytes(word(d)?))
    }
    fn str(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        run(d, STR)
    }
    fn bytes(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        run(d, BYTES)
    }
    fn unit(d: &mut Dec) -> Result<(), Fault> {
        expect(d, NIL)
    }
    fn option(d: &mut Dec) -> Result<bool, Fault> {
        if d.rest().first() != Some(&NIL) {
            return Ok(true);
        }
        d.advance(1);
        Ok(false)
    }
    fn begin_seq(d: &mut Dec) -> Result<u64, Fault> {
        let found = tag(d)?;
        if found != SEQ && found != BYTES {
            return Err(Fault::new(fault::MISMATCH, "not a sequence"));
        }
        Ok(u64::from_le_bytes(word(d)?))
    }
    fn end_seq(_d: &mut Dec, _element: u32, _count: u64) -> Result<(), Fault> {
        Ok(())
    }
    fn prims(d: &mut Dec, values: PrimsMut<'_>) -> Result<(), Fault> {
        match values {
            PrimsMut::U8(values) => {
                let early = Fault::new(fault::MALFORMED, "the value ends early");
                let count = values.len();
                values.copy_from_slice(d.rest().get(..count).ok_or(early)?);
                d.advance(count);
                Ok(())
            }
            PrimsMut::I64(values) => values
                .iter_mut()
                .try_for_each(|value| int(d).map(|read| *value = read)),
            _ => Err(Fault::new(fault::UNSUPPORTED, "this kind of array")),
        }
    }
    fn begin_tuple(d: &mut Dec, len: u64) -> Result<(), Fault> {
        if <Self as Decode>::begin_seq(d)? != len {
            return Err(Fault::new(fault::MISMATCH, "a tuple of another length"));
        }
        Ok(())
    }
    fn begin_map(d: &mut Dec) -> Result<u64, Fault> {
        expect(d, MAP)?;
        Ok(u64::from_le_bytes(word(d)?))
    }
    fn begin_struct(d: &mut Dec, _name: &[u8]) -> Result<StructHead, Fault> {
        Ok((layout::NAMED, <Self as Decode>::begin_map(d)?))
    }
    fn key(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        run(d, STR)
    }
    fn begin_variant<'a>(d: &'a mut Dec, _name: &[u8]) -> Result<VariantHead<'a>, Fault> {
        if d.rest().first() == Some(&MAP) {
            <Self as Decode>::begin_map(d)?;
            return Ok(VariantHead::Name(run(d, STR)?, true));
        }
        Ok(VariantHead::Name(run(d, STR)?, false))
    }
    fn any(d: &mut Dec) -> Result<AnyValue<'_>, Fault> {
        let mut bits = 0;
        let mut bytes = Taken::NOTHING;
        let kind = match tag(d)? {
            NIL => any::NIL,
            BOOL => {
                bits = u64::from(tag(d)?);
                any::BOOL
            }
            INT => {
                bits = u64::from_le_bytes(word(d)?);
                any::I64
            }
            UINT => {
                bits = u64::from_le_bytes(word(d)?);
                any::U64
            }
            F64 => {
                bits = u64::from_le_bytes(word(d)?);
                any::F64
            }
            tag @ (STR | BYTES) => {
                let len = usize::from_le_bytes(word(d)?);
                bytes = d.take(len)?;
                if tag == STR { any::STR } else { any::BYTES }
            }
            tag @ (SEQ | MAP) => {
                bits = u64::from_le_bytes(word(d)?);
                if tag == SEQ { any::SEQ } else { any::MAP }
            }
            EXT => {
                bits = u64::from_le_bytes(word(d)?);
                let len = usize::from_le_bytes(word(d)?);
                bytes = d.take(len)?;
                any::EXT
            }
            _ => return Err(Fault::new(fault::MALFORMED, "an unknown tag")),
        };
        Ok(AnyValue { kind, bits, bytes })
    }
    fn skip(d: &mut Dec) -> Result<(), Fault> {
        let found = <Self as Decode>::any(d)?;
        let values = match found.kind {
            any::SEQ => found.bits,
            any::MAP => found.bits * 2,
            _ => 0,
        };
        (0..values).try_for_each(|_| <Self as Decode>::skip(d))
    }
    fn finish(d: &mut Dec) -> Result<(), Fault> {
        if d.remaining() == 0 {
            return Ok(());
        }
        Err(Fault::new(fault::MALFORMED, "bytes are left over"))
    }
}

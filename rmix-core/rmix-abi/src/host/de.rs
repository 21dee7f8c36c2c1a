//! serde's deserializer over a decoder's table. Depth and items are counted here, once for all providers; nothing is
//! reserved by a declared length beyond what the input could hold, nor by two containers for the same bytes.

use std::marker::PhantomData;

use serde::de::{self, DeserializeSeed, Visitor};

mod access;
mod rfc4506;
mod vector;

use self::access::{Names, Pairs, Positions, Scratch, Sequence, Variant};
use self::vector::whole_vector;
use super::prims::{ByTable, InPlace, Mover, call, get_fixed};
use super::{CodecError, magic};
use crate::tables::{Any, Dec, DecVt, Str, UNKNOWN, any, fault, layout, prim, profile};

/// Decodes the next value of the message.
pub(super) fn from_dec<'de, T: DeserializeSeed<'de>>(
    dec: &mut Dec,
    seed: T,
) -> Result<T::Value, CodecError> {
    if dec.profile == profile::FIXED_BE4 {
        return seed.deserialize(&mut Deserializer::<InPlace>::new(dec));
    }
    seed.deserialize(&mut Deserializer::<ByTable>::new(dec))
}

pub(super) struct Deserializer<'a, M> {
    dec: &'a mut Dec,
    /// Values that the containers around the next one have declared and not begun. What is left of the input is promised
    /// to them, so a container further in reserves nothing for it again.
    promised: u64,
    mover: PhantomData<M>,
}

impl<'a, M: Mover> Deserializer<'a, M> {
    fn new(dec: &'a mut Dec) -> Self {
        Deserializer {
            dec,
            promised: 0,
            mover: PhantomData,
        }
    }

    #[inline(always)]
    fn vt(&self) -> &'static DecVt {
        // SAFETY: codec tables live for ever (a rule of the boundary).
        unsafe { &*self.dec.vt }
    }

    fn limit(&self, name: &'static str) -> CodecError {
        CodecError::rule(fault::LIMIT, name).at(self.dec.offset())
    }

    fn malformed(&self, rule: &'static str) -> CodecError {
        CodecError::rule(fault::MALFORMED, rule).at(self.dec.offset())
    }

    fn charge(&mut self) -> Result<(), CodecError> {
        if self.dec.items_left == 0 {
            return Err(self.limit("items"));
        }
        self.dec.items_left -= 1;
        Ok(())
    }

    fn enter(&mut self) -> Result<(), CodecError> {
        if self.dec.depth_left == 0 {
            return Err(self.limit("depth"));
        }
        self.dec.depth_left -= 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.dec.depth_left += 1;
    }

    /// How many of `left` elements may be reserved for, at one byte of the input each, when `promised` bytes of it are
    /// for others; the items budget bounds the rest. Nothing when their number is not known.
    fn reservable(&self, left: u64, promised: u64) -> Option<usize> {
        if left == UNKNOWN {
            return None;
        }
        let held = (self.dec.remaining() as u64).saturating_sub(promised);
        usize::try_from(left.min(held)).ok()
    }

    /// Promises what is left to `left` values of the container that is being read, besides those `around` it.
    #[inline(always)]
    fn promise(&mut self, around: u64, left: u64) {
        if left != UNKNOWN {
            self.promised = around.saturating_add(left);
        }
    }

    fn call(
        &mut self,
        entry: Option<unsafe extern "C" fn(*mut Dec) -> i32>,
    ) -> Result<(), CodecError> {
        if let Some(f) = entry {
            call!(self.dec, "ends", Some(f))?;
        }
        Ok(())
    }

    fn text(
        &mut self,
        entry: Option<unsafe extern "C" fn(*mut Dec, *mut Str) -> i32>,
        what: &'static str,
    ) -> Result<&'a [u8], CodecError> {
        self.charge()?;
        let mut out = Str::NONE;
        call!(self.dec, what, entry, &mut out)?;
        // SAFETY: the bytes lie in the message, which the decoder's holder keeps alive at least for `'a`.
        Ok(unsafe { out.bytes() })
    }

    fn utf8(&self, bytes: &'a [u8]) -> Result<&'a str, CodecError> {
        std::str::from_utf8(bytes).map_err(|_| self.malformed("text is not UTF-8"))
    }

    fn any(&mut self) -> Result<Any, CodecError> {
        let mut out = Any {
            kind: any::NIL,
            reserved: 0,
            bits: 0,
            bytes: Str::NONE,
        };
        let what = "this protocol's values do not describe themselves: a declared type is needed";
        let entry = self.vt().get_any;
        call!(self.dec, what, entry, &mut out)?;
        Ok(out)
    }

    fn visit_sequence<'de, V: Visitor<'de>>(
        &mut self,
        len: u64,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        let mut scratch = Scratch::new();
        let mut count = 0;
        let mut consumed = 0;
        let mut kind = prim::NONE;
        let promised = self.promised;
        let value = visitor.visit_seq(Sequence {
            de: self,
            promised,
            left: len,
            count: &mut count,
            consumed: &mut consumed,
            kind: &mut kind,
            scratch: &mut scratch,
            filled: 0,
            next: 0,
        })?;
        self.promised = promised;
        if len != UNKNOWN && consumed < len {
            self.skip(len - consumed)?;
        }
        let entry = self.vt().end_seq;
        call!(self.dec, "sequences", entry, kind, consumed)?;
        Ok(value)
    }

    fn skip(&mut self, count: u64) -> Result<(), CodecError> {
        let entry = self.vt().skip;
        for _ in 0..count {
            self.charge()?;
            call!(self.dec, "more elements than the type has", entry)?;
        }
        Ok(())
    }

    fn visit_pairs<'de, V: Visitor<'de>>(
        &mut self,
        len: u64,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        let mut left = len;
        let promised = self.promised;
        let value = visitor.visit_map(Pairs {
            de: self,
            promised,
            left: &mut left,
        })?;
        self.promised = promised;
        if left != UNKNOWN && left > 0 {
            self.skip(left.saturating_mul(2))?;
        }
        let end = self.vt().end_map;
        self.call(end)?;
        Ok(value)
    }

    fn visit_struct<'de, V: Visitor<'de>>(
        &mut self,
        name: &str,
        fields: usize,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        let Some(begin) = self.vt().begin_struct else {
            return visitor.visit_seq(Positions {
                de: self,
                left: fields as u64,
            });
        };
        let (mut form, mut len) = (layout::POSITIONAL, 0);
        let name = Str::lend(name);
        call!(self.dec, "structs", Some(begin), name, &mut form, &mut len)?;
        let value = if form == layout::NAMED {
            let mut left = len;
            visitor.visit_map(Names {
                de: self,
                left: &mut left,
            })?
        } else {
            let known = len.min(fields as u64);
            let value = visitor.visit_seq(Positions {
                de: self,
                left: known,
            })?;
            self.skip(len - known)?;
            value
        };
        let end = self.vt().end_struct;
        self.call(end)?;
        Ok(value)
    }

    fn visit_tuple<'de, V: Visitor<'de>>(
        &mut self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        let entry = self.vt().begin_tuple;
        call!(self.dec, "tuples", entry, len as u64)?;
        let value = visitor.visit_seq(Positions {
            de: self,
            left: len as u64,
        })?;
        let end = self.vt().end_tuple;
        self.call(end)?;
        Ok(value)
    }

    fn visit_own<'de, V: Visitor<'de>>(
        &mut self,
        found: Any,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        // SAFETY: the bytes lie in the message, which the decoder's holder keeps alive.
        let content = unsafe { found.bytes.bytes() };
        let mut tagged = Vec::with_capacity(content.len() + 9);
        if found.kind == any::EXT {
            tagged.push(magic::TAG_EXT);
            tagged.extend_from_slice(&found.bits.to_le_bytes());
        } else {
            tagged.push(magic::TAG_RAW_STR);
        }
        tagged.extend_from_slice(content);
        visitor.visit_newtype_struct(de::value::BytesDeserializer::new(&tagged))
    }
}

macro_rules! scalars {
    ($($method:ident $visit:ident $entry:ident $ty:ty as $unit:ty),* $(,)?) => { $(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
            if M::FIXED_BE4 {
                let wide = <$unit>::from_be_bytes(get_fixed(self.dec)?);
                #[allow(irrefutable_let_patterns, reason = "narrow and wide types share this arm")]
                let Ok(value) = <$ty>::try_from(wide) else {
                    return Err(self.malformed(concat!("the integer does not fit ", stringify!($ty))));
                };
                return visitor.$visit(value);
            }
            let mut out = <$ty>::default();
            let entry = self.vt().$entry;
            call!(self.dec, stringify!($ty), entry, &mut out)?;
            visitor.$visit(out)
        }
    )* };
}

impl<'de, M: Mover> de::Deserializer<'de> for &mut Deserializer<'_, M> {
    type Error = CodecError;

    scalars! {
        deserialize_i8 visit_i8 get_i8 i8 as i32, deserialize_i16 visit_i16 get_i16 i16 as i32,
        deserialize_i32 visit_i32 get_i32 i32 as i32, deserialize_i64 visit_i64 get_i64 i64 as i64,
        deserialize_u8 visit_u8 get_u8 u8 as u32, deserialize_u16 visit_u16 get_u16 u16 as u32,
        deserialize_u32 visit_u32 get_u32 u32 as u32, deserialize_u64 visit_u64 get_u64 u64 as u64,
        deserialize_f32 visit_f32 get_f32 f32 as f32, deserialize_f64 visit_f64 get_f64 f64 as f64,
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        let mut out = 0;
        let entry = self.vt().get_bool;
        call!(self.dec, "bool", entry, &mut out)?;
        visitor.visit_bool(out != 0)
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        let (mut low, mut high) = (0, 0);
        let entry = self.vt().get_i128;
        call!(self.dec, "i128", entry, &mut low, &mut high)?;
        visitor.visit_i128((i128::from(high) << 64) | i128::from(low))
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        let (mut low, mut high) = (0, 0);
        let entry = self.vt().get_u128;
        call!(self.dec, "u128", entry, &mut low, &mut high)?;
        visitor.visit_u128((u128::from(high) << 64) | u128::from(low))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        let mut out = 0;
        let entry = self.vt().get_char;
        call!(self.dec, "char", entry, &mut out)?;
        match char::from_u32(out) {
            Some(value) => visitor.visit_char(value),
            None => Err(self
                .malformed("not a Unicode scalar value")
                .at(self.dec.offset())),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        let bytes = self.text(self.vt().get_str, "strings")?;
        visitor.visit_str(self.utf8(bytes)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        let bytes = self.text(self.vt().get_bytes, "octets")?;
        visitor.visit_bytes(bytes)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        let mut present = 0;
        let entry = self.vt().get_option;
        call!(self.dec, "options", entry, &mut present)?;
        if present == 0 {
            return visitor.visit_none();
        }
        self.enter()?;
        let value = visitor.visit_some(&mut *self)?;
        self.leave();
        Ok(value)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        let entry = self.vt().get_unit;
        call!(self.dec, "unit", entry)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        if name == magic::EXT || name == magic::RAW_STR {
            return self.deserialize_any(visitor);
        }
        if M::FIXED_BE4 && name == magic::LIST {
            self.charge()?;
            self.enter()?;
            let value = self.visit_links(visitor)?;
            self.leave();
            return Ok(value);
        }
        self.enter()?;
        let value = visitor.visit_newtype_struct(&mut *self)?;
        self.leave();
        Ok(value)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        self.charge()?;
        self.enter()?;
        let mut len = 0;
        let entry = self.vt().begin_seq;
        call!(self.dec, "sequences", entry, &mut len)?;
        let value = match whole_vector::<V, V::Value>() {
            Some(vector) if len != UNKNOWN => (vector.read)(self.dec, len, vector.kind)?,
            _ => self.visit_sequence(len, visitor)?,
        };
        self.leave();
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        self.charge()?;
        self.enter()?;
        let value = self.visit_tuple(len, visitor)?;
        self.leave();
        Ok(value)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        if name == magic::OPAQUE {
            return self.visit_opaque(len, visitor);
        }
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        self.charge()?;
        self.enter()?;
        let mut len = 0;
        let entry = self.vt().begin_map;
        call!(self.dec, "maps", entry, &mut len)?;
        let value = self.visit_pairs(len, visitor)?;
        self.leave();
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        self.charge()?;
        self.enter()?;
        let value = self.visit_struct(name, fields.len(), visitor)?;
        self.leave();
        Ok(value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        self.charge()?;
        self.enter()?;
        let (mut index, mut variant, mut content) = (0, Str::NONE, 0);
        let name = Str::lend(name);
        let entry = self.vt().begin_variant;
        call!(
            self.dec,
            "enums",
            entry,
            name,
            &mut index,
            &mut variant,
            &mut content
        )?;
        // SAFETY: the bytes lie in the message, which the decoder's holder keeps alive.
        let variant = (!variant.is_none()).then(|| unsafe { variant.bytes() });
        let value = visitor.visit_enum(Variant {
            de: self,
            index,
            variant,
            content: content != 0,
        })?;
        self.leave();
        Ok(value)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        self.skip(1)?;
        visitor.visit_unit()
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        let found = self.any()?;
        if found.kind >= any::STR {
            self.charge()?;
        }
        // SAFETY: the bytes lie in the message, which the decoder's holder keeps alive.
        let bytes = unsafe { found.bytes.bytes() };
        match found.kind {
            any::NIL => visitor.visit_unit(),
            any::BOOL => visitor.visit_bool(found.bits != 0),
            any::I64 => visitor.visit_i64(i64::from_ne_bytes(found.bits.to_ne_bytes())),
            any::U64 => visitor.visit_u64(found.bits),
            // The low half carries the single.
            any::F32 => visitor.visit_f32(f32::from_bits(found.bits as u32)),
            any::F64 => visitor.visit_f64(f64::from_bits(found.bits)),
            any::STR => match std::str::from_utf8(bytes) {
                Ok(text) => visitor.visit_str(text),
                Err(_) => self.visit_own(found, visitor),
            },
            any::BYTES => visitor.visit_bytes(bytes),
            any::EXT => self.visit_own(found, visitor),
            any::SEQ => {
                self.enter()?;
                let value = self.visit_sequence(found.bits, visitor)?;
                self.leave();
                Ok(value)
            }
            any::MAP => {
                self.enter()?;
                let value = self.visit_pairs(found.bits, visitor)?;
                self.leave();
                Ok(value)
            }
            _ => Err(self.malformed("the provider found a value of an unknown kind")),
        }
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

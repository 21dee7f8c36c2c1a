//! serde's deserializer over a decoder's table. Depth and items are counted here, once for all providers; nothing is
//! reserved by a declared length beyond what the input could hold.

use std::marker::PhantomData;

use serde::de::{self, DeserializeSeed, Visitor};

use super::prims::{ByTable, InPlace, Mover, decode, get_fixed, kind_of_seed, size_of_kind};
use super::{CodecError, magic};
use crate::tables::{Any, Dec, DecVt, END, Str, UNKNOWN, any, fault, layout, prim, profile, shape};

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
    mover: PhantomData<M>,
}

impl<'a, M: Mover> Deserializer<'a, M> {
    fn new(dec: &'a mut Dec) -> Self {
        Deserializer {
            dec,
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

    fn call(
        &mut self,
        entry: Option<unsafe extern "C" fn(*mut Dec) -> i32>,
    ) -> Result<(), CodecError> {
        if let Some(f) = entry {
            // SAFETY: the decoder is ours for the call.
            decode(self.dec, "ends", Some(|d| unsafe { f(d) }))?;
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
        // SAFETY: the decoder is ours for the call, and so is the out-parameter.
        decode(
            self.dec,
            what,
            entry.map(|f| {
                let out = &mut out;
                move |d: *mut Dec| unsafe { f(d, out) }
            }),
        )?;
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
        // SAFETY: as in `text`.
        decode(
            self.dec,
            what,
            entry.map(|f| {
                let out = &mut out;
                move |d: *mut Dec| unsafe { f(d, out) }
            }),
        )?;
        Ok(out)
    }

    fn visit_sequence<'de, V: Visitor<'de>>(
        &mut self,
        len: u64,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        let mut scratch = Scratch([0; SCRATCH_WORDS]);
        let mut count = 0;
        let mut consumed = 0;
        let mut kind = prim::NONE;
        let value = visitor.visit_seq(Sequence {
            de: self,
            left: len,
            count: &mut count,
            consumed: &mut consumed,
            kind: &mut kind,
            scratch: &mut scratch,
            filled: 0,
            next: 0,
        })?;
        if len != UNKNOWN && consumed < len {
            self.skip(len - consumed)?;
        }
        let entry = self.vt().end_seq;
        // SAFETY: as in `text`.
        decode(
            self.dec,
            "sequences",
            entry.map(|f| move |d| unsafe { f(d, kind, consumed) }),
        )?;
        Ok(value)
    }

    fn skip(&mut self, count: u64) -> Result<(), CodecError> {
        let entry = self.vt().skip;
        for _ in 0..count {
            self.charge()?;
            // SAFETY: as in `text`.
            let entry = entry.map(|f| move |d| unsafe { f(d) });
            decode(self.dec, "more elements than the type has", entry)?;
        }
        Ok(())
    }

    fn visit_pairs<'de, V: Visitor<'de>>(
        &mut self,
        len: u64,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        let mut left = len;
        let value = visitor.visit_map(Pairs {
            de: self,
            left: &mut left,
        })?;
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
        // SAFETY: as in `text`; the name is lent for the call.
        let begin = |d: *mut Dec| unsafe { begin(d, name, &mut form, &mut len) };
        decode(self.dec, "structs", Some(begin))?;
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
        // SAFETY: as in `text`.
        decode(
            self.dec,
            "tuples",
            entry.map(|f| move |d| unsafe { f(d, len as u64) }),
        )?;
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
            // SAFETY: the decoder is ours for the call, and so is the out-parameter.
            decode(self.dec, stringify!($ty), entry.map(|f| { let out = &mut out; move |d: *mut Dec| unsafe { f(d, out) } }))?;
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
        // SAFETY: the decoder is ours for the call, and so is the out-parameter.
        decode(
            self.dec,
            "bool",
            entry.map(|f| {
                let out = &mut out;
                move |d: *mut Dec| unsafe { f(d, out) }
            }),
        )?;
        visitor.visit_bool(out != 0)
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        let (mut low, mut high) = (0, 0);
        let entry = self.vt().get_i128;
        // SAFETY: as above.
        let entry = entry.map(|f| {
            let low = &mut low;
            let high = &mut high;
            move |d: *mut Dec| unsafe { f(d, low, high) }
        });
        decode(self.dec, "i128", entry)?;
        visitor.visit_i128((i128::from(high) << 64) | i128::from(low))
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        let (mut low, mut high) = (0, 0);
        let entry = self.vt().get_u128;
        // SAFETY: as above.
        let entry = entry.map(|f| {
            let low = &mut low;
            let high = &mut high;
            move |d: *mut Dec| unsafe { f(d, low, high) }
        });
        decode(self.dec, "u128", entry)?;
        visitor.visit_u128((u128::from(high) << 64) | u128::from(low))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        let mut out = 0;
        let entry = self.vt().get_char;
        // SAFETY: as above.
        decode(
            self.dec,
            "char",
            entry.map(|f| {
                let out = &mut out;
                move |d: *mut Dec| unsafe { f(d, out) }
            }),
        )?;
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
        // SAFETY: the decoder is ours for the call, and so is the out-parameter.
        decode(
            self.dec,
            "options",
            entry.map(|f| {
                let present = &mut present;
                move |d: *mut Dec| unsafe { f(d, present) }
            }),
        )?;
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
        // SAFETY: the decoder is ours for the call.
        decode(self.dec, "unit", entry.map(|f| move |d| unsafe { f(d) }))?;
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
        // SAFETY: the decoder is ours for the call, and so is the out-parameter.
        decode(
            self.dec,
            "sequences",
            entry.map(|f| {
                let len = &mut len;
                move |d: *mut Dec| unsafe { f(d, len) }
            }),
        )?;
        let value = self.visit_sequence(len, visitor)?;
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
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CodecError> {
        self.charge()?;
        self.enter()?;
        let mut len = 0;
        let entry = self.vt().begin_map;
        // SAFETY: the decoder is ours for the call, and so is the out-parameter.
        decode(
            self.dec,
            "maps",
            entry.map(|f| {
                let len = &mut len;
                move |d: *mut Dec| unsafe { f(d, len) }
            }),
        )?;
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
        // SAFETY: the decoder is ours for the call, and so are the out-parameters.
        let entry = entry.map(|f| {
            let index = &mut index;
            let variant = &mut variant;
            let content = &mut content;
            move |d: *mut Dec| unsafe { f(d, name, index, variant, content) }
        });
        decode(self.dec, "enums", entry)?;
        // SAFETY: the bytes lie in the message, which the decoder's holder keeps alive.
        let variant = (index == u32::MAX).then(|| unsafe { variant.bytes() });
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

const SCRATCH_WORDS: usize = 512;

/// Room for a run of primitives, aligned for all of them; outside the sequence so that its address does not pin the
/// sequence's counters in memory.
struct Scratch([u64; SCRATCH_WORDS]);

struct Sequence<'s, 'a, M> {
    de: &'s mut Deserializer<'a, M>,
    left: u64,
    /// Elements handed out.
    count: &'s mut u64,
    /// Elements read from the input: those in the scratch too.
    consumed: &'s mut u64,
    kind: &'s mut u32,
    scratch: &'s mut Scratch,
    filled: usize,
    next: usize,
}

impl<M: Mover> Sequence<'_, '_, M> {
    /// Whether another element follows.
    fn more(&mut self) -> Result<bool, CodecError> {
        if self.left != UNKNOWN {
            return Ok(self.left > 0);
        }
        let entry = self.de.vt().more;
        // SAFETY: the decoder is ours for the call.
        let entry = entry.map(|f| move |d| unsafe { f(d) });
        Ok(decode(self.de.dec, "sequences of unknown length", entry)? != END)
    }

    fn took(&mut self) {
        *self.count += 1;
        if self.left != UNKNOWN {
            self.left -= 1;
        }
    }

    /// Refills the scratch with primitives of `kind`.
    #[cold]
    fn refill(&mut self, kind: u32) -> Result<(), CodecError> {
        if *self.count > 0 && *self.kind != kind {
            return Err(self
                .de
                .malformed("a sequence mixes primitives and other values"));
        }
        *self.kind = kind;
        let room = size_of_val(&self.scratch.0) / size_of_kind(kind);
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(room);
        let first: *mut u8 = self.scratch.0.as_mut_ptr().cast();
        let entry = self.de.vt().get_prims;
        // SAFETY: the scratch has room for `wanted` values of the kind, all initialised.
        let entry = entry.map(|f| move |d| unsafe { f(d, kind, first, wanted) });
        decode(self.de.dec, "arrays of primitives", entry)?;
        *self.consumed += wanted as u64;
        self.filled = wanted;
        self.next = 0;
        Ok(())
    }
}

impl<'de, M: Mover> de::SeqAccess<'de> for Sequence<'_, '_, M> {
    type Error = CodecError;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, CodecError> {
        let kind = kind_of_seed::<T>();
        if kind != prim::NONE && self.left != UNKNOWN {
            if self.next == self.filled {
                if self.left == 0 {
                    return Ok(None);
                }
                self.refill(kind)?;
            }
            if kind != *self.kind {
                return Err(self
                    .de
                    .malformed("a sequence mixes primitives of several types"));
            }
            let size = size_of_kind(kind);
            let first: *const u8 = self.scratch.0.as_ptr().cast();
            // SAFETY: `next < filled`, the scratch holds `filled` values of this kind, and a plain seed's value is
            // the primitive itself.
            let value = unsafe { first.add(self.next * size).cast::<T::Value>().read() };
            self.next += 1;
            self.took();
            return Ok(Some(value));
        }
        if !self.more()? {
            return Ok(None);
        }
        if self.filled != self.next || *self.kind != prim::NONE {
            return Err(self
                .de
                .malformed("a sequence mixes primitives and other values"));
        }
        self.de.charge()?;
        self.took();
        *self.consumed += 1;
        seed.deserialize(&mut *self.de).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        // Never more than the input could hold at one byte an element; the items budget bounds the rest.
        let held = self.de.dec.remaining() as u64;
        usize::try_from(self.left.min(held)).ok()
    }
}

/// A known number of values by position.
struct Positions<'s, 'a, M> {
    de: &'s mut Deserializer<'a, M>,
    left: u64,
}

impl<'de, M: Mover> de::SeqAccess<'de> for Positions<'_, '_, M> {
    type Error = CodecError;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, CodecError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.de).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        usize::try_from(self.left).ok()
    }
}

struct Pairs<'s, 'a, M> {
    de: &'s mut Deserializer<'a, M>,
    left: &'s mut u64,
}

impl<'de, M: Mover> de::MapAccess<'de> for Pairs<'_, '_, M> {
    type Error = CodecError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, CodecError> {
        if *self.left == UNKNOWN {
            let entry = self.de.vt().more;
            // SAFETY: the decoder is ours for the call.
            let entry = entry.map(|f| move |d| unsafe { f(d) });
            if decode(self.de.dec, "maps of unknown length", entry)? == END {
                return Ok(None);
            }
        } else if *self.left == 0 {
            return Ok(None);
        } else {
            *self.left -= 1;
        }
        self.de.charge()?;
        seed.deserialize(&mut *self.de).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, CodecError> {
        seed.deserialize(&mut *self.de)
    }

    fn size_hint(&self) -> Option<usize> {
        let held = self.de.dec.remaining() as u64;
        usize::try_from((*self.left).min(held)).ok()
    }
}

/// Named values of a struct.
struct Names<'s, 'a, M> {
    de: &'s mut Deserializer<'a, M>,
    left: &'s mut u64,
}

impl<'de, M: Mover> de::MapAccess<'de> for Names<'_, '_, M> {
    type Error = CodecError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, CodecError> {
        if *self.left == 0 {
            return Ok(None);
        }
        self.de.charge()?;
        let mut out = Str::NONE;
        let entry = self.de.vt().get_key;
        // SAFETY: the decoder is ours for the call, and so is the out-parameter.
        let entry = entry.map(|f| {
            let out = &mut out;
            move |d: *mut Dec| unsafe { f(d, out) }
        });
        if decode(self.de.dec, "field names", entry)? == END {
            return Ok(None);
        }
        if *self.left != UNKNOWN {
            *self.left -= 1;
        }
        // SAFETY: the bytes lie in the message, which the decoder's holder keeps alive.
        let key = unsafe { out.bytes() };
        seed.deserialize(de::value::BytesDeserializer::new(key))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, CodecError> {
        seed.deserialize(&mut *self.de)
    }
}

struct Variant<'s, 'a, 'v, M> {
    de: &'s mut Deserializer<'a, M>,
    index: u32,
    variant: Option<&'v [u8]>,
    content: bool,
}

impl<M: Mover> Variant<'_, '_, '_, M> {
    fn close(&mut self, form: u32) -> Result<(), CodecError> {
        if let Some(f) = self.de.vt().end_variant {
            // SAFETY: the decoder is ours for the call.
            decode(self.de.dec, "enums", Some(|d| unsafe { f(d, form) }))?;
        }
        Ok(())
    }

    fn expect_content(&self) -> Result<(), CodecError> {
        if !self.content {
            return Err(self
                .de
                .malformed("a variant stands there without its content"));
        }
        Ok(())
    }
}

impl<'de, M: Mover> de::EnumAccess<'de> for Variant<'_, '_, '_, M> {
    type Error = CodecError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), CodecError> {
        let value = match self.variant {
            Some(name) => seed.deserialize(de::value::BytesDeserializer::new(name))?,
            None => seed.deserialize(de::value::U32Deserializer::new(self.index))?,
        };
        Ok((value, self))
    }
}

impl<'de, M: Mover> de::VariantAccess<'de> for Variant<'_, '_, '_, M> {
    type Error = CodecError;

    fn unit_variant(mut self) -> Result<(), CodecError> {
        // By name with content, a unit variant carries a placeholder.
        if self.variant.is_some() && self.content {
            self.de.skip(1)?;
        }
        self.close(shape::UNIT)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        mut self,
        seed: T,
    ) -> Result<T::Value, CodecError> {
        self.expect_content()?;
        let value = seed.deserialize(&mut *self.de)?;
        self.close(shape::NEWTYPE)?;
        Ok(value)
    }

    fn tuple_variant<V: Visitor<'de>>(
        mut self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        self.expect_content()?;
        let value = self.de.visit_tuple(len, visitor)?;
        self.close(shape::TUPLE)?;
        Ok(value)
    }

    fn struct_variant<V: Visitor<'de>>(
        mut self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        self.expect_content()?;
        let value = self.de.visit_struct("", fields.len(), visitor)?;
        self.close(shape::STRUCT)?;
        Ok(value)
    }
}

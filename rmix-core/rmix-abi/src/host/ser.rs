//! serde's serializer over an encoder's table: any `Serialize` type becomes the provider's format, without an
//! intermediate value. Slices of primitives pass whole; see `prims`.

use std::marker::PhantomData;

use serde::ser::{self, Serialize};

use super::prims::{ByTable, InPlace, Mover, call, kind_of, put_fixed, single, whole};
use super::{CodecError, magic};
use crate::tables::{Enc, EncVt, Str, UNKNOWN, fault, prim, profile, shape};

mod own;

use self::own::{Meaning, Own};

/// Encodes `value` as the next value of the message.
pub(super) fn to_enc<T: Serialize + ?Sized>(enc: &mut Enc, value: &T) -> Result<(), CodecError> {
    if enc.profile == profile::FIXED_BE4 {
        return value.serialize(Serializer::<InPlace>::new(enc));
    }
    value.serialize(Serializer::<ByTable>::new(enc))
}

pub(super) struct Serializer<'a, M> {
    enc: &'a mut Enc,
    mover: PhantomData<M>,
}

impl<'a, M: Mover> Serializer<'a, M> {
    fn new(enc: &'a mut Enc) -> Self {
        Serializer {
            enc,
            mover: PhantomData,
        }
    }

    #[inline(always)]
    fn vt(&self) -> &'static EncVt {
        // SAFETY: codec tables live for ever (a rule of the boundary).
        unsafe { &*self.enc.vt }
    }

    fn enter(&mut self) -> Result<(), CodecError> {
        if self.enc.depth_left == 0 {
            return Err(CodecError::rule(fault::LIMIT, "depth").at(self.enc.buf.len() as u64));
        }
        self.enc.depth_left -= 1;
        Ok(())
    }

    fn reborrow(&mut self) -> Serializer<'_, M> {
        Serializer::new(self.enc)
    }

    fn texts(
        &mut self,
        entry: Option<unsafe extern "C" fn(*mut Enc, Str) -> i32>,
        value: &[u8],
        what: &'static str,
    ) -> Result<(), CodecError> {
        let value = Str::lend_bytes(value);
        call!(self.enc, what, entry, value)
    }

    fn begin_struct(&mut self, name: &str, len: usize) -> Result<(), CodecError> {
        self.enter()?;
        if let Some(f) = self.vt().begin_struct {
            let name = Str::lend(name);
            call!(self.enc, "structs", Some(f), name, len as u64)?;
        }
        Ok(())
    }

    fn begin_tuple(&mut self, len: usize) -> Result<(), CodecError> {
        self.enter()?;
        if let Some(f) = self.vt().begin_tuple {
            call!(self.enc, "tuples", Some(f), len as u64)?;
        }
        Ok(())
    }

    fn begin_variant(
        &mut self,
        name: &str,
        index: u32,
        variant: &str,
        form: u32,
    ) -> Result<(), CodecError> {
        let (name, variant) = (Str::lend(name), Str::lend(variant));
        let entry = self.vt().begin_variant;
        call!(self.enc, "enums", entry, name, variant, index, form)
    }

    fn end_variant(&mut self, form: u32) -> Result<(), CodecError> {
        match self.vt().end_variant {
            Some(f) => call!(self.enc, "enums", Some(f), form),
            None => Ok(()),
        }
    }

    fn end(
        &mut self,
        entry: Option<unsafe extern "C" fn(*mut Enc) -> i32>,
    ) -> Result<(), CodecError> {
        self.enc.depth_left += 1;
        match entry {
            Some(f) => call!(self.enc, "ends", Some(f)),
            None => Ok(()),
        }
    }

    fn begin_seq(&mut self, len: u64, element: u32) -> Result<u64, CodecError> {
        self.enter()?;
        let mut token = 0;
        let entry = self.vt().begin_seq;
        call!(self.enc, "sequences", entry, len, element, &mut token)?;
        Ok(token)
    }

    fn end_seq(&mut self, token: u64, element: u32, count: u64) -> Result<(), CodecError> {
        self.enc.depth_left += 1;
        let entry = self.vt().end_seq;
        call!(self.enc, "sequences", entry, token, element, count)
    }

    fn put_prims(
        &mut self,
        element: u32,
        first: *const u8,
        count: usize,
    ) -> Result<(), CodecError> {
        let entry = self.vt().put_prims;
        call!(
            self.enc,
            "arrays of primitives",
            entry,
            element,
            first,
            count
        )
    }
}

macro_rules! scalars {
    ($($method:ident $entry:ident $ty:ty as $unit:ty),* $(,)?) => { $(
        #[inline]
        fn $method(self, value: $ty) -> Result<(), CodecError> {
            if M::FIXED_BE4 {
                return put_fixed(self.enc, &<$unit>::from(value).to_be_bytes());
            }
            let entry = self.vt().$entry;
            call!(self.enc, stringify!($ty), entry, value)
        }
    )* };
}

impl<'a, M: Mover> ser::Serializer for Serializer<'a, M> {
    type Ok = ();
    type Error = CodecError;
    type SerializeSeq = Sequence<'a, M>;
    type SerializeTuple = Fields<'a, M>;
    type SerializeTupleStruct = Fields<'a, M>;
    type SerializeTupleVariant = Fields<'a, M>;
    type SerializeMap = Map<'a, M>;
    type SerializeStruct = Fields<'a, M>;
    type SerializeStructVariant = Fields<'a, M>;

    scalars! {
        serialize_i8 put_i8 i8 as i32, serialize_i16 put_i16 i16 as i32, serialize_i32 put_i32 i32 as i32,
        serialize_i64 put_i64 i64 as i64, serialize_u8 put_u8 u8 as u32, serialize_u16 put_u16 u16 as u32,
        serialize_u32 put_u32 u32 as u32, serialize_u64 put_u64 u64 as u64, serialize_f32 put_f32 f32 as f32,
        serialize_f64 put_f64 f64 as f64,
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<(), CodecError> {
        if M::FIXED_BE4 {
            return put_fixed(self.enc, &u32::from(value).to_be_bytes());
        }
        let entry = self.vt().put_bool;
        call!(self.enc, "bool", entry, u8::from(value))
    }

    fn serialize_i128(self, value: i128) -> Result<(), CodecError> {
        let entry = self.vt().put_i128;
        // Truncation splits the value in two halves.
        let (low, high) = (value as u64, (value >> 64) as i64);
        call!(self.enc, "i128", entry, low, high)
    }

    fn serialize_u128(self, value: u128) -> Result<(), CodecError> {
        let entry = self.vt().put_u128;
        // Truncation splits the value in two halves.
        let (low, high) = (value as u64, (value >> 64) as u64);
        call!(self.enc, "u128", entry, low, high)
    }

    fn serialize_char(self, value: char) -> Result<(), CodecError> {
        let entry = self.vt().put_char;
        call!(self.enc, "char", entry, u32::from(value))
    }

    fn serialize_str(mut self, value: &str) -> Result<(), CodecError> {
        self.texts(self.vt().put_str, value.as_bytes(), "strings")
    }

    fn serialize_bytes(mut self, value: &[u8]) -> Result<(), CodecError> {
        self.texts(self.vt().put_bytes, value, "octets")
    }

    fn serialize_none(self) -> Result<(), CodecError> {
        let entry = self.vt().put_none;
        call!(self.enc, "options", entry)
    }

    fn serialize_some<T: Serialize + ?Sized>(mut self, value: &T) -> Result<(), CodecError> {
        self.enter()?;
        let entry = self.vt().put_some;
        call!(self.enc, "options", entry)?;
        value.serialize(self.reborrow())?;
        self.enc.depth_left += 1;
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), CodecError> {
        let entry = self.vt().put_unit;
        call!(self.enc, "unit", entry)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), CodecError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<(), CodecError> {
        self.begin_variant(name, index, variant, shape::UNIT)?;
        self.end_variant(shape::UNIT)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), CodecError> {
        if let Some(meaning) = Meaning::of::<M>(name) {
            return value.serialize(Own { meaning, ser: self });
        }
        self.enter()?;
        value.serialize(self.reborrow())?;
        self.enc.depth_left += 1;
        Ok(())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), CodecError> {
        self.enter()?;
        self.begin_variant(name, index, variant, shape::NEWTYPE)?;
        value.serialize(self.reborrow())?;
        self.enc.depth_left += 1;
        self.end_variant(shape::NEWTYPE)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Sequence<'a, M>, CodecError> {
        Ok(Sequence {
            ser: self,
            len: len.map_or(UNKNOWN, |len| len as u64),
            open: None,
            count: 0,
        })
    }

    fn serialize_tuple(mut self, len: usize) -> Result<Fields<'a, M>, CodecError> {
        self.begin_tuple(len)?;
        Ok(Fields::new(self, None))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        len: usize,
    ) -> Result<Fields<'a, M>, CodecError> {
        self.serialize_tuple(len)
    }

    fn serialize_tuple_variant(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Fields<'a, M>, CodecError> {
        self.begin_variant(name, index, variant, shape::TUPLE)?;
        self.begin_tuple(len)?;
        Ok(Fields::new(self, Some(shape::TUPLE)))
    }

    fn serialize_map(mut self, len: Option<usize>) -> Result<Map<'a, M>, CodecError> {
        self.enter()?;
        let len = len.map_or(UNKNOWN, |len| len as u64);
        let mut token = 0;
        let entry = self.vt().begin_map;
        call!(self.enc, "maps", entry, len, &mut token)?;
        Ok(Map {
            ser: self,
            token,
            count: 0,
        })
    }

    fn serialize_struct(
        mut self,
        name: &'static str,
        len: usize,
    ) -> Result<Fields<'a, M>, CodecError> {
        self.begin_struct(name, len)?;
        Ok(Fields::new(self, None))
    }

    fn serialize_struct_variant(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Fields<'a, M>, CodecError> {
        self.begin_variant(name, index, variant, shape::STRUCT)?;
        self.begin_struct(variant, len)?;
        Ok(Fields::new(self, Some(shape::STRUCT)))
    }

    fn collect_seq<I>(mut self, iter: I) -> Result<(), CodecError>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        if let Some((element, first, count)) = whole(&iter) {
            let token = self.begin_seq(count as u64, element)?;
            if count > 0 {
                self.put_prims(element, first, count)?;
            }
            return self.end_seq(token, element, count as u64);
        }
        let iter = iter.into_iter();
        let len = match iter.size_hint() {
            (low, Some(high)) if low == high => Some(low),
            _ => None,
        };
        let mut sequence = self.serialize_seq(len)?;
        for item in iter {
            match single(&item) {
                Some((kind, place)) => sequence.primitive(kind, place)?,
                None => ser::SerializeSeq::serialize_element(&mut sequence, &item)?,
            }
        }
        ser::SerializeSeq::end(sequence)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// A sequence; opened with its first element, whose type tells the kind.
pub(super) struct Sequence<'a, M> {
    ser: Serializer<'a, M>,
    len: u64,
    open: Option<(u64, u32)>,
    count: u64,
}

impl<M: Mover> Sequence<'_, M> {
    /// Opens the sequence with its first element's kind; the kind it was opened with.
    #[inline]
    fn opened(&mut self, kind: u32) -> Result<u32, CodecError> {
        if let Some((_, open)) = self.open {
            return Ok(open);
        }
        self.open = Some((self.ser.begin_seq(self.len, kind)?, kind));
        Ok(kind)
    }

    /// Writes one primitive that lies at `place`.
    #[inline]
    fn primitive(&mut self, kind: u32, place: *const u8) -> Result<(), CodecError> {
        if self.opened(kind)? != kind {
            let rule = "a sequence mixes primitives and other values";
            return Err(CodecError::rule(fault::UNSUPPORTED, rule));
        }
        self.count += 1;
        self.ser.put_prims(kind, place, 1)
    }
}

impl<M: Mover> ser::SerializeSeq for Sequence<'_, M> {
    type Ok = ();
    type Error = CodecError;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CodecError> {
        let kind = kind_of::<T>();
        if kind != prim::NONE {
            return self.primitive(kind, std::ptr::from_ref(value).cast());
        }
        if self.opened(prim::NONE)? != prim::NONE {
            let rule = "a sequence mixes primitives and other values";
            return Err(CodecError::rule(fault::UNSUPPORTED, rule));
        }
        self.count += 1;
        value.serialize(self.ser.reborrow())
    }

    fn end(mut self) -> Result<(), CodecError> {
        if self.len != UNKNOWN && self.len != self.count {
            let rule = "a sequence has another length than it announced";
            return Err(CodecError::rule(fault::MISMATCH, rule));
        }
        let (token, element) = match self.open {
            Some(open) => open,
            None => (self.ser.begin_seq(0, prim::NONE)?, prim::NONE),
        };
        self.ser.end_seq(token, element, self.count)
    }
}

/// Values by position or name: tuples, structs and the content of such variants.
pub(super) struct Fields<'a, M> {
    ser: Serializer<'a, M>,
    index: u32,
    variant: Option<u32>,
}

impl<'a, M: Mover> Fields<'a, M> {
    fn new(ser: Serializer<'a, M>, variant: Option<u32>) -> Self {
        Fields {
            ser,
            index: 0,
            variant,
        }
    }

    #[inline]
    fn positional<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CodecError> {
        value.serialize(self.ser.reborrow())
    }

    #[inline]
    fn named<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), CodecError> {
        if let Some(f) = self.ser.vt().put_field {
            let (name, index) = (Str::lend(key), self.index);
            call!(self.ser.enc, "fields", Some(f), name, index)?;
        }
        self.index += 1;
        self.positional(value)
    }

    fn finish_tuple(mut self) -> Result<(), CodecError> {
        self.ser.end(self.ser.vt().end_tuple)?;
        self.finish_variant()
    }

    fn finish_struct(mut self) -> Result<(), CodecError> {
        self.ser.end(self.ser.vt().end_struct)?;
        self.finish_variant()
    }

    fn finish_variant(mut self) -> Result<(), CodecError> {
        match self.variant {
            Some(form) => self.ser.end_variant(form),
            None => Ok(()),
        }
    }
}

macro_rules! by_position {
    ($($trait:ident $method:ident),*) => { $(
        impl<M: Mover> ser::$trait for Fields<'_, M> {
            type Ok = ();
            type Error = CodecError;
            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CodecError> {
                self.positional(value)
            }
            fn end(self) -> Result<(), CodecError> {
                self.finish_tuple()
            }
        }
    )* };
}
by_position!(SerializeTuple serialize_element, SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field);

impl<M: Mover> ser::SerializeStruct for Fields<'_, M> {
    type Ok = ();
    type Error = CodecError;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), CodecError> {
        self.named(key, value)
    }

    fn end(self) -> Result<(), CodecError> {
        self.finish_struct()
    }
}

impl<M: Mover> ser::SerializeStructVariant for Fields<'_, M> {
    type Ok = ();
    type Error = CodecError;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), CodecError> {
        if M::FIXED_BE4 && key == magic::DISCRIMINANT {
            return Ok(());
        }
        self.named(key, value)
    }

    fn end(self) -> Result<(), CodecError> {
        self.finish_struct()
    }
}

/// A map.
pub(super) struct Map<'a, M> {
    ser: Serializer<'a, M>,
    token: u64,
    count: u64,
}

impl<M: Mover> ser::SerializeMap for Map<'_, M> {
    type Ok = ();
    type Error = CodecError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), CodecError> {
        self.count += 1;
        key.serialize(self.ser.reborrow())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CodecError> {
        value.serialize(self.ser.reborrow())
    }

    fn end(self) -> Result<(), CodecError> {
        let (token, count) = (self.token, self.count);
        let entry = self.ser.vt().end_map;
        self.ser.enc.depth_left += 1;
        call!(self.ser.enc, "maps", entry, token, count)
    }
}

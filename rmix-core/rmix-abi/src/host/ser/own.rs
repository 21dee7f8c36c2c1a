//! What stands inside the newtypes whose name means more than their content: see [`magic`].

use serde::ser::{self, Serialize};

use super::Serializer;
use crate::host::prims::{Mover, call, put_fixed};
use crate::host::{CodecError, magic};
use crate::tables::{Str, fault};

/// What a newtype's name means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A value of a type of the protocol's own.
    Extension,
    /// Text that is not UTF-8.
    RawText,
    /// Octets without a length (RFC 4506, 4.9).
    Opaque,
    /// A linked list (RFC 4506, 4.19).
    List,
}

impl Meaning {
    /// The meaning of a name to a serializer of this kind.
    #[inline]
    pub(super) fn of<M: Mover>(name: &str) -> Option<Meaning> {
        match name {
            magic::EXT => Some(Meaning::Extension),
            magic::RAW_STR => Some(Meaning::RawText),
            magic::OPAQUE if M::FIXED_BE4 => Some(Meaning::Opaque),
            magic::LIST if M::FIXED_BE4 => Some(Meaning::List),
            _ => None,
        }
    }
}

/// Takes the content of such a newtype.
pub(super) struct Own<'a, M> {
    pub(super) meaning: Meaning,
    pub(super) ser: Serializer<'a, M>,
}

impl<M: Mover> Own<'_, M> {
    fn put(mut self, value: &[u8]) -> Result<(), CodecError> {
        match self.meaning {
            Meaning::Extension => self.extension(value),
            Meaning::RawText => {
                let entry = self.ser.vt().put_raw_str;
                self.ser.texts(entry, value, "text that is not UTF-8")
            }
            Meaning::Opaque => {
                put_fixed(self.ser.enc, value)?;
                let padding = value.len().wrapping_neg() % 4;
                put_fixed(self.ser.enc, [0; 3].get(..padding).unwrap_or_default())
            }
            Meaning::List => Err(CodecError::rule(
                fault::MISMATCH,
                "octets are no linked list",
            )),
        }
    }

    fn extension(self, value: &[u8]) -> Result<(), CodecError> {
        let Some((kind, content)) = value.split_first_chunk::<8>() else {
            return Err(CodecError::rule(
                fault::MISMATCH,
                "an extension without a type",
            ));
        };
        let (kind, content) = (i64::from_le_bytes(*kind), Str::lend_bytes(content));
        let entry = self.ser.vt().put_ext;
        call!(self.ser.enc, "extensions", entry, kind, content)
    }
}

/// A linked list: 1 and an element while there is one, then 0.
pub(super) struct Links<'a, M> {
    ser: Serializer<'a, M>,
}

impl<M: Mover> ser::SerializeSeq for Links<'_, M> {
    type Ok = ();
    type Error = CodecError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CodecError> {
        put_fixed(self.ser.enc, &1u32.to_be_bytes())?;
        value.serialize(self.ser.reborrow())
    }

    fn end(self) -> Result<(), CodecError> {
        self.ser.enc.depth_left += 1;
        put_fixed(self.ser.enc, &0u32.to_be_bytes())
    }
}

macro_rules! refuse {
    ($($method:ident($($ty:ty),*) -> $out:ty;)*) => { $(
        fn $method(self, $(_: $ty),*) -> Result<$out, CodecError> {
            Err(CodecError::rule(fault::MISMATCH, "only octets, or a sequence in a list, stand in this newtype"))
        }
    )* };
}

impl<'a, M: Mover> ser::Serializer for Own<'a, M> {
    type Ok = ();
    type Error = CodecError;
    type SerializeSeq = Links<'a, M>;
    type SerializeTuple = ser::Impossible<(), CodecError>;
    type SerializeTupleStruct = ser::Impossible<(), CodecError>;
    type SerializeTupleVariant = ser::Impossible<(), CodecError>;
    type SerializeMap = ser::Impossible<(), CodecError>;
    type SerializeStruct = ser::Impossible<(), CodecError>;
    type SerializeStructVariant = ser::Impossible<(), CodecError>;

    fn serialize_bytes(self, value: &[u8]) -> Result<(), CodecError> {
        self.put(value)
    }

    fn serialize_seq(mut self, _len: Option<usize>) -> Result<Links<'a, M>, CodecError> {
        if self.meaning != Meaning::List {
            return Err(CodecError::rule(
                fault::MISMATCH,
                "only octets stand in this newtype",
            ));
        }
        self.ser.enter()?;
        Ok(Links { ser: self.ser })
    }

    refuse! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct(&'static str, usize) -> Self::SerializeStruct;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), CodecError> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), CodecError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        value: &T,
    ) -> Result<(), CodecError> {
        value.serialize(self)
    }
}

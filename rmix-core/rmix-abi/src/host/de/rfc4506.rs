//! What RFC 4506 has besides serde's shapes: octets without a length, and linked lists, read without recursion.

use serde::de::{self, DeserializeSeed, Deserializer as _, Visitor};

use super::Deserializer;
use crate::host::CodecError;
use crate::host::prims::{Mover, get_fixed};

impl<M: Mover> Deserializer<'_, M> {
    /// `len` octets and their padding, which is zero (RFC 4506, 4.9); in other formats octets with their length, which
    /// the visitor checks.
    pub(super) fn visit_opaque<'de, V: Visitor<'de>>(
        &mut self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        if !M::FIXED_BE4 {
            return self.deserialize_bytes(visitor);
        }
        self.charge()?;
        let whole = len.checked_next_multiple_of(4).unwrap_or(usize::MAX);
        let rest = self.dec.rest();
        let Some((octets, padding)) = rest.get(..whole).and_then(|all| all.split_at_checked(len))
        else {
            return Err(self.malformed("the value ends early"));
        };
        if padding.iter().any(|octet| *octet != 0) {
            return Err(self.malformed("padding that is not zero"));
        }
        let value = visitor.visit_bytes(octets)?;
        self.dec.advance(whole);
        Ok(value)
    }

    /// A linked list (RFC 4506, 4.19).
    pub(super) fn visit_links<'de, V: Visitor<'de>>(
        &mut self,
        visitor: V,
    ) -> Result<V::Value, CodecError> {
        let mut ended = false;
        let value = visitor.visit_seq(Links {
            de: self,
            ended: &mut ended,
        })?;
        if !ended {
            return Err(self.malformed("a linked list goes on after what its type takes"));
        }
        Ok(value)
    }
}

/// The elements of a linked list.
struct Links<'s, 'a, M> {
    de: &'s mut Deserializer<'a, M>,
    ended: &'s mut bool,
}

impl<'de, M: Mover> de::SeqAccess<'de> for Links<'_, '_, M> {
    type Error = CodecError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, CodecError> {
        if *self.ended {
            return Ok(None);
        }
        match u32::from_be_bytes(get_fixed(self.de.dec)?) {
            0 => {
                *self.ended = true;
                Ok(None)
            }
            1 => {
                self.de.charge()?;
                seed.deserialize(&mut *self.de).map(Some)
            }
            _ => Err(self
                .de
                .malformed("whether a list goes on is neither 0 nor 1")),
        }
    }
}

//! Access to the parts of a value being decoded: elements, pairs, fields, and the content of a variant.

use std::mem::MaybeUninit;

use serde::de::{self, DeserializeSeed, Visitor};

use super::Deserializer;
use crate::host::CodecError;
use crate::host::prims::{Mover, call, kind_of_seed, size_of_kind, status_of};
use crate::tables::{END, Str, UNKNOWN, prim, shape};

const SCRATCH_WORDS: usize = 512;

/// Room for a run of primitives, aligned for all of them; outside the sequence so that its address does not pin the
/// sequence's counters in memory.
pub(super) struct Scratch([MaybeUninit<u64>; SCRATCH_WORDS]);

impl Scratch {
    /// Nothing in it yet; what a run needs is zeroed when it is read.
    pub(super) fn new() -> Scratch {
        Scratch([const { MaybeUninit::uninit() }; SCRATCH_WORDS])
    }
}

pub(super) struct Sequence<'s, 'a, M> {
    pub(super) de: &'s mut Deserializer<'a, M>,
    /// Values promised to the containers around this one.
    pub(super) promised: u64,
    pub(super) left: u64,
    /// Elements handed out.
    pub(super) count: &'s mut u64,
    /// Elements read from the input: those in the scratch too.
    pub(super) consumed: &'s mut u64,
    pub(super) kind: &'s mut u32,
    pub(super) scratch: &'s mut Scratch,
    pub(super) filled: usize,
    pub(super) next: usize,
}

impl<M: Mover> Sequence<'_, '_, M> {
    /// Whether another element follows.
    fn more(&mut self) -> Result<bool, CodecError> {
        if self.left != UNKNOWN {
            return Ok(self.left > 0);
        }
        let entry = self.de.vt().more;
        Ok(status_of!(self.de.dec, "sequences of unknown length", entry)? != END)
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
        for word in self
            .scratch
            .0
            .iter_mut()
            .take((wanted * size_of_kind(kind)).div_ceil(8))
        {
            word.write(0);
        }
        let first: *mut u8 = self.scratch.0.as_mut_ptr().cast();
        let entry = self.de.vt().get_prims;
        call!(
            self.de.dec,
            "arrays of primitives",
            entry,
            kind,
            first,
            wanted
        )?;
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
        self.de.promise(self.promised, self.left);
        seed.deserialize(&mut *self.de).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        self.de.reservable(self.left, self.promised)
    }
}

/// A known number of values by position.
pub(super) struct Positions<'s, 'a, M> {
    pub(super) de: &'s mut Deserializer<'a, M>,
    pub(super) left: u64,
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

pub(super) struct Pairs<'s, 'a, M> {
    pub(super) de: &'s mut Deserializer<'a, M>,
    /// Values promised to the containers around this one.
    pub(super) promised: u64,
    pub(super) left: &'s mut u64,
}

impl<'de, M: Mover> de::MapAccess<'de> for Pairs<'_, '_, M> {
    type Error = CodecError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, CodecError> {
        if *self.left == UNKNOWN {
            let entry = self.de.vt().more;
            if status_of!(self.de.dec, "maps of unknown length", entry)? == END {
                return Ok(None);
            }
        } else if *self.left == 0 {
            return Ok(None);
        } else {
            *self.left -= 1;
        }
        self.de.charge()?;
        // A key and a value each; of this pair, the value is not counted, which makes no difference.
        self.de.promise(self.promised, self.left.saturating_mul(2));
        seed.deserialize(&mut *self.de).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, CodecError> {
        seed.deserialize(&mut *self.de)
    }

    fn size_hint(&self) -> Option<usize> {
        self.de.reservable(*self.left, self.promised)
    }
}

/// Named values of a struct.
pub(super) struct Names<'s, 'a, M> {
    pub(super) de: &'s mut Deserializer<'a, M>,
    pub(super) left: &'s mut u64,
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
        if status_of!(self.de.dec, "field names", entry, &mut out)? == END {
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

pub(super) struct Variant<'s, 'a, 'v, M> {
    pub(super) de: &'s mut Deserializer<'a, M>,
    pub(super) index: u32,
    pub(super) variant: Option<&'v [u8]>,
    pub(super) content: bool,
}

impl<M: Mover> Variant<'_, '_, '_, M> {
    fn close(&mut self, form: u32) -> Result<(), CodecError> {
        if let Some(f) = self.de.vt().end_variant {
            call!(self.de.dec, "enums", Some(f), form)?;
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

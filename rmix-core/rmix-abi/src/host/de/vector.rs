//! Vectors of primitives, read whole: serde's own visitor for `Vec<T>` takes one element after the other, which costs more
//! than all the rest of a large message.

use crate::host::CodecError;
use crate::host::prims::call;
use crate::tables::{Dec, Fault, PIECE_BYTES, fault, prim};

/// How a vector of one kind of primitive is read.
pub(super) struct Whole<T> {
    pub(super) kind: u32,
    pub(super) read: fn(&mut Dec, u64, u32) -> Result<T, CodecError>,
}

/// Bytes of elements read at a time: what is cleared for them is still in the nearest cache when they are filled in, and
/// octets are copied in pieces of a good length.
const STEP_BYTES: usize = PIECE_BYTES;

macro_rules! vectors {
    ($($kind:ident $ty:ty),*) => {
        /// Recognises serde's own visitor of a vector of primitives, and no other: a visitor of somebody else's may read
        /// anything from the sequence and call the result a vector.
        #[inline(always)]
        pub(super) fn whole_vector<V, T>() -> Option<Whole<T>> {
            let id = typeid::of::<T>();
            $(
                if id == typeid::of::<Vec<$ty>>()
                    && is_serde_s_own::<V>(concat!("VecVisitor<", stringify!($ty), ">"))
                {
                    return Some(Whole {
                        kind: prim::$kind,
                        read: |dec, len, kind| {
                            let vector = read::<$ty>(dec, len, kind)?;
                            // SAFETY: `T` is `Vec<$ty>`, and the original is forgotten.
                            let same = unsafe { std::mem::transmute_copy::<Vec<$ty>, T>(&vector) };
                            std::mem::forget(vector);
                            Ok(same)
                        },
                    });
                }
            )*
            None
        }
    };
}
vectors!(U8 u8, I8 i8, I16 i16, U16 u16, I32 i32, U32 u32, I64 i64, U64 u64, F32 f32, F64 f64);

/// By the type's name, since the type is private to serde. Under another name, the slow way is taken. The name is a
/// constant, so comparing its ends costs nothing when the program runs, where searching it would.
#[inline(always)]
fn is_serde_s_own<V>(visitor: &str) -> bool {
    let name = std::any::type_name::<V>();
    name.ends_with(visitor)
        && (name.starts_with("serde_core::de::impls::") || name.starts_with("serde::de::impls::"))
}

fn read<T: Copy + Default>(dec: &mut Dec, len: u64, kind: u32) -> Result<Vec<T>, CodecError> {
    let Ok(len) = usize::try_from(len) else {
        return Err(CodecError::rule(fault::LIMIT, "items").at(dec.offset()));
    };
    // Memory follows what is really there: a declared length reserves no more than that.
    let held = dec.remaining() / size_of::<T>();
    let mut vector: Vec<T> = Vec::with_capacity(len.min(held));
    while vector.len() < len {
        let done = vector.len();
        let step = (STEP_BYTES / size_of::<T>()).min(len - done);
        // A primitive takes a byte at least: more of them than bytes left cannot be there.
        if step > dec.remaining() {
            let rule = "an array declares more elements than there are bytes for";
            let limit = (done + dec.remaining()) as u64;
            let fault = Fault::new(fault::MALFORMED, rule).at(dec.offset());
            return Err(CodecError::from_fault(
                fault.declared(len as u64).limit(limit),
            ));
        }
        vector.resize(done + step, T::default());
        // SAFETY: in bounds by the line above.
        let first = unsafe { vector.as_mut_ptr().add(done) }.cast::<u8>();
        // SAFETY: codec tables live for ever.
        let vt = unsafe { &*dec.vt };
        call!(dec, "arrays of primitives", vt.get_prims, kind, first, step)?;
    }
    // SAFETY: codec tables live for ever.
    let vt = unsafe { &*dec.vt };
    call!(dec, "sequences", vt.end_seq, kind, len as u64)?;
    Ok(vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Probe;

    /// A deserializer that only says whether it was asked by serde's own visitor.
    struct Ask<'a>(&'a mut bool);

    impl<'de> serde::Deserializer<'de> for Ask<'_> {
        type Error = serde::de::value::Error;

        fn deserialize_any<V: serde::de::Visitor<'de>>(
            self,
            _: V,
        ) -> Result<V::Value, Self::Error> {
            Err(serde::de::Error::custom("only sequences are asked for"))
        }

        fn deserialize_seq<V: serde::de::Visitor<'de>>(
            self,
            _: V,
        ) -> Result<V::Value, Self::Error> {
            *self.0 = is_serde_s_own::<V>("VecVisitor<f64>");
            Err(serde::de::Error::custom("that was all"))
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct tuple tuple_struct map struct enum identifier ignored_any
        }
    }

    #[test]
    fn serde_s_own_visitor_is_recognised() {
        let mut own = false;
        let asked = <Vec<f64> as serde::Deserialize>::deserialize(Ask(&mut own));
        assert!(asked.is_err());
        assert!(
            own,
            "serde has renamed it: large vectors are decoded the slow way"
        );
    }

    #[test]
    fn somebody_else_s_visitor_is_left_alone() {
        assert!(whole_vector::<Probe, Vec<f64>>().is_none());
        assert!(!is_serde_s_own::<Probe>("Probe"));
    }
}

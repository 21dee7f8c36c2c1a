//! Which Rust types are primitives that pass in bulk, decided by type identity inside serde's generic calls, and the
//! two ways to move a single primitive: through the table, or in place when the codec has the fixed-width profile.

use std::marker::PhantomData;

use super::CodecError;
use crate::tables::{Dec, Enc, fault, prim};

macro_rules! kinds {
    ($($kind:ident $ty:ty),*) => {
        /// The primitive kind of `T`, or `prim::NONE`.
        #[inline(always)]
        pub(super) fn kind_of<T: ?Sized>() -> u32 {
            let id = typeid::of::<T>();
            $(if id == typeid::of::<$ty>() { return prim::$kind; })*
            prim::NONE
        }

        /// The primitive kind whose plain seed `S` is, or `prim::NONE`.
        #[inline(always)]
        pub(super) fn kind_of_seed<S>() -> u32 {
            let id = typeid::of::<S>();
            $(if id == typeid::of::<PhantomData<$ty>>() { return prim::$kind; })*
            prim::NONE
        }

        /// Kind, first value and count when `iter` is a borrowed vector or slice of primitives.
        #[inline(always)]
        pub(super) fn whole<I>(iter: &I) -> Option<(u32, *const u8, usize)> {
            let id = typeid::of::<I>();
            $(
                if id == typeid::of::<&Vec<$ty>>() {
                    // SAFETY: the types are the same but for lifetimes, and a shared reference may be copied.
                    let vec: &Vec<$ty> = unsafe { std::mem::transmute_copy(iter) };
                    return Some((prim::$kind, vec.as_ptr().cast(), vec.len()));
                }
                if id == typeid::of::<&[$ty]>() {
                    // SAFETY: as above.
                    let slice: &[$ty] = unsafe { std::mem::transmute_copy(iter) };
                    return Some((prim::$kind, slice.as_ptr().cast(), slice.len()));
                }
            )*
            None
        }

        /// Kind and place of the primitive that `item` is or refers to.
        #[inline(always)]
        pub(super) fn single<T>(item: &T) -> Option<(u32, *const u8)> {
            let id = typeid::of::<T>();
            $(
                if id == typeid::of::<$ty>() {
                    return Some((prim::$kind, std::ptr::from_ref(item).cast()));
                }
                if id == typeid::of::<&$ty>() {
                    // SAFETY: the types are the same but for lifetimes, and a shared reference may be copied.
                    let inner: &$ty = unsafe { std::mem::transmute_copy(item) };
                    return Some((prim::$kind, std::ptr::from_ref(inner).cast()));
                }
            )*
            None
        }

        /// Size in memory of a primitive of this kind.
        #[inline(always)]
        pub(super) fn size_of_kind(kind: u32) -> usize {
            match kind {
                $(prim::$kind => size_of::<$ty>(),)*
                _ => 0,
            }
        }
    };
}
kinds!(U8 u8, I8 i8, I16 i16, U16 u16, I32 i32, U32 u32, I64 i64, U64 u64, F32 f32, F64 f64);

/// How single primitives move; chosen once per value.
pub(super) trait Mover {
    /// Whether primitives may be written and read in place as RFC 4506 units.
    const FIXED_BE4: bool;
}

/// Every primitive through the table.
pub(super) struct ByTable;
impl Mover for ByTable {
    const FIXED_BE4: bool = false;
}

/// In place, big-endian, four-byte units.
pub(super) struct InPlace;
impl Mover for InPlace {
    const FIXED_BE4: bool = true;
}

/// Writes fixed bytes in place.
#[inline(always)]
pub(super) fn put_fixed(enc: &mut Enc, bytes: &[u8]) -> Result<(), CodecError> {
    enc.put(bytes)
        .map_err(|fault| CodecError::from_fault(fault.at(enc.buf.len() as u64)))
}

/// Reads fixed bytes in place.
#[inline(always)]
pub(super) fn get_fixed<const N: usize>(dec: &mut Dec) -> Result<[u8; N], CodecError> {
    let Some(bytes) = dec.rest().first_chunk::<N>().copied() else {
        return Err(CodecError::rule(fault::MALFORMED, "the value ends early").at(dec.offset()));
    };
    dec.advance(N);
    Ok(bytes)
}

/// Calls a function of a codec's table on `$codec`, an exclusively borrowed `Enc` or `Dec`, with arguments that are
/// borrowed for the call: its status, or an error when the entry is missing or failed.
macro_rules! status_of {
    ($codec:expr, $what:expr, $entry:expr $(, $argument:expr)*) => {
        match $entry {
            Some(entry) => {
                // SAFETY: the codec is ours for the call, so are the out-parameters, and borrowed arguments outlive it.
                let status = unsafe { entry(&mut *$codec, $($argument),*) };
                $crate::host::CodecError::check(status, &$codec.fault).map(|()| status)
            }
            None => Err($crate::host::CodecError::missing($what, &*$codec)),
        }
    };
}
pub(super) use status_of;

/// As `status_of`, where the only good status is `OK`.
macro_rules! call {
    ($($part:expr),*) => { $crate::host::prims::status_of!($($part),*).map(|_| ()) };
}
pub(super) use call;

/// How far a codec has come, for errors.
pub(super) trait Progress {
    /// Byte offset in the message.
    fn progress(&self) -> u64;
}

impl Progress for Enc {
    fn progress(&self) -> u64 {
        self.buf.len() as u64
    }
}

impl Progress for Dec {
    fn progress(&self) -> u64 {
        self.offset()
    }
}

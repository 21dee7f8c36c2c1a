//! Safe views of [`Enc`] and [`Dec`] for codec authors: bounded writing, bounded taking, typed bulk slices.

use crate::tables::{Context, Dec, DecVt, Enc, EncVt, Fault, Holder, Str, fault, prim};

/// Bytes taken from a decoder's input; only [`Dec::take`] makes one.
#[derive(Clone, Copy)]
pub struct Taken(pub(super) Str);

impl Taken {
    /// Nothing.
    pub const NOTHING: Taken = Taken(Str::NONE);
}

impl Enc {
    /// An encoder over `buf`, which may already hold a header.
    pub fn new(buf: crate::tables::Buf, vt: &'static EncVt, profile: u32, bytes_max: u64) -> Enc {
        Enc {
            buf,
            vt,
            profile,
            depth_left: 0,
            bytes_max,
            state: [0; 4],
            fault: Fault::NONE,
            context: Context::none(),
        }
    }

    /// Appends `bytes`, within the limit on message bytes.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let len = self.buf.len() as u64 + bytes.len() as u64;
        if len > self.bytes_max {
            return Err(Fault::new(fault::LIMIT, "message_bytes")
                .declared(len)
                .limit(self.bytes_max));
        }
        if !self.buf.extend(bytes) {
            return Err(Fault::new(fault::LIMIT, "memory for the outgoing message").declared(len));
        }
        Ok(())
    }
}

macro_rules! contexts {
    ($($ty:ident),*) => { $(
        impl $ty {
            /// Keeps `value` beside the message until it is done; what was kept before is dropped.
            pub fn keep<T: Send + 'static>(&mut self, value: T) {
                self.context = Context::new(value);
            }

            /// What [`Self::keep`] keeps, when it is of this type.
            #[inline]
            pub fn kept<T: 'static>(&mut self) -> Option<&mut T> {
                // SAFETY: only `keep` of this side puts something in.
                unsafe { self.context.get_mut() }
            }

            /// What [`Self::keep`] keeps, taken out, when it is of this type.
            pub fn take_kept<T: 'static>(&mut self) -> Option<T> {
                // SAFETY: as in `kept`.
                unsafe { self.context.take() }
            }
        }
    )* };
}
contexts!(Enc, Dec);

impl Dec {
    /// A decoder over `body`, which `holder` keeps alive; `body` must lie within what `holder` owns.
    pub fn over(
        bytes: bytes::Bytes,
        vt: &'static DecVt,
        profile: u32,
        depth: u32,
        items: u64,
    ) -> Dec {
        // The heap block of a `Bytes` does not move when the handle moves into the holder.
        let range = bytes.as_ptr_range();
        Dec {
            start: range.start,
            p: range.start,
            end: range.end,
            vt,
            profile,
            depth_left: depth,
            items_left: items,
            state: [0; 4],
            fault: Fault::NONE,
            holder: Holder::new(bytes),
            context: Context::none(),
        }
    }

    /// What is left to read.
    #[inline]
    pub fn rest(&self) -> &[u8] {
        // SAFETY: `p` and `end` delimit bytes that the holder keeps alive, and `p` never passes `end`.
        unsafe { std::slice::from_raw_parts(self.p, self.remaining()) }
    }

    /// Number of bytes left to read.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.end as usize - self.p as usize
    }

    /// Bytes read so far.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.p as u64 - self.start as u64
    }

    /// Skips `n` bytes, or all that is left.
    #[inline]
    pub fn advance(&mut self, n: usize) {
        let n = n.min(self.remaining());
        // SAFETY: `n` is at most the distance to `end`.
        self.p = unsafe { self.p.add(n) };
    }

    /// Takes `n` bytes, without copying them.
    #[inline]
    pub fn take(&mut self, n: usize) -> Result<Taken, Fault> {
        if n > self.remaining() {
            return Err(Fault::new(fault::MALFORMED, "the value ends early")
                .at(self.offset())
                .declared(n as u64)
                .limit(self.remaining() as u64));
        }
        let taken = Taken(Str { p: self.p, n });
        self.advance(n);
        Ok(taken)
    }
}

macro_rules! prims {
    ($($kind:ident $variant:ident $ty:ty),*) => {
        /// A borrowed run of primitives to encode.
        #[derive(Debug, Clone, Copy)]
        pub enum Prims<'a> { $(
            #[doc = concat!("Values of `", stringify!($ty), "`.")]
            $variant(&'a [$ty]),
        )* }

        /// A run of primitives to fill by decoding.
        #[derive(Debug)]
        pub enum PrimsMut<'a> { $(
            #[doc = concat!("Values of `", stringify!($ty), "`.")]
            $variant(&'a mut [$ty]),
        )* }

        impl<'a> Prims<'a> {
            /// # Safety
            /// `values` points to `count` aligned values of the kind, valid and unwritten for `'a`.
            pub(super) unsafe fn from_raw(kind: u32, values: *const u8, count: usize) -> Option<Prims<'a>> {
                if count == 0 || values.is_null() {
                    return None;
                }
                // SAFETY: the caller vouches for pointer, kind and count.
                Some(unsafe { match kind {
                    $(prim::$kind => Prims::$variant(std::slice::from_raw_parts(values.cast(), count)),)*
                    _ => return None,
                } })
            }
        }

        impl<'a> PrimsMut<'a> {
            /// # Safety
            /// `values` points to `count` aligned, initialised values of the kind, exclusively borrowed for `'a`.
            pub(super) unsafe fn from_raw(kind: u32, values: *mut u8, count: usize) -> Option<PrimsMut<'a>> {
                if count == 0 || values.is_null() {
                    return None;
                }
                // SAFETY: the caller vouches for pointer, kind and count.
                Some(unsafe { match kind {
                    $(prim::$kind => PrimsMut::$variant(std::slice::from_raw_parts_mut(values.cast(), count)),)*
                    _ => return None,
                } })
            }
        }
    };
}
prims!(
    U8 U8 u8, I8 I8 i8, I16 I16 i16, U16 U16 u16, I32 I32 i32, U32 U32 u32, I64 I64 i64, U64 U64 u64, F32 F32 f32,
    F64 F64 f64
);

//! Safe views of [`Enc`] and [`Dec`] for codec authors: bounded writing, bounded taking, typed bulk slices.

use std::marker::PhantomData;

use crate::tables::{Context, Dec, DecVt, Enc, EncVt, Fault, Holder, Str, fault, prim};

/// Bytes that a decoder lends until it is used again: of its input ([`Dec::take`], [`Dec::slice`]), held beside it
/// ([`Dec::hold`]), or fixed.
#[derive(Clone, Copy)]
pub struct Taken<'a>(pub(super) Str, PhantomData<&'a [u8]>);

impl<'a> Taken<'a> {
    /// Nothing.
    pub const NOTHING: Taken<'static> = Taken(Str::NONE, PhantomData);

    /// Text that lives for ever: a name of a description.
    pub const fn fixed(text: &'static str) -> Taken<'static> {
        Taken(Str::fixed(text), PhantomData)
    }

    /// Bytes that the decoder borrowed for `'a` keeps in their place.
    const fn lent(p: *const u8, n: usize) -> Taken<'a> {
        Taken(Str { p, n }, PhantomData)
    }
}

/// What a decoder has lent besides its input; kept as long as the decoder, with what the codec keeps further in.
struct Held {
    bytes: Vec<bytes::Bytes>,
    kept: Context,
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

impl Enc {
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

impl Dec {
    /// Where the codec's own value is: what is lent goes around it, and stays.
    #[inline]
    fn own_context(&mut self) -> &mut Context {
        let context = std::ptr::from_mut(&mut self.context);
        // SAFETY: only this side puts something in; the pointer is to a field that is exclusively borrowed.
        match unsafe { (*context).get_mut::<Held>() } {
            Some(held) => &mut held.kept,
            None => &mut self.context,
        }
    }

    /// Keeps `value` beside the message until it is done; what was kept before is dropped.
    pub fn keep<T: Send + 'static>(&mut self, value: T) {
        *self.own_context() = Context::new(value);
    }

    /// What [`Self::keep`] keeps, when it is of this type.
    #[inline]
    pub fn kept<T: 'static>(&mut self) -> Option<&mut T> {
        // SAFETY: only `keep` of this side puts something in.
        unsafe { self.own_context().get_mut() }
    }

    /// What [`Self::keep`] keeps, taken out, when it is of this type.
    pub fn take_kept<T: 'static>(&mut self) -> Option<T> {
        // SAFETY: as in `kept`.
        unsafe { self.own_context().take() }
    }

    /// Holds bytes that do not stand in the input as they are (text with references resolved, decoded octets) as long as
    /// the decoder lives, and lends them.
    pub fn hold(&mut self, bytes: bytes::Bytes) -> Taken<'_> {
        // The heap block of a `Bytes` does not move with the handle.
        let (p, n) = (bytes.as_ptr(), bytes.len());
        // SAFETY: only this side puts something in.
        if let Some(held) = unsafe { self.context.get_mut::<Held>() } {
            held.bytes.push(bytes);
            return Taken::lent(p, n);
        }
        let kept = std::mem::replace(&mut self.context, Context::none());
        self.context = Context::new(Held {
            bytes: vec![bytes],
            kept,
        });
        Taken::lent(p, n)
    }
}

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

    /// Goes to a place in the input, or to its end.
    #[inline]
    pub fn seek(&mut self, offset: u64) {
        let len = self.end as usize - self.start as usize;
        let offset = usize::try_from(offset).unwrap_or(len).min(len);
        // SAFETY: `offset` is at most the distance from `start` to `end`.
        self.p = unsafe { self.start.add(offset) };
    }

    /// Takes `n` bytes from `offset` of the input, wherever the decoder is.
    #[inline]
    pub fn slice(&self, offset: usize, n: usize) -> Result<Taken<'_>, Fault> {
        let len = self.end as usize - self.start as usize;
        match offset.checked_add(n) {
            Some(end) if end <= len => {
                // SAFETY: `offset` is at most the distance from `start` to `end`.
                let p = unsafe { self.start.add(offset) };
                Ok(Taken::lent(p, n))
            }
            _ => Err(Fault::new(fault::MALFORMED, "the value ends early")
                .at(offset as u64)
                .declared(n as u64)
                .limit(len.saturating_sub(offset) as u64)),
        }
    }

    /// Takes `n` bytes, without copying them.
    #[inline]
    pub fn take(&mut self, n: usize) -> Result<Taken<'_>, Fault> {
        self.take_before(n, 0)
    }

    /// Takes `n` bytes and skips `more` after them, or all that is left.
    #[inline]
    pub fn take_before(&mut self, n: usize, more: usize) -> Result<Taken<'_>, Fault> {
        if n > self.remaining() {
            return Err(Fault::new(fault::MALFORMED, "the value ends early")
                .at(self.offset())
                .declared(n as u64)
                .limit(self.remaining() as u64));
        }
        let p = self.p;
        self.advance(n.saturating_add(more));
        Ok(Taken::lent(p, n))
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

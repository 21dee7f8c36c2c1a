//! Where encoded bytes go: the one method an output buffer must have, and its implementation for
//! `Vec<u8>`.
//!
//! Deliberately infallible and append-only. A buffer that can refuse to grow notes the refusal
//! itself and reports it when the message is submitted; nothing here seeks back or patches.

/// An append-only destination of encoded bytes.
pub trait Sink {
    /// Appends `bytes`.
    fn put(&mut self, bytes: &[u8]);

    /// Announces that about `additional_bytes` more bytes follow, so that the destination may grow
    /// once; a hint.
    #[inline]
    fn reserve(&mut self, additional_bytes: usize) {
        let _ = additional_bytes;
    }
}

impl Sink for Vec<u8> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    #[inline]
    fn reserve(&mut self, additional_bytes: usize) {
        Vec::reserve(self, additional_bytes);
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        (**self).put(bytes);
    }

    #[inline]
    fn reserve(&mut self, additional_bytes: usize) {
        (**self).reserve(additional_bytes);
    }
}

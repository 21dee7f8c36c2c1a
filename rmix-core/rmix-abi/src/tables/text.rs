//! Borrowed bytes and text.

use std::fmt;

/// A borrowed run of bytes, UTF-8 where its use says text; valid for the call it is passed to, or for ever when it
/// stands in a static table.
///
/// ```text
/// offset 0  p  pointer (null when absent)
/// offset 8  n  length in bytes
/// ```
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    /// First byte, or null.
    pub(crate) p: *const u8,
    /// Length in bytes.
    pub(crate) n: usize,
}

// SAFETY: a `Str` is a pointer to bytes nobody writes while it is valid, so sharing it between threads is sound.
unsafe impl Send for Str {}
// SAFETY: as above.
unsafe impl Sync for Str {}

impl Str {
    /// The absent value.
    pub const NONE: Str = Str {
        p: std::ptr::null(),
        n: 0,
    };

    /// Text that lives for ever.
    pub const fn fixed(text: &'static str) -> Str {
        Str {
            p: text.as_ptr(),
            n: text.len(),
        }
    }

    /// Borrows `text` for a call; the caller keeps it alive that long.
    pub fn lend(text: &str) -> Str {
        Str::lend_bytes(text.as_bytes())
    }

    /// Borrows `bytes` for a call; the caller keeps them alive that long.
    pub fn lend_bytes(bytes: &[u8]) -> Str {
        Str {
            p: bytes.as_ptr(),
            n: bytes.len(),
        }
    }

    /// Whether there is nothing, not even an empty text.
    pub fn is_none(&self) -> bool {
        self.p.is_null()
    }

    /// The bytes.
    ///
    /// # Safety
    /// `p` is null or points to `n` bytes that stay valid and unwritten for `'a`.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.p.is_null() || self.n == 0 {
            return &[];
        }
        // SAFETY: the caller vouches for pointer, length and lifetime.
        unsafe { std::slice::from_raw_parts(self.p, self.n) }
    }

    /// The text, with bytes that are not UTF-8 replaced.
    ///
    /// # Safety
    /// As [`Str::bytes`].
    pub unsafe fn text<'a>(self) -> std::borrow::Cow<'a, str> {
        // SAFETY: forwarded to the caller.
        String::from_utf8_lossy(unsafe { self.bytes() })
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Str({} bytes)", self.n)
    }
}

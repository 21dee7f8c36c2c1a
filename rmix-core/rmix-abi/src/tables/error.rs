//! Errors as they cross: what to do next, the cause, and what the call may have done.

use super::{Buf, Str};

/// What the caller should do next; stable numbers.
pub mod kind {
    /// The same call may succeed later on this link.
    pub const RETRY: u32 = 1;
    /// The link is gone; a new one may work.
    pub const RECONNECT: u32 = 2;
    /// The request, endpoint or configuration is wrong.
    pub const FIX_REQUEST: u32 = 3;
    /// This provider or peer cannot do it.
    pub const UNSUPPORTED: u32 = 4;
    /// Refused for lack of rights.
    pub const DENIED: u32 = 5;
    /// The peer broke its protocol.
    pub const PEER_BROKEN: u32 = 6;
    /// A defect on this side.
    pub const INTERNAL: u32 = 7;
}

/// Why; stable numbers. An unknown number reads as `OTHER`.
pub mod cause {
    /// None of the below.
    pub const OTHER: u32 = 0;
    /// The deadline passed.
    pub const TIMEOUT: u32 = 1;
    /// The caller gave the call up.
    pub const CANCELLED: u32 = 2;
    /// The connection could not be made.
    pub const CONNECT: u32 = 3;
    /// The name does not resolve.
    pub const RESOLVE: u32 = 4;
    /// The link was closed or broke.
    pub const LINK_CLOSED: u32 = 5;
    /// Input or output failed.
    pub const IO: u32 = 6;
    /// The bytes of the peer break a rule of the protocol.
    pub const PROTOCOL: u32 = 7;
    /// A value could not be encoded or decoded.
    pub const CODEC: u32 = 8;
    /// The peer has no such object.
    pub const NO_SUCH_OBJECT: u32 = 9;
    /// The peer has no such method.
    pub const NO_SUCH_METHOD: u32 = 10;
    /// The peer could not read the arguments.
    pub const BAD_ARGUMENTS: u32 = 11;
    /// The remote operation raised a fault that is not declared.
    pub const REMOTE: u32 = 12;
    /// A limit was reached.
    pub const LIMIT: u32 = 13;
    /// Code panicked.
    pub const PANIC: u32 = 14;
    /// The runtime, provider or link is shutting down.
    pub const SHUTDOWN: u32 = 15;
    /// The endpoint's text is not valid.
    pub const ENDPOINT: u32 = 16;
    /// The child process ended; `code` is its exit status.
    pub const CHILD_EXITED: u32 = 17;
    /// Authentication was refused.
    pub const AUTHENTICATION: u32 = 18;
    /// The peer has another version of the interface.
    pub const VERSION: u32 = 19;
}

/// What a failed call may have done; stable numbers.
pub mod delivery {
    /// No byte of the call left this process, or the peer said that it did not run it.
    pub const NOT_SENT: u32 = 0;
    /// Sent, at least in part, and no answer came.
    pub const MAYBE_EXECUTED: u32 = 1;
    /// The peer ran it (and it failed), or said so.
    pub const EXECUTED: u32 = 2;
}

/// An error, filled in by the failing side; the receiver frees `message`.
#[repr(C)]
#[derive(Debug, Default)]
pub struct Err {
    /// What to do next: a number of [`kind`].
    pub kind: u32,
    /// Why: a number of [`cause`].
    pub cause: u32,
    /// What the call may have done: a number of [`delivery`].
    pub delivery: u32,
    /// Reserved, zero.
    pub flags: u32,
    /// The protocol's own number (errno, exit status, accept state…), or 0.
    pub code: i64,
    /// One sentence, UTF-8.
    pub message: Buf,
}

impl Err {
    /// An error with a sentence; not sent, no code.
    pub fn new(kind: u32, cause: u32, message: impl Into<String>) -> Err {
        Err {
            kind,
            cause,
            delivery: delivery::NOT_SENT,
            flags: 0,
            code: 0,
            message: Buf::from_vec(message.into().into_bytes()),
        }
    }

    /// The same error with another delivery status.
    #[must_use]
    pub fn delivered(mut self, delivery: u32) -> Err {
        self.delivery = delivery;
        self
    }

    /// The same error with the protocol's own number.
    #[must_use]
    pub fn with_code(mut self, code: i64) -> Err {
        self.code = code;
        self
    }

    /// The sentence.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.message.as_slice())
    }
}

impl Clone for Err {
    fn clone(&self) -> Err {
        Err {
            message: Buf::from_vec(self.message.as_slice().to_vec()),
            ..*self
        }
    }
}

/// What went wrong inside a codec: plain values, no allocation.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// The rule that was broken, as text that lives for ever.
    pub rule: Str,
    /// Byte offset within the message body.
    pub offset: u64,
    /// The value that broke the rule, when `flags` says so.
    pub declared: u64,
    /// The limit it exceeds, when `flags` says so.
    pub limit: u64,
    /// Bit 0: `declared` is meant; bit 1: `limit` is meant.
    pub flags: u32,
    /// A number of [`fault`].
    pub class: u32,
}

/// Classes of codec faults.
pub mod fault {
    /// No fault.
    pub const NONE: u32 = 0;
    /// The bytes break the format.
    pub const MALFORMED: u32 = 1;
    /// A value of another type stands there.
    pub const MISMATCH: u32 = 2;
    /// The format cannot carry this value.
    pub const UNSUPPORTED: u32 = 3;
    /// A limit was exceeded.
    pub const LIMIT: u32 = 4;
    /// The codec panicked.
    pub const PANIC: u32 = 5;
}

impl Fault {
    /// No fault.
    pub const NONE: Fault = Fault {
        rule: Str::NONE,
        offset: 0,
        declared: 0,
        limit: 0,
        flags: 0,
        class: fault::NONE,
    };

    /// A fault with its rule; the offset is filled in by the adapter when left 0.
    pub const fn new(class: u32, rule: &'static str) -> Fault {
        Fault {
            rule: Str::fixed(rule),
            class,
            ..Fault::NONE
        }
    }

    /// The rule that was broken.
    pub fn text(&self) -> std::borrow::Cow<'static, str> {
        // SAFETY: a fault's rule is text that lives for ever (a rule of the boundary).
        unsafe { self.rule.text() }
    }

    /// The same fault with the value that broke the rule.
    #[must_use]
    pub const fn declared(mut self, declared: u64) -> Fault {
        self.declared = declared;
        self.flags |= 1;
        self
    }

    /// The same fault with the limit that was exceeded.
    #[must_use]
    pub const fn limit(mut self, limit: u64) -> Fault {
        self.limit = limit;
        self.flags |= 2;
        self
    }

    /// The same fault with its place.
    #[must_use]
    pub const fn at(mut self, offset: u64) -> Fault {
        self.offset = offset;
        self
    }
}

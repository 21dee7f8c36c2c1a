//! Links, calls in both directions, and listeners.

use super::{AbiWaker, Buf, Dec, Enc, Err, Holder, Status, Str};
use crate::describe::MethodDesc;

/// Flags of one call.
pub mod call_flags {
    /// No reply is expected.
    pub const ONEWAY: u32 = 1;
    /// May be repeated without harm.
    pub const IDEMPOTENT: u32 = 2;
    /// The operation declares a fault type, so formats without faults of their own carry a result union.
    pub const FAULTS: u32 = 4;
    /// The caller polls the call on its own thread whenever it is woken, until the call ends; so it may read and write
    /// for others meanwhile. Without it, a call may be left alone after any poll. A hint.
    pub const DRIVEN: u32 = 8;
    /// Nobody may poll the call for a while: `submit` sees to it that it is sent. A hint.
    pub const STARTED: u32 = 16;
    /// Of an inbound one-way call: when it ends in place, the provider takes its responder back, unused.
    pub const RETURNS: u32 = 32;
}

/// What a reply carries; stable numbers.
pub mod reply {
    /// The result.
    pub const VALUE: u32 = 0;
    /// The declared fault's value, or the peer's own error value.
    pub const FAULT: u32 = 1;
}

/// Why the host answers a call with an error of the machinery; stable numbers.
pub mod refusal {
    /// No refusal: the operation is one-way, and whatever the protocol sends for "done" (or nothing) is the answer.
    pub const DONE: u32 = 0;
    /// No object there.
    pub const NO_SUCH_OBJECT: u32 = 1;
    /// No such operation.
    pub const NO_SUCH_METHOD: u32 = 2;
    /// Arguments unreadable.
    pub const BAD_ARGUMENTS: u32 = 3;
    /// The operation panicked or its result cannot be encoded.
    pub const INTERNAL: u32 = 4;
    /// Too busy, or shutting down.
    pub const BUSY: u32 = 5;
    /// Not allowed.
    pub const DENIED: u32 = 6;
}

/// A call's options.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct CallOptions {
    /// `size_of::<CallOptions>()` of the side that filled it.
    pub size: usize,
    /// Time left until the caller's deadline, in nanoseconds; 0 = none. For protocols that can send it along; the host
    /// keeps the deadline itself.
    pub deadline_ns: u64,
}

/// A reply, as `poll_call` hands it over; `dec` is the host's from then on.
#[repr(C)]
pub struct Reply {
    /// A number of [`reply`].
    pub kind: u32,
    /// Zero.
    pub reserved: u32,
    /// Positioned at the value.
    pub dec: Dec,
}

/// A link: one connection to one peer. May be used from any thread.
///
/// A call is `begin` (the buffer is lent, with the header in it), encode, then `submit` or `abort`; then `poll_call`
/// until it is ready, then `drop_call`. `drop_call` before that cancels: a late reply is dropped.
#[repr(C)]
pub struct LinkVt {
    /// `size_of::<LinkVt>()` of the side that filled it.
    pub size: usize,
    /// Starts a call with `arguments` arguments; `method` stays valid until the call is dropped. `FULL`: too many calls
    /// or bytes queued, wait with `poll_ready`.
    pub begin: unsafe extern "C" fn(
        link: *const (),
        method: *const MethodDesc,
        arguments: u32,
        flags: u32,
        enc: *mut Enc,
        err: *mut Err,
    ) -> Status,
    /// Queues the call and takes the buffer back. For a one-way call `call` is not written.
    pub submit: unsafe extern "C" fn(
        link: *const (),
        enc: *mut Enc,
        options: *const CallOptions,
        call: *mut u64,
        err: *mut Err,
    ) -> Status,
    /// Takes the buffer back unsent.
    pub abort: unsafe extern "C" fn(link: *const (), enc: *mut Enc),
    /// Moves the call on: `OK` with the reply, `PENDING`, or `ERR`.
    pub poll_call: unsafe extern "C" fn(
        link: *const (),
        call: u64,
        waker: *const AbiWaker,
        reply: *mut Reply,
        err: *mut Err,
    ) -> Status,
    /// Ends a call, finished or not.
    pub drop_call: unsafe extern "C" fn(link: *const (), call: u64),
    /// `OK` when `begin` would not return `FULL`, or `PENDING`, or `ERR` when the link is gone.
    pub poll_ready:
        unsafe extern "C" fn(link: *const (), waker: *const AbiWaker, err: *mut Err) -> Status,
    /// `OK` when everything submitted before the first poll was handed to the kernel.
    pub poll_flush:
        unsafe extern "C" fn(link: *const (), waker: *const AbiWaker, err: *mut Err) -> Status,
    /// No new calls; calls in flight go on. `OK` when all are finished and the connection is closed.
    pub poll_close:
        unsafe extern "C" fn(link: *const (), waker: *const AbiWaker, err: *mut Err) -> Status,
    /// Closes at once: calls in flight fail.
    pub abandon: unsafe extern "C" fn(link: *const ()),
    /// 1 while new calls may be begun.
    pub is_open: unsafe extern "C" fn(link: *const ()) -> u8,
    /// Appends the peer's address or name, for people.
    pub describe: unsafe extern "C" fn(link: *const (), out: *mut Buf),
    /// Gives the link up: abandoned if still open, freed when its calls are dropped.
    pub release: unsafe extern "C" fn(link: *const ()),
}

/// A listener: an exported object's endpoint.
#[repr(C)]
pub struct ListenerVt {
    /// `size_of::<ListenerVt>()` of the side that filled it.
    pub size: usize,
    /// Appends the endpoint peers can use, with the real port.
    pub endpoint: unsafe extern "C" fn(listener: *const (), out: *mut Buf),
    /// Stops accepting; calls that run are finished and answered. `OK` when all connections are closed.
    pub poll_close:
        unsafe extern "C" fn(listener: *const (), waker: *const AbiWaker, err: *mut Err) -> Status,
    /// Closes everything at once.
    pub abandon: unsafe extern "C" fn(listener: *const ()),
    /// Gives the listener up: abandoned if still open.
    pub release: unsafe extern "C" fn(listener: *const ()),
}

/// An inbound call, handed to the host's `dispatch`, which takes `dec` and `responder` out of it, but for the
/// responder when `dispatch` returns `END`.
#[repr(C)]
pub struct ServerCall {
    /// `size_of::<ServerCall>()` of the side that filled it.
    pub size: usize,
    /// The token the listener or link was opened with.
    pub object: u64,
    /// Which connection (unique within the host): one-way calls of one connection keep their order.
    pub connection: u64,
    /// Method name, or absent when called by number.
    pub method: Str,
    /// Method number, when there is no name.
    pub number: u32,
    /// [`call_flags`]: `ONEWAY`, and `RETURNS` beside it.
    pub flags: u32,
    /// Number of arguments, or `u32::MAX` when the format does not tell.
    pub arguments: u32,
    /// Zero.
    pub reserved: u32,
    /// The peer's address or name, for people and logs.
    pub peer: Str,
    /// Who the caller says it is, or absent: a scheme and facts, `sys uid=1000 gid=100`, values percent-encoded. Nobody
    /// has checked it, unless it begins with `verified:` (`verified:wsse user=ada`): then the provider has.
    pub claim: Str,
    /// Arguments.
    pub dec: Dec,
    /// Where the answer goes.
    pub responder: Responder,
}

/// The right to answer one inbound call, once; dropped unanswered, it answers "internal error" (nothing for one-way).
#[repr(C)]
pub struct Responder {
    /// The provider's own.
    pub words: Holder,
    /// What can be done with it.
    pub vt: *const ResponderVt,
}

// SAFETY: a responder may move between threads (a rule of the boundary); its words are a `Send` holder.
unsafe impl Send for Responder {}

/// Functions of a [`Responder`].
#[repr(C)]
pub struct ResponderVt {
    /// `size_of::<ResponderVt>()` of the side that filled it.
    pub size: usize,
    /// Lends the outgoing buffer with the reply's header; `kind` is a number of [`reply`], `flags` of [`call_flags`].
    pub begin: unsafe extern "C" fn(
        responder: *mut Responder,
        kind: u32,
        flags: u32,
        enc: *mut Enc,
        err: *mut Err,
    ) -> Status,
    /// Sends the reply and ends the responder.
    pub submit:
        unsafe extern "C" fn(responder: *mut Responder, enc: *mut Enc, err: *mut Err) -> Status,
    /// Gives the buffer back unsent; the responder may begin again.
    pub abort: unsafe extern "C" fn(responder: *mut Responder, enc: *mut Enc),
    /// Answers with an error of the machinery (a number of [`refusal`] and a sentence) and ends the responder.
    pub refuse: unsafe extern "C" fn(responder: *mut Responder, refusal: u32, message: Str),
}

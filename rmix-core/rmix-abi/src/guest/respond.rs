//! Inbound calls on their way to the host, and the right to answer them.

use std::mem::ManuallyDrop;

use super::panic::{guard, guard_err};
use crate::tables::{
    Dec, END, Enc, Err, Holder, OK, Responder, ResponderVt, ServerCall, Status, Str, call_flags,
};

/// The right to answer one inbound call, once. At most four words; dropped unanswered, it must answer by itself.
pub trait Respond: Send + Sized + 'static {
    /// Lends the outgoing buffer with the reply's header in it.
    fn begin(&mut self, kind: u32, flags: u32) -> Result<Enc, Err>;
    /// Sends the reply.
    fn submit(&mut self, enc: Enc) -> Result<(), Err>;
    /// Takes the buffer back unsent.
    fn abort(&mut self, enc: Enc);
    /// Answers with an error of the machinery: a number of [`crate::tables::refusal`] and a sentence.
    fn refuse(&mut self, refusal: u32, message: &str);
}

/// An inbound call with a responder of type `R`, ready for [`super::Host::dispatch`].
pub struct InboundCall<'a, R> {
    raw: ServerCall,
    life: std::marker::PhantomData<(&'a str, R)>,
}

/// The facts of an inbound call.
#[derive(Debug, Clone, Copy)]
pub struct CallFacts<'a> {
    /// The token the listener or link was opened with.
    pub object: u64,
    /// Which connection, unique within the host.
    pub connection: u64,
    /// Method name; `None` when called by number.
    pub method: Option<&'a [u8]>,
    /// Method number, when there is no name.
    pub number: u32,
    /// No answer is expected.
    pub oneway: bool,
    /// Number of arguments, when the format tells.
    pub arguments: Option<u32>,
    /// The peer's address or name, for people and logs.
    pub peer: &'a str,
    /// Who the caller says it is: see [`ServerCall::claim`].
    pub claim: Option<&'a str>,
}

impl<'a, R: Respond> InboundCall<'a, R> {
    /// A call with its arguments and the right to answer it.
    #[inline(always)]
    pub fn new(facts: CallFacts<'a>, dec: Dec, responder: R) -> InboundCall<'a, R> {
        let raw = ServerCall {
            size: size_of::<ServerCall>(),
            object: facts.object,
            connection: facts.connection,
            method: facts.method.map_or(Str::NONE, Str::lend_bytes),
            number: facts.number,
            flags: if facts.oneway { call_flags::ONEWAY } else { 0 },
            arguments: facts.arguments.unwrap_or(u32::MAX),
            reserved: 0,
            peer: Str::lend(facts.peer),
            claim: facts.claim.map_or(Str::NONE, Str::lend),
            dec,
            responder: Responder {
                words: Holder::new(responder),
                vt: const { &table::<R>() },
            },
        };
        InboundCall {
            raw,
            life: std::marker::PhantomData,
        }
    }

    /// Lends the call to `f`, which moves decoder and responder out.
    #[inline(always)]
    pub(super) fn hand_over(self, f: impl FnOnce(*mut ServerCall) -> Status) {
        let mut raw = ManuallyDrop::new(self.raw);
        f(&mut *raw);
    }

    /// As [`InboundCall::hand_over`], of a one-way call whose responder may come back.
    #[inline(always)]
    pub(super) fn lend(self, f: impl FnOnce(*mut ServerCall) -> Status) -> Option<R> {
        let mut raw = ManuallyDrop::new(self.raw);
        raw.flags |= call_flags::RETURNS;
        if f(&mut *raw) != END {
            return None;
        }
        // SAFETY: `END` says that the responder, which was made of an `R` in `new`, was left in the call.
        Some(unsafe { raw.responder.words.take::<R>() })
    }
}

const fn table<R: Respond>() -> ResponderVt {
    ResponderVt {
        size: size_of::<ResponderVt>(),
        begin: begin::<R>,
        submit: submit::<R>,
        abort: abort::<R>,
        refuse: refuse::<R>,
    }
}

/// # Safety
/// `responder` carries `table::<R>()` and was not ended.
unsafe fn of<'a, R>(responder: *mut Responder) -> &'a mut R {
    // SAFETY: the caller vouches for it; the words were filled by `InboundCall::new::<R>`.
    unsafe { (*responder).words.get_mut::<R>() }
}

unsafe extern "C" fn begin<R: Respond>(
    responder: *mut Responder,
    kind: u32,
    flags: u32,
    enc: *mut Enc,
    err: *mut Err,
) -> Status {
    // SAFETY: the host passes a live responder and room for encoder and error.
    unsafe {
        guard_err(err, || {
            enc.write(of::<R>(responder).begin(kind, flags)?);
            Ok(OK)
        })
    }
}

unsafe extern "C" fn submit<R: Respond>(
    responder: *mut Responder,
    enc: *mut Enc,
    err: *mut Err,
) -> Status {
    // SAFETY: the host moves the encoder out of its memory and forgets it.
    unsafe {
        let enc = enc.read();
        guard_err(err, || of::<R>(responder).submit(enc).map(|()| OK))
    }
}

unsafe extern "C" fn abort<R: Respond>(responder: *mut Responder, enc: *mut Enc) {
    // SAFETY: as in `submit`.
    unsafe {
        let enc = enc.read();
        guard((), || of::<R>(responder).abort(enc));
    }
}

unsafe extern "C" fn refuse<R: Respond>(responder: *mut Responder, refusal: u32, message: Str) {
    // SAFETY: the host passes a live responder and text lent for the call.
    unsafe {
        let message = message.text();
        guard((), || of::<R>(responder).refuse(refusal, &message));
    }
}

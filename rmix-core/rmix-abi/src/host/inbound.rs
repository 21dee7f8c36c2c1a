//! Inbound calls as the host sees them: arguments to decode and a responder to answer with.

use std::mem::{ManuallyDrop, MaybeUninit};

use serde::Serialize;
use serde::de::{DeserializeOwned, DeserializeSeed};

use super::CodecError;
use super::link::{finish, put_argument, read_argument, read_argument_seed};
use crate::tables::{
    Dec, Enc, Err, OK, Responder, ServerCall, Str, call_flags, cause, kind, refusal,
};

/// How an inbound call names its operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method<'a> {
    /// By name, as sent.
    Name(&'a [u8]),
    /// By number.
    Number(u32),
}

/// An inbound call.
pub struct Inbound<'a> {
    /// The token the listener or link was opened with.
    pub object: u64,
    /// Which connection.
    pub connection: u64,
    /// Which operation.
    pub method: Method<'a>,
    /// No answer is expected.
    pub oneway: bool,
    /// Number of arguments, when the format tells.
    pub count: Option<u32>,
    /// The peer, for people.
    pub peer: &'a [u8],
    /// Who the caller says it is: see [`ServerCall::claim`].
    pub claim: Option<&'a [u8]>,
    /// What to decode.
    pub arguments: Arguments<'a>,
    /// Where the answer goes. What is left here of a call that has ended was not needed: nobody is to be answered.
    pub reply_to: Option<ReplyTo>,
}

impl<'a> Inbound<'a> {
    /// Borrows the decoder of a raw call, and takes its responder out.
    ///
    /// # Safety
    /// `call` is live and lent for `'a`, filled by a provider, and its responder is not used again by it.
    #[inline(always)]
    pub(super) unsafe fn of(call: *mut ServerCall) -> Inbound<'a> {
        // SAFETY: the caller vouches for the call; the responder moves out once.
        unsafe {
            let raw = &mut *call;
            let method = if raw.method.is_none() {
                Method::Number(raw.number)
            } else {
                Method::Name(raw.method.bytes())
            };
            Inbound {
                object: raw.object,
                connection: raw.connection,
                method,
                oneway: raw.flags & call_flags::ONEWAY != 0,
                count: (raw.arguments != u32::MAX).then_some(raw.arguments),
                peer: raw.peer.bytes(),
                claim: (!raw.claim.is_none()).then(|| raw.claim.bytes()),
                reply_to: Some(ReplyTo {
                    responder: std::ptr::from_ref(&raw.responder).read(),
                }),
                arguments: Arguments {
                    dec: &mut raw.dec,
                    next: 0,
                },
            }
        }
    }
}

/// The arguments of an inbound call.
pub struct Arguments<'a> {
    dec: &'a mut Dec,
    next: u32,
}

impl Arguments<'_> {
    /// The same, lent further.
    pub fn lend(&mut self) -> Arguments<'_> {
        Arguments {
            dec: self.dec,
            next: self.next,
        }
    }

    #[expect(
        clippy::should_implement_trait,
        reason = "each argument has a type of its own"
    )]
    /// Decodes the next argument.
    ///
    /// # Errors
    /// The value is not what the type says, or a limit is exceeded.
    pub fn next<T: DeserializeOwned>(&mut self) -> Result<T, CodecError> {
        let value = read_argument(self.dec, self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// As [`Arguments::next`], of a type that is known at run time only.
    ///
    /// # Errors
    /// As [`Arguments::next`].
    pub fn next_seed<T>(
        &mut self,
        seed: impl for<'de> DeserializeSeed<'de, Value = T>,
    ) -> Result<T, CodecError> {
        let value = read_argument_seed(self.dec, self.next, seed)?;
        self.next += 1;
        Ok(value)
    }

    /// Everything was read.
    ///
    /// # Errors
    /// Bytes are left over and the protocol forbids that.
    pub fn finish(&mut self) -> Result<(), CodecError> {
        finish(self.dec)
    }
}

/// The right to answer an inbound call, once. Dropped, the provider answers "internal error".
pub struct ReplyTo {
    responder: Responder,
}

impl ReplyTo {
    /// Gives it back unused.
    pub(super) fn into_responder(self) -> Responder {
        self.responder
    }

    /// Answers with a result or declared fault; for a one-way call nothing is sent.
    ///
    /// # Errors
    /// The value cannot be encoded (the caller is told "internal error"), or the link is gone.
    pub fn reply<T: Serialize + ?Sized>(
        mut self,
        reply_kind: u32,
        flags: u32,
        depth: u32,
        value: &T,
    ) -> Result<(), Err> {
        let mut enc = MaybeUninit::<Enc>::uninit();
        let mut err = Err::default();
        let vt = self.responder.vt;
        // SAFETY: the responder is live; on `OK` the provider has filled the encoder.
        let status = unsafe {
            ((*vt).begin)(
                &mut self.responder,
                reply_kind,
                flags,
                enc.as_mut_ptr(),
                &mut err,
            )
        };
        if status != OK {
            return Err(err);
        }
        // SAFETY: as above.
        let mut enc = ManuallyDrop::new(unsafe { enc.assume_init() });
        enc.depth_left = depth;
        if let Err(failure) = put_argument(&mut enc, 0, value) {
            // SAFETY: the encoder moves out and is not used again; the responder is still live.
            unsafe { ((*vt).abort)(&mut self.responder, &mut *enc) };
            let message = format!("the result cannot be sent: {failure}");
            self.refuse(refusal::INTERNAL, &message);
            return Err(Err::new(kind::FIX_REQUEST, cause::CODEC, message));
        }
        // SAFETY: the encoder moves out and is not used again.
        let status = unsafe { ((*vt).submit)(&mut self.responder, &mut *enc, &mut err) };
        if status != OK {
            return Err(err);
        }
        Ok(())
    }

    /// Ends a one-way call: a peer that asked for an answer all the same gets an empty one.
    pub fn done(self) {
        self.refuse(refusal::DONE, "");
    }

    /// Answers with an error of the machinery: a number of [`refusal`] and a sentence.
    pub fn refuse(mut self, reason: u32, message: &str) {
        // SAFETY: the responder is live and ended by this.
        unsafe { ((*self.responder.vt).refuse)(&mut self.responder, reason, Str::lend(message)) }
    }
}

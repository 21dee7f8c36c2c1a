//! Answers to inbound calls: encoded into the link's outgoing queue, written by the background task.

use std::sync::Arc;

use rmix_abi::guest::Respond;
use rmix_abi::tables::{Enc, Err, call_flags, cause, delivery, kind, refusal};

use crate::link::Shared;
use crate::outbox::Outgoing;
use crate::protocol::Protocol;

/// Word of an encoder's state in which the reply's kind is kept.
const KIND_WORD: usize = 3;

/// The right to answer one inbound call.
pub(crate) struct MuxResponder<P: Protocol> {
    shared: Arc<Shared<P>>,
    /// The peer's number; `None` when it expects no answer.
    id: Option<u32>,
    /// The protocol's word for the call; 0 when it does not want to know how it ends.
    token: u64,
    /// What the call counts among the bytes being served.
    bytes: u32,
    answered: bool,
    idempotent: bool,
}

impl<P: Protocol> MuxResponder<P> {
    pub(crate) fn new(
        shared: Arc<Shared<P>>,
        id: Option<u32>,
        token: u64,
        bytes: u32,
    ) -> MuxResponder<P> {
        MuxResponder {
            shared,
            id,
            token,
            bytes,
            answered: false,
            idempotent: false,
        }
    }

    /// One that was not needed, put by: nothing is said when it is dropped.
    pub(crate) fn put_by(mut self) -> MuxResponder<P> {
        self.answered = true;
        self
    }

    /// One that was put by, for another one-way call.
    pub(crate) fn again(mut self, bytes: u32) -> MuxResponder<P> {
        self.bytes = bytes;
        self.answered = false;
        self
    }

    /// Queues the answer, if one is due, and ends the call, which may be repeated if it was not executed.
    fn finish(&mut self, message: Vec<u8>, executed: bool) {
        if std::mem::replace(&mut self.answered, true) {
            return;
        }
        let mut message = Outgoing::from(message);
        if self.token != 0 {
            let repeatable = self.idempotent || !executed;
            let protocol = &self.shared.protocol;
            protocol.ended(self.token, &mut message, repeatable);
        }
        let mut state = self.shared.lock();
        state.serving.end(self.bytes.into());
        if self.id.is_some() && !message.is_empty() && state.closed.is_none() {
            state.out.append(message);
            self.shared.note_fullness(&state);
        } else {
            state.out.recycle_message(message);
        }
        self.shared.leave_to_task(state);
    }
}

impl<P: Protocol> Respond for MuxResponder<P> {
    fn begin(&mut self, kind: u32, flags: u32) -> Result<Enc, Err> {
        self.idempotent = flags & call_flags::IDEMPOTENT != 0;
        let mut enc = {
            let mut state = self.shared.lock();
            // The protocol may want the answer for a peer that comes back.
            if let Some(failure) = state.closed.as_ref().filter(|_| self.token == 0) {
                return Err(failure.clone().delivered(delivery::EXECUTED));
            }
            self.shared.encoder(&mut state)
        };
        if let Some(word) = enc.state.get_mut(KIND_WORD) {
            *word = u64::from(kind);
        }
        let id = self.id.unwrap_or_default();
        if let Err(failure) = self.shared.protocol.begin_reply(id, kind, flags, &mut enc) {
            self.abort(enc);
            return Err(failure);
        }
        Ok(enc)
    }

    fn submit(&mut self, mut enc: Enc) -> Result<(), Err> {
        let reply = enc.state.get(KIND_WORD).copied().unwrap_or_default();
        let reply = u32::try_from(reply).unwrap_or_default();
        if let Err(failure) = self.shared.protocol.finish_reply(reply, &mut enc) {
            self.abort(enc);
            self.refuse(refusal::INTERNAL, "the reply is too long for the protocol");
            return Err(failure);
        }
        if self.answered {
            let message = "the call was answered twice";
            return Err(Err::new(kind::INTERNAL, cause::OTHER, message));
        }
        self.finish(enc.buf.into_vec(), true);
        Ok(())
    }

    fn abort(&mut self, enc: Enc) {
        self.shared.lock().out.recycle(enc.buf.into_vec());
    }

    fn refuse(&mut self, reason: u32, message: &str) {
        let answer = match self.id {
            Some(id) => self.shared.protocol.refuse(id, reason, message),
            None => Vec::new(),
        };
        let executed = matches!(reason, refusal::DONE | refusal::INTERNAL);
        self.finish(answer, executed);
    }
}

impl<P: Protocol> Drop for MuxResponder<P> {
    fn drop(&mut self) {
        if !self.answered {
            self.refuse(refusal::INTERNAL, "the call ended without an answer");
        }
    }
}

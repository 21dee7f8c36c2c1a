//! Inbound calls that were read, on their way to the host.

use std::sync::Arc;

use rmix_abi::guest::{CallFacts, InboundCall, Respond as _};
use rmix_abi::tables::refusal;

use super::{Half, Shared};
use crate::protocol::{Origin, Protocol, Request};
use crate::respond::MuxResponder;

/// What is known while the messages of one read are handled.
pub(super) struct Batch<P: Protocol> {
    /// The call that leads; its poller is at work already.
    pub(super) leader: Option<u64>,
    /// Where the messages come from.
    pub(super) origin: Origin,
    /// The link is being closed.
    pub(super) closing: bool,
    /// A responder of a one-way call that has ended without need of it, for the next one.
    unneeded: Option<MuxResponder<P>>,
}

impl<P: Protocol> Batch<P> {
    pub(super) fn new(leader: Option<u64>, origin: Origin) -> Batch<P> {
        Batch {
            leader,
            origin,
            closing: false,
            unneeded: None,
        }
    }
}

impl<P: Protocol> Shared<P> {
    pub(super) fn serve(self: &Arc<Self>, request: &mut Request) {
        let bytes = length(request);
        let closing = {
            let mut state = self.lock();
            state.serving.begin(bytes.into());
            self.note_fullness(&state);
            state.closing
        };
        let mut responder = MuxResponder::new(self.clone(), request.id, request.token, bytes);
        if self.object_of(request) == 0 || closing {
            let (reason, why) = if closing {
                (refusal::BUSY, "the link is being closed")
            } else {
                (
                    refusal::NO_SUCH_OBJECT,
                    "no object is exported on this link",
                )
            };
            responder.refuse(reason, why);
            self.flush_answers();
            return;
        }
        let decoder = self.decoder(std::mem::take(&mut request.body));
        let facts = self.facts(request);
        self.host
            .dispatch(InboundCall::new(facts, decoder, responder));
    }

    /// Serves a call that nobody waits for. One that ends in place takes no lock and counts nobody who holds the link.
    pub(super) fn serve_oneway(
        self: &Arc<Self>,
        request: &mut Request,
        half: &mut Half<P>,
        batch: &mut Batch<P>,
    ) {
        if self.object_of(request) == 0 || batch.closing {
            return;
        }
        let bytes = length(request);
        let responder = match batch.unneeded.take() {
            Some(unneeded) => unneeded.again(bytes),
            None => MuxResponder::new(self.clone(), None, 0, bytes),
        };
        let decoder = self.decoder(std::mem::take(&mut request.body));
        let facts = self.facts(request);
        let call = InboundCall::new(facts, decoder, responder);
        match self.host.dispatch_oneway(call) {
            Some(unneeded) => {
                batch.unneeded = Some(unneeded.put_by());
                half.passed += 1;
            }
            // It may have ended meanwhile.
            None => {
                let mut state = self.lock();
                state.serving.begin(bytes.into());
                self.note_fullness(&state);
            }
        }
    }

    fn object_of(&self, request: &Request) -> u64 {
        request.object.unwrap_or(self.options.object)
    }

    fn facts<'a>(&'a self, request: &'a Request) -> CallFacts<'a> {
        CallFacts {
            object: self.object_of(request),
            connection: self.connection,
            method: request.method.as_deref(),
            number: request.number,
            oneway: request.id.is_none(),
            arguments: request.count,
            peer: &self.options.peer,
            claim: request.claim.as_deref(),
        }
    }

    /// Sends answers made outside the background task's rounds.
    pub(super) fn flush_answers(self: &Arc<Self>) {
        let state = self.lock();
        if state.out.wants_write() {
            self.leave_to_task(state);
        }
    }
}

/// What a call counts among the bytes being served.
fn length(request: &Request) -> u32 {
    let name = request.method.as_deref().map_or(0, <[u8]>::len);
    u32::try_from(request.body.len().saturating_add(name)).unwrap_or(u32::MAX)
}

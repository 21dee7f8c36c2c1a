//! Input `Submit`: the queue, batches, the window, and the hand-over of what is delivered.

use std::sync::Arc;

use super::{Ring, Standing};
use crate::action::{Action, Delivery, Refusal};
use crate::message::{Content, Numbered, Payload};

impl<P: Payload> Ring<P> {
    pub(super) fn submit(&mut self, payload: P) {
        self.enqueue(payload);
        self.settle();
    }

    /// Broadcasts messages that were submitted together, in as few batches as they fit in.
    pub(crate) fn submit_all(&mut self, payloads: &mut Vec<P>) {
        for payload in payloads.drain(..) {
            self.enqueue(payload);
        }
        self.settle();
    }

    fn enqueue(&mut self, payload: P) {
        if !matches!(self.standing, Standing::Member | Standing::Joining) {
            let refusal = Refusal::NotMember(payload);
            return self.actions.push_back(Action::Refused(refusal));
        }
        let limits = &self.config.limits;
        let bytes = self.queued_bytes.saturating_add(payload.bytes());
        if self.queue.len() >= limits.queued_messages_max || bytes > limits.queued_bytes_max {
            let refusal = Refusal::Busy(payload);
            return self.actions.push_back(Action::Refused(refusal));
        }
        self.queued_bytes = bytes;
        self.queue.push_back(payload);
    }

    /// Broadcasts what the window allows and delivers what is stable.
    pub(super) fn settle(&mut self) {
        if self.wedged {
            return;
        }
        self.deliver();
        while !self.queue.is_empty() && self.broadcast.own() < self.config.limits.window_batches {
            let batch = self.next_batch();
            self.broadcast.submit(Content::Batch(batch));
            self.deliver();
        }
    }

    /// The first messages of the queue: one, and what else fits.
    fn next_batch(&mut self) -> Arc<[P]> {
        let limits = self.config.limits;
        let mut batch = Vec::new();
        let mut batch_bytes = 0_usize;
        while let Some(payload) = self.queue.front() {
            let bytes = payload.bytes();
            let is_full = batch.len() >= limits.batch_messages_max
                || batch_bytes.saturating_add(bytes) > limits.batch_bytes_max;
            if is_full && !batch.is_empty() {
                break;
            }
            batch_bytes = batch_bytes.saturating_add(bytes);
            self.queued_bytes = self.queued_bytes.saturating_sub(bytes);
            batch.extend(self.queue.pop_front());
        }
        assert!(!batch.is_empty(), "the queue had a message");
        batch.into()
    }

    fn deliver(&mut self) {
        while let Some(numbered) = self.broadcast.deliver() {
            self.hand_over(numbered, false);
        }
    }

    /// Gives one message of this view to the application.
    pub(super) fn hand_over(&mut self, numbered: Numbered<P>, flushed: bool) {
        let Some(origin) = self.view.member(numbered.stamp.origin) else {
            return;
        };
        if matches!(numbered.content, Content::Synced) {
            self.unsynced.remove(&origin);
            let release = Action::ReleaseSnapshot { joiner: origin };
            self.actions.push_back(release);
        }
        self.actions.push_back(Action::Deliver(Delivery {
            view: self.view.id,
            stamp: numbered.stamp,
            origin,
            content: numbered.content,
            flushed,
        }));
    }
}

//! What waits to be sent to one neighbour, in the order in which it was learnt.
//!
//! A frame takes as many items as the link has room for. Evidence that waits is dropped when newer
//! evidence says the same and more, so that under load the second lap shrinks to a watermark that
//! rides on the frames of the first. Evidence may be late; it never overtakes what was learnt before
//! it, because the order lemma needs that.

use std::collections::VecDeque;

use crate::frame::{Evidence, Item};
use crate::view::Rank;

/// The items for one neighbour.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Outbox<P> {
    items: VecDeque<Item<P>>,
}

impl<P> Outbox<P> {
    pub(crate) fn new() -> Outbox<P> {
        Outbox {
            items: VecDeque::new(),
        }
    }

    pub(crate) fn push(&mut self, item: Item<P>) {
        self.items.push_back(item);
    }

    /// Adds evidence, in place of waiting evidence that it implies.
    pub(crate) fn push_evidence(&mut self, evidence: Evidence, size: Rank) {
        self.items.retain(|item| match item {
            Item::Evidence(waiting) => {
                waiting.origin != evidence.origin
                    || waiting.up_to > evidence.up_to
                    || !evidence.known.covers(waiting.known, size)
            }
            Item::Copy { .. } => true,
        });
        self.items.push_back(Item::Evidence(evidence));
    }

    /// The first items, at most `items_max`.
    pub(crate) fn take(&mut self, items_max: usize) -> Vec<Item<P>> {
        let count = self.items.len().min(items_max);
        self.items.drain(..count).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }
}

//! P7: a view has one decision, a view is followed by one other, and a promise is never taken back.

use std::collections::BTreeMap;
use std::sync::Arc;

use harness_ring::{Ballot, MemberId, Ring, Value, ViewId};

use super::Verdict;
use crate::process::Word;

/// Every decision that anyone installed, and what everyone promised last.
#[derive(Debug, Default)]
pub struct Decisions {
    by_view: BTreeMap<ViewId, Arc<Value<Word>>>,
    /// The view that follows one, by its fingerprint.
    followers: BTreeMap<u64, ViewId>,
    promises: BTreeMap<MemberId, Promise>,
    /// Views that were followed by two: only where the policy lets a ring split.
    splits: u64,
}

/// What a member promised and accepted in a view.
#[derive(Clone, Copy, Debug)]
struct Promise {
    view: ViewId,
    promised: Ballot,
    accepted: Option<Ballot>,
}

impl Decisions {
    /// Someone's view was decided so.
    ///
    /// # Errors
    /// If others had another decision for it.
    pub fn decides(&mut self, id: MemberId, value: &Arc<Value<Word>>) -> Verdict {
        let view = value.view.id;
        let decided = self.by_view.entry(view).or_insert_with(|| value.clone());
        if decided != value {
            return Err(format!("P7 {id} installs another view {view} than others"));
        }
        Ok(())
    }

    /// Someone installed this view.
    ///
    /// # Errors
    /// If another view follows the same one, unless the policy lets a ring split.
    pub fn installs(&mut self, id: MemberId, view: ViewId, may_split: bool) -> Verdict {
        let follower = self.followers.entry(view.parent).or_insert(view);
        if *follower == view {
            return Ok(());
        }
        if !may_split {
            return Err(format!(
                "P7 {id} installs {view}, another follows the same view: {follower}"
            ));
        }
        self.splits += 1;
        Ok(())
    }

    /// What a member has promised and accepted now.
    ///
    /// # Errors
    /// If it is below what it was in the same view.
    pub fn promises(&mut self, id: MemberId, ring: &Ring<Word>) -> Verdict {
        let now = Promise {
            view: ring.view().id,
            promised: ring.promised(),
            accepted: ring.accepted().map(|accepted| accepted.ballot),
        };
        let Some(before) = self.promises.insert(id, now) else {
            return Ok(());
        };
        let is_same_view = before.view == now.view;
        if is_same_view && (now.promised < before.promised || now.accepted < before.accepted) {
            return Err(format!(
                "P7 {id} took back a promise: {before:?}, then {now:?}"
            ));
        }
        if now.view.epoch < before.view.epoch {
            return Err(format!(
                "P7 {id} went back from view {} to {}",
                before.view, now.view
            ));
        }
        Ok(())
    }

    /// How often a second view was installed after one.
    pub fn splits(&self) -> u64 {
        self.splits
    }
}

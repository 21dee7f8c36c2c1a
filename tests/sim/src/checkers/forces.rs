//! P5 with an operator: who goes on against the policy was forced to, in that very view, and while it was blocked.
//!
//! What a force gives up: in a run with mistakes, the view in which one counted may be followed by two (`Decisions`), and then
//! only what holds for each chain of views is looked at (`split`). In a run where only the dead are suspected it gives up
//! nothing. Everything that is looked at on the way holds with a force as without.

use std::collections::{BTreeMap, BTreeSet};

use harness_ring::{Ballot, MemberId, Policy, Ring, View, ViewId};

use super::{Processes, Verdict};
use crate::process::Word;

/// Every force that counted, and the attempts of all members.
#[derive(Debug, Default)]
pub struct Forces {
    /// Who was forced in a view, by the view's fingerprint.
    counted: BTreeMap<u64, BTreeSet<MemberId>>,
    /// In which view a member's force still counts.
    armed: BTreeMap<MemberId, ViewId>,
    /// Every attempt that was seen of a member. A later one, which no force allows, may adopt its value.
    attempts: BTreeSet<(ViewId, Ballot)>,
}

/// A view that someone installs.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The view before.
    pub last: &'a View,
    /// This one.
    pub next: &'a View,
    /// Who left in order.
    pub left: &'a [MemberId],
}

impl Forces {
    /// A member that is blocked is forced.
    pub fn count(&mut self, id: MemberId, view: ViewId) {
        self.counted
            .entry(view.fingerprint())
            .or_default()
            .insert(id);
        self.armed.insert(id, view);
    }

    /// Whether a member's force still counts.
    pub fn counts(&self, id: MemberId, view: ViewId) -> bool {
        self.armed.get(&id) == Some(&view)
    }

    /// Whether any force counted in the view with this fingerprint.
    pub fn counted_in(&self, view: u64) -> bool {
        self.counted.contains_key(&view)
    }

    /// Someone installs a view. Tells whether a force made it.
    ///
    /// # Errors
    /// If the policy forbids the view and its proposer was not forced, or not any more.
    pub fn installs(
        &self,
        id: MemberId,
        policy: Policy,
        change: Change<'_>,
        processes: &Processes,
    ) -> Result<bool, String> {
        let Change { last, next, left } = change;
        let took_part = |member: MemberId| next.contains(member) || left.contains(&member);
        if !next.id.follows(&last.id) || may_go_on(policy, last, took_part, processes) {
            return Ok(false);
        }
        let proposer = next.id.ballot.coordinator;
        let counted = self.counted.get(&last.id.fingerprint());
        // Who is alone begins and decides at once.
        let is_new = !self.attempts.contains(&(last.id, next.id.ballot));
        let was_forced = counted.is_some_and(|members| members.contains(&proposer))
            && (proposer != id || !is_new || self.counts(id, last.id));
        if was_forced {
            return Ok(true);
        }
        Err(format!(
            "P5 {proposer} went on from {last} to {next} without a force"
        ))
    }

    /// A member has handled an input. `may_be_older` says that its suspicions may be newer than its attempt.
    ///
    /// # Errors
    /// If it has begun a change that the policy forbids and that no force allows, or not any more.
    pub fn after(
        &mut self,
        id: MemberId,
        policy: Policy,
        ring: &Ring<Word>,
        may_be_older: bool,
        processes: &Processes,
    ) -> Verdict {
        let view = ring.view();
        let attempted = ring.attempted();
        let has_begun = attempted.is_some_and(|ballot| self.attempts.insert((view.id, ballot)));
        let counts = self.counts(id, view.id);
        let is_left = |member| !ring.suspects(member);
        if has_begun && !counts && !may_be_older && !may_go_on(policy, view, is_left, processes) {
            return Err(format!(
                "P5 {id} begins a change of {view} with too few, and no force counts"
            ));
        }
        if self.armed.contains_key(&id) && (!counts || is_well(policy, view, is_left)) {
            self.armed.remove(&id);
        }
        Ok(())
    }
}

/// Whether the policy lets these members of a view go on.
fn may_go_on(
    policy: Policy,
    view: &View,
    is_left: impl Fn(MemberId) -> bool,
    processes: &Processes,
) -> bool {
    let is_dead = |member: &MemberId| !processes.get(member).is_some_and(|other| other.alive);
    let mut lost = view.ring.iter().filter(|member| !is_left(**member));
    match policy {
        Policy::Survivor => true,
        // A fence makes it so.
        Policy::FencedSurvivor => lost.all(is_dead),
        Policy::Quorum { tie_break } => {
            let lost = lost.count();
            let left = view.ring.len() - lost;
            let has_first = view.ring.first().is_some_and(|first| is_left(*first));
            left > lost || (tie_break && has_first && left == lost)
        }
    }
}

/// Whether a member that hears of these has nothing to be forced for.
fn is_well(policy: Policy, view: &View, is_left: impl Fn(MemberId) -> bool) -> bool {
    match policy {
        Policy::Quorum { .. } => may_go_on(policy, view, is_left, &Processes::new()),
        _ => view.ring.iter().all(|member| is_left(*member)),
    }
}

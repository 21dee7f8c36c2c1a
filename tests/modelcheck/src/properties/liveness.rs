//! P4 and P5: where no frame is under way and every crash is known, all members of the top view are
//! in it, at rest, with the same log and without the dead; and what a live member submitted is
//! delivered. Under `Quorum` only if a majority lives; with suspicions that nobody took back, not at
//! all.

use harness_ring::{Policy, Standing, View};

use crate::cluster::{Cluster, State, id};
use crate::node::{Entry, Node};

pub(super) fn holds(model: &Cluster, state: &State) -> bool {
    let Some(top) = settled(model, state) else {
        return true;
    };
    let members: Vec<_> = state.nodes.iter().filter(|node| node.is_member()).collect();
    let mut in_top = members.iter().filter(|node| node.ring.view() == top);
    let Some(first) = in_top.next() else {
        return true;
    };
    let all_in_top = members
        .iter()
        .all(|node| node.ring.view() == top || was_excluded(node, top));
    let joined = state.asked().iter().all(|slot| {
        let node = &state.nodes[*slot];
        !node.alive || node.ring.standing() != Standing::Joining || contact_died(model, state)
    });
    all_in_top
        && joined
        && in_top.all(|node| tail(&node.log, first))
        && members
            .iter()
            .filter(|node| node.ring.view() == top)
            .all(|node| is_at_rest(node))
        && top
            .ring
            .iter()
            .all(|member| state.nodes[member.slot as usize].takes_part())
        && everything_is_delivered(state, top, first)
}

/// The view that must have gone on, where nothing moves; none if something does, or the policy rightly
/// blocks it.
pub(super) fn settled<'a>(model: &Cluster, state: &'a State) -> Option<&'a View> {
    if !is_quiet(model, state) || !state.false_suspicions.is_empty() {
        return None;
    }
    let members = state.nodes.iter().filter(|node| node.is_member());
    let views = members.map(|node| node.ring.view());
    let top = views.max_by_key(|view| view.id)?;
    can_go_on(model, state, top).then_some(top)
}

/// Whether no frame is under way and every crash is known.
pub(super) fn is_quiet(model: &Cluster, state: &State) -> bool {
    let under_way = state
        .links
        .iter()
        .any(|((_, to), link)| state.nodes[*to].alive && !link.is_empty());
    let mut watchers = state
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.takes_part());
    !under_way
        && watchers.all(|(who, node)| {
            let mut dead = state
                .nodes
                .iter()
                .enumerate()
                .filter(|(_, other)| !other.alive);
            dead.all(|(whom, _)| {
                state.true_suspicions.contains(&(who, whom))
                    || !(node.ring.view().contains(id(whom)) || whom >= model.founders)
            })
        })
}

fn can_go_on(model: &Cluster, state: &State, top: &harness_ring::View) -> bool {
    let in_top = |member: &&harness_ring::MemberId| {
        let node = &state.nodes[member.slot as usize];
        node.is_member() && node.ring.view() == top
    };
    let live = top.ring.iter().filter(in_top).count();
    match model.config.policy {
        Policy::Quorum { tie_break } => {
            let has_first = top.ring.first().is_some_and(|first| in_top(&first));
            live * 2 > top.ring.len() || (tie_break && has_first && live * 2 == top.ring.len())
        }
        // A joiner alone has no state to go on with.
        _ => {
            live > 0
                && top
                    .ring
                    .iter()
                    .any(|member| in_top(&member) && (member.slot as usize) < model.founders)
        }
    }
}

/// A member that the others left out and did not reach: it is not in the top view.
fn was_excluded(node: &Node, top: &harness_ring::View) -> bool {
    !top.contains(node.ring.me())
}

/// A request to join dies with the member that was asked.
fn contact_died(model: &Cluster, state: &State) -> bool {
    state.nodes[..model.founders]
        .iter()
        .any(|node| !node.takes_part())
}

fn is_at_rest(node: &Node) -> bool {
    !node.ring.is_wedged()
        && node.ring.holders().next().is_none()
        && node.ring.queued() == 0
        && node.ring.is_idle()
}

/// Whether both logs end alike; a joiner's is shorter.
fn tail(log: &[Entry], other: &Node) -> bool {
    let reversed = log.iter().rev().zip(other.log.iter().rev());
    reversed
        .into_iter()
        .all(|(left, right)| match (left, right) {
            (Entry::View { view: left, .. }, Entry::View { view: right, .. }) => left == right,
            _ => left == right,
        })
}

fn everything_is_delivered(state: &State, top: &harness_ring::View, first: &Node) -> bool {
    let founder_log = state
        .nodes
        .iter()
        .filter(|node| node.ring.view() == top)
        .find(|node| {
            matches!(
                node.log.first(),
                Some(Entry::View {
                    is_first: false,
                    ..
                })
            )
        });
    let log = founder_log.map_or(&first.log, |node| &node.log);
    let is_delivered = |payload: u8| {
        log.iter().any(
            |entry| matches!(entry, Entry::Message { payload: found, .. } if *found == payload),
        )
    };
    top.ring.iter().all(|member| {
        let slot = member.slot as usize;
        let count = state.submitted()[slot];
        let start = u8::try_from(slot * 16).unwrap_or(u8::MAX);
        founder_log.is_none() || (0..count).all(|number| is_delivered(start + number))
    })
}

//! P1 where the policy lets a ring split: members of one view agree while they are in it, and those who
//! go on together ended it alike.

use std::collections::BTreeMap;

use harness_ring::{MemberId, View, ViewId};

use super::Verdict;
use crate::process::Entry;

/// What one process saw of one view.
struct Stay<'a> {
    id: MemberId,
    messages: &'a [Entry],
    next: Option<ViewId>,
}

/// Checks all logs; a log starts with the view that its process started in.
///
/// # Errors
/// If two members of one view contradict each other.
pub fn check(logs: &BTreeMap<MemberId, &[Entry]>) -> Verdict {
    let mut views: BTreeMap<ViewId, &View> = BTreeMap::new();
    let mut stays: BTreeMap<ViewId, Vec<Stay<'_>>> = BTreeMap::new();
    for (id, log) in logs {
        let mut rest = *log;
        while let Some((Entry::View(view), after)) = rest.split_first() {
            let known = views.entry(view.id).or_insert(view);
            if *known != view {
                return Err(format!("P1 {id} has other members in view {}", view.id));
            }
            let end = after
                .iter()
                .position(|entry| matches!(entry, Entry::View(_)));
            let (messages, further) = after.split_at(end.unwrap_or(after.len()));
            let next = match further.first() {
                Some(Entry::View(next)) => Some(next.id),
                _ => None,
            };
            let stay = Stay {
                id: *id,
                messages,
                next,
            };
            stays.entry(view.id).or_default().push(stay);
            rest = further;
        }
        if !rest.is_empty() {
            return Err(format!("P1 the log of {id} does not start with a view"));
        }
    }
    stays
        .iter()
        .try_for_each(|(view, stays)| check_view(*view, stays))
}

fn check_view(view: ViewId, stays: &[Stay<'_>]) -> Verdict {
    let in_order = |stay: &Stay<'_>| {
        let is_in_order = |entry: &&Entry| matches!(entry, Entry::Message { flushed: false, .. });
        stay.messages.iter().take_while(is_in_order).count()
    };
    let longest = stays.iter().max_by_key(|stay| in_order(stay));
    let mut ends: BTreeMap<ViewId, &Stay<'_>> = BTreeMap::new();
    for stay in stays {
        if let Some(longest) = longest {
            let own = &stay.messages[..in_order(stay)];
            agree(view, (stay.id, own), (longest.id, longest.messages))?;
        }
        let Some(next) = stay.next else {
            continue;
        };
        let end = ends.entry(next).or_insert(stay);
        agree(view, (stay.id, stay.messages), (end.id, end.messages))?;
        if stay.messages.len() != end.messages.len() {
            return Err(format!(
                "P1 {} and {} go on to {next} after different messages of {view}",
                stay.id, end.id
            ));
        }
    }
    Ok(())
}

fn agree(view: ViewId, one: (MemberId, &[Entry]), other: (MemberId, &[Entry])) -> Verdict {
    let differ = one
        .1
        .iter()
        .zip(other.1)
        .find(|(left, right)| !super::prefix::same(left, right));
    match differ {
        Some((left, right)) => Err(format!(
            "P1 in view {view} {} saw {left:?}, {} saw {right:?}",
            one.0, other.0
        )),
        None => Ok(()),
    }
}

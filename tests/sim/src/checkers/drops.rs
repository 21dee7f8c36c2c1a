//! P8: what a member ignores is of another view, or comes during a view change; members that keep the
//! rules send nothing else that is ignored.

use harness_ring::{Drop, MemberId};

use super::Verdict;

/// The name of a reason in the statistics.
pub fn name(reason: Drop) -> &'static str {
    match reason {
        Drop::OldView => "dropped: old view",
        Drop::ForeignView => "dropped: foreign view",
        Drop::Stranger => "dropped: stranger",
        Drop::Hearsay => "dropped: hearsay",
        Drop::Wedged => "dropped: wedged",
        Drop::NotNeighbour => "dropped: not a neighbour",
        Drop::Nonsense => "dropped: nonsense",
        Drop::NotMember => "dropped: not a member",
    }
}

/// Whether it may happen among members that keep the rules.
///
/// # Errors
/// If not.
pub fn judge(id: MemberId, from: MemberId, reason: Drop) -> Verdict {
    match reason {
        Drop::NotNeighbour | Drop::Nonsense | Drop::Stranger => {
            Err(format!("P8 {id} dropped a frame of {from}: {reason:?}"))
        }
        _ => Ok(()),
    }
}

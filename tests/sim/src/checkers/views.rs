//! P7: nobody accepts above its promise, and a view has one decision. P8: a view starts with nothing
//! of the one before.

use std::collections::BTreeMap;

use super::{Processes, Verdict};

/// Compares the view changes of all members.
///
/// # Errors
/// If two differ.
pub fn check(processes: &Processes) -> Verdict {
    let mut decisions = BTreeMap::new();
    for (id, process) in processes {
        let ring = process.member.ring();
        if let Some(accepted) = ring.accepted()
            && accepted.ballot > ring.promised()
        {
            return Err(format!("P7 {id} accepted above its promise"));
        }
        let Some(base) = ring.base() else {
            continue;
        };
        let (first, decision) = decisions.entry(base.view.id).or_insert((*id, base));
        if *decision != base {
            return Err(format!("P7 {id} and {first} differ on view {}", base.view));
        }
        let is_new = |clock| clock > base.floor;
        if !ring.holders().all(|(stamp, _)| is_new(stamp.clock)) {
            return Err(format!("P8 {id} holds a message of the view before"));
        }
    }
    Ok(())
}

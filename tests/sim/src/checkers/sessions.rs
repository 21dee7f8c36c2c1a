//! P12: nobody has received, or is told that someone received, more than was sent.

use super::{Processes, Verdict};

/// Compares both ends of every session.
///
/// # Errors
/// If one end has more than the other gave.
pub fn check(processes: &Processes) -> Verdict {
    for (id, process) in processes {
        for (peer, session) in process.member.sessions() {
            let other = processes.get(&peer).filter(|other| other.alive);
            let Some(other) = other.filter(|_| process.alive) else {
                continue;
            };
            let mut theirs = other.member.sessions();
            let Some((_, theirs)) = theirs.find(|(back, _)| back == id) else {
                continue;
            };
            let acknowledged = session.sent() - session.kept() as u64;
            if session.received() > theirs.sent() || acknowledged > theirs.received() {
                return Err(format!("P12 {id} and {peer} differ on their session"));
            }
        }
    }
    Ok(())
}

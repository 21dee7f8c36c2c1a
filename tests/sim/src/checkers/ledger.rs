//! P12: a session gives every frame once and in the order of sending, and gives what was sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use harness_ring::{Frame, MemberId};

use super::Verdict;
use crate::process::Word;

/// Every frame of every session, by sender and receiver, in the order of their numbers.
#[derive(Debug, Default)]
pub struct Ledger {
    sent: BTreeMap<(MemberId, MemberId), Vec<Arc<Frame<Word>>>>,
}

impl Ledger {
    /// Notes a frame on its way; tells whether it is one that was sent before.
    ///
    /// # Errors
    /// If a number is left out, or stands for another frame than before.
    pub fn sends(
        &mut self,
        from: MemberId,
        to: MemberId,
        number: u64,
        frame: &Arc<Frame<Word>>,
    ) -> Result<bool, String> {
        let frames = self.sent.entry((from, to)).or_default();
        let next = frames.len() as u64 + 1;
        if number == next {
            frames.push(frame.clone());
            return Ok(false);
        }
        if is_frame(frames, number, frame) {
            return Ok(true);
        }
        Err(format!(
            "P12 {from} sends frame {number} to {to} after {} others",
            next - 1
        ))
    }

    /// Judges how far a session had come before and after a frame arrived.
    ///
    /// # Errors
    /// If it took a frame twice, out of order, or one that was not sent.
    pub fn takes(
        &self,
        (from, to): (MemberId, MemberId),
        (before, after): (u64, u64),
        number: u64,
        frame: &Arc<Frame<Word>>,
    ) -> Verdict {
        if after == before {
            return Ok(());
        }
        let frames = self.sent.get(&(from, to)).map_or(&[][..], |sent| sent);
        if after == before + 1 && after == number && is_frame(frames, number, frame) {
            return Ok(());
        }
        Err(format!(
            "P12 {to} took frame {number} of {from} and went from {before} to {after}"
        ))
    }
}

fn is_frame(frames: &[Arc<Frame<Word>>], number: u64, frame: &Arc<Frame<Word>>) -> bool {
    let place = number
        .checked_sub(1)
        .and_then(|place| usize::try_from(place).ok());
    let noted = place.and_then(|place| frames.get(place));
    noted.is_some_and(|noted| Arc::ptr_eq(noted, frame) || noted == frame)
}

//! Who is known to know what is stable, as watermarks for each origin.
//!
//! Copies of one origin keep their order on every link, so what is stable of an origin is always
//! everything up to some clock, and what is known of an older message covers what is known of a
//! newer one. A few marks for each origin therefore stand for all its messages.

use std::collections::BTreeMap;

use crate::frame::Evidence;
use crate::ring_arc::RingArc;
use crate::view::Rank;

/// The marks of one member in one view.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Knowledge {
    /// For each origin by rising clock; no mark is implied by another.
    origins: BTreeMap<Rank, Vec<Mark>>,
}

/// Every message up to `up_to` is stable, and `known` know it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Mark {
    up_to: u64,
    known: RingArc,
}

impl Knowledge {
    /// Adds what a copy or a neighbour's evidence says, and returns it joined with what was known
    /// before about the same messages.
    pub(crate) fn learn(&mut self, evidence: Evidence, size: Rank) -> Evidence {
        let marks = self.origins.entry(evidence.origin).or_default();
        let newer = marks.iter().filter(|mark| mark.up_to >= evidence.up_to);
        let known = newer.fold(evidence.known, |known, mark| known.join(mark.known, size));
        let implied = marks
            .iter()
            .any(|mark| mark.up_to >= evidence.up_to && mark.known.covers(known, size));
        if !implied {
            marks.retain(|mark| mark.up_to > evidence.up_to || !known.covers(mark.known, size));
            let place = marks.partition_point(|mark| mark.up_to <= evidence.up_to);
            marks.insert(
                place,
                Mark {
                    up_to: evidence.up_to,
                    known,
                },
            );
        }
        Evidence { known, ..evidence }
    }

    /// The clock up to which everything of this origin is known to be stable; zero is before all.
    pub(crate) fn stable_up_to(&self, origin: Rank) -> u64 {
        let last = self.origins.get(&origin).and_then(|marks| marks.last());
        last.map_or(0, |mark| mark.up_to)
    }

    /// All marks, as evidence.
    pub(crate) fn marks(&self) -> impl Iterator<Item = Evidence> + '_ {
        self.origins.iter().flat_map(|(origin, marks)| {
            marks.iter().map(|mark| Evidence {
                origin: *origin,
                up_to: mark.up_to,
                known: mark.known,
            })
        })
    }
}

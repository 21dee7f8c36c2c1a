//! Who takes part: member ids with their incarnation, and the ballots of a view change.

/// A process that takes part in the ring. A restarted process is a new member: same slot, higher
/// incarnation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MemberId {
    /// The place in the installation that the process fills.
    pub slot: u32,
    /// Raised at each restart, and at each return after an exclusion.
    pub incarnation: u32,
}

impl MemberId {
    /// The first incarnation of a slot.
    pub const fn first(slot: u32) -> MemberId {
        MemberId {
            slot,
            incarnation: 0,
        }
    }

    /// The id under which this process may come back after it was excluded.
    pub const fn next_incarnation(self) -> MemberId {
        MemberId {
            slot: self.slot,
            incarnation: self.incarnation.saturating_add(1),
        }
    }
}

impl std::fmt::Display for MemberId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.slot)?;
        if self.incarnation > 0 {
            write!(out, ".{}", self.incarnation)?;
        }
        Ok(())
    }
}

/// The number of an attempt to change the view; a higher one wins. Ballots are compared within one
/// view only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ballot {
    /// Raised above every ballot that its coordinator has seen in this view.
    pub round: u64,
    /// The coordinator.
    pub coordinator: MemberId,
}

impl Ballot {
    /// Below every ballot of an attempt.
    pub const NONE: Ballot = Ballot {
        round: 0,
        coordinator: MemberId::first(0),
    };
}

impl std::fmt::Display for Ballot {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}@{}", self.round, self.coordinator)
    }
}

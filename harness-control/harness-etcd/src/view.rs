//! Who is there: the members in the order in which they came. Pure.

use harness_ring::MemberId;

/// The members at one place of the log.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Members {
    rows: Vec<(MemberId, String)>,
    /// Views so far.
    pub(crate) epoch: u64,
}

impl Members {
    pub(crate) fn new(rows: Vec<(MemberId, String)>, epoch: u64) -> Members {
        Members { rows, epoch }
    }

    /// The members' ids, the first of them first.
    pub(crate) fn ids(&self) -> Vec<MemberId> {
        self.rows.iter().map(|(member, _)| *member).collect()
    }

    pub(crate) fn rows(&self) -> &[(MemberId, String)] {
        &self.rows
    }

    pub(crate) fn first(&self) -> Option<MemberId> {
        self.rows.first().map(|(member, _)| *member)
    }

    pub(crate) fn contains(&self, member: MemberId) -> bool {
        self.rows.iter().any(|(there, _)| *there == member)
    }

    /// Who has this slot.
    pub(crate) fn in_slot(&self, slot: u32) -> Option<&(MemberId, String)> {
        self.rows.iter().find(|(member, _)| member.slot == slot)
    }

    /// Who has this name.
    pub(crate) fn named(&self, name: &str) -> Option<MemberId> {
        let row = self.rows.iter().find(|(_, there)| there == name);
        row.map(|(member, _)| *member)
    }

    /// Takes a member in, at the end; false if its slot is in use.
    pub(crate) fn join(&mut self, member: MemberId, name: String) -> bool {
        if self.in_slot(member.slot).is_some() {
            return false;
        }
        self.rows.push((member, name));
        self.epoch += 1;
        true
    }

    /// Takes out who has this slot.
    pub(crate) fn lose(&mut self, slot: u32) -> Option<(MemberId, String)> {
        let index = self
            .rows
            .iter()
            .position(|(member, _)| member.slot == slot)?;
        self.epoch += 1;
        Some(self.rows.remove(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_came_first_is_first_until_it_goes() {
        let [a, b] = [MemberId::first(9), MemberId::first(1)];
        let mut members = Members::default();
        assert!(members.join(a, "A".to_owned()));
        assert!(members.join(b, "B".to_owned()));
        assert_eq!(members.ids(), [a, b]);
        assert_eq!(members.lose(9), Some((a, "A".to_owned())));
        assert_eq!(members.lose(9), None);
        assert_eq!((members.first(), members.epoch), (Some(b), 3));
    }

    #[test]
    fn a_slot_has_one_member() {
        let mut members = Members::default();
        assert!(members.join(MemberId::first(1), "A".to_owned()));
        let again = MemberId::first(1).next_incarnation();
        assert!(!members.join(again, "A".to_owned()));
        assert_eq!(
            (members.named("A"), members.epoch),
            (Some(MemberId::first(1)), 1)
        );
    }
}

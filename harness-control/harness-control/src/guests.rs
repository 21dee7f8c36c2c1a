//! Who has greeted: tokens that stand for a member on one connection, and its dismissal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use harness_ring::MemberId;
use tokio::sync::watch;

/// A member that called.
#[derive(Clone)]
pub(crate) struct Guest {
    pub(crate) member: MemberId,
    /// The life of this process that the greeting was for: see `Shared`.
    pub(crate) life: u64,
    process: u64,
    token: u64,
    dismissed: Arc<watch::Sender<Option<String>>>,
}

/// All that may call.
#[derive(Default)]
pub(crate) struct Guests {
    by_slot: BTreeMap<u32, Guest>,
    slots: BTreeMap<u64, u32>,
    /// Of the view.
    members: BTreeSet<u32>,
}

/// Why a greeting is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NotAdmitted {
    /// Another process that greeted before, and still attends, has this id.
    Taken,
    /// A later incarnation greeted before.
    Outdated(u32),
    /// As many are remembered as may be.
    Full,
}

impl Guests {
    /// Admits a member under a token. Its earlier connection is dismissed.
    pub(crate) fn admit(
        &mut self,
        member: MemberId,
        process: u64,
        life: u64,
        token: u64,
        guests_max: usize,
    ) -> Result<(), NotAdmitted> {
        if let Some(known) = self.by_slot.get(&member.slot) {
            if known.member == member && known.process != process {
                return Err(NotAdmitted::Taken);
            }
            if known.member.incarnation > member.incarnation {
                return Err(NotAdmitted::Outdated(known.member.incarnation));
            }
        } else if self.by_slot.len() >= guests_max {
            self.forget_strangers();
            if self.by_slot.len() >= guests_max {
                return Err(NotAdmitted::Full);
            }
        }
        self.dismiss(member.slot, "a new connection takes its place");
        self.slots.insert(token, member.slot);
        self.by_slot.insert(
            member.slot,
            Guest {
                member,
                life,
                process,
                token,
                dismissed: Arc::new(watch::Sender::new(None)),
            },
        );
        Ok(())
    }

    /// Who has this token.
    pub(crate) fn guest(&self, token: u64) -> Option<&Guest> {
        self.by_slot.get(self.slots.get(&token)?)
    }

    /// What tells when its connection is not wanted any more.
    pub(crate) fn dismissal(&self, token: u64) -> Option<watch::Receiver<Option<String>>> {
        self.guest(token).map(|guest| guest.dismissed.subscribe())
    }

    /// Takes its token from a member: what it sends is not looked at any more.
    pub(crate) fn dismiss(&mut self, slot: u32, reason: &str) {
        if let Some(guest) = self.by_slot.remove(&slot) {
            self.slots.remove(&guest.token);
            guest.dismissed.send_replace(Some(reason.to_owned()));
        }
    }

    /// The same, unless another incarnation has the slot by now.
    pub(crate) fn dismiss_member(&mut self, member: MemberId, reason: &str) {
        let guest = self.by_slot.get(&member.slot);
        if guest.is_some_and(|guest| guest.member == member) {
            self.dismiss(member.slot, reason);
        }
    }

    pub(crate) fn dismiss_all(&mut self, reason: &str) {
        let slots: Vec<_> = self.by_slot.keys().copied().collect();
        slots
            .into_iter()
            .for_each(|slot| self.dismiss(slot, reason));
    }

    /// The view has these members: they are not forgotten for others.
    pub(crate) fn view(&mut self, members: &[MemberId]) {
        self.members = members.iter().map(|member| member.slot).collect();
    }

    fn forget_strangers(&mut self) {
        let strangers = self
            .by_slot
            .keys()
            .filter(|slot| !self.members.contains(*slot));
        let strangers: Vec<_> = strangers.copied().collect();
        for slot in strangers {
            self.dismiss(slot, "too many have greeted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(guests: &mut Guests, slot: u32) -> Result<(), NotAdmitted> {
        guests.admit(MemberId::first(slot), 7, 0, u64::from(slot), 2)
    }

    #[test]
    fn beyond_the_limit_who_is_in_no_view_is_forgotten_and_members_are_not() {
        let mut guests = Guests::default();
        guests.view(&[MemberId::first(1), MemberId::first(3)]);
        assert_eq!(admit(&mut guests, 1), Ok(()));
        assert_eq!(admit(&mut guests, 2), Ok(()), "at the limit");
        let second = guests.dismissal(2).expect("it has the token");
        assert_eq!(admit(&mut guests, 3), Ok(()));
        let reason = second.borrow().clone();
        assert_eq!(reason.as_deref(), Some("too many have greeted"));
        assert_eq!(admit(&mut guests, 4), Err(NotAdmitted::Full));
    }

    #[test]
    fn only_the_incarnation_that_is_meant_is_dismissed() {
        let mut guests = Guests::default();
        assert_eq!(admit(&mut guests, 1), Ok(()));
        let earlier = MemberId::first(1);
        guests.dismiss_member(earlier.next_incarnation(), "gone");
        assert!(guests.guest(1).is_some());
        guests.dismiss_member(earlier, "gone");
        assert!(guests.guest(1).is_none());
    }
}

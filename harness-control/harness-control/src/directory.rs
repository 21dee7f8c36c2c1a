//! Who is where: the endpoints of members and of those who want to be, as they told; and who may speak to this member
//! at all.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use harness_ring::MemberId;

use crate::config::ControlLimits;
use crate::image;
use crate::interface::Entry;

/// The latest incarnation of each slot that was heard of.
#[derive(Default)]
pub(crate) struct Directory {
    entries: BTreeMap<u32, Entry>,
    /// Members of the view, the last one if this process is outside: never forgotten.
    members: BTreeSet<MemberId>,
    /// Taken to be in the next view, oldest first.
    joining: VecDeque<MemberId>,
    /// Joiners of the view that is being agreed on.
    next: Vec<MemberId>,
    /// Not long ago members, oldest first: they may have to be told that they are out.
    former: VecDeque<MemberId>,
    /// Whether this process has a view. Without one it cannot know who its members are.
    inside: bool,
    /// Who called while it had none.
    callers: BTreeSet<MemberId>,
}

impl Directory {
    /// Notes an entry unless it breaks a limit or a later one is known.
    pub(crate) fn learn(&mut self, entry: Entry, limits: &ControlLimits) {
        if !is_within(&entry, limits) {
            return;
        }
        let known = self.entries.get(&entry.slot);
        if known.is_some_and(|known| known.incarnation > entry.incarnation) {
            return;
        }
        if known.is_none() && self.entries.len() >= limits.guests_max {
            let kept = self.company().map(|member| member.slot);
            let kept: BTreeSet<_> = kept.collect();
            self.entries.retain(|slot, _| kept.contains(slot));
        }
        if self.entries.len() <= limits.guests_max {
            self.entries.insert(entry.slot, entry);
        }
    }

    /// Notes joiners that another member names. What is known of a slot stays, be it older; and whoever may be a stranger
    /// names nobody, nor who joins or has gone: only members of the view and of the next one, or whom a joiner knows.
    pub(crate) fn introduced(
        &mut self,
        from: MemberId,
        joiners: impl Iterator<Item = Entry>,
        limits: &ControlLimits,
    ) {
        let may_name = match self.inside {
            true => self.members.contains(&from) || self.next.contains(&from),
            false => self.expects(from) && !self.callers.contains(&from),
        };
        if !may_name {
            return;
        }
        for entry in joiners {
            if !self.entries.contains_key(&entry.slot) {
                self.learn(entry, limits);
            }
        }
    }

    /// The view has these members.
    pub(crate) fn view(&mut self, members: &[MemberId], limits: &ControlLimits) {
        let members: BTreeSet<_> = members.iter().copied().collect();
        let gone = self.members.difference(&members).copied();
        let gone: Vec<_> = gone.collect();
        self.former.retain(|former| !members.contains(former));
        self.former.extend(gone);
        let surplus = self.former.len().saturating_sub(limits.former_max);
        self.former.drain(..surplus);
        self.joining.retain(|joiner| !members.contains(joiner));
        self.next.clear();
        self.members = members;
        self.inside = true;
        self.callers.clear();
    }

    /// This process is out, and starts over.
    pub(crate) fn outside(&mut self) {
        self.inside = false;
        self.joining.clear();
        self.next.clear();
    }

    /// These join with the view that is being agreed on.
    pub(crate) fn agreed(&mut self, joiners: &[MemberId]) {
        if self.next != joiners {
            self.next = joiners.to_vec();
        }
    }

    /// The ring takes this one in; so many are remembered.
    pub(crate) fn joins(&mut self, joiner: MemberId, joins_max: usize) {
        self.joining.retain(|other| other.slot != joiner.slot);
        self.joining.push_back(joiner);
        let surplus = self.joining.len().saturating_sub(joins_max);
        self.joining.drain(..surplus);
    }

    /// Whether a member may speak to this one: nobody else gets a session or a link.
    pub(crate) fn expects(&self, member: MemberId) -> bool {
        let is_known = self.members.contains(&member)
            || self.joining.contains(&member)
            || self.next.contains(&member)
            || self.former.contains(&member);
        is_known
            || (!self.inside
                && (self.callers.contains(&member) || self.endpoints(member).is_some()))
    }

    /// As [`Directory::expects`]; while this process is outside, some whom it does not know are let in, as one of them
    /// may bring it its first view.
    pub(crate) fn lets_in(&mut self, member: MemberId, limits: &ControlLimits) -> bool {
        if self.expects(member) {
            return true;
        }
        let has_room = !self.inside && self.callers.len() < limits.callers_max;
        has_room && self.callers.insert(member)
    }

    /// Members of the view and those who join.
    fn company(&self) -> impl Iterator<Item = MemberId> + '_ {
        self.members.iter().chain(&self.joining).copied()
    }

    /// What is known of a slot, to be put back if its news turn out to be none.
    pub(crate) fn entry(&self, slot: u32) -> Option<Entry> {
        self.entries.get(&slot).cloned()
    }

    /// Puts back what was known of a slot.
    pub(crate) fn restore(&mut self, slot: u32, before: Option<Entry>) {
        match before {
            Some(entry) => drop(self.entries.insert(slot, entry)),
            None => drop(self.entries.remove(&slot)),
        }
    }

    /// What is known of this very incarnation.
    pub(crate) fn introduction(&self, member: MemberId) -> Option<Entry> {
        let entry = self.entries.get(&member.slot)?;
        (entry.incarnation == member.incarnation).then(|| entry.clone())
    }

    pub(crate) fn endpoints(&self, member: MemberId) -> Option<Vec<String>> {
        let entry = self.entries.get(&member.slot)?;
        let is_same = entry.incarnation == member.incarnation;
        is_same.then(|| entry.endpoints.clone())
    }

    /// Its name; its id where the name is not known.
    pub(crate) fn name(&self, member: MemberId) -> String {
        let entry = self.entries.get(&member.slot);
        entry.map_or_else(|| member.to_string(), |entry| entry.name.clone())
    }

    /// Whether another name has this slot.
    pub(crate) fn name_in(&self, slot: u32) -> Option<&str> {
        self.entries.get(&slot).map(|entry| entry.name.as_str())
    }

    pub(crate) fn all(&self) -> Vec<Entry> {
        self.entries.values().cloned().collect()
    }

    /// What others are told: where the members of the view are, and those who join.
    pub(crate) fn listed(&self) -> Vec<Entry> {
        let listed = self
            .company()
            .filter_map(|member| self.introduction(member));
        listed.collect()
    }
}

/// Whether a peer's entry keeps the limits.
pub(crate) fn is_within(entry: &Entry, limits: &ControlLimits) -> bool {
    is_name(&entry.name)
        && entry.slot == slot_of(&entry.name)
        && entry.endpoints.len() <= limits.endpoints_max
        && entry
            .endpoints
            .iter()
            .all(|endpoint| endpoint.len() <= limits.text_bytes_max)
}

/// Whether a text can be the name of a member: one to 64 letters, digits, `-`, `_` and `.`.
pub fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
}

/// The slot that a name stands for. Two names of one ring rarely share one; then the second is refused.
pub fn slot_of(name: &str) -> u32 {
    let digest = image::digest(image::DIGEST_START, name.as_bytes());
    let [.., a, b, c, d] = digest.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: fn() -> ControlLimits = || ControlLimits {
        former_max: 2,
        callers_max: 2,
        ..ControlLimits::default()
    };

    fn entry(name: &str) -> Entry {
        Entry {
            slot: slot_of(name),
            incarnation: 0,
            name: name.to_owned(),
            endpoints: vec!["pipe:here".to_owned()],
        }
    }

    #[test]
    fn as_many_former_members_are_expected_as_the_limit_says() {
        let all: Vec<_> = (0..4).map(MemberId::first).collect();
        let mut directory = Directory::default();
        directory.view(&all, &LIMITS());
        directory.view(&all[..2], &LIMITS());
        assert!(all.iter().all(|member| directory.expects(*member)));
        directory.view(&all[..1], &LIMITS());
        let forgotten = all.iter().filter(|member| !directory.expects(**member));
        assert_eq!(
            forgotten.count(),
            1,
            "three are gone, and two are remembered"
        );
        assert!(directory.expects(all[1]), "the last to go");
        let strangers =
            (100..300).filter(|slot| directory.lets_in(MemberId::first(*slot), &LIMITS()));
        assert_eq!(strangers.count(), 0);
    }

    #[test]
    fn joiners_are_named_by_members_and_by_nobody_else() {
        let names = || ["B", "C"].map(entry).into_iter();
        let mut directory = Directory::default();
        directory.view(&[MemberId::first(7)], &LIMITS());
        directory.introduced(MemberId::first(8), names(), &LIMITS());
        assert_eq!(directory.name_in(slot_of("B")), None, "by a stranger");
        directory.introduced(MemberId::first(7), names(), &LIMITS());
        assert_eq!(directory.name_in(slot_of("C")), Some("C"), "by a member");
        let mut moved = entry("B");
        moved.endpoints = vec!["pipe:elsewhere".to_owned()];
        directory.introduced(MemberId::first(7), [moved].into_iter(), &LIMITS());
        let known = directory.endpoints(MemberId::first(slot_of("B")));
        assert_eq!(known, Some(entry("B").endpoints), "what it said stays");
        let mut later = entry("B");
        later.incarnation = u32::MAX;
        directory.introduced(MemberId::first(7), [later].into_iter(), &LIMITS());
        assert!(directory.endpoints(MemberId::first(slot_of("B"))).is_some());
        directory.joins(MemberId::first(9), 8);
        assert!(directory.expects(MemberId::first(9)));
        directory.introduced(MemberId::first(9), [entry("D")].into_iter(), &LIMITS());
        assert_eq!(directory.name_in(slot_of("D")), None, "by a joiner");
        directory.view(&[MemberId::first(6)], &LIMITS());
        assert!(directory.expects(MemberId::first(7)));
        directory.introduced(MemberId::first(7), [entry("D")].into_iter(), &LIMITS());
        assert_eq!(
            directory.name_in(slot_of("D")),
            None,
            "by one that has gone"
        );

        let mut outside = Directory::default();
        assert!(outside.lets_in(MemberId::first(8), &LIMITS()));
        outside.introduced(MemberId::first(8), names(), &LIMITS());
        assert_eq!(outside.name_in(slot_of("B")), None, "by a caller");
    }

    #[test]
    fn callers_are_let_in_up_to_the_limit_until_there_is_a_view() {
        let mut directory = Directory::default();
        let let_in: Vec<_> = (0..200)
            .map(MemberId::first)
            .filter(|caller| directory.lets_in(*caller, &LIMITS()))
            .collect();
        assert_eq!(let_in.len(), 2);
        directory.learn(entry("A"), &LIMITS());
        let told_of = MemberId::first(slot_of("A"));
        assert!(directory.lets_in(told_of, &LIMITS()), "a member told of it");
        directory.view(&[MemberId::first(7)], &LIMITS());
        assert!(!let_in.iter().any(|caller| directory.expects(*caller)));
        assert!(!directory.expects(told_of));
    }

    #[test]
    fn joiners_are_expected_and_listed_until_too_many_came_after() {
        let mut directory = Directory::default();
        directory.view(&[MemberId::first(1)], &LIMITS());
        for name in ["A", "B", "C"] {
            directory.learn(entry(name), &LIMITS());
            directory.joins(MemberId::first(slot_of(name)), 2);
        }
        assert!(!directory.expects(MemberId::first(slot_of("A"))));
        let listed: Vec<_> = directory
            .listed()
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        assert_eq!(listed, ["B", "C"]);
        directory.agreed(&[MemberId::first(9)]);
        assert!(directory.expects(MemberId::first(9)));
        directory.view(&[MemberId::first(1)], &LIMITS());
        assert!(
            !directory.expects(MemberId::first(9)),
            "it was not taken in"
        );
    }
}

//! Who is where: the endpoints of members and of those who want to be, as they told.

use std::collections::{BTreeMap, BTreeSet};

use harness_ring::MemberId;

use crate::config::ControlLimits;
use crate::image;
use crate::interface::Entry;

/// The latest incarnation of each slot that was heard of.
#[derive(Default)]
pub(crate) struct Directory {
    entries: BTreeMap<u32, Entry>,
    /// Members of the view: never forgotten.
    members: BTreeSet<u32>,
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
            let members = &self.members;
            self.entries.retain(|slot, _| members.contains(slot));
        }
        if self.entries.len() <= limits.guests_max {
            self.entries.insert(entry.slot, entry);
        }
    }

    /// The view has these members.
    pub(crate) fn view(&mut self, members: &[MemberId]) {
        self.members = members.iter().map(|member| member.slot).collect();
    }

    pub(crate) fn endpoints(&self, member: MemberId) -> Option<Vec<String>> {
        let entry = self.entries.get(&member.slot)?;
        (entry.incarnation == member.incarnation).then(|| entry.endpoints.clone())
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

//! What each change in the log means.

use harness_control::wire::decode_word;
use harness_control::{Event, Octets};
use harness_ring::{MemberId, Word};

use super::life::End;
use super::{Driver, Phase};
use crate::keys::LogKey;
use crate::log::Change;
use crate::record::{Batch, MemberRecord};

impl Driver {
    /// Takes a change in its place; the end, when it says that this member went.
    pub(super) fn change(&mut self, change: Change) -> Option<End> {
        let Change {
            revision,
            key,
            value,
        } = change;
        let end = match (key, value) {
            (LogKey::Member(slot), Some(value)) => {
                self.came(slot, &value);
                None
            }
            (LogKey::Member(slot), None) => self.went(slot),
            (LogKey::Say(slot), Some(value)) => {
                self.said(slot, &value);
                None
            }
            // Nobody takes words back.
            (LogKey::Say(_), None) => None,
        };
        self.applied = revision;
        self.carry_out();
        end
    }

    /// All members judge what is malformed alike: it has no place in the log.
    fn came(&mut self, slot: u32, value: &[u8]) {
        let record = match MemberRecord::read(value) {
            Ok(record) => record,
            Err(malformed) => {
                self.count("records malformed");
                tracing::warn!(target: "harness", slot, %malformed, "a member's record was ignored");
                return;
            }
        };
        let member = MemberId {
            slot,
            incarnation: record.incarnation,
        };
        if !self.members.join(member, record.name.clone()) {
            self.count("records out of place");
            return;
        }
        self.view(vec![(member, record.name)], Vec::new(), Vec::new());
        if member == self.me {
            self.shared.phase.send_replace(Phase::Member);
        }
    }

    fn went(&mut self, slot: u32) -> Option<End> {
        let (member, name) = self.members.lose(slot)?;
        let has_left = self.leaving.remove(&member);
        let row = vec![(member, name)];
        let (left, excluded) = match has_left {
            true => (row, Vec::new()),
            false => (Vec::new(), row),
        };
        if member == self.me {
            if !has_left {
                self.count("exclusions");
                tracing::warn!(target: "harness", "the lease had run out: the others went on without this member");
                self.emit(Event::Excluded(harness_ring::Exclusion::Decided));
            }
            return Some(if has_left { End::Left } else { End::Lost });
        }
        self.view(Vec::new(), left, excluded);
        None
    }

    fn view(
        &mut self,
        joined: Vec<(MemberId, String)>,
        left: Vec<(MemberId, String)>,
        excluded: Vec<(MemberId, String)>,
    ) {
        self.count("views");
        self.replica.view_change(&self.members.ids());
        tracing::info!(target: "harness", epoch = self.members.epoch, members = ?self.members.rows(), "view");
        let event = self.view_event(joined, left, excluded);
        self.emit(event);
    }

    pub(super) fn view_event(
        &self,
        joined: Vec<(MemberId, String)>,
        left: Vec<(MemberId, String)>,
        excluded: Vec<(MemberId, String)>,
    ) -> Event {
        let digest = self.replica.digest();
        Event::View {
            position: self.replica.position(),
            digest,
            epoch: self.members.epoch,
            view: digest,
            members: self.members.rows().to_vec(),
            joined,
            left,
            excluded,
        }
    }

    fn said(&mut self, slot: u32, value: &[u8]) {
        let batch = match Batch::read(value, &self.shared.config.wire) {
            Ok(batch) => batch,
            Err(malformed) => {
                self.count("batches malformed");
                tracing::warn!(target: "harness", slot, %malformed, "a batch was ignored");
                return;
            }
        };
        let origin = MemberId {
            slot,
            incarnation: batch.incarnation,
        };
        if !self.members.contains(origin) {
            self.count("batches of strangers");
            return;
        }
        self.count("batches delivered");
        for word in &batch.words {
            self.word(origin, word);
        }
        if batch.is_leaving {
            self.leaving.insert(origin);
        }
    }

    fn word(&mut self, origin: MemberId, bytes: &[u8]) {
        let word = match decode_word(bytes, &self.shared.config.wire) {
            Ok(word) => word,
            Err(malformed) => {
                self.count("words malformed");
                tracing::warn!(target: "harness", %origin, %malformed, "a message was ignored");
                return;
            }
        };
        if let Word::Request(request) = &word {
            if request.id.origin != origin {
                self.count("words of others");
                return;
            }
            if origin == self.me {
                self.ordered = request.id.number;
            }
        }
        self.count("words delivered");
        self.replica.deliver(origin, word);
        self.emit(Event::Delivered {
            position: self.replica.position(),
            digest: self.replica.digest(),
            origin,
            word: Octets::from(bytes),
            flushed: false,
        });
        self.carry_out();
    }
}

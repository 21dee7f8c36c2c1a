//! The status, as the member's task knows it.

use std::collections::BTreeMap;

use harness_ring::Standing;

use super::Driver;
use crate::status::{LinkStatus, MemberStatus, Status};

impl Driver {
    pub(super) fn status(&self) -> Status {
        let ring = self.member.ring();
        let standing = match ring.standing() {
            Standing::Joining => "joining",
            Standing::Member if !self.loaded => "loading",
            Standing::Member => "member",
            Standing::Left => "left",
            Standing::Excluded => "excluded",
        };
        let blocked = ring.blocked().map(|why| why.to_string());
        Status {
            name: self.shared.config.name.clone(),
            id: self.me.to_string(),
            standing: standing.to_owned(),
            blocked,
            epoch: ring.view().id.epoch,
            view: ring.view().id.fingerprint(),
            changing: ring.is_wedged(),
            rules: self.shared.config.rules(),
            members: self.members(),
            position: self.replica.position(),
            digest: self.replica.digest(),
            waiting: self.waiting.len() as u64,
            queued: ring.queued() as u64,
            unstable: ring.holders().count() as u64,
            slowness: self.detector.slowness(),
            counts: self.shared.counts(),
        }
    }

    fn members(&self) -> Vec<MemberStatus> {
        let sessions: BTreeMap<_, _> = self.member.sessions().collect();
        let directory = self.shared.directory();
        let members = self.member.ring().view().ring.iter();
        let members = members.map(|member| {
            let open = self.links.get(member).and_then(|link| link.open.as_ref());
            let session = sessions.get(member);
            let link = (*member != self.me).then(|| LinkStatus {
                up: open.is_some(),
                over: open.map(|open| open.over.clone()).unwrap_or_default(),
                unacknowledged: session.map_or(0, |session| session.kept() as u64),
                sent: session.map_or(0, |session| session.sent()),
                received: session.map_or(0, |session| session.received()),
            });
            MemberStatus {
                name: directory.name(*member),
                id: member.to_string(),
                endpoints: directory.endpoints(*member).unwrap_or_default(),
                suspected: self.suspected.contains(member),
                link,
            }
        });
        members.collect()
    }
}

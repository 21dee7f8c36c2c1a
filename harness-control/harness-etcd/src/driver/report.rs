//! The status, as the member's task knows it.

use std::collections::BTreeMap;

use harness_control::{MemberStatus, Status};
use harness_ring::MemberId;

use super::Driver;
use crate::config::EtcdConfig;

impl Driver {
    pub(super) fn status(&self) -> Status {
        let standing = match self.is_member() {
            true => "member",
            false => "loading",
        };
        let rows = self.members.rows().iter();
        let members = rows.map(|(member, name)| MemberStatus {
            name: name.clone(),
            id: member.to_string(),
            endpoints: Vec::new(),
            suspected: false,
            link: None,
        });
        let silence = self.silence.as_ref();
        Status {
            standing: standing.to_owned(),
            blocked: silence.map(|why| format!("etcd is not heard: {why}")),
            epoch: self.members.epoch,
            view: self.replica.digest(),
            members: members.collect(),
            position: self.replica.position(),
            digest: self.replica.digest(),
            waiting: self.waiting.len() as u64,
            ..outside(&self.shared.config, self.me, "", &self.counts)
        }
    }
}

/// The status of a process that is not in the group.
pub(super) fn outside(
    config: &EtcdConfig,
    me: MemberId,
    why: &str,
    counts: &BTreeMap<&'static str, u64>,
) -> Status {
    let counts = counts.iter();
    Status {
        name: config.name.clone(),
        id: me.to_string(),
        standing: "joining".to_owned(),
        blocked: (!why.is_empty()).then(|| why.to_owned()),
        epoch: 0,
        view: 0,
        changing: false,
        rules: RULES.to_owned(),
        members: Vec::new(),
        position: 0,
        digest: 0,
        waiting: 0,
        queued: 0,
        unstable: 0,
        slowness: 0,
        counts: counts
            .map(|(what, count)| ((*what).to_owned(), *count))
            .collect(),
    }
}

const RULES: &str = "etcd";

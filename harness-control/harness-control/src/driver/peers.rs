//! Other members: links to them, probes of them, and coming back to them as a new incarnation.

use std::collections::BTreeSet;
use std::sync::Arc;

use harness_ring::{Accepted, Config, Member, MemberId, Policy, View, ViewId};

use super::{Driver, Input};
use crate::Octets;
use crate::error::SubmitError;
use crate::event::Ended;
use crate::joining;
use crate::link::Link;
use crate::shared::{Phase, Shared};
use crate::transfer;

impl Driver {
    /// Whether a member is one that this one speaks with.
    pub(super) fn expects(&self, peer: MemberId) -> bool {
        let ring = self.member.ring();
        // The ring knows of a view before it is followed, and of the next before it is installed.
        let is_next = |accepted: &Accepted<Octets>| accepted.value.view.contains(peer);
        ring.view().contains(peer)
            || ring.accepted().is_some_and(is_next)
            || self.shared.directory().expects(peer)
    }

    /// Whoever sends without being a member: its own connection says so, and nothing is kept for it.
    pub(super) fn stranger(&self, from: MemberId) {
        self.shared.count("packets of strangers");
        tracing::debug!(target: "harness", peer = self.shared.called(from), "a stranger was dismissed");
        self.shared
            .guests()
            .dismiss_member(from, "it is not in the view of this member, nor joining");
    }

    /// Makes sure that there is a way to a member, or that one is being made.
    pub(super) fn link(&mut self, peer: MemberId) {
        if peer != self.me && !self.links.contains_key(&peer) && self.expects(peer) {
            self.shared.count("links started");
            let link = Link::start(self.shared.clone(), peer);
            self.links.insert(peer, link);
        }
    }

    /// Watches and reaches the members of a view, and nobody who was in the last.
    pub(super) fn follow(&mut self, view: &View) {
        let now = self.now();
        let others = view
            .ring
            .iter()
            .copied()
            .filter(|member| *member != self.me);
        let others: BTreeSet<_> = others.collect();
        self.detector.watch(&others, now);
        self.suspected.retain(|member| others.contains(member));
        self.shared.view(&view.ring);
        // One that was left out may still have to be told so: its link stays until its slot comes back,
        // nothing waits for it, or too many came after it.
        let sessions: BTreeSet<_> = self
            .member
            .sessions()
            .filter(|(_, session)| session.kept() > 0)
            .map(|(peer, _)| peer)
            .collect();
        let suspected: BTreeSet<_> = self.links.keys().copied().collect();
        for gone in suspected.difference(&others) {
            if !sessions.contains(gone) || !self.expects(*gone) {
                self.links.remove(gone);
            }
        }
        others.iter().for_each(|member| self.link(*member));
    }

    /// Asks helpers whether they reach a member.
    pub(super) fn probe(&mut self, about: MemberId, helpers: Vec<MemberId>) {
        self.shared.count("probes");
        for helper in helpers {
            let (shared, life) = (self.shared.clone(), self.shared.life());
            tokio::spawn(async move {
                let reachable = ask(&shared, helper, about).await;
                let probed = Input::Probed {
                    about,
                    reachable,
                    life,
                };
                shared.input(probed).await;
            });
        }
    }

    /// Starts over as a new incarnation, above this one; unless it was told to leave, and is out now.
    pub(super) fn come_back(&mut self, above: MemberId) {
        if self.leaving {
            tracing::info!(target: "harness", name = self.shared.config.name, "out, and told to leave: it does not come back");
            self.ended = Some(Ended::Left);
            return;
        }
        self.me = above.next_incarnation();
        self.shared.becomes(self.me);
        tracing::info!(target: "harness", name = self.shared.config.name, id = %self.me, "starting over as a new incarnation");
        self.links.clear();
        self.suspected.clear();
        self.early.clear();
        self.unsent.clear();
        self.snapshots.clear();
        self.shared.snapshots().clear();
        self.loaded = false;
        for (_, reply) in std::mem::take(&mut self.waiting) {
            let _ = reply.send(Err(SubmitError::Unknown));
        }
        self.detector.watch(&BTreeSet::new(), self.now());
        self.member = joiner(&self.shared, self.me);
        self.shared.phase.send_replace(Phase::Outside);
        self.ask_to_join();
    }

    pub(super) fn ask_to_join(&mut self) {
        let asking = joining::ask(self.shared.clone(), self.shared.life());
        let before = self.joining.replace(tokio::spawn(asking));
        if let Some(before) = before {
            before.abort();
        }
    }

    pub(super) fn fetch(&mut self, view: ViewId, sources: Vec<MemberId>) {
        let (shared, life) = (self.shared.clone(), self.shared.life());
        tokio::spawn(async move {
            let image = transfer::fetch(&shared, &view, &sources, life).await;
            shared.input(Input::Fetched { image, life }).await;
        });
    }

    pub(super) fn fence(&mut self, member: MemberId) {
        let Some(fence) = self.shared.config.fence.clone() else {
            tracing::error!(target: "harness", member = self.shared.called(member), "no fence is configured: the ring cannot go on without it");
            return;
        };
        let shared = self.shared.clone();
        let name = shared.directory().name(member);
        tokio::spawn(async move {
            match fence.fence(member, &name).await {
                true => drop(shared.input(Input::Fenced(member)).await),
                false => {
                    tracing::error!(target: "harness", %member, name, "it could not be fenced")
                }
            }
        });
    }

    /// The highest incarnation of a slot that is known to have been there.
    pub(super) fn known_incarnation(&self, joiner: MemberId) -> u32 {
        let mut members = self.member.ring().view().ring.iter();
        let member = members.find(|member| member.slot == joiner.slot);
        member.map_or(joiner.incarnation, |member| {
            member.incarnation.max(joiner.incarnation)
        })
    }
}

/// Whether a helper reaches a member; none if the helper does not answer.
async fn ask(shared: &Shared, helper: MemberId, about: MemberId) -> Option<bool> {
    let endpoints = shared.directory().endpoints(helper)?;
    let asked = async {
        let stub = shared.bind(&endpoints).await.ok()?;
        stub.probe(about.slot, about.incarnation).await.ok()
    };
    let within = shared.config.timing.probe_within;
    tokio::time::timeout(within, asked).await.ok().flatten()
}

pub(super) fn founder(shared: &Arc<Shared>, me: MemberId) -> Option<Member<Octets>> {
    let config = &shared.config;
    Member::founder(me, ring_config(shared), config.links, vec![me])
}

pub(super) fn joiner(shared: &Arc<Shared>, me: MemberId) -> Member<Octets> {
    Member::joiner(me, ring_config(shared), shared.config.links)
}

fn ring_config(shared: &Shared) -> Config {
    let policy: Policy = shared.config.policy;
    Config {
        mode: shared.config.mode,
        policy,
        limits: shared.config.limits,
    }
}

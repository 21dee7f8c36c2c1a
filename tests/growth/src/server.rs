//! A server: a member of the ring, the numbered outcomes of what it delivers, and the kernels that it
//! hands them to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use harness_ring::{Content, Delivery, Member, MemberId, ViewId};

use super::stream::{Ask, Down, Image, Mark, News, Outcome, What};

/// A server.
#[derive(Debug)]
pub struct Server {
    id: MemberId,
    /// Its part of the ring.
    pub member: Member<Ask>,
    /// When it died.
    pub died_at: Option<u64>,
    /// When it wants to be woken.
    pub wake_at: Option<u64>,
    /// What it delivered: the common sequence.
    pub log: Vec<Outcome>,
    /// The first request that was delivered before the one ahead of it.
    pub gap: Option<Ask>,
    /// Requests that were delivered a second time, and not carried out.
    pub repeats: u64,
    /// Kernels that turned to it.
    pub attached: usize,
    /// Images that it had to send instead of outcomes.
    pub images: u64,
    mark: Mark,
    /// The last request of each asker: replicated, so that all agree on what is a repeat.
    requested: BTreeMap<u32, u64>,
    /// The latest outcomes, for kernels that come from elsewhere.
    kept: VecDeque<Outcome>,
    kept_max: usize,
    /// Not handed to the children yet.
    fresh: Vec<Outcome>,
    /// What each child's subtree has acknowledged.
    children: BTreeMap<u32, u64>,
}

impl Server {
    /// A server that has delivered nothing; it keeps so many outcomes.
    pub fn new(id: MemberId, member: Member<Ask>, kept_max: usize) -> Server {
        Server {
            id,
            member,
            died_at: None,
            wake_at: None,
            log: Vec::new(),
            gap: None,
            repeats: 0,
            attached: 0,
            images: 0,
            mark: Mark::default(),
            requested: BTreeMap::new(),
            kept: VecDeque::new(),
            kept_max,
            fresh: Vec::new(),
            children: BTreeMap::new(),
        }
    }

    /// Gives it a child.
    pub fn adopt(&mut self, child: u32) {
        self.children.insert(child, 0);
    }

    /// The ring delivered something.
    pub fn deliver(&mut self, delivery: &Delivery<Ask>) {
        let Content::Batch(batch) = &delivery.content else {
            return;
        };
        for ask in batch.iter() {
            let last = self.requested.entry(ask.asker).or_default();
            if ask.number <= *last {
                self.repeats += 1;
                continue;
            }
            if ask.number > *last + 1 {
                self.gap.get_or_insert(*ask);
            }
            *last = ask.number;
            self.append(What::Request(*ask));
        }
    }

    /// The ring has another view.
    pub fn enter(&mut self, view: ViewId) {
        self.append(What::View(view));
    }

    /// What is new for the children, and who they are.
    pub fn news(&mut self) -> Option<(Vec<u32>, Down)> {
        if self.fresh.is_empty() {
            return None;
        }
        let outcomes = std::mem::take(&mut self.fresh).into();
        let down = self.down(News::Outcomes(outcomes));
        Some((self.children.keys().copied().collect(), down))
    }

    /// Takes a kernel that comes from elsewhere; returns what it does not have.
    pub fn attach(&mut self, kernel: u32, position: u64, acknowledged: u64) -> Down {
        assert!(self.fresh.is_empty(), "what is new was handed on");
        self.children.insert(kernel, acknowledged);
        self.attached += 1;
        let oldest = self.kept.front().map(|outcome| outcome.position);
        if position >= self.mark.position || oldest.is_some_and(|oldest| oldest <= position + 1) {
            let missing = self.kept.iter().filter(|kept| kept.position > position);
            return self.down(News::Outcomes(missing.copied().collect()));
        }
        self.images += 1;
        self.down(News::Image(Arc::new(Image {
            mark: self.mark,
            requested: self.requested.clone(),
        })))
    }

    /// A child says what its subtree has.
    pub fn acknowledged(&mut self, child: u32, position: u64) {
        if let Some(of_child) = self.children.get_mut(&child) {
            *of_child = position.max(*of_child);
        }
    }

    /// Where it is.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// What all kernels below it have, as it knows.
    pub fn of_subtree(&self) -> u64 {
        let children = self.children.values().copied();
        children.fold(self.mark.position, u64::min)
    }

    /// Kernels that it talks to.
    pub fn children(&self) -> usize {
        self.children.len()
    }

    /// Whether it has not died.
    pub fn is_alive(&self) -> bool {
        self.died_at.is_none()
    }

    fn append(&mut self, what: What) {
        let outcome = Outcome {
            position: self.mark.position + 1,
            what,
        };
        self.mark.advance(&outcome);
        self.log.push(outcome);
        self.fresh.push(outcome);
        self.kept.push_back(outcome);
        if self.kept.len() > self.kept_max {
            self.kept.pop_front();
        }
    }

    fn down(&self, news: News) -> Down {
        Down {
            home: self.id,
            news,
        }
    }
}

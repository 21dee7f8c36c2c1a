//! A kernel: takes outcomes from above, hands them on to its children, acknowledges for all of its
//! subtree, and turns to another server when its own is gone.
//!
//! It knows no time and no network: each input returns what is to be sent.

use std::collections::{BTreeMap, VecDeque};

use harness_ring::MemberId;

use super::stream::{Ask, Down, Image, Mark, News, Outcome, ProcessId, Up, What};

/// What a kernel wants sent.
#[derive(Clone, Debug)]
pub enum Send {
    /// To a child.
    Down(u32, Down),
    /// To a parent or a server.
    Up(ProcessId, Up),
}

/// What a kernel took, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// One entry.
    Outcome(Outcome),
    /// The state at this place, instead of what leads there.
    Image(Mark),
}

/// A kernel.
#[derive(Debug)]
pub struct Kernel {
    id: u32,
    parent: ProcessId,
    home: MemberId,
    fallback: Vec<MemberId>,
    next_fallback: usize,
    /// What each child's subtree has acknowledged.
    children: BTreeMap<u32, u64>,
    mark: Mark,
    /// What the parent was told that this subtree has.
    told: u64,
    /// The last request.
    asked: u64,
    /// Requests without an outcome.
    open: VecDeque<Ask>,
    /// What it took.
    pub log: Vec<Taken>,
    /// The first position that came without the one before it.
    pub gap: Option<u64>,
}

impl Kernel {
    /// A kernel that has delivered nothing.
    pub fn new(id: u32, parent: ProcessId, home: MemberId, fallback: Vec<MemberId>) -> Kernel {
        Kernel {
            id,
            parent,
            home,
            fallback,
            next_fallback: 0,
            children: BTreeMap::new(),
            mark: Mark::default(),
            told: 0,
            asked: 0,
            open: VecDeque::new(),
            log: Vec::new(),
            gap: None,
        }
    }

    /// Gives it a child.
    pub fn adopt(&mut self, child: u32) {
        self.children.insert(child, 0);
    }

    /// The application asks for something.
    pub fn ask(&mut self) -> (Ask, Vec<Send>) {
        self.asked += 1;
        let ask = Ask {
            asker: self.id,
            number: self.asked,
        };
        self.open.push_back(ask);
        (ask, vec![self.request(ask)])
    }

    /// Something came from above.
    pub fn down(&mut self, from: ProcessId, down: &Down) -> Vec<Send> {
        if from != self.parent {
            // From a server that it has left: the new one sends it again.
            return Vec::new();
        }
        match &down.news {
            News::Outcomes(outcomes) => outcomes.iter().for_each(|outcome| self.take(outcome)),
            News::Image(image) => self.load(image),
        }
        let children = self.children.keys();
        let mut sends: Vec<_> = children
            .map(|child| Send::Down(*child, down.clone()))
            .collect();
        if down.home != self.home {
            self.home = down.home;
            sends.extend(self.open.iter().map(|ask| self.request(*ask)));
        }
        sends.extend(self.acknowledge());
        sends
    }

    /// A child says what its subtree has.
    pub fn acknowledged(&mut self, child: u32, position: u64) -> Vec<Send> {
        let of_child = self.children.entry(child).or_default();
        *of_child = position.max(*of_child);
        self.acknowledge().into_iter().collect()
    }

    /// This server is gone, or refuses: another one is asked if this is the one above.
    pub fn lost(&mut self, server: MemberId) -> Vec<Send> {
        if self.parent != ProcessId::Server(server) || self.fallback.is_empty() {
            return Vec::new();
        }
        let next = self.fallback[self.next_fallback % self.fallback.len()];
        self.next_fallback += 1;
        self.parent = ProcessId::Server(next);
        self.told = self.of_subtree();
        let attach = Up::Attach {
            position: self.mark.position,
            acknowledged: self.told,
        };
        vec![Send::Up(self.parent, attach)]
    }

    /// Whom it hands outcomes to.
    pub fn children(&self) -> impl Iterator<Item = u32> {
        self.children.keys().copied()
    }

    /// From whom it gets outcomes.
    pub fn parent(&self) -> ProcessId {
        self.parent
    }

    /// The server that it asks.
    pub fn home(&self) -> MemberId {
        self.home
    }

    /// Where it is.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// Requests made.
    pub fn asked(&self) -> u64 {
        self.asked
    }

    /// Requests without an outcome.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    fn take(&mut self, outcome: &Outcome) {
        if outcome.position <= self.mark.position {
            return;
        }
        if outcome.position > self.mark.position + 1 {
            self.gap.get_or_insert(outcome.position);
            return;
        }
        self.mark.advance(outcome);
        self.log.push(Taken::Outcome(*outcome));
        if let What::Request(ask) = outcome.what
            && ask.asker == self.id
        {
            self.open.retain(|open| *open != ask);
        }
    }

    fn load(&mut self, image: &Image) {
        if image.mark.position <= self.mark.position {
            return;
        }
        self.mark = image.mark;
        self.log.push(Taken::Image(image.mark));
        let done = image.requested.get(&self.id).copied().unwrap_or(0);
        self.open.retain(|open| open.number > done);
    }

    fn request(&self, ask: Ask) -> Send {
        Send::Up(ProcessId::Server(self.home), Up::Request(ask))
    }

    fn acknowledge(&mut self) -> Option<Send> {
        let position = self.of_subtree();
        (position > self.told).then(|| {
            self.told = position;
            Send::Up(self.parent, Up::Acknowledge(position))
        })
    }

    fn of_subtree(&self) -> u64 {
        let children = self.children.values().copied();
        children.fold(self.mark.position, u64::min)
    }
}

//! Virtual time: what happens when, and the members that it happens to.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use harness_ring::{Event, Input, Member, MemberId, Output, Packet, RequestId};

use crate::checkers::{Checkers, End};
use crate::detector::Verdict;
use crate::faults::Fault;
use crate::network::Network;
use crate::options::Options;
use crate::process::{Entry, Process, Replica, Word};
use crate::random::Random;
use crate::report::{Report, Statistics};

/// Something that will happen.
#[derive(Debug)]
pub enum Happening {
    /// A packet arrives, if its connection is still there.
    Arrival {
        /// From whom.
        from: MemberId,
        /// At whom.
        to: MemberId,
        /// The number of its connection.
        connection: u64,
        /// What.
        packet: Packet<Word>,
    },
    /// A connection opens, if both are there.
    Open(MemberId, MemberId),
    /// One end learns that a connection broke.
    Broken {
        /// Who learns it.
        at: MemberId,
        /// The other end.
        peer: MemberId,
        /// The number of the connection.
        connection: u64,
    },
    /// A timer of a member.
    Wake(MemberId),
    /// A failure detector decides.
    Verdict(Verdict),
    /// A member is told that another is fenced.
    Fenced(MemberId, MemberId),
    /// Someone submits a message.
    Submit,
    /// A member has changed its local state for a request, or could not.
    Perform(MemberId, RequestId),
    /// A member gives back a lock that it was granted.
    Unlock(MemberId, u8),
    /// A fault.
    Fault(Fault),
    /// A process asks a member to be taken in; again later if it is still out.
    AskJoin(MemberId, u32),
    /// A joiner tries to load the state.
    Load(MemberId, u32),
    /// A process comes back under a new incarnation.
    Restart(MemberId),
    /// A process that has left ends.
    End(MemberId),
}

/// A running simulation.
#[derive(Debug)]
pub struct World {
    pub(crate) options: Options,
    pub(crate) random: Random,
    /// Microseconds since the start.
    pub(crate) now: u64,
    pub(crate) processes: BTreeMap<MemberId, Process>,
    pub(crate) network: Network,
    pub(crate) statistics: Statistics,
    agenda: BinaryHeap<Reverse<(u64, u64)>>,
    happenings: BTreeMap<u64, Happening>,
    next_happening: u64,
    pub(crate) next_word: u64,
    pub(crate) checkers: Checkers,
    /// Prints what happens.
    trace: bool,
}

impl World {
    /// A ring that has just been founded, and all that is planned for it.
    pub fn new(options: Options, trace: bool) -> World {
        let founders: Vec<_> = (0..options.founders).map(slot).collect();
        let mut world = World {
            random: Random::new(options.seed),
            now: 0,
            processes: BTreeMap::new(),
            network: Network::default(),
            statistics: Statistics::default(),
            agenda: BinaryHeap::new(),
            happenings: BTreeMap::new(),
            next_happening: 0,
            next_word: 0,
            checkers: Checkers::default(),
            trace,
            options,
        };
        for id in &founders {
            let (config, links) = (world.options.config(), world.options.links());
            let member = Member::founder(*id, config, links, founders.clone())
                .expect("founders are named once");
            let mut process = Process::new(*id, member);
            process.replica = Some(Replica::new(*id, &founders));
            let view = process.member.ring().view().clone();
            process.saw(Entry::View(view));
            world.processes.insert(*id, process);
        }
        world.plan();
        world
    }

    /// Runs until nothing is planned any more, and judges.
    pub fn run(mut self) -> Report {
        let mut steps = 0_u64;
        while let Some(Reverse((time, number))) = self.agenda.pop() {
            let happening = self.happenings.remove(&number).expect("it was planned");
            self.now = time;
            steps += 1;
            self.happen(happening);
            if self.options.founders <= SMALL_RING && steps.is_multiple_of(64) {
                let processes = &self.processes;
                self.checkers.on_the_way(processes);
            }
            if steps > STEPS_MAX {
                self.checkers
                    .broken("P11 it never comes to rest".to_owned());
                break;
            }
            if self.checkers.has_failed() {
                break;
            }
        }
        self.statistics.add("steps", steps);
        if self.trace {
            self.show();
        }
        let (options, processes) = (&self.options, &self.processes);
        let end = self
            .checkers
            .at_the_end(options, processes, &self.statistics, self.now);
        self.statistics.count(match end {
            End::WentOn => "went on",
            End::Blocked => "rightly blocked",
            End::Split => "split",
        });
        self.statistics.peak("members", options.founders as u64);
        self.statistics.peak("last event at µs", self.now);
        Report {
            seed: self.options.seed,
            statistics: self.statistics,
            violations: self.checkers.into_violations(),
            end,
        }
    }

    /// How every process ended.
    fn show(&self) {
        for (id, process) in &self.processes {
            let ring = process.member.ring();
            let dead = if process.alive { "" } else { " dead" };
            let wedged = if ring.is_wedged() { " wedged" } else { "" };
            let suspected = ring
                .view()
                .ring
                .iter()
                .filter(|other| ring.suspects(**other));
            let suspected: Vec<_> = suspected.map(MemberId::to_string).collect();
            println!(
                "{id}{dead}{wedged} {:?} view {} promised {} attempts {:?} suspects {suspected:?} blocked {:?}",
                ring.standing(),
                ring.view(),
                ring.promised(),
                ring.attempted(),
                ring.blocked()
            );
        }
    }

    /// Plans something.
    pub(crate) fn at(&mut self, time: u64, happening: Happening) {
        let number = self.next_happening;
        self.next_happening += 1;
        self.happenings.insert(number, happening);
        self.agenda.push(Reverse((time.max(self.now), number)));
    }

    /// Plans something for after a delay.
    pub(crate) fn soon(&mut self, low: u64, high: u64, happening: Happening) {
        let delay = self.random.between(low, high);
        self.at(self.now + delay, happening);
    }

    fn happen(&mut self, happening: Happening) {
        if self.trace {
            println!("{:>9} {happening:?}", self.now);
        }
        match happening {
            Happening::Arrival {
                from,
                to,
                connection,
                packet,
            } => self.arrive(from, to, connection, packet),
            Happening::Open(one, other) => self.open(one, other),
            Happening::Broken {
                at,
                peer,
                connection,
            } => {
                if self.network.connection(at, peer).number == connection {
                    self.input(at, Input::LinkDown(peer));
                }
            }
            Happening::Wake(id) => self.wake(id),
            Happening::Verdict(verdict) => self.judge(verdict),
            Happening::Fenced(who, whom) => self.fence(who, whom),
            Happening::Submit => self.submit(),
            Happening::Perform(id, request) => self.perform(id, request),
            Happening::Unlock(id, key) => self.unlock(id, key),
            Happening::Fault(fault) => self.strike(fault),
            Happening::AskJoin(joiner, tries) => self.ask_join(joiner, tries),
            Happening::Load(joiner, tries) => self.load(joiner, tries),
            Happening::Restart(id) => self.restart(id),
            Happening::End(id) => {
                if let Some(process) = self.processes.get_mut(&id) {
                    process.alive = false;
                    self.bury(id);
                }
            }
        }
    }

    /// Tells a living member something.
    pub(crate) fn event(&mut self, id: MemberId, event: Event<Word>) {
        self.input(id, Input::Event(event));
    }

    pub(crate) fn input(&mut self, id: MemberId, input: Input<Word>) {
        let now = Duration::from_micros(self.now);
        let Some(process) = self.processes.get_mut(&id).filter(|process| process.alive) else {
            return;
        };
        process.member.handle(input, now);
        self.drain(id);
    }

    fn wake(&mut self, id: MemberId) {
        let now = Duration::from_micros(self.now);
        let Some(process) = self.processes.get_mut(&id).filter(|process| process.alive) else {
            return;
        };
        process.wake_at = None;
        process.member.tick(now);
        self.drain(id);
    }

    /// Carries out all that a member wants done.
    fn drain(&mut self, id: MemberId) {
        let now = Duration::from_micros(self.now);
        let mut has_slowed = false;
        loop {
            let Some(process) = self.processes.get_mut(&id) else {
                return;
            };
            let Some(output) = process.member.poll_action() else {
                break;
            };
            has_slowed |= matches!(output, Output::Slow(_));
            self.output(id, output);
        }
        let Some(process) = self.processes.get_mut(&id) else {
            return;
        };
        let granted = process.replica.as_mut();
        let granted = granted.map(|replica| std::mem::take(&mut replica.to_unlock));
        let asked = process.replica.as_mut();
        let asked = asked.map(|replica| std::mem::take(&mut replica.to_perform));
        let wake = process.member.next_wake(now);
        let wake = wake.map(|at| u64::try_from(at.as_micros()).expect("runs are short"));
        if let Some(at) = wake
            && process.wake_at.is_none_or(|planned| at < planned)
        {
            process.wake_at = Some(at);
            self.at(at, Happening::Wake(id));
        }
        for request in asked.unwrap_or_default() {
            self.soon(10, 5_000, Happening::Perform(id, request));
        }
        for key in granted.unwrap_or_default() {
            self.soon(10, 20_000, Happening::Unlock(id, key));
        }
        self.watch(id, has_slowed);
    }

    /// Looks at what a member promised, whether it may, and how long it has not delivered for a view change.
    fn watch(&mut self, id: MemberId, has_slowed: bool) {
        let (policy, processes) = (self.options.policy, &self.processes);
        if let Some(process) = processes.get(&id) {
            let ring = process.member.ring();
            let forces = &mut self.checkers.forces;
            let verdict = forces.after(id, policy, ring, has_slowed, processes);
            self.checkers.extend(verdict);
        }
        let Some(process) = self.processes.get_mut(&id) else {
            return;
        };
        let ring = process.member.ring();
        let verdict = self.checkers.decisions.promises(id, ring);
        self.checkers.extend(verdict);
        if !(ring.is_wedged() && process.is_member()) {
            if let Some(since) = process.wedged_since.take() {
                self.statistics.peak("wedged µs", self.now - since);
            }
        } else if process.wedged_since.is_none() {
            process.wedged_since = Some(self.now);
        }
    }

    /// Living members of a view.
    pub(crate) fn members(&self) -> Vec<MemberId> {
        let members = self
            .processes
            .values()
            .filter(|process| process.is_member());
        members.map(|process| process.id).collect()
    }
}

/// The first process of a slot.
pub fn slot(number: usize) -> MemberId {
    MemberId::first(u32::try_from(number).expect("rings are small"))
}

/// A run with more steps does not come to rest.
const STEPS_MAX: u64 = 20_000_000;
/// What must hold at any time is looked at on the way in rings up to this size.
const SMALL_RING: usize = 12;

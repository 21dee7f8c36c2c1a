//! Virtual time: what happens when, and the members that it happens to.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use harness_ring::{
    Action, Agreement, Event, Failure, Input, Item, Member, MemberId, Output, Packet, Request,
    RequestId, Standing,
};

use crate::checkers::Checkers;
use crate::detector::Verdict;
use crate::faults::Fault;
use crate::network::Network;
use crate::options::Options;
use crate::process::{Entry, Process, Replica, Word, message};
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
    next_word: u64,
    checkers: Checkers,
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
            if self.options.founders <= 12 && steps.is_multiple_of(64) {
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
        let went_on = self.checkers.at_the_end(&self.options, &self.processes);
        self.statistics.count(if went_on {
            "went on"
        } else {
            "rightly blocked"
        });
        Report {
            seed: self.options.seed,
            statistics: self.statistics,
            violations: self.checkers.into_violations(),
            went_on,
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
            } => {
                let state = *self.network.connection(from, to);
                let is_late = state.number != connection && self.random.chance(30);
                if (state.is_up && state.number == connection) || is_late {
                    self.statistics.add("late packets", u64::from(is_late));
                    self.input(to, Input::Packet { from, packet });
                } else {
                    self.statistics.count("packets lost");
                }
            }
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
            Happening::Fenced(who, whom) => self.event(who, Event::Fenced(whom)),
            Happening::Submit => self.submit(),
            Happening::Perform(id, request) => self.perform(id, request),
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

    fn input(&mut self, id: MemberId, input: Input<Word>) {
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
        loop {
            let Some(process) = self.processes.get_mut(&id) else {
                return;
            };
            let Some(output) = process.member.poll_action() else {
                break;
            };
            self.output(id, output);
        }
        let Some(process) = self.processes.get_mut(&id) else {
            return;
        };
        let asked = process
            .replica
            .as_mut()
            .map(|replica| std::mem::take(&mut replica.to_perform));
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
    }

    fn output(&mut self, id: MemberId, output: Output<Word>) {
        match output {
            Output::Packet { to, packet } => self.transmit(id, to, packet),
            Output::Connect(to) => self.soon(100, 500, Happening::Open(id, to)),
            Output::Slow(_) => self.statistics.count("slow members"),
            Output::Broken(peer) => {
                let text = format!("P12 {id} says that {peer} breaks the rules of sessions");
                self.checkers.broken(text);
            }
            Output::Action(action) => self.action(id, action),
        }
    }

    fn transmit(&mut self, from: MemberId, to: MemberId, packet: Packet<Word>) {
        self.count_packet(from, to, &packet);
        let connection = *self.network.connection(from, to);
        if !connection.is_up {
            return self.statistics.count("packets lost");
        }
        let delay_us = self.options.delay_us;
        let random = &mut self.random;
        let time = self.network.arrival(self.now, from, to, delay_us, random);
        self.at(
            time,
            Happening::Arrival {
                from,
                to,
                connection: connection.number,
                packet,
            },
        );
    }

    fn count_packet(&mut self, from: MemberId, to: MemberId, packet: &Packet<Word>) {
        self.statistics.count("packets");
        let Packet::Frame { number, frame, .. } = packet else {
            return;
        };
        let highest = self.processes.get_mut(&from).map(|process| {
            let highest = process.sent.entry(to).or_default();
            std::mem::replace(highest, (*highest).max(*number))
        });
        if highest.is_some_and(|highest| *number <= highest) {
            return self.statistics.count("frames sent again");
        }
        if let harness_ring::Body::Data { items, .. } = &frame.body {
            for item in items {
                self.statistics.count(match item {
                    Item::Copy {
                        content: Some(_), ..
                    } => "copies",
                    Item::Copy { content: None, .. } => "copies without payload",
                    Item::Evidence(_) => "evidence",
                });
            }
        }
    }

    fn action(&mut self, id: MemberId, action: Action<Word>) {
        let statistics = &mut self.statistics;
        let process = self.processes.get_mut(&id).expect("it acted");
        match action {
            Action::Send { .. } => unreachable!("members send packets"),
            Action::Deliver(delivery) => {
                statistics.count("deliveries");
                statistics.add("deliveries by flush", u64::from(delivery.flushed));
                process.saw(message(delivery));
            }
            Action::ViewChange { view, .. } => {
                statistics.count("views installed");
                process.saw(Entry::View(view));
            }
            Action::TakeSnapshot { view, joiners } => {
                if let Some(replica) = process.replica.clone() {
                    process.snapshots.insert(view, (replica, joiners));
                }
            }
            Action::ReleaseSnapshot { joiner } => {
                for (_, joiners) in process.snapshots.values_mut() {
                    joiners.retain(|waiting| *waiting != joiner);
                }
                process
                    .snapshots
                    .retain(|_, (_, joiners)| !joiners.is_empty());
            }
            Action::LoadSnapshot { view, sources } => {
                process.loads = Some((view, sources));
                self.soon(500, 20_000, Happening::Load(id, 0));
            }
            Action::Fence(member) => self.soon(100, 5_000, Happening::Fenced(id, member)),
            Action::Blocked(_) => statistics.count("blocked"),
            Action::Left => {
                statistics.count("left");
                self.soon(1_000, 5_000, Happening::End(id));
            }
            Action::Excluded(_) => {
                statistics.count("excluded");
                self.soon(1_000, 10_000, Happening::Restart(id));
            }
            Action::Refused(refusal) => {
                statistics.count("refused");
                if let harness_ring::Refusal::Busy(word) | harness_ring::Refusal::NotMember(word) =
                    refusal
                {
                    process.refused.push(word);
                }
            }
            Action::Dropped { from, reason } => {
                statistics.count(crate::checkers::drops::name(reason));
                let verdict = crate::checkers::drops::judge(id, from, reason);
                self.checkers.extend(verdict);
            }
        }
    }

    fn open(&mut self, one: MemberId, other: MemberId) {
        let alive = |id: &MemberId| self.processes.get(id).is_some_and(|process| process.alive);
        if !alive(&one) || !alive(&other) || self.network.connection(one, other).is_up {
            return;
        }
        if self.network.is_split(one, other) {
            return self.soon(5_000, 10_000, Happening::Open(one, other));
        }
        let connection = self.network.connection(one, other);
        connection.number += 1;
        connection.is_up = true;
        self.statistics.count("connections");
        self.input(one, Input::LinkUp(other));
        self.input(other, Input::LinkUp(one));
    }

    /// Breaks a connection: what is under way is lost, and both ends learn it soon.
    pub(crate) fn cut(&mut self, one: MemberId, other: MemberId) {
        let connection = self.network.connection(one, other);
        if !connection.is_up {
            return;
        }
        connection.is_up = false;
        let connection = connection.number;
        for (at, peer) in [(one, other), (other, one)] {
            self.soon(
                10,
                500,
                Happening::Broken {
                    at,
                    peer,
                    connection,
                },
            );
        }
    }

    fn submit(&mut self) {
        let members: Vec<_> = self.members();
        if members.is_empty() {
            return;
        }
        let id = members[self.random.index(members.len())];
        let number = self.next_word;
        self.next_word += 1;
        let word = if self.random.chance(self.options.requests_percent) {
            self.statistics.count("requests");
            Word::Transaction(
                number,
                harness_ring::Word::Request(self.request(id, number)),
            )
        } else {
            Word::Plain(number)
        };
        self.submit_word(id, word);
    }

    fn submit_word(&mut self, id: MemberId, word: Word) {
        let process = self.processes.get_mut(&id).expect("it submits");
        process.submitted.push(word.clone());
        self.statistics.count("submits");
        self.event(id, Event::Submit(word));
    }

    /// A transaction of any type, over members that may be gone when it is delivered.
    fn request(&mut self, origin: MemberId, number: u64) -> Request<u64> {
        let view = self.processes[&origin].member.ring().view().ring.clone();
        let percent = self.random.between(0, 60);
        let members = view
            .into_iter()
            .filter(|_| self.random.chance(percent))
            .collect();
        let agreements = [Agreement::AllOf, Agreement::AnyOf, Agreement::Quorum(2)];
        Request {
            id: RequestId { origin, number },
            payload: number,
            members,
            agreement: agreements[self.random.index(agreements.len())],
            domain: u32::from(self.random.chance(50)),
        }
    }

    /// Answers a request that this member was asked for.
    fn perform(&mut self, id: MemberId, request: RequestId) {
        let is_there = self.processes.get(&id).is_some_and(Process::is_member);
        if is_there {
            let result = if self.random.chance(80) {
                Ok(u64::from(id.slot))
            } else {
                Err(Failure::Failed)
            };
            let word = harness_ring::Word::Result {
                id: request,
                result,
            };
            let number = self.next_word;
            self.next_word += 1;
            self.submit_word(id, Word::Transaction(number, word));
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

    /// Starts a process that wants to join.
    pub(crate) fn add_joiner(&mut self, id: MemberId) {
        let (config, links) = (self.options.config(), self.options.links());
        let member = Member::joiner(id, config, links);
        self.processes.insert(id, Process::new(id, member));
        self.tell_of_the_dead(id);
        self.soon(100, 1_000, Happening::AskJoin(id, 0));
    }

    fn ask_join(&mut self, joiner: MemberId, tries: u32) {
        let process = &self.processes[&joiner];
        let waits = process.alive && process.member.ring().standing() == Standing::Joining;
        if !waits || tries > JOIN_TRIES_MAX {
            return;
        }
        let mut contacts = self.members();
        contacts.retain(|contact| !self.network.is_split(*contact, joiner));
        if !contacts.is_empty() {
            let contact = contacts[self.random.index(contacts.len())];
            self.statistics.count("requests to join");
            self.event(contact, Event::Join(joiner));
        }
        self.soon(20_000, 40_000, Happening::AskJoin(joiner, tries + 1));
    }

    fn load(&mut self, joiner: MemberId, tries: u32) {
        let process = &self.processes[&joiner];
        let Some((view, sources)) = process.loads.clone().filter(|_| process.alive) else {
            return;
        };
        let snapshot = sources.iter().find_map(|source| {
            let source = self.processes.get(source).filter(|source| source.alive)?;
            source
                .snapshots
                .get(&view)
                .map(|(replica, _)| replica.clone())
        });
        match snapshot {
            Some(snapshot) => {
                let process = self.processes.get_mut(&joiner).expect("it loads");
                process.loads = None;
                process.load(snapshot);
                self.statistics.count("states loaded");
                self.event(joiner, Event::Loaded);
            }
            None if tries < LOAD_TRIES_MAX => {
                self.soon(1_000, 5_000, Happening::Load(joiner, tries + 1));
            }
            None => {
                // Without the state it is of no use, and must not be waited for.
                self.statistics.count("states lost");
                self.soon(100, 1_000, Happening::Restart(joiner));
            }
        }
    }

    fn restart(&mut self, id: MemberId) {
        let restarts = u64::try_from(self.options.founders + 20).expect("small");
        let process = self.processes.get_mut(&id).expect("it was there");
        let next = id.next_incarnation();
        let was_alive = std::mem::replace(&mut process.alive, false);
        if self.statistics.of("restarts") >= restarts || self.processes.contains_key(&next) {
            return;
        }
        self.statistics.count("restarts");
        if was_alive {
            self.bury(id);
        }
        self.add_joiner(next);
    }
}

/// The first process of a slot.
pub fn slot(number: usize) -> MemberId {
    MemberId::first(u32::try_from(number).expect("rings are small"))
}

/// A run with more steps does not come to rest.
const STEPS_MAX: u64 = 20_000_000;
const JOIN_TRIES_MAX: u32 = 40;
const LOAD_TRIES_MAX: u32 = 40;

//! Virtual time for servers and kernels: what is under way, who died, who notices, and what it all cost.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use harness_ring::{
    Action, Config, Event, Input, Limits, LinkLimits, Member, MemberId, Output, Packet, Policy,
};

use super::kernel::{Kernel, Send};
use super::server::Server;
use super::shape::{Shape, server_id};
use super::stream::{Ask, Down, ProcessId, Up};
use super::traffic::{Kind, Traffic};
use rmix_sim::random::Random;

/// The times and limits of a cluster.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// From one process to another, in microseconds.
    pub hop_us: u64,
    /// By chance up to so much more; what one process sends another stays in order.
    pub spread_us: u64,
    /// From a death until others notice.
    pub detection_us: u64,
    /// What is under way from a dead process for longer than this after its death is lost.
    pub last_words_us: u64,
    /// Outcomes that a server keeps for kernels that come from elsewhere.
    pub kept_outcomes_max: usize,
    /// Fixes all that is left to chance.
    pub seed: u64,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            hop_us: 100,
            spread_us: 0,
            detection_us: 50_000,
            last_words_us: 50_000,
            kept_outcomes_max: 1_000,
            seed: 1,
        }
    }
}

/// Something that will happen.
#[derive(Debug)]
enum Happening {
    Packet(MemberId, MemberId, Box<Packet<Ask>>),
    Linked(MemberId, MemberId),
    Wake(MemberId),
    Down(ProcessId, u32, Down),
    Up(u32, ProcessId, Up),
    /// A process that is gone refuses to be connected to.
    Refused(u32, MemberId),
    Ask(ProcessId),
    Die(MemberId),
    /// A member notices that another is gone.
    Noticed(MemberId, MemberId),
    /// A kernel notices that its server is gone.
    Lost(u32, MemberId),
}

/// When an entry of the common sequence was delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spread {
    /// By the last process that did.
    pub last_us: u64,
    /// By how many.
    pub processes: usize,
}

/// Servers, kernels, and what is under way between them.
#[derive(Debug)]
pub struct Cluster {
    shape: Shape,
    timing: Timing,
    random: Random,
    now: u64,
    agenda: BinaryHeap<Reverse<(u64, u64)>>,
    happenings: BTreeMap<u64, Happening>,
    next_happening: u64,
    /// When the last packet from one to another arrives.
    arrivals: BTreeMap<(ProcessId, ProcessId), u64>,
    pub(super) servers: BTreeMap<MemberId, Server>,
    pub(super) kernels: Vec<Kernel>,
    /// Requests that servers made themselves.
    pub(super) asked_by_servers: BTreeMap<u32, u64>,
    /// What every frame cost whom.
    pub traffic: Traffic,
    /// When each entry was delivered.
    pub spreads: BTreeMap<u64, Spread>,
    /// When a kernel heard for the last time that it has another server.
    pub attached_us: Option<u64>,
    /// What should not have happened.
    pub(super) complaints: Vec<String>,
}

impl Cluster {
    /// A cluster at rest: all connected, nothing delivered.
    pub fn new(shape: Shape, timing: Timing) -> Cluster {
        let mut cluster = Cluster {
            shape,
            timing,
            random: Random::new(timing.seed),
            now: 0,
            agenda: BinaryHeap::new(),
            happenings: BTreeMap::new(),
            next_happening: 0,
            arrivals: BTreeMap::new(),
            servers: BTreeMap::new(),
            kernels: Vec::new(),
            asked_by_servers: BTreeMap::new(),
            traffic: Traffic::default(),
            spreads: BTreeMap::new(),
            attached_us: None,
            complaints: Vec::new(),
        };
        cluster.found();
        cluster.plant();
        cluster.run();
        cluster.traffic = Traffic::default();
        cluster
    }

    fn found(&mut self) {
        let shape = self.shape;
        let founders: Vec<_> = (0..shape.servers).map(server_id).collect();
        let config = Config {
            mode: shape.mode,
            policy: Policy::Quorum { tie_break: true },
            limits: Limits {
                members_max: shape.servers.max(Limits::DEFAULT.members_max),
                ..Limits::DEFAULT
            },
        };
        for id in &founders {
            let member = Member::founder(*id, config, LinkLimits::DEFAULT, founders.clone());
            let member = member.expect("founders are named once");
            let server = Server::new(*id, member, self.timing.kept_outcomes_max);
            self.servers.insert(*id, server);
        }
        for (place, one) in founders.iter().enumerate() {
            // As servers do; in a ring of thousands, as the next and the last.
            let is_near = |other: usize| other == place + 1 || other + 1 == place + shape.servers;
            for (other, id) in founders.iter().enumerate().skip(place + 1) {
                if shape.servers <= ALL_LINKED_MAX || is_near(other) {
                    self.at(0, Happening::Linked(*one, *id));
                }
            }
        }
    }

    fn plant(&mut self) {
        let shape = self.shape;
        for place in 0..shape.kernels() {
            let id = u32::try_from(place).expect("clusters are small");
            let parent = shape.parent(place);
            let home = server_id(place % shape.servers);
            match parent {
                ProcessId::Server(server) => self.server(server).adopt(id),
                ProcessId::Kernel(kernel) => self.kernel(kernel).adopt(id),
            }
            let kernel = Kernel::new(id, parent, home, shape.fallback(place));
            self.kernels.push(kernel);
        }
    }

    /// Goes on until nothing is planned.
    pub fn run(&mut self) {
        let last = self.next_happening + HAPPENINGS_MAX;
        while let Some(Reverse((time, number))) = self.agenda.pop() {
            let happening = self.happenings.remove(&number).expect("it was planned");
            self.now = time;
            self.happen(happening);
            if self.next_happening > last {
                let how = "it never comes to rest".to_owned();
                return self.complaints.push(how);
            }
        }
    }

    /// Plans a request, after so long.
    pub fn ask(&mut self, after_us: u64, who: ProcessId) {
        self.at(self.now + after_us, Happening::Ask(who));
    }

    /// Plans a server's death, after so long.
    pub fn kill(&mut self, after_us: u64, server: MemberId) {
        self.at(self.now + after_us, Happening::Die(server));
    }

    /// Microseconds since the start.
    pub fn now_us(&self) -> u64 {
        self.now
    }

    /// How it was built.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// A server.
    pub fn server_of(&self, id: MemberId) -> &Server {
        &self.servers[&id]
    }

    /// Places of the common sequence that are taken.
    pub fn last_position(&self) -> u64 {
        self.spreads.keys().next_back().copied().unwrap_or(0)
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Packet(from, to, packet) => {
                if self.is_lost(ProcessId::Server(from)) || !self.is_alive(to) {
                    return;
                }
                let kind = Kind::of(&packet);
                self.traffic.received(ProcessId::Server(to), kind);
                let packet = *packet;
                self.input(to, Input::Packet { from, packet });
            }
            Happening::Linked(one, other) => {
                self.input(one, Input::LinkUp(other));
                self.input(other, Input::LinkUp(one));
            }
            Happening::Wake(id) => {
                if self.is_alive(id) {
                    let now = Duration::from_micros(self.now);
                    let server = self.server(id);
                    server.wake_at = None;
                    server.member.tick(now);
                    self.drain(id);
                }
            }
            Happening::Down(from, to, down) => self.down(from, to, &down),
            Happening::Up(from, to, up) => self.up(from, to, up),
            Happening::Ask(who) => self.request(who),
            Happening::Die(server) => self.die(server),
            Happening::Noticed(by, dead) => {
                self.input(by, Input::LinkDown(dead));
                self.input(by, Input::Event(Event::Suspect(dead)));
            }
            Happening::Lost(kernel, server) | Happening::Refused(kernel, server) => {
                let sends = self.kernel(kernel).lost(server);
                self.send(kernel, sends);
            }
        }
    }

    fn request(&mut self, who: ProcessId) {
        match who {
            ProcessId::Kernel(id) => {
                let (_, sends) = self.kernel(id).ask();
                self.send(id, sends);
            }
            ProcessId::Server(id) => {
                let asker = u32::MAX - id.slot;
                let number = self.asked_by_servers.entry(asker).or_default();
                *number += 1;
                let ask = Ask {
                    asker,
                    number: *number,
                };
                self.input(id, Input::Event(Event::Submit(ask)));
            }
        }
    }

    fn die(&mut self, dead: MemberId) {
        let now = self.now;
        self.server(dead).died_at = Some(now);
        let noticed = now + self.timing.detection_us;
        let servers: Vec<_> = self.servers.keys().copied().collect();
        for server in servers {
            self.at(noticed, Happening::Noticed(server, dead));
        }
        let orphans = self.kernels.iter().enumerate();
        let orphans = orphans.filter(|(_, kernel)| kernel.parent() == ProcessId::Server(dead));
        let orphans: Vec<_> = orphans.map(|(place, _)| place).collect();
        for place in orphans {
            let kernel = u32::try_from(place).expect("clusters are small");
            self.at(noticed, Happening::Lost(kernel, dead));
        }
    }

    fn down(&mut self, from: ProcessId, to: u32, down: &Down) {
        if self.is_lost(from) {
            return;
        }
        self.traffic.received(ProcessId::Kernel(to), Kind::Down);
        let now = self.now;
        let kernel = self.kernel(to);
        let (before, home) = (kernel.mark().position, kernel.home());
        let sends = kernel.down(from, down);
        let (after, moved) = (kernel.mark().position, kernel.home() != home);
        for position in before + 1..=after {
            self.delivered(position);
        }
        if moved {
            self.attached_us = Some(now);
        }
        self.send(to, sends);
    }

    fn up(&mut self, from: u32, to: ProcessId, up: Up) {
        if let Up::Acknowledge(acknowledged) | Up::Attach { acknowledged, .. } = up
            && acknowledged > self.of_subtree(from)
        {
            let how = format!("kernel {from} acknowledged {acknowledged} too early");
            self.complaints.push(how);
        }
        let server = match to {
            ProcessId::Kernel(parent) => {
                self.traffic.received(to, Kind::Up);
                if let Up::Acknowledge(position) = up {
                    let sends = self.kernel(parent).acknowledged(from, position);
                    self.send(parent, sends);
                }
                return;
            }
            ProcessId::Server(server) => server,
        };
        if !self.is_alive(server) {
            if matches!(up, Up::Attach { .. }) {
                let time = self.arrival(to, ProcessId::Kernel(from));
                self.at(time, Happening::Refused(from, server));
            }
            return;
        }
        self.traffic.received(to, Kind::Up);
        match up {
            Up::Request(ask) => self.input(server, Input::Event(Event::Submit(ask))),
            Up::Acknowledge(position) => self.server(server).acknowledged(from, position),
            Up::Attach {
                position,
                acknowledged,
            } => {
                let down = self.server(server).attach(from, position, acknowledged);
                self.send_down(to, from, down);
            }
        }
    }

    fn input(&mut self, id: MemberId, input: Input<Ask>) {
        if self.is_alive(id) {
            let now = Duration::from_micros(self.now);
            self.server(id).member.handle(input, now);
            self.drain(id);
        }
    }

    /// Carries out all that a member wants done, then tells its kernels what is new.
    fn drain(&mut self, id: MemberId) {
        while let Some(output) = self.server(id).member.poll_action() {
            match output {
                Output::Packet { to, packet } => {
                    self.traffic.sent(ProcessId::Server(id), Kind::of(&packet));
                    let time = self.arrival(ProcessId::Server(id), ProcessId::Server(to));
                    self.at(time, Happening::Packet(id, to, Box::new(packet)));
                }
                Output::Connect(to) => {
                    if self.is_alive(to) {
                        let time = self.now + self.timing.hop_us;
                        self.at(time, Happening::Linked(id, to));
                    }
                }
                Output::Action(action) => self.action(id, action),
                other => self.complaints.push(format!("{id}: {other:?}")),
            }
        }
        if let Some((children, down)) = self.server(id).news() {
            for child in children {
                self.send_down(ProcessId::Server(id), child, down.clone());
            }
        }
        let now = Duration::from_micros(self.now);
        let server = self.server(id);
        let wake = server.member.next_wake(now);
        let wake = wake.map(|at| u64::try_from(at.as_micros()).expect("runs are short"));
        if let Some(at) = wake.filter(|at| server.wake_at.is_none_or(|planned| *at < planned)) {
            server.wake_at = Some(at);
            self.at(at, Happening::Wake(id));
        }
    }

    fn action(&mut self, id: MemberId, action: Action<Ask>) {
        let server = self.server(id);
        let before = server.mark().position;
        match action {
            Action::Deliver(delivery) => server.deliver(&delivery),
            Action::ViewChange { view, .. } => server.enter(view.id),
            // Copies of the dead that arrive while the view is changed, or after.
            Action::Dropped { .. } => {}
            other => return self.complaints.push(format!("{id}: {other:?}")),
        }
        let after = self.server(id).mark().position;
        for position in before + 1..=after {
            self.delivered(position);
        }
    }

    fn delivered(&mut self, position: u64) {
        let now = self.now;
        let spread = self.spreads.entry(position).or_insert(Spread {
            last_us: now,
            processes: 0,
        });
        spread.last_us = now;
        spread.processes += 1;
    }

    fn send(&mut self, from: u32, sends: Vec<Send>) {
        for send in sends {
            match send {
                Send::Down(child, down) => self.send_down(ProcessId::Kernel(from), child, down),
                Send::Up(to, up) => {
                    self.traffic.sent(ProcessId::Kernel(from), Kind::Up);
                    let time = self.arrival(ProcessId::Kernel(from), to);
                    self.at(time, Happening::Up(from, to, up));
                }
            }
        }
    }

    fn send_down(&mut self, from: ProcessId, to: u32, down: Down) {
        self.traffic.sent(from, Kind::Down);
        let time = self.arrival(from, ProcessId::Kernel(to));
        self.at(time, Happening::Down(from, to, down));
    }

    /// When something sent now arrives.
    fn arrival(&mut self, from: ProcessId, to: ProcessId) -> u64 {
        let time = self.now + self.timing.hop_us;
        if self.timing.spread_us == 0 {
            return time;
        }
        let late = self.random.between(0, self.timing.spread_us + 1);
        let last = self.arrivals.entry((from, to)).or_default();
        *last = (time + late).max(*last);
        *last
    }

    fn at(&mut self, time: u64, happening: Happening) {
        let number = self.next_happening;
        self.next_happening += 1;
        self.happenings.insert(number, happening);
        self.agenda.push(Reverse((time, number)));
    }

    /// What a kernel and all below it have delivered.
    fn of_subtree(&self, kernel: u32) -> u64 {
        let kernel = &self.kernels[usize::try_from(kernel).expect("an index fits")];
        let below = kernel.children().map(|child| self.of_subtree(child));
        below.fold(kernel.mark().position, u64::min)
    }

    /// Whether what arrives now from there was lost with its sender.
    fn is_lost(&self, from: ProcessId) -> bool {
        let ProcessId::Server(server) = from else {
            return false;
        };
        let died_at = self.servers[&server].died_at;
        died_at.is_some_and(|died_at| self.now > died_at + self.timing.last_words_us)
    }

    fn is_alive(&self, server: MemberId) -> bool {
        self.servers[&server].is_alive()
    }

    fn server(&mut self, id: MemberId) -> &mut Server {
        self.servers.get_mut(&id).expect("servers are founders")
    }

    fn kernel(&mut self, id: u32) -> &mut Kernel {
        let place = usize::try_from(id).expect("an index fits");
        &mut self.kernels[place]
    }
}

/// A run in which more happens does not come to rest.
const HAPPENINGS_MAX: u64 = 5_000_000;
/// Up to so many servers, each is connected with each, as a view change after a death needs it.
pub const ALL_LINKED_MAX: usize = 256;

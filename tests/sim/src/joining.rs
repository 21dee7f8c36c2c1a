//! Processes that want into the ring: asking, loading the state, and coming back under a new incarnation.

use harness_ring::{Event, Member, MemberId, Standing};

use crate::process::Process;
use crate::world::{Happening, World};

impl World {
    /// Starts a process that wants to join.
    pub(crate) fn add_joiner(&mut self, id: MemberId) {
        let (config, links) = (self.options.config(), self.options.links());
        let member = Member::joiner(id, config, links);
        self.processes.insert(id, Process::new(id, member));
        self.tell_of_the_dead(id);
        self.soon(100, 1_000, Happening::AskJoin(id, 0));
    }

    pub(crate) fn ask_join(&mut self, joiner: MemberId, tries: u32) {
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

    pub(crate) fn load(&mut self, joiner: MemberId, tries: u32) {
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

    pub(crate) fn restart(&mut self, id: MemberId) {
        let restarts = u64::try_from(self.options.founders + 20).expect("small");
        let process = self.processes.get_mut(&id).expect("it was there");
        let next = id.next_incarnation();
        // Whether it comes back or not, its end is noticed.
        if std::mem::replace(&mut process.alive, false) {
            self.bury(id);
        }
        if self.statistics.of("restarts") >= restarts || self.processes.contains_key(&next) {
            return;
        }
        self.statistics.count("restarts");
        self.add_joiner(next);
    }
}

const JOIN_TRIES_MAX: u32 = 40;
const LOAD_TRIES_MAX: u32 = 40;

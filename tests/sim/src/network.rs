//! Connections between processes: delays, order, cuts, and who can reach whom.

use std::collections::{BTreeMap, BTreeSet};

use harness_ring::MemberId;

use crate::random::Random;

/// All connections.
#[derive(Debug, Default)]
pub struct Network {
    /// The number of the connection between two processes, and whether it is up.
    connections: BTreeMap<(MemberId, MemberId), Connection>,
    /// When the last packet from one to another arrives: packets keep their order.
    arrivals: BTreeMap<(MemberId, MemberId), u64>,
    /// One side of the partition; nobody when there is none.
    island: BTreeSet<MemberId>,
    /// Whose links are slow.
    slow: BTreeSet<MemberId>,
}

/// A connection. Packets of an earlier number are lost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Connection {
    /// Raised when a connection opens.
    pub number: u64,
    /// Whether it is open.
    pub is_up: bool,
}

impl Network {
    /// The connection between two processes.
    pub fn connection(&mut self, one: MemberId, other: MemberId) -> &mut Connection {
        self.connections.entry(pair(one, other)).or_default()
    }

    /// Open connections of a process.
    pub fn peers(&self, of: MemberId) -> Vec<MemberId> {
        let open = self.connections.iter().filter(|(_, state)| state.is_up);
        open.filter_map(|((one, other), _)| match of {
            of if of == *one => Some(*other),
            of if of == *other => Some(*one),
            _ => None,
        })
        .collect()
    }

    /// All open connections.
    pub fn open(&self) -> Vec<(MemberId, MemberId)> {
        let open = self.connections.iter().filter(|(_, state)| state.is_up);
        open.map(|(ends, _)| *ends).collect()
    }

    /// When a packet sent now arrives.
    pub fn arrival(
        &mut self,
        now: u64,
        from: MemberId,
        to: MemberId,
        delay_us: u64,
        random: &mut Random,
    ) -> u64 {
        let mut delay = random.between(delay_us, delay_us * 4);
        if random.chance(1) {
            delay *= 20;
        }
        if self.slow.contains(&from) || self.slow.contains(&to) {
            delay *= 50;
        }
        let last = self.arrivals.entry((from, to)).or_default();
        *last = (now + delay).max(*last);
        *last
    }

    /// Whether a partition lies between two processes.
    pub fn is_split(&self, one: MemberId, other: MemberId) -> bool {
        self.island.contains(&one) != self.island.contains(&other)
    }

    /// Parts these processes from the others; nobody heals.
    pub fn split(&mut self, island: BTreeSet<MemberId>) {
        self.island = island;
    }

    /// Makes the links of these processes slow, and all others fast.
    pub fn slow_down(&mut self, slow: BTreeSet<MemberId>) {
        self.slow = slow;
    }
}

fn pair(one: MemberId, other: MemberId) -> (MemberId, MemberId) {
    (one.min(other), one.max(other))
}

//! Frames that were sent and received, by kind and by process.

use std::collections::BTreeMap;

use harness_ring::Packet;

use super::stream::{Ask, ProcessId};

/// Kinds of frames.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// Between servers.
    Ring,
    /// Between servers, where an acknowledgement found no frame to ride on, or a connection is new.
    Session,
    /// From a server or kernel to a kernel below.
    Down,
    /// From a kernel to a parent or a server.
    Up,
}

impl Kind {
    /// The kind of what servers send each other.
    pub fn of(packet: &Packet<Ask>) -> Kind {
        match packet {
            Packet::Frame { .. } => Kind::Ring,
            Packet::Hello { .. } | Packet::Acknowledge { .. } => Kind::Session,
        }
    }
}

/// Frames since the last time it was emptied.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    sent: BTreeMap<Kind, u64>,
    /// Sent or received by each server, without what is only between sessions.
    of_servers: BTreeMap<ProcessId, u64>,
}

impl Traffic {
    /// A process sent a frame.
    pub fn sent(&mut self, by: ProcessId, kind: Kind) {
        *self.sent.entry(kind).or_default() += 1;
        self.handled(by, kind);
    }

    /// A process received a frame.
    pub fn received(&mut self, by: ProcessId, kind: Kind) {
        self.handled(by, kind);
    }

    /// Frames of a kind.
    pub fn of(&self, kind: Kind) -> u64 {
        self.sent.get(&kind).copied().unwrap_or(0)
    }

    /// Frames of the server that had most.
    pub fn of_busiest_server(&self) -> u64 {
        self.of_servers.values().copied().max().unwrap_or(0)
    }

    fn handled(&mut self, by: ProcessId, kind: Kind) {
        if matches!(by, ProcessId::Server(_)) && kind != Kind::Session {
            *self.of_servers.entry(by).or_default() += 1;
        }
    }
}

//! Packets and connections: what is sent, what arrives, and what is lost when a connection breaks.

use std::sync::Arc;

use harness_ring::{Body, Frame, Input, Item, MemberId, Packet};

use crate::process::Word;
use crate::world::{Happening, World};

impl World {
    pub(crate) fn transmit(&mut self, from: MemberId, to: MemberId, packet: Packet<Word>) {
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
        match self.checkers.ledger.sends(from, to, *number, frame) {
            Ok(false) => {}
            Ok(true) => return self.statistics.count("frames sent again"),
            Err(how) => self.checkers.broken(how),
        }
        if let Body::Data { items, .. } = &frame.body {
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

    /// A packet arrives, if its connection is still there; now and then, if it is not.
    pub(crate) fn arrive(
        &mut self,
        from: MemberId,
        to: MemberId,
        connection: u64,
        packet: Packet<Word>,
    ) {
        let state = *self.network.connection(from, to);
        let is_late = state.number != connection && self.random.chance(30);
        let is_there = state.is_up && state.number == connection;
        if !is_late && !is_there {
            return self.statistics.count("packets lost");
        }
        self.statistics.add("late packets", u64::from(is_late));
        let frame = match &packet {
            Packet::Frame { number, frame, .. } => Some((*number, frame.clone())),
            _ => None,
        };
        let before = self.received(to, from);
        self.input(to, Input::Packet { from, packet });
        if let Some((number, frame)) = frame {
            self.judge_taken(from, to, before, number, &frame);
        }
    }

    fn judge_taken(
        &mut self,
        from: MemberId,
        to: MemberId,
        before: u64,
        number: u64,
        frame: &Arc<Frame<Word>>,
    ) {
        let after = self.received(to, from);
        let ledger = &self.checkers.ledger;
        let verdict = ledger.takes((from, to), (before, after), number, frame);
        self.checkers.extend(verdict);
    }

    /// How many frames of another a process has taken.
    fn received(&self, at: MemberId, from: MemberId) -> u64 {
        let process = self.processes.get(&at);
        let session = process.and_then(|process| process.member.session_with(from));
        session.map_or(0, |session| session.received())
    }

    pub(crate) fn open(&mut self, one: MemberId, other: MemberId) {
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
}

//! One session over connections that break: frames of old connections may come at any time later, or
//! never. Every frame arrives once and in order.

use std::collections::VecDeque;
use std::time::Duration;

use harness_ring::{Body, Frame, LinkLimits, MemberId, Packet, Session, ViewId};
use stateright::{Model, Property};

/// A sender and a receiver.
#[derive(Clone, Debug)]
pub struct Link {
    /// Frames to send.
    pub frames: u64,
    /// How often the connection may break.
    pub cuts: u8,
}

/// Both ends, and what is under way on each connection so far.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ends {
    sender: Session<u8>,
    receiver: Session<u8>,
    /// To the receiver and back, by connection; the last one is open or was never replaced.
    connections: Vec<[VecDeque<Packet<u8>>; 2]>,
    is_open: bool,
    arrived: Vec<u64>,
    broke_rules: bool,
    cuts_left: u8,
}

/// What can happen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// The next frame is given to send.
    Send,
    /// The first packet of a connection arrives, one way or back.
    Arrive(usize, usize),
    /// The connection breaks.
    Cut,
    /// A new one opens.
    Connect,
}

const LIMITS: LinkLimits = LinkLimits {
    acknowledge_frames: 1,
    ..LinkLimits::DEFAULT
};

impl Ends {
    fn put(&mut self, way: usize, packets: Vec<Packet<u8>>) {
        if let Some(connection) = self.connections.last_mut().filter(|_| self.is_open) {
            connection[way].extend(packets);
        }
    }

    fn arrive(&mut self, way: usize, packet: Packet<u8>) {
        let end = if way == 0 {
            &mut self.receiver
        } else {
            &mut self.sender
        };
        let mut replies = Vec::new();
        match end.receive(packet, Duration::ZERO, &LIMITS, &mut replies) {
            Ok(Some(frame)) => self.arrived.push(frame.view.epoch),
            Ok(None) => {}
            Err(_) => self.broke_rules = true,
        }
        self.put(1 - way, replies);
    }
}

impl Model for Link {
    type State = Ends;
    type Action = Step;

    fn init_states(&self) -> Vec<Ends> {
        vec![Ends {
            sender: Session::new(),
            receiver: Session::new(),
            connections: Vec::new(),
            is_open: false,
            arrived: Vec::new(),
            broke_rules: false,
            cuts_left: self.cuts,
        }]
    }

    fn actions(&self, state: &Ends, steps: &mut Vec<Step>) {
        if state.sender.sent() < self.frames {
            steps.push(Step::Send);
        }
        for (number, connection) in state.connections.iter().enumerate() {
            let ways = (0..2).filter(|way| !connection[*way].is_empty());
            steps.extend(ways.map(|way| Step::Arrive(number, way)));
        }
        if !state.is_open {
            steps.push(Step::Connect);
        } else if state.cuts_left > 0 {
            steps.push(Step::Cut);
        }
    }

    fn next_state(&self, last: &Ends, step: Step) -> Option<Ends> {
        let mut state = last.clone();
        match step {
            Step::Send => {
                let epoch = state.sender.sent() + 1;
                let view = ViewId {
                    epoch,
                    ..ViewId::founding(&[MemberId::first(0)])
                };
                let body = Body::Leave;
                let packet = state.sender.send(Frame { view, body }, 1);
                state.put(0, packet.into_iter().collect());
            }
            Step::Arrive(number, way) => {
                let packet = state.connections[number][way].pop_front()?;
                state.arrive(way, packet);
            }
            Step::Cut => {
                state.cuts_left -= 1;
                state.is_open = false;
                state.sender.disconnected();
                state.receiver.disconnected();
            }
            Step::Connect => {
                state.is_open = true;
                state.connections.push(Default::default());
                let (there, back) = (state.sender.connected(), state.receiver.connected());
                state.put(0, vec![there]);
                state.put(1, vec![back]);
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("P12 once and in order", |_, state: &Ends| {
                let numbers = state.arrived.iter().zip(1..);
                numbers
                    .into_iter()
                    .all(|(arrived, number)| *arrived == number)
            }),
            Property::always("P12 nobody breaks the rules", |_, state: &Ends| {
                let acknowledged = state.sender.sent() - state.sender.kept() as u64;
                !state.broke_rules && acknowledged <= state.receiver.received()
            }),
            Property::always(
                "everything arrives where nothing moves",
                |_, state: &Ends| {
                    let mut ways = state.connections.iter().flatten();
                    let is_quiet = state.is_open && ways.all(VecDeque::is_empty);
                    !is_quiet || state.sender.sent() == state.arrived.len() as u64
                },
            ),
            Property::sometimes(
                "all arrived after the last cut",
                |model: &Link, state: &Ends| {
                    state.cuts_left == 0 && state.arrived.len() as u64 == model.frames
                },
            ),
        ]
    }
}

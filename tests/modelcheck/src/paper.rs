//! The rule of the original paper, taken literally: a member counts how often it receives a message,
//! once for holding it, twice for knowing that all do; a member whose successor dies connects to the
//! next one and sends again. It must fail with one crash: a copy that is sent again is counted, too.

use std::collections::BTreeMap;

use stateright::{Model, Property};

/// One message of member 0 in a ring without views.
#[derive(Clone, Debug)]
pub struct Counting {
    /// Members.
    pub members: usize,
    /// How many may crash.
    pub crashes: u8,
}

/// What each member counted, and what is under way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Counts {
    received: Vec<u8>,
    alive: Vec<bool>,
    successor: Vec<usize>,
    /// Copies by link.
    copies: BTreeMap<(usize, usize), u8>,
    crashes_left: u8,
}

/// What can happen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// A copy arrives.
    Arrive(usize, usize),
    /// A member crashes.
    Crash(usize),
    /// A member goes past its dead successor and sends again.
    Reconnect(usize),
}

impl Model for Counting {
    type State = Counts;
    type Action = Step;

    fn init_states(&self) -> Vec<Counts> {
        let mut received = vec![0; self.members];
        received[0] = 1;
        vec![Counts {
            received,
            alive: vec![true; self.members],
            successor: (0..self.members)
                .map(|member| (member + 1) % self.members)
                .collect(),
            copies: BTreeMap::from([((0, 1), 1)]),
            crashes_left: self.crashes,
        }]
    }

    fn actions(&self, state: &Counts, steps: &mut Vec<Step>) {
        let arrivals = state.copies.keys().filter(|(_, to)| state.alive[*to]);
        steps.extend(arrivals.map(|(from, to)| Step::Arrive(*from, *to)));
        for member in (0..self.members).filter(|member| state.alive[*member]) {
            if state.crashes_left > 0 {
                steps.push(Step::Crash(member));
            }
            if !state.alive[state.successor[member]] {
                steps.push(Step::Reconnect(member));
            }
        }
    }

    fn next_state(&self, last: &Counts, step: Step) -> Option<Counts> {
        let mut state = last.clone();
        match step {
            Step::Arrive(from, to) => {
                let left = state.copies.get_mut(&(from, to))?;
                *left -= 1;
                if *left == 0 {
                    state.copies.remove(&(from, to));
                }
                state.received[to] += 1;
                // The third time, everyone knows that everyone holds it.
                if state.received[to] <= 2 {
                    send(&mut state, to);
                }
            }
            Step::Crash(member) => {
                state.crashes_left -= 1;
                state.alive[member] = false;
                state.copies.retain(|(_, to), _| *to != member);
            }
            Step::Reconnect(member) => {
                let after = (1..self.members).map(|steps| (member + steps) % self.members);
                let next = after.into_iter().find(|other| state.alive[*other])?;
                state.successor[member] = next;
                if (1..=2).contains(&state.received[member]) {
                    send(&mut state, member);
                }
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "what counts as stable is held by all",
                |_, state: &Counts| {
                    let counted = state.received.iter().zip(&state.alive);
                    let is_stable = counted.clone().any(|(count, alive)| *alive && *count >= 2);
                    let all_hold = counted
                        .into_iter()
                        .all(|(count, alive)| !*alive || *count >= 1);
                    !is_stable || all_hold
                },
            ),
            Property::sometimes("someone counts to two", |_, state: &Counts| {
                state.received.iter().any(|count| *count >= 2)
            }),
        ]
    }

    fn within_boundary(&self, state: &Counts) -> bool {
        state.received.iter().all(|count| *count <= 4)
    }
}

fn send(state: &mut Counts, from: usize) {
    let to = state.successor[from];
    if state.alive[to] && to != from {
        *state.copies.entry((from, to)).or_default() += 1;
    }
}

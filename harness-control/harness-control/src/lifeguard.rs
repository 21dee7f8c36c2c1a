//! A failure detector of heartbeats and indirect probes that distrusts itself when it is slow
//! (SWIM with Lifeguard's local health).
//!
//! Silence alone suspects nobody: others are asked first. Only when none of them reaches the member, or
//! when they did so often enough while nothing came here, it is suspected. A process that is late itself
//! gives everyone more time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use harness_ring::MemberId;

use crate::config::Timing;
use crate::detector::{Detector, Verdict};

/// The detector of one member.
pub struct Lifeguard {
    timing: Timing,
    watched: BTreeMap<MemberId, Watched>,
    beat_at: Duration,
    slowness: u32,
    /// Beats in time since the last that was late.
    punctual: u32,
    verdicts: VecDeque<Verdict>,
}

struct Watched {
    heard_at: Duration,
    /// How often others reached it since it was last heard here.
    vouched: u32,
    state: State,
}

enum State {
    Alive,
    /// Others are asked: so many have not answered yet.
    Probed {
        until: Duration,
        open: usize,
    },
    Suspected,
}

impl Lifeguard {
    /// Watches nobody yet.
    pub fn new(timing: Timing) -> Lifeguard {
        Lifeguard {
            timing,
            watched: BTreeMap::new(),
            beat_at: Duration::ZERO,
            slowness: 0,
            punctual: 0,
            verdicts: VecDeque::new(),
        }
    }

    /// All beat to all, so that each sends and takes about as many a second in rings of any size.
    fn beat_every(&self) -> Duration {
        let others = u32::try_from(self.watched.len()).unwrap_or(u32::MAX);
        self.timing.beat_every * (others / BEATS_PER_PERIOD).max(1)
    }

    fn quiet_after(&self) -> Duration {
        let scaled = self.timing.quiet_after.max(self.beat_every() * QUIET_BEATS);
        scaled * (1 + self.slowness)
    }

    fn probe_within(&self) -> Duration {
        self.timing.probe_within * (1 + self.slowness)
    }

    /// Helpers are those heard last; nobody suspected.
    fn helpers(&self, about: MemberId) -> Vec<MemberId> {
        let alive = self
            .watched
            .iter()
            .filter(|(id, watched)| **id != about && matches!(watched.state, State::Alive));
        let mut alive: Vec<_> = alive.map(|(id, watched)| (watched.heard_at, *id)).collect();
        alive.sort_unstable_by(|one, other| other.cmp(one));
        alive.into_iter().map(|(_, id)| id).take(HELPERS).collect()
    }

    fn probe(&mut self, about: MemberId, now: Duration) {
        let helpers = self.helpers(about);
        let until = now + self.probe_within();
        let Some(watched) = self.watched.get_mut(&about) else {
            return;
        };
        if helpers.is_empty() {
            return self.suspect(about);
        }
        watched.state = State::Probed {
            until,
            open: helpers.len(),
        };
        self.verdicts.push_back(Verdict::Probe { about, helpers });
    }

    fn suspect(&mut self, member: MemberId) {
        if let Some(watched) = self.watched.get_mut(&member) {
            watched.state = State::Suspected;
            self.verdicts.push_back(Verdict::Suspect(member));
        }
    }

    /// A tick that comes late says that this process was held up, not that others were silent.
    fn forgive(&mut self, late: Duration) {
        for watched in self.watched.values_mut() {
            watched.heard_at += late;
            if let State::Probed { until, .. } = &mut watched.state {
                *until += late;
            }
        }
        self.find_slow();
    }

    fn find_slow(&mut self) {
        self.slowness = (self.slowness + 1).min(SLOWNESS_MAX);
        self.punctual = 0;
    }

    fn find_punctual(&mut self) {
        self.punctual += 1;
        if self.punctual >= PUNCTUAL_BEATS {
            self.slowness = self.slowness.saturating_sub(1);
            self.punctual = 0;
        }
    }
}

impl Detector for Lifeguard {
    fn watch(&mut self, members: &BTreeSet<MemberId>, now: Duration) {
        self.watched.retain(|member, _| members.contains(member));
        for member in members {
            self.watched.entry(*member).or_insert(Watched {
                heard_at: now,
                vouched: 0,
                state: State::Alive,
            });
        }
    }

    fn heard(&mut self, member: MemberId, now: Duration) {
        let Some(watched) = self.watched.get_mut(&member) else {
            return;
        };
        watched.heard_at = watched.heard_at.max(now);
        watched.vouched = 0;
        let before = std::mem::replace(&mut watched.state, State::Alive);
        if matches!(before, State::Suspected) {
            self.verdicts.push_back(Verdict::Retract(member));
        }
    }

    fn unreachable(&mut self, member: MemberId, now: Duration) {
        let watched = self.watched.get(&member);
        if watched.is_some_and(|watched| matches!(watched.state, State::Alive)) {
            self.probe(member, now);
        }
    }

    fn answered(&mut self, about: MemberId, reachable: Option<bool>, now: Duration) {
        let patience = self.timing.vouched_max;
        let Some(watched) = self.watched.get_mut(&about) else {
            return;
        };
        let State::Probed { open, .. } = &mut watched.state else {
            return;
        };
        *open = open.saturating_sub(1);
        let was_last = *open == 0;
        if reachable == Some(true) {
            watched.vouched += 1;
            if watched.vouched > patience {
                // The way between us is gone for good, and a ring cannot go round it.
                return self.suspect(about);
            }
            watched.state = State::Alive;
            watched.heard_at = now;
            // It lives and was not heard: perhaps the fault is here.
            self.find_slow();
        } else if was_last {
            self.suspect(about);
        }
    }

    fn tick(&mut self, now: Duration) {
        if now < self.beat_at {
            return;
        }
        let every = self.beat_every();
        let late = now - self.beat_at;
        if self.beat_at > Duration::ZERO && late > every {
            self.forgive(late);
        } else {
            self.find_punctual();
        }
        self.beat_at = now + every;
        let beats = self.watched.keys().map(|member| Verdict::Beat(*member));
        self.verdicts.extend(beats);
        let quiet_after = self.quiet_after();
        let mut quiet = Vec::new();
        let mut unanswered = Vec::new();
        for (member, watched) in &self.watched {
            match watched.state {
                State::Alive if now > watched.heard_at + quiet_after => quiet.push(*member),
                State::Probed { until, .. } if now >= until => unanswered.push(*member),
                _ => {}
            }
        }
        quiet.into_iter().for_each(|member| self.probe(member, now));
        unanswered
            .into_iter()
            .for_each(|member| self.suspect(member));
    }

    fn next_wake(&self) -> Option<Duration> {
        (!self.watched.is_empty()).then_some(self.beat_at)
    }

    fn poll_verdict(&mut self) -> Option<Verdict> {
        self.verdicts.pop_front()
    }

    fn slowness(&self) -> u32 {
        self.slowness
    }
}

/// Members to which a beat goes in one period; with more, periods grow.
const BEATS_PER_PERIOD: u32 = 8;
/// Beats that must be missing at least.
const QUIET_BEATS: u32 = 4;
/// Beats in time for which a process finds itself less slow.
const PUNCTUAL_BEATS: u32 = 5;
const HELPERS: usize = 3;
const SLOWNESS_MAX: u32 = 8;

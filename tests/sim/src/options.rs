//! Everything that makes one run different from another. A seed fixes it; a command line can change
//! single fields.

use std::time::Duration;

use harness_ring::{Config, Limits, LinkLimits, Mode, Policy};

use crate::random::Random;

/// The options of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Fixes all that is left to chance.
    pub seed: u64,
    /// Members of the first view.
    pub founders: usize,
    /// Processes that join later.
    pub joiners: usize,
    /// One way or both.
    pub mode: Mode,
    /// Who may go on.
    pub policy: Policy,
    /// Messages that are submitted, by members chosen by chance.
    pub submits: usize,
    /// How many in a hundred of them are transactions, whose results are further messages.
    pub requests_percent: u64,
    /// How many in a hundred of the others want a lock, which is given back after a while.
    pub locks_percent: u64,
    /// Processes that crash, neighbours of each other as a rule.
    pub crashes: usize,
    /// Crashed slots that come back with a new incarnation.
    pub restarts: usize,
    /// Live members that someone suspects for a while.
    pub false_suspicions: usize,
    /// Connections that break and come back.
    pub cuts: usize,
    /// Times at which the members fall into two parts for a while.
    pub partitions: usize,
    /// Members whose links are slow by a factor of fifty for a while.
    pub slow_members: usize,
    /// Members that leave in order.
    pub leaves: usize,
    /// Times at which an operator forces a view, in a ring that is blocked as a rule.
    pub forces: usize,
    /// The least delay of a link, in microseconds; the most is four times that, with rare spikes.
    pub delay_us: u64,
    /// Until when faults and submits happen.
    pub faults_until: Duration,
    /// How long a detector takes to give up on a member, in microseconds: least and most.
    pub detection_us: (u64, u64),
    /// Own batches under way.
    pub window_batches: usize,
    /// Frames a session keeps before data waits.
    pub kept_frames_max: usize,
    /// Messages that may wait at their origin.
    pub queued_messages_max: usize,
    /// How long a member may take nothing until it is suspected as slow.
    pub slow_after: Duration,
}

impl Options {
    /// The options that this seed stands for.
    pub fn from_seed(seed: u64) -> Options {
        let mut random = Random::new(seed ^ 0x5EED);
        let founders = match random.between(0, 1_000) {
            0..=599 => random.between(1, 8),
            600..=949 => random.between(8, 33),
            950..=989 => random.between(33, 80),
            990..=996 => random.between(80, 160),
            _ => random.between(160, 320),
        };
        let quorum = Policy::Quorum {
            tie_break: random.chance(50),
        };
        let policy = match random.between(0, 10) {
            0..=4 => quorum,
            5..=7 => Policy::Survivor,
            _ => Policy::FencedSurvivor,
        };
        // Where nothing else keeps the ring together, a mistake splits it: seldom, so that the other
        // promises are looked at, too. A fence makes a mistake true.
        let may_mistake = match policy {
            Policy::Quorum { .. } => true,
            Policy::FencedSurvivor => random.chance(50),
            Policy::Survivor => random.chance(20),
        };
        let founders = usize::try_from(founders).expect("small");
        let mut upto = |most: u64| usize::try_from(random.between(0, most + 1)).expect("small");
        let mistakes = |count: usize| if may_mistake { count } else { 0 };
        let size = founders as u64;
        let mut options = Options {
            seed,
            founders,
            joiners: upto(3),
            mode: Mode::Unidirectional,
            policy,
            submits: 10 + upto(60),
            requests_percent: 40,
            locks_percent: 15,
            crashes: upto((size / 2 + 1).min(8)),
            restarts: upto(2),
            false_suspicions: mistakes(upto(4)),
            cuts: upto(6),
            partitions: mistakes(upto(2)),
            slow_members: upto(1),
            leaves: upto(2),
            forces: 0,
            delay_us: 50,
            faults_until: Duration::from_millis(200),
            detection_us: (2_000, 20_000),
            window_batches: 1 + upto(8),
            kept_frames_max: 4 + upto(60),
            queued_messages_max: Limits::DEFAULT.queued_messages_max,
            slow_after: LinkLimits::DEFAULT.slow_after,
        };
        if random.chance(30) {
            options.queued_messages_max = 1;
        }
        if may_mistake && random.chance(30) {
            options.slow_after = Duration::from_millis(5);
        }
        if random.chance(50) {
            options.mode = Mode::Bidirectional;
        }
        if random.chance(20) {
            // Everything within a few round trips: races between faults.
            options.faults_until = Duration::from_millis(10);
            options.detection_us = (100, 1_500);
        }
        options.add_forces(&mut random);
        options
    }

    /// In some runs an operator forces views: chosen last, so that all other runs stay what they were.
    fn add_forces(&mut self, random: &mut Random) {
        if self.policy == Policy::Survivor || !random.chance(30) {
            return;
        }
        self.forces = 1 + random.index(6);
        if random.chance(50) {
            // More than a majority, so that the ring is blocked for good without a force.
            self.crashes = self.crashes.max(self.founders / 2 + 1);
        }
    }

    /// What every member is told.
    pub fn config(&self) -> Config {
        Config {
            mode: self.mode,
            policy: self.policy,
            limits: Limits {
                window_batches: self.window_batches,
                queued_messages_max: self.queued_messages_max,
                batch_messages_max: 4,
                frame_items_max: 16,
                ..Limits::DEFAULT
            },
        }
    }

    /// What every session is told.
    pub fn links(&self) -> LinkLimits {
        LinkLimits {
            kept_frames_max: self.kept_frames_max,
            acknowledge_frames: 3,
            acknowledge_after: Duration::from_micros(300),
            slow_after: self.slow_after,
            ..LinkLimits::DEFAULT
        }
    }

    /// Whether suspicions can be wrong in this run.
    pub fn may_mistake(&self) -> bool {
        self.false_suspicions > 0
            || self.partitions > 0
            || self.slow_after < LinkLimits::DEFAULT.slow_after
    }

    /// Whether the policy lets a mistake split the ring.
    pub fn may_split(&self) -> bool {
        self.may_mistake() && self.policy == Policy::Survivor
    }
}

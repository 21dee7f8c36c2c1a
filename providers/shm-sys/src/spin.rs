//! Whether to look again and again before sleeping: chosen by what looking has brought, not at all where it brings nothing.
//!
//! Looking saves two system calls and the time a core needs to wake, but only while the peer runs on another core. On one
//! core it keeps the peer from running, and is hardly ever followed by success: then it stops by itself, but for a trial
//! now and then. It must last as long as waking a core does: with both ends asleep, one's first look begins when the other
//! is only being woken.

/// How long one looks, in nanoseconds: about twice what waking a sleeping core costs.
pub const SPIN_NS: u64 = 50_000;
/// Waits between two trials after looking was of no use: together they cost less than a hundredth.
pub const TRIAL_PAUSE: u32 = 1024;
/// What a success adds to the score, up to the highest.
const GAIN: u32 = 1;
/// What a failure takes from it: looking stays while two of three succeed.
const LOSS: u32 = 2;
const SCORE_MAX: u32 = 8;

/// The memory of one waiter.
#[derive(Debug)]
pub struct Spin {
    enabled: bool,
    /// Looking is of use while this is not 0.
    score: u32,
    /// Waits until the next trial.
    pause: u32,
}

impl Spin {
    /// Looks never, unless `enabled`: without a second core it cannot be of use. The first wait is a trial.
    pub fn new(enabled: bool) -> Spin {
        Spin {
            enabled,
            score: 0,
            pause: 0,
        }
    }

    /// How long to look this time, in nanoseconds; 0 to sleep at once.
    pub fn budget_ns(&mut self) -> u64 {
        if !self.enabled {
            return 0;
        }
        if self.score == 0 && self.pause > 0 {
            self.pause -= 1;
            return 0;
        }
        SPIN_NS
    }

    /// Looking has brought something.
    pub fn succeeded(&mut self) {
        self.score = (self.score + GAIN).min(SCORE_MAX);
    }

    /// It has brought nothing.
    pub fn failed(&mut self) {
        self.score = self.score.saturating_sub(LOSS);
        if self.score == 0 {
            self.pause = TRIAL_PAUSE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_second_core_nobody_looks() {
        let mut spin = Spin::new(false);
        spin.succeeded();
        assert_eq!(spin.budget_ns(), 0);
    }

    #[test]
    fn where_it_brings_nothing_only_trials_are_left() {
        let mut spin = Spin::new(true);
        let mut looks = 0;
        for _ in 0..TRIAL_PAUSE * 8 {
            if spin.budget_ns() > 0 {
                looks += 1;
                spin.failed();
            }
        }
        assert_eq!(looks, 8);
    }

    #[test]
    fn it_stays_while_most_looks_succeed_and_goes_when_half_of_them_fail() {
        let looks = |pattern: &[bool]| {
            let mut spin = Spin::new(true);
            let mut looks = 0;
            for success in pattern.iter().cycle().take(1000) {
                if spin.budget_ns() == 0 {
                    continue;
                }
                looks += 1;
                match success {
                    true => spin.succeeded(),
                    false => spin.failed(),
                }
            }
            looks
        };
        assert_eq!(looks(&[true, true, true, false]), 1000);
        assert!(looks(&[true, false]) < 10);
    }

    #[test]
    fn a_trial_that_succeeds_brings_it_back() {
        let mut spin = Spin::new(true);
        spin.failed();
        let trial = (0..=TRIAL_PAUSE).position(|_| spin.budget_ns() > 0);
        assert_eq!(trial, Some(TRIAL_PAUSE as usize));
        spin.succeeded();
        assert_eq!(spin.budget_ns(), SPIN_NS);
    }
}

//! How long to look again and again before sleeping: chosen by what looking has brought, nothing where it brings nothing.
//!
//! Looking saves two system calls and the time a core needs to wake, but only while the peer runs on another core. On one
//! core it keeps the peer from running, and is never followed by success: then it stops by itself, but for a trial now and
//! then.

/// The longest time of looking, in nanoseconds: about what waking a sleeping core costs.
pub const SPIN_NS_MAX: u64 = 50_000;
/// The time of a trial, in nanoseconds.
pub const TRIAL_NS: u64 = 10_000;
/// Waits between two trials after looking was of no use.
const TRIAL_PAUSE: u32 = 256;
/// So many times what success has taken is allowed for the next one.
const PATIENCE: u64 = 4;

/// The memory of one waiter.
#[derive(Debug)]
pub struct Spin {
    /// How long to look, in nanoseconds.
    budget_ns: u64,
    /// How long success has taken, averaged.
    success_ns: u64,
    /// Waits until the next trial.
    pause: u32,
    enabled: bool,
}

impl Spin {
    /// Looks never, unless `enabled`: without a second core it cannot be of use.
    pub fn new(enabled: bool) -> Spin {
        Spin {
            budget_ns: TRIAL_NS,
            success_ns: TRIAL_NS / PATIENCE,
            pause: 0,
            enabled,
        }
    }

    /// How long to look this time, in nanoseconds; 0 to sleep at once.
    pub fn budget_ns(&mut self) -> u64 {
        if !self.enabled {
            return 0;
        }
        if self.budget_ns > 0 {
            return self.budget_ns;
        }
        self.pause = self.pause.saturating_sub(1);
        match self.pause {
            0 => TRIAL_NS,
            _ => 0,
        }
    }

    /// Looking has brought something after this time.
    pub fn succeeded(&mut self, after_ns: u64) {
        self.success_ns = (self.success_ns * 7 + after_ns) / 8;
        self.budget_ns = (self.success_ns * PATIENCE).clamp(TRIAL_NS / PATIENCE, SPIN_NS_MAX);
    }

    /// It has brought nothing.
    pub fn failed(&mut self) {
        self.budget_ns /= 2;
        if self.budget_ns < TRIAL_NS / PATIENCE {
            self.budget_ns = 0;
            self.pause = TRIAL_PAUSE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_second_core_nobody_looks() {
        assert_eq!(Spin::new(false).budget_ns(), 0);
    }

    #[test]
    fn failure_stops_it_and_trials_are_rare() {
        let mut spin = Spin::new(true);
        let mut tries = 0;
        for _ in 0..TRIAL_PAUSE * 8 {
            if spin.budget_ns() > 0 {
                tries += 1;
                spin.failed();
            }
        }
        assert!((1..16).contains(&tries), "{tries} tries");
    }

    #[test]
    fn success_gives_it_what_success_takes_and_no_more_than_the_limit() {
        let mut spin = Spin::new(true);
        for _ in 0..100 {
            spin.succeeded(1_000);
        }
        assert!((3_000..6_000).contains(&spin.budget_ns()));
        for _ in 0..100 {
            spin.succeeded(SPIN_NS_MAX * 3);
        }
        assert_eq!(spin.budget_ns(), SPIN_NS_MAX);
    }

    #[test]
    fn a_trial_that_succeeds_brings_it_back() {
        let mut spin = Spin::new(true);
        while spin.budget_ns() > 0 {
            spin.failed();
        }
        let trial = (0..TRIAL_PAUSE).map(|_| spin.budget_ns()).max();
        assert_eq!(trial, Some(TRIAL_NS));
        spin.succeeded(500);
        assert!(spin.budget_ns() > 0);
    }
}

//! How long a connection may take for what it is at. Times come in as arguments; pure but for its lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::http::limits::HttpLimits;

/// What a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing came yet.
    Fresh,
    /// A head is coming.
    Head,
    /// A body is coming.
    Body,
    /// A request runs.
    Running,
    /// The last request was answered.
    Idle,
}

/// The clock of one connection.
pub(super) struct Watch {
    /// Guards the phase; held for moments.
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    /// When the phase began; none while that is not known yet.
    since: Option<u64>,
    /// Bytes received when the phase began.
    start: u64,
    /// Bytes received in all.
    received: u64,
    expired: bool,
}

/// A time limit that has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expired {
    pub(super) phase: Phase,
    pub(super) rule: &'static str,
}

impl Watch {
    pub(super) fn new(now: u64) -> Watch {
        Watch {
            state: Mutex::new(State {
                phase: Phase::Fresh,
                since: Some(now),
                start: 0,
                received: 0,
                expired: false,
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many bytes were received.
    pub(super) fn received(&self, bytes: usize) {
        let mut state = self.lock();
        state.received = state.received.saturating_add(bytes as u64);
    }

    /// The next phase begins.
    pub(super) fn enter(&self, phase: Phase) {
        let mut state = self.lock();
        state.phase = phase;
        state.since = None;
        state.start = state.received;
    }

    /// A request was answered, and so many bytes of the next one are here already.
    pub(super) fn idle(&self, waiting: usize) {
        let mut state = self.lock();
        state.phase = Phase::Idle;
        state.since = None;
        state.start = state.received.saturating_sub(waiting as u64);
    }

    /// Whether the body took too long.
    pub(super) fn has_expired(&self) -> bool {
        self.lock().expired
    }

    /// To be called when nothing more happens for now: when the connection is too slow, and by which rule.
    pub(super) fn deadline(&self, now: u64, limits: &HttpLimits) -> Option<(u64, &'static str)> {
        let mut state = self.lock();
        let more = state.received > state.start;
        if matches!(state.phase, Phase::Fresh | Phase::Idle) && more {
            // The first bytes of a request.
            state.phase = Phase::Head;
            state.since = None;
            state.start = state.received;
        }
        let since = *state.since.get_or_insert(now);
        match state.phase {
            Phase::Running => None,
            Phase::Fresh => Some((
                since.saturating_add(limits.handshake_ns),
                "handshake_timeout (it sent nothing)",
            )),
            Phase::Head => Some((since.saturating_add(limits.header_ns), "header_timeout")),
            Phase::Body => Some(limits.body_deadline(since, state.received - state.start)),
            Phase::Idle => Some((since.saturating_add(limits.idle_ns), "idle_timeout")),
        }
    }

    /// The limit that has passed, if one has.
    pub(super) fn check(&self, now: u64, limits: &HttpLimits) -> Option<Expired> {
        let (deadline, rule) = self.deadline(now, limits)?;
        if now < deadline {
            return None;
        }
        let mut state = self.lock();
        state.expired = true;
        let phase = state.phase;
        Some(Expired { phase, rule })
    }
}

/// How fast a peer takes what waits for it. Pure.
#[derive(Debug, Default)]
pub(super) struct Taking {
    /// None while nothing waits.
    lot: Option<Lot>,
}

/// What waited for the peer at one time.
#[derive(Debug, Clone, Copy)]
struct Lot {
    since: u64,
    /// Bytes that the peer had taken then, and will have when it has taken all that waited.
    start: u64,
    end: u64,
}

impl Taking {
    /// When the peer is too slow, and by which rule. `blocked`: bytes that it has taken, and those it would have taken with
    /// what waits; none while nothing waits.
    pub(super) fn deadline(
        &mut self,
        now: u64,
        blocked: Option<(u64, u64)>,
        limits: &HttpLimits,
    ) -> Option<(u64, &'static str)> {
        let Some((taken, end)) = blocked else {
            self.lot = None;
            return None;
        };
        let lot = match self.lot {
            Some(lot) if taken < lot.end => lot,
            // All that waited was taken: what waits now has a time of its own.
            _ => Lot {
                since: now,
                start: taken,
                end,
            },
        };
        self.lot = Some(lot);
        let (deadline, rule) = limits.body_deadline(lot.since, taken.saturating_sub(lot.start));
        let rule = match rule {
            "body_rate" => "body_rate (it takes its answers too slowly)",
            _ => "message_timeout (it has not taken its answers)",
        };
        Some((deadline, rule))
    }
}

#[cfg(test)]
mod tests {
    use rmix_provider::tables::Limits;

    use super::*;

    const MS: u64 = 1_000_000;

    fn limits() -> HttpLimits {
        HttpLimits {
            handshake_ns: 10 * MS,
            header_ns: 20 * MS,
            message_ns: 30_000 * MS,
            idle_ns: 40 * MS,
            body_rate: 1000,
            ..HttpLimits::of(&Limits::default())
        }
    }

    fn expired(watch: &Watch, now: u64) -> Option<(Phase, &'static str)> {
        let expired = watch.check(now, &limits())?;
        Some((expired.phase, expired.rule))
    }

    #[test]
    fn connection_that_sends_nothing_ends() {
        let watch = Watch::new(5 * MS);
        assert_eq!(expired(&watch, 15 * MS - 1), None);
        let rule = "handshake_timeout (it sent nothing)";
        assert_eq!(expired(&watch, 15 * MS), Some((Phase::Fresh, rule)));
    }

    #[test]
    fn head_has_its_time_from_its_first_byte() {
        let watch = Watch::new(0);
        watch.received(1);
        assert_eq!(expired(&watch, 9 * MS), None);
        watch.received(1);
        assert_eq!(expired(&watch, 29 * MS - 1), None);
        let rule = "header_timeout";
        assert_eq!(expired(&watch, 29 * MS), Some((Phase::Head, rule)));
    }

    #[test]
    fn body_has_its_time_by_its_bytes() {
        let watch = Watch::new(0);
        watch.received(100);
        watch.enter(Phase::Body);
        assert_eq!(expired(&watch, 0), None);
        assert_eq!(expired(&watch, 10_000 * MS - 1), None);
        watch.received(1000);
        assert_eq!(expired(&watch, 11_000 * MS - 1), None);
        assert_eq!(
            expired(&watch, 11_000 * MS),
            Some((Phase::Body, "body_rate"))
        );
        watch.received(1 << 30);
        let rule = "message_timeout";
        assert_eq!(expired(&watch, 30_000 * MS), Some((Phase::Body, rule)));
        assert!(watch.has_expired());
    }

    #[test]
    fn running_requests_have_all_time_and_silence_after_them_has_not() {
        let watch = Watch::new(0);
        watch.received(100);
        watch.enter(Phase::Running);
        assert_eq!(expired(&watch, u64::MAX), None);
        watch.idle(0);
        assert_eq!(expired(&watch, 50 * MS), None);
        assert_eq!(expired(&watch, 90 * MS - 1), None);
        assert_eq!(
            expired(&watch, 90 * MS),
            Some((Phase::Idle, "idle_timeout"))
        );
    }

    #[test]
    fn answers_are_to_be_taken_at_a_rate_and_within_a_time() {
        let limits = limits();
        let mut taking = Taking::default();
        let mut after = |now_ms: u64, blocked| {
            let found = taking.deadline(now_ms * MS, blocked, &limits);
            found.map(|(at, rule)| (at / MS, &rule[..9]))
        };
        assert_eq!(after(0, None), None);
        assert_eq!(after(5, Some((0, 1 << 30))), Some((10_005, "body_rate")));
        // A byte now and then earns no time worth speaking of, a thousand earn a second.
        assert_eq!(after(9000, Some((9, 1 << 30))), Some((10_014, "body_rate")));
        assert_eq!(
            after(9000, Some((1000, 1 << 30))),
            Some((11_005, "body_rate"))
        );
        let all = Some((30_005, "message_t"));
        assert_eq!(after(9000, Some(((1 << 30) - 1, 1 << 30))), all);
        // What came meanwhile waits from then on.
        assert_eq!(
            after(9000, Some((1 << 30, 1 << 31))),
            Some((19_000, "body_rate"))
        );
        assert_eq!(after(9500, None), None);
        assert_eq!(
            after(9600, Some((1 << 31, 1 << 32))),
            Some((19_600, "body_rate"))
        );
    }

    #[test]
    fn next_request_that_has_begun_has_no_idle_time() {
        let watch = Watch::new(0);
        watch.received(100);
        watch.enter(Phase::Running);
        watch.idle(1);
        assert_eq!(expired(&watch, 20 * MS), None);
        let rule = "header_timeout";
        assert_eq!(expired(&watch, 40 * MS), Some((Phase::Head, rule)));
    }

    #[test]
    fn next_request_ends_the_idle_time() {
        let watch = Watch::new(0);
        watch.received(100);
        watch.enter(Phase::Running);
        watch.idle(0);
        assert_eq!(expired(&watch, 0), None);
        watch.received(1);
        assert_eq!(expired(&watch, 39 * MS), None);
        assert_eq!(expired(&watch, 59 * MS - 1), None);
        let rule = "header_timeout";
        assert_eq!(expired(&watch, 59 * MS), Some((Phase::Head, rule)));
    }
}

//! Inbound calls of one connection that are not answered yet: how many run, and how many bytes their arguments are.
//! Pure.

use rmix_abi::tables::Limits;

/// Arguments of calls that run at once for one connection, in longest messages; at least `queued_bytes` in any case.
/// At this bound the connection is not read until some of them are answered. The message that reaches it is still
/// served, so no single message is ever held up by its length.
const SERVED_MESSAGES_MAX: u64 = 2;

/// What one connection is being served.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Serving {
    begun: Count,
    ended: Count,
}

/// Calls in all, and their bytes; both wrap.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    calls: u64,
    bytes: u64,
}

impl Count {
    fn add(&mut self, calls: u64, bytes: u64) {
        self.calls = self.calls.wrapping_add(calls);
        self.bytes = self.bytes.wrapping_add(bytes);
    }
}

impl Serving {
    /// A call came, with so many bytes. Of one that needs no answer it may be told after its end.
    pub(crate) fn begin(&mut self, bytes: u64) {
        self.begun.add(1, bytes);
    }

    /// A call that came with so many bytes was answered.
    pub(crate) fn end(&mut self, bytes: u64) {
        self.ended.add(1, bytes);
    }

    /// So many calls came and have ended.
    pub(crate) fn pass(&mut self, calls: u64) {
        self.begun.add(calls, 0);
        self.ended.add(calls, 0);
    }

    /// Whether no call runs.
    pub(crate) fn is_idle(&self) -> bool {
        self.begun == self.ended
    }

    /// Whether no further call is taken in for now.
    pub(crate) fn is_full(&self, limits: &Limits) -> bool {
        let calls = running(self.begun.calls, self.ended.calls);
        let bytes = running(self.begun.bytes, self.ended.bytes);
        calls >= u64::from(limits.outstanding) || bytes >= bytes_max(limits)
    }
}

/// Since when nothing is asked on a connection: an answer begins the time anew as a call does. Pure.
#[derive(Debug, Default)]
pub(crate) struct IdleTime {
    /// Calls that had been answered by the last look.
    ended: u64,
    /// The last look before which a call was answered.
    since_ns: u64,
}

impl IdleTime {
    /// Whether calls were answered since the last look, so that the next one needs a clock that is right.
    pub(crate) fn is_behind(&self, serving: &Serving) -> bool {
        serving.ended.calls != self.ended
    }

    /// Since when; now, while calls run or `waits` for answers to calls of ours. `active_ns` is when the last message came.
    pub(crate) fn since(
        &mut self,
        serving: &Serving,
        waits: bool,
        active_ns: u64,
        now_ns: u64,
    ) -> u64 {
        if self.is_behind(serving) {
            self.ended = serving.ended.calls;
            self.since_ns = now_ns;
        }
        if waits || !serving.is_idle() {
            return now_ns;
        }
        self.since_ns.max(active_ns)
    }
}

/// What has begun and not ended; nothing, while the end of something is known and its begin is not.
fn running(begun: u64, ended: u64) -> u64 {
    let running = begun.wrapping_sub(ended);
    match running > u64::MAX / 2 {
        true => 0,
        false => running,
    }
}

fn bytes_max(limits: &Limits) -> u64 {
    let messages = limits.message_bytes.saturating_mul(SERVED_MESSAGES_MAX);
    messages.max(limits.queued_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(message_bytes: u64, queued_bytes: u64, outstanding: u32) -> Limits {
        Limits {
            message_bytes,
            queued_bytes,
            outstanding,
            ..Limits::default()
        }
    }

    #[test]
    fn calls_are_bounded_in_number() {
        let limits = limits(1000, 1000, 2);
        let mut serving = Serving::default();
        serving.begin(1);
        assert!(!serving.is_full(&limits));
        serving.begin(1);
        assert!(serving.is_full(&limits));
        serving.end(1);
        assert!(!serving.is_full(&limits));
    }

    #[test]
    fn arguments_are_bounded_in_bytes() {
        let limits = limits(1000, 1, 100);
        let mut serving = Serving::default();
        serving.begin(1000);
        serving.begin(999);
        assert!(!serving.is_full(&limits), "one below the bound");
        serving.begin(1);
        assert!(serving.is_full(&limits), "at the bound");
        serving.end(1);
        assert!(!serving.is_full(&limits));
    }

    #[test]
    fn short_messages_may_fill_what_may_be_queued() {
        let limits = limits(1, 1000, 10_000);
        let mut serving = Serving::default();
        for _ in 0..999 {
            serving.begin(1);
        }
        assert!(!serving.is_full(&limits));
        serving.begin(1);
        assert!(serving.is_full(&limits));
    }

    #[test]
    fn an_end_may_be_told_before_its_begin() {
        let limits = limits(1000, 1000, 1);
        let mut serving = Serving::default();
        serving.end(500);
        assert!(!serving.is_idle());
        assert!(!serving.is_full(&limits));
        serving.begin(500);
        assert!(serving.is_idle());
        serving.begin(1);
        assert!(serving.is_full(&limits));
    }

    #[test]
    fn what_has_passed_begins_the_idle_time_anew() {
        let (mut serving, mut idle) = (Serving::default(), IdleTime::default());
        serving.pass(3);
        assert!(serving.is_idle());
        assert!(idle.is_behind(&serving));
        assert_eq!(idle.since(&serving, false, 10, 900), 900);
        serving.pass(0);
        assert!(!idle.is_behind(&serving));
    }

    #[test]
    fn idle_time_begins_with_the_answer() {
        let (mut serving, mut idle) = (Serving::default(), IdleTime::default());
        assert_eq!(idle.since(&serving, false, 10, 15), 10, "nothing was asked");
        serving.begin(1);
        assert_eq!(idle.since(&serving, false, 20, 500), 500, "a call runs");
        assert!(!idle.is_behind(&serving));
        serving.end(1);
        assert!(idle.is_behind(&serving));
        assert_eq!(idle.since(&serving, false, 20, 900), 900, "it was answered");
        assert_eq!(idle.since(&serving, false, 20, 950), 900);
        assert_eq!(idle.since(&serving, false, 930, 950), 930, "a message came");
        assert_eq!(idle.since(&serving, true, 930, 960), 960, "we wait");
    }

    #[test]
    fn the_longest_message_alone_fills_nothing() {
        let limits = limits(u64::MAX, 1, 100);
        let mut serving = Serving::default();
        serving.begin(u64::MAX - 1);
        assert!(!serving.is_full(&limits));
        serving.end(u64::MAX - 1);
        assert!(serving.is_idle());
    }
}

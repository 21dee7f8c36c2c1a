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
    calls: u32,
    bytes: u64,
}

impl Serving {
    /// A call came, with so many bytes.
    pub(crate) fn begin(&mut self, bytes: u64) {
        self.calls = self.calls.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// A call that came with so many bytes was answered.
    pub(crate) fn end(&mut self, bytes: u64) {
        self.calls = self.calls.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// Whether no call runs.
    pub(crate) fn is_idle(&self) -> bool {
        self.calls == 0
    }

    /// Whether no further call is taken in for now.
    pub(crate) fn is_full(&self, limits: &Limits) -> bool {
        self.calls >= limits.outstanding || self.bytes >= bytes_max(limits)
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
    fn the_longest_message_alone_fills_nothing() {
        let limits = limits(u64::MAX, 1, 100);
        let mut serving = Serving::default();
        serving.begin(u64::MAX - 1);
        assert!(!serving.is_full(&limits));
        serving.end(u64::MAX - 1);
        assert!(serving.is_idle());
    }
}

//! When a server that answers so many calls has answered them.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// How many calls are to be answered.
pub(super) struct Counter {
    left: Option<AtomicU64>,
    none_left: Notify,
}

impl Counter {
    pub(super) fn new(calls: Option<u64>) -> Counter {
        Counter {
            left: calls.map(AtomicU64::new),
            none_left: Notify::new(),
        }
    }

    /// Counts a call.
    pub(super) fn count(&self) {
        if let Some(left) = &self.left
            && left.fetch_sub(1, Ordering::Relaxed) == 1
        {
            self.none_left.notify_one();
        }
    }

    /// Ready when the last call was counted.
    pub(super) async fn done(&self) {
        self.none_left.notified().await;
    }
}

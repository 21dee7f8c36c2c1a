//! The interface `Numbers`: replies that depend on the call, one-way calls whose order is checked, and a call that is
//! never answered. Its object prints nothing and knows no protocol.

use std::future::pending;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// What a call must be answered with: another value for each caller and number.
pub fn mixed(caller: u32, number: u32) -> u64 {
    let mut value = (u64::from(caller) << 32 | u64::from(number)) ^ 0x9e37_79b9_7f4a_7c15;
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Which one-way calls came.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug, PartialEq, Eq, Default)]
pub struct Seen {
    /// How many came; the next must carry this number.
    pub count: u32,
    /// The first number that came out of order.
    pub wrong: Option<u32>,
}

/// Calls with numbers.
#[rmix::remote(
    namespace = "urn:rmix:system-tests",
    sunrpc(program = 0x2000_0043, version = 1)
)]
pub trait Numbers {
    /// `mixed` of its arguments.
    #[rmix(procedure = 1, idempotent)]
    async fn mix(&self, caller: u32, number: u32) -> u64;

    /// The next number, counted from 0.
    #[rmix(procedure = 2, oneway)]
    async fn put(&self, number: u32);

    /// Waits until that many one-way calls came, or one came out of order.
    #[rmix(procedure = 3, idempotent)]
    async fn seen(&self, count: u32) -> Seen;

    /// Never answers; the object tells its owner when it begins.
    #[rmix(procedure = 4)]
    async fn hold(&self);

    /// The first numbers.
    #[rmix(procedure = 5, idempotent)]
    async fn series(&self, count: u32) -> Vec<f64>;
}

type Tell = Box<dyn Fn() + Send + Sync>;

/// Remembers what one-way calls it got.
pub struct Recorder {
    seen: watch::Sender<Seen>,
    held: Tell,
}

impl Recorder {
    /// An object that calls `held` whenever a call of `hold` has begun.
    pub fn new(held: impl Fn() + Send + Sync + 'static) -> Recorder {
        Recorder {
            seen: watch::Sender::new(Seen::default()),
            held: Box::new(held),
        }
    }
}

impl Default for Recorder {
    fn default() -> Recorder {
        Recorder::new(|| {})
    }
}

impl Numbers for Recorder {
    async fn mix(&self, caller: u32, number: u32) -> u64 {
        mixed(caller, number)
    }

    async fn put(&self, number: u32) {
        self.seen.send_modify(|seen| {
            if number != seen.count && seen.wrong.is_none() {
                seen.wrong = Some(number);
            }
            seen.count += 1;
        });
    }

    async fn seen(&self, count: u32) -> Seen {
        let mut seen = self.seen.subscribe();
        let enough = |seen: &Seen| seen.count >= count || seen.wrong.is_some();
        match seen.wait_for(enough).await {
            Ok(seen) => seen.clone(),
            // The sender lives as long as this object.
            Err(_) => Seen::default(),
        }
    }

    async fn hold(&self) {
        (self.held)();
        pending().await
    }

    async fn series(&self, count: u32) -> Vec<f64> {
        (0..count).map(f64::from).collect()
    }
}

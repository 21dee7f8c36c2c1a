//! The object that is called: a log, gates, and values on demand. Nothing in it waits for time to pass.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::interface::{Conformance, Log, Nest, Refusal, Sample};

/// The object under test's calls.
#[derive(Debug, Default)]
pub struct Object {
    /// Guards everything; never held across a wait.
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    log: Vec<i64>,
    gates: HashMap<u32, Gate>,
    additions: u64,
}

#[derive(Debug, Default)]
struct Gate {
    open: bool,
    arrived: u64,
}

/// Entries of the log that are shown.
const SHOWN: usize = 16;

impl Object {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and lets everybody who waits look at it.
    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let result = change(&mut self.lock());
        self.changed.notify_waiters();
        result
    }

    /// Waits until `found` finds something in the state.
    async fn wait_for<R>(&self, mut found: impl FnMut(&State) -> Option<R> + Send) -> R {
        loop {
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            // Registered before the look, so that no change falls between.
            changed.as_mut().enable();
            if let Some(result) = found(&self.lock()) {
                return result;
            }
            changed.await;
        }
    }

    async fn stand_at(&self, gate: u32) {
        self.change(|state| state.gates.entry(gate).or_default().arrived += 1);
        self.wait_for(|state| state.gates.get(&gate)?.open.then_some(()))
            .await;
    }

    /// How many calls stand, or have stood, at a gate; for tests that hold the object.
    pub fn arrivals(&self, gate: u32) -> u64 {
        self.lock().gates.get(&gate).map_or(0, |gate| gate.arrived)
    }

    /// How many entries the log has; for tests that hold the object.
    pub fn log_length(&self) -> usize {
        self.lock().log.len()
    }
}

impl Conformance for Object {
    async fn add(&self, left: i64, right: i64) -> i64 {
        self.lock().additions += 1;
        left.wrapping_add(right)
    }

    async fn divide(&self, dividend: i64, divisor: i64) -> Result<i64, Refusal> {
        if divisor == 0 {
            return Err(Refusal::DivisorIsZero);
        }
        dividend
            .checked_div(divisor)
            .ok_or(Refusal::TooLarge { dividend, divisor })
    }

    async fn echo(&self, sample: Sample) -> Sample {
        sample
    }

    async fn record(&self, value: i64) {
        self.change(|state| state.log.push(value));
    }

    async fn record_behind(&self, gate: u32, value: i64) {
        self.stand_at(gate).await;
        self.change(|state| state.log.push(value));
    }

    async fn recorded(&self, count: u64) -> Log {
        self.wait_for(|state| {
            let length = state.log.len();
            (length as u64 >= count).then(|| Log {
                count: length as u64,
                counts_up: state.log.iter().copied().eq(0..length as i64),
                last: state.log[length.saturating_sub(SHOWN)..].to_vec(),
            })
        })
        .await
    }

    async fn pass(&self, gate: u32) -> u32 {
        self.stand_at(gate).await;
        gate
    }

    async fn hold_octets(&self, gate: u32, octets: Vec<u8>) -> u64 {
        self.stand_at(gate).await;
        octets.len() as u64
    }

    async fn open(&self, gate: u32) {
        self.change(|state| state.gates.entry(gate).or_default().open = true);
    }

    async fn arrived(&self, gate: u32, count: u64) {
        self.wait_for(|state| {
            let arrived = state.gates.get(&gate).map_or(0, |gate| gate.arrived);
            (arrived >= count).then_some(())
        })
        .await;
    }

    async fn panic(&self, after_waiting: bool) -> i64 {
        if after_waiting {
            tokio::task::yield_now().await;
        }
        panic!("as asked");
    }

    async fn panic_unheard(&self) {
        panic!("as asked, unheard");
    }

    async fn take_octets(&self, octets: Vec<u8>) -> u64 {
        octets.len() as u64
    }

    async fn give_octets(&self, count: u64) -> Vec<u8> {
        vec![0x5a; usize::try_from(count).expect("tests ask for what fits into memory")]
    }

    async fn take_texts(&self, texts: Vec<String>) -> u64 {
        texts.len() as u64
    }

    async fn give_texts(&self, count: u64) -> Vec<String> {
        (0..count).map(|_| "t".to_owned()).collect()
    }

    async fn take_nest(&self, nest: Nest) -> u32 {
        nest.depth()
    }

    async fn give_nest(&self, depth: u32) -> Nest {
        Nest::of_depth(depth)
    }

    async fn take_huge(&self, _value: u128) -> i64 {
        0
    }

    async fn give_huge(&self) -> u128 {
        u128::MAX
    }

    async fn process(&self) -> i32 {
        rustix::process::getpid().as_raw_nonzero().get()
    }

    async fn additions(&self) -> u64 {
        self.lock().additions
    }

    async fn total(&self, numbers: Vec<f64>) -> f64 {
        numbers.iter().sum()
    }

    async fn record_octets(&self, octets: Vec<u8>) {
        self.change(|state| state.log.push(octets.len() as i64));
    }
}

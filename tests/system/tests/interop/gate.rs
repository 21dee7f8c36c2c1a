//! Operations of the Python station that a weather station has not: calls that wait for one another, so that replies
//! leave in another order than their requests came; and a result of a megabyte.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Semaphore;

/// Calls that wait for one another.
#[rmix::remote]
pub(super) trait Gate {
    /// Answers with its argument once `release` was called with it, before or after.
    async fn hold(&self, name: u32) -> u32;
    /// Lets `hold` of that name answer.
    async fn release(&self, name: u32);
    /// Answers with its argument after so many milliseconds.
    async fn slow(&self, milliseconds: u32) -> u32;
    /// The first numbers, halved.
    async fn series(&self, count: u32) -> Vec<f64>;
    /// Nobody implements it.
    async fn absent(&self) -> u32;
}

/// The same without the operation that nobody implements.
#[rmix::remote]
pub(super) trait Gates {
    async fn hold(&self, name: u32) -> u32;
    async fn release(&self, name: u32);
    async fn slow(&self, milliseconds: u32) -> u32;
    async fn series(&self, count: u32) -> Vec<f64>;
}

/// Our own gates.
#[derive(Default)]
pub(super) struct MyGates {
    open: Mutex<BTreeMap<u32, Arc<Semaphore>>>,
}

impl MyGates {
    fn gate(&self, name: u32) -> Arc<Semaphore> {
        let mut open = self.open.lock().unwrap();
        open.entry(name)
            .or_insert_with(|| Arc::new(Semaphore::new(0)))
            .clone()
    }
}

impl Gates for MyGates {
    async fn hold(&self, name: u32) -> u32 {
        self.gate(name).acquire().await.unwrap().forget();
        name
    }

    async fn release(&self, name: u32) {
        self.gate(name).add_permits(1);
    }

    async fn slow(&self, milliseconds: u32) -> u32 {
        tokio::time::sleep(Duration::from_millis(milliseconds.into())).await;
        milliseconds
    }

    async fn series(&self, count: u32) -> Vec<f64> {
        (0..count).map(|number| f64::from(number) / 2.0).collect()
    }
}

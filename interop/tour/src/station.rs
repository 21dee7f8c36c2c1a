//! The interface `Station`, its types, and an implementation that knows Oslo and Bergen.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// What was measured at a place.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Reading {
    /// Name of the place.
    pub place: String,
    /// Temperature in degrees Celsius.
    pub celsius: f64,
    /// Seconds since 1970.
    pub at: i64,
}

/// Why there is no reading.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug, PartialEq)]
pub enum StationError {
    /// Nothing was ever reported for this place.
    UnknownPlace(String),
    /// The station is switched off.
    Offline,
}

/// A weather station.
#[rmix::remote(
    namespace = "urn:example:weather",
    sunrpc(program = 0x2000_0042, version = 1)
)]
pub trait Station {
    /// The latest reading of a place.
    #[rmix(procedure = 1, idempotent)]
    async fn latest(&self, place: String) -> Result<Reading, StationError>;

    /// The mean of some temperatures; 0 of none.
    #[rmix(procedure = 2, idempotent)]
    async fn mean(&self, celsius: Vec<f64>) -> f64;

    /// Reports a reading; nothing comes back.
    #[rmix(procedure = 3, oneway)]
    async fn report(&self, reading: Reading);

    /// How many readings were reported.
    #[rmix(procedure = 4)]
    async fn count(&self) -> u32;
}

/// A station that remembers what is reported.
#[derive(Debug)]
pub struct MyStation {
    /// Guards readings and count together.
    state: Mutex<(BTreeMap<String, Reading>, u32)>,
}

impl Default for MyStation {
    fn default() -> MyStation {
        let known = [
            ("Oslo", -3.5, 1_700_000_000),
            ("Bergen", 6.25, 1_700_000_060),
        ];
        let readings = known.map(|(place, celsius, at)| {
            let place = place.to_owned();
            (place.clone(), Reading { place, celsius, at })
        });
        MyStation {
            state: Mutex::new((BTreeMap::from(readings), 0)),
        }
    }
}

impl MyStation {
    fn state(&self) -> MutexGuard<'_, (BTreeMap<String, Reading>, u32)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Station for MyStation {
    async fn latest(&self, place: String) -> Result<Reading, StationError> {
        let known = self.state().0.get(&place).cloned();
        known.ok_or(StationError::UnknownPlace(place))
    }

    async fn mean(&self, celsius: Vec<f64>) -> f64 {
        if celsius.is_empty() {
            return 0.0;
        }
        celsius.iter().sum::<f64>() / celsius.len() as f64
    }

    async fn report(&self, reading: Reading) {
        let mut state = self.state();
        state.0.insert(reading.place.clone(), reading);
        state.1 += 1;
    }

    async fn count(&self) -> u32 {
        self.state().1
    }
}

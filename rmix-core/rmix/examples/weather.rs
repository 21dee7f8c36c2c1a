//! One object, two protocols, four kinds of call, in one process.
//!
//! Build the providers first, so that they lie beside the program:
//! `cargo build -p rmix-msgpack -p rmix-sunrpc && cargo run -p rmix --example weather`.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rmix::{CallError, Runtime};
use serde::{Deserialize, Serialize};

/// What was measured at a place.
#[derive(rmix::Data, Serialize, Deserialize, Clone, Debug)]
pub struct Reading {
    /// Name of the place.
    pub place: String,
    /// Temperature in degrees Celsius.
    pub celsius: f64,
}

/// Why there is no reading.
#[derive(rmix::Data, Serialize, Deserialize, Debug)]
pub enum StationError {
    /// Nothing is known of this place.
    UnknownPlace(String),
}

/// A weather station.
#[rmix::remote(sunrpc(program = 0x2000_0042, version = 1))]
pub trait Station {
    /// The latest reading of a place.
    #[rmix(procedure = 1, idempotent)]
    async fn latest(&self, place: String) -> Result<Reading, StationError>;

    /// Reports a reading; nothing comes back.
    #[rmix(procedure = 2, oneway)]
    async fn report(&self, reading: Reading);

    /// How many readings were reported.
    #[rmix(procedure = 3)]
    async fn count(&self) -> u32;
}

#[derive(Default)]
struct MyStation {
    reports: AtomicU32,
}

impl Station for MyStation {
    async fn latest(&self, place: String) -> Result<Reading, StationError> {
        match place.as_str() {
            "Oslo" => Ok(Reading {
                place,
                celsius: -3.5,
            }),
            _ => Err(StationError::UnknownPlace(place)),
        }
    }

    async fn report(&self, _reading: Reading) {
        self.reports.fetch_add(1, Ordering::Relaxed);
    }

    async fn count(&self) -> u32 {
        self.reports.load(Ordering::Relaxed)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rmix = Runtime::builder().providers("msgpack,sunrpc").build()?;
    let exported = rmix
        .export(
            StationSkeleton::new(MyStation::default()),
            [
                "msgpack+tcp://127.0.0.1:0",
                "sunrpc+tcp://127.0.0.1:0/0x20000042/1",
            ],
        )
        .blocking()?;
    println!("exported as {}", exported.reference());

    for protocol in ["msgpack", "sunrpc"] {
        let station: StationStub = rmix.bind(&exported).via(protocol).blocking()?;
        // Synchronous, on this thread.
        println!(
            "{protocol}: {:?}",
            station.blocking().latest("Oslo".into())?
        );
        // A declared fault is a value of its own type.
        match station.blocking().latest("Atlantis".into()) {
            Err(CallError::Fault(fault)) => println!("{protocol}: {fault:?}"),
            other => println!("{protocol}: unexpected {other:?}"),
        }
        // One-way: handed to the link, in order with what follows.
        let place = "Voss".to_owned();
        station.blocking().report(Reading {
            place,
            celsius: 4.0,
        })?;
        // Started: the request is on its way, the reply is fetched later.
        let mut count = station.start().count();
        let counted = count
            .wait(Duration::from_secs(5))
            .ok_or("no answer in time")??;
        println!("{protocol}: {counted} reports so far");
    }
    rmix.shutdown_blocking(Duration::from_secs(5))?;
    Ok(())
}

//! The interface under test, written out as `#[rmix::remote]` would, and an implementation the tests can hold up.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use rmix::generated::*;
use rmix::{Error, Interface, Pending, Runtime, Skeleton, Value};
use tokio::sync::Semaphore;

const ADD: [FieldDesc; 2] = [
    FieldDesc::new("a", Schema::of::<i32>()),
    FieldDesc::new("b", Schema::of::<i32>()),
];
const TEXT: [FieldDesc; 1] = [FieldDesc::new("text", Schema::of::<String>())];
const NUMBER: [FieldDesc; 1] = [FieldDesc::new("number", Schema::of::<i64>())];

const ANY: [FieldDesc; 1] = [FieldDesc::new("value", Schema::of::<Value>())];

static METHODS: [MethodDesc; 11] = [
    MethodDesc::new("add", 0, 0, &ADD, Some(Schema::of::<i32>()), None),
    MethodDesc::new(
        "check",
        0,
        call_flags::FAULTS,
        &TEXT,
        Some(Schema::of::<()>()),
        Some(Schema::of::<String>()),
    ),
    MethodDesc::new("hold", 0, 0, &NUMBER, Some(Schema::of::<i64>()), None),
    MethodDesc::new("record", 0, call_flags::ONEWAY, &NUMBER, None, None),
    MethodDesc::new("panic", 0, 0, &TEXT, Some(Schema::of::<()>()), None),
    MethodDesc::new(
        "numbers",
        0,
        0,
        &NUMBER,
        Some(Schema::of::<Vec<i64>>()),
        None,
    ),
    MethodDesc::new("blocks", 0, 0, &[], Some(Schema::of::<String>()), None),
    MethodDesc::new("echo", 0, 0, &ANY, Some(Schema::of::<Value>()), None),
    MethodDesc::new(
        "flaky",
        0,
        call_flags::IDEMPOTENT,
        &NUMBER,
        Some(Schema::of::<i64>()),
        None,
    ),
    MethodDesc::new("fragile", 0, 0, &NUMBER, Some(Schema::of::<i64>()), None),
    MethodDesc::new("explode", 0, 0, &NUMBER, Some(Schema::of::<i64>()), None),
];

static STATION: InterfaceDesc = InterfaceDesc::new("Station", "", 0, 0, &METHODS);

#[derive(Clone, Debug)]
pub(crate) struct StationStub(pub(crate) Stub);

impl Interface for StationStub {
    const DESCRIPTION: &'static InterfaceDesc = &STATION;
    fn from_stub(stub: Stub) -> Self {
        StationStub(stub)
    }
    fn stub(&self) -> &Stub {
        &self.0
    }
}

impl StationStub {
    pub(crate) async fn add(&self, a: i32, b: i32) -> Result<i32, Error> {
        self.0
            .call::<Plain<i32>>(&METHODS[0], |e| e.put(&a).and_then(|()| e.put(&b)))
            .await
    }
    pub(crate) fn add_blocking(&self, a: i32, b: i32) -> Result<i32, Error> {
        self.0
            .call_blocking::<Plain<i32>>(&METHODS[0], |e| e.put(&a).and_then(|()| e.put(&b)))
    }
    /// Arguments that the method cannot read.
    pub(crate) async fn add_as_text(&self, a: &str, b: &str) -> Result<i32, Error> {
        self.0
            .call::<Plain<i32>>(&METHODS[0], |e| e.put(a).and_then(|()| e.put(b)))
            .await
    }
    pub(crate) async fn check(&self, text: &str) -> Result<(), rmix::CallError<String>> {
        self.0
            .call::<Fallible<(), String>>(&METHODS[1], |e| e.put(text))
            .await
    }
    pub(crate) async fn check_as<
        E: serde::Serialize + serde::de::DeserializeOwned + Send + 'static,
    >(
        &self,
        text: &str,
    ) -> Result<(), rmix::CallError<E>> {
        self.0
            .call::<Fallible<(), E>>(&METHODS[1], |e| e.put(text))
            .await
    }
    pub(crate) async fn hold(&self, number: i64) -> Result<i64, Error> {
        self.0
            .call::<Plain<i64>>(&METHODS[2], |e| e.put(&number))
            .await
    }
    pub(crate) fn hold_blocking(&self, number: i64) -> Result<i64, Error> {
        self.0
            .call_blocking::<Plain<i64>>(&METHODS[2], |e| e.put(&number))
    }
    pub(crate) fn start_hold(&self, number: i64) -> Pending<Plain<i64>> {
        self.0.start(&METHODS[2], move |e| e.put(&number))
    }
    pub(crate) async fn record(&self, number: i64) -> Result<(), Error> {
        self.0.oneway(&METHODS[3], |e| e.put(&number)).await
    }
    pub(crate) fn record_blocking(&self, number: i64) -> Result<(), Error> {
        self.0.oneway_blocking(&METHODS[3], |e| e.put(&number))
    }
    pub(crate) async fn panic(&self, text: &str) -> Result<(), Error> {
        self.0.call::<Plain<()>>(&METHODS[4], |e| e.put(text)).await
    }
    pub(crate) async fn numbers(&self, count: i64) -> Result<Vec<i64>, Error> {
        self.0
            .call::<Plain<Vec<i64>>>(&METHODS[5], |e| e.put(&count))
            .await
    }
    /// Loses its link the first `losses` times it runs, then gives how often it ran; declared idempotent.
    pub(crate) async fn flaky(&self, losses: i64) -> Result<i64, Error> {
        self.0
            .call::<Plain<i64>>(&METHODS[8], |e| e.put(&losses))
            .await
    }
    pub(crate) fn flaky_blocking(&self, losses: i64) -> Result<i64, Error> {
        self.0
            .call_blocking::<Plain<i64>>(&METHODS[8], |e| e.put(&losses))
    }
    pub(crate) fn start_flaky(&self, losses: i64) -> Pending<Plain<i64>> {
        self.0.start(&METHODS[8], move |e| e.put(&losses))
    }
    /// As `flaky`, not declared idempotent.
    pub(crate) async fn fragile(&self, losses: i64) -> Result<i64, Error> {
        self.0
            .call::<Plain<i64>>(&METHODS[9], |e| e.put(&losses))
            .await
    }
    /// Waits at the gate if `number` is negative; its result panics when it is dropped.
    pub(crate) async fn explode(&self, number: i64) -> Result<i64, Error> {
        self.0
            .call::<Plain<i64>>(&METHODS[10], |e| e.put(&number))
            .await
    }
    pub(crate) async fn blocks(&self) -> Result<String, Error> {
        self.0.call::<Plain<String>>(&METHODS[6], |_| Ok(())).await
    }
}

/// What the tests see and steer of the implementation.
pub(crate) struct Station {
    /// `hold` and negative `record` take one permit each.
    pub(crate) gate: Semaphore,
    pub(crate) started: AtomicUsize,
    pub(crate) records: Mutex<Vec<i64>>,
    recorded: Mutex<mpsc::Sender<i64>>,
    pub(crate) other: Mutex<Option<StationStub>>,
    /// What `flaky` and `fragile` do to lose their link.
    pub(crate) lose: Mutex<Box<dyn Fn() + Send>>,
}

/// A result whose destructor panics where the method runs.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Bomb(i64);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the result's destructor was told to");
    }
}

pub(crate) struct Recorded(mpsc::Receiver<i64>);

impl Recorded {
    /// Waits until so many records were made; fails loudly instead of hanging.
    pub(crate) fn wait(&self, count: usize) -> Vec<i64> {
        let one = |_| {
            self.0
                .recv_timeout(Duration::from_secs(60))
                .expect("a record within a minute")
        };
        (0..count).map(one).collect()
    }
}

pub(crate) struct StationSkeleton(pub(crate) Arc<Station>);

impl StationSkeleton {
    pub(crate) fn new() -> (StationSkeleton, Arc<Station>, Recorded) {
        let (sender, receiver) = mpsc::channel();
        let station = Arc::new(Station {
            gate: Semaphore::new(0),
            started: AtomicUsize::new(0),
            records: Mutex::default(),
            recorded: Mutex::new(sender),
            other: Mutex::default(),
            lose: Mutex::new(Box::new(|| {})),
        });
        (
            StationSkeleton(station.clone()),
            station,
            Recorded(receiver),
        )
    }
}

impl Station {
    async fn pass_the_gate(&self) {
        let passed = self.gate.acquire().await;
        passed.expect("the gate is never closed").forget();
    }
}

/// The methods that lose their link or whose results panic.
fn call_harmful(station: Arc<Station>, method: usize, incoming: Incoming) -> Served {
    let m = &METHODS[method];
    match method {
        8 | 9 => incoming.serve::<Plain<i64>, i64, _>(
            m,
            |a| a.next(),
            move |losses| async move {
                let run = 1 + station.started.fetch_add(1, Ordering::SeqCst) as i64;
                if run <= losses {
                    (station.lose.lock().unwrap())();
                }
                run
            },
        ),
        _ => incoming.serve::<Plain<Bomb>, i64, _>(
            m,
            |a| a.next(),
            move |number| async move {
                if number < 0 {
                    station.pass_the_gate().await;
                }
                Bomb(number)
            },
        ),
    }
}

impl Skeleton for StationSkeleton {
    fn description(&self) -> &'static InterfaceDesc {
        &STATION
    }

    fn call(&self, method: usize, incoming: Incoming) -> Served {
        let station = self.0.clone();
        let m = &METHODS[method];
        match method {
            0 => incoming.serve::<Plain<i32>, (i32, i32), _>(
                m,
                |a| Ok((a.next()?, a.next()?)),
                |(a, b)| async move { a + b },
            ),
            1 => incoming.serve::<Fallible<(), String>, String, _>(
                m,
                |a| a.next(),
                |text| async move { if text.is_empty() { Ok(()) } else { Err(text) } },
            ),
            2 => incoming.serve::<Plain<i64>, i64, _>(
                m,
                |a| a.next(),
                move |number| async move {
                    station.started.fetch_add(1, Ordering::SeqCst);
                    station.pass_the_gate().await;
                    number
                },
            ),
            3 => incoming.serve_oneway::<i64, _>(
                m,
                |a| a.next(),
                move |number| async move {
                    if number < 0 {
                        station.pass_the_gate().await;
                    }
                    station.records.lock().unwrap().push(number);
                    let _ = station.recorded.lock().unwrap().send(number);
                },
            ),
            4 => incoming.serve::<Plain<()>, String, _>(
                m,
                |a| a.next(),
                |text| async move {
                    if text == "later" {
                        tokio::task::yield_now().await;
                    }
                    panic!("told to: {text}")
                },
            ),
            5 => incoming.serve::<Plain<Vec<i64>>, i64, _>(
                m,
                |a| a.next(),
                |count| async move { (0..count).collect() },
            ),
            7 => incoming.serve::<Plain<Value>, Value, _>(
                m,
                |a| a.next(),
                |value| async move { value },
            ),
            8..=10 => call_harmful(station, method, incoming),
            _ => incoming.serve::<Plain<String>, (), _>(
                m,
                |_| Ok(()),
                move |()| async move {
                    let stub = station.other.lock().unwrap().clone().expect("a stub");
                    match stub.add_blocking(1, 2) {
                        Ok(sum) => format!("not refused: {sum}"),
                        Err(error) => error.to_string(),
                    }
                },
            ),
        }
    }
}

/// A runtime with the full test provider, on its own I/O thread or the ambient tokio runtime.
pub(crate) fn runtime() -> Runtime {
    Runtime::builder()
        .with_linked(&crate::provider::MEM)
        .build()
        .expect("a runtime")
}

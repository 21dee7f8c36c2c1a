//! A call on a link that is warm allocates nothing, neither where it is made nor where it is served. Allocations are
//! counted by thread, so each side is measured by itself.
//!
//! Mounted by the providers that promise it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use allocation_counter::measure;
use rmix::{Exported, ProviderEntry, Runtime};
use tokio::sync::Notify;

/// What is called.
#[rmix::remote(sunrpc(program = 0x2000_0777, version = 1))]
pub trait Steady {
    /// The sum.
    #[rmix(procedure = 1)]
    async fn add(&self, one: u32, other: u32) -> u32;
    /// Counted, not answered.
    #[rmix(procedure = 2, oneway)]
    async fn note(&self, value: u64);
    /// The sum of what was noted.
    #[rmix(procedure = 3)]
    async fn noted(&self) -> u64;
}

#[derive(Default)]
struct Sum(AtomicU64);

impl Steady for Sum {
    async fn add(&self, one: u32, other: u32) -> u32 {
        one.wrapping_add(other)
    }

    async fn note(&self, value: u64) {
        self.0.fetch_add(value, Ordering::Relaxed);
    }

    async fn noted(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Calls in a batch.
const CALLS: u32 = 500;
/// Batches, of which one at least is to be without an allocation: in the others a buffer may grow, or the second's look at
/// the deadlines fall.
const BATCHES: usize = 20;
/// Answered calls before a server is measured: more than a duplicate cache remembers, so that it is full.
const WARM_UP: u32 = 5_000;
/// Deadline of the calls: long, so that a loaded machine fails nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs batches until one allocates nothing.
fn some_batch_is_free(mut batch: impl FnMut() -> u64) {
    let counts: Vec<u64> = (0..BATCHES).map(|_| batch()).collect();
    assert!(
        counts.contains(&0),
        "allocations in {CALLS} calls each: {counts:?}"
    );
}

fn runtime(entry: &'static ProviderEntry) -> Runtime {
    let runtime = Runtime::builder().with_linked(entry).build();
    runtime.expect("the provider is linked in")
}

fn export(runtime: &Runtime, endpoint: &str) -> (Exported, String) {
    let exported = runtime
        .export_blocking(SteadySkeleton::new(Sum::default()), [endpoint])
        .expect("the endpoint is free");
    let reached = exported.endpoints();
    let reached = reached.iter().map(ToString::to_string).next();
    (exported, reached.expect("it listens somewhere"))
}

fn stub(runtime: &Runtime, endpoint: &str) -> SteadyStub {
    let bind = runtime.bind(endpoint.to_owned()).timeout(PATIENCE);
    bind.blocking().expect("the object listens")
}

/// A synchronous call allocates nothing where it is made.
pub fn synchronous_caller(entry: &'static ProviderEntry, endpoint: &str) {
    let (server, client) = (runtime(entry), runtime(entry));
    let (_exported, endpoint) = export(&server, endpoint);
    let stub = stub(&client, &endpoint);
    some_batch_is_free(|| {
        let counted = measure(|| {
            for call in 0..CALLS {
                let sum = stub.blocking().add(call, 1).expect("the object answers");
                assert_eq!(sum, call + 1);
            }
        });
        counted.count_total
    });
}

/// Asynchronous calls, several in flight, allocate nothing where they are made and read.
pub fn asynchronous_caller(entry: &'static ProviderEntry, endpoint: &str) {
    let server = runtime(entry);
    let (_exported, endpoint) = export(&server, endpoint);
    let tokio = current_thread();
    let entered = tokio.enter();
    let client = runtime(entry);
    drop(entered);
    let stub = stub(&client, &endpoint);
    let rounds = |count: u32| {
        let calls = async {
            for call in 0..count {
                let sums = tokio::try_join!(
                    stub.add(call, 1),
                    stub.add(call, 2),
                    stub.add(call, 3),
                    stub.add(call, 4)
                );
                let sums = sums.expect("the object answers");
                assert_eq!(sums, (call + 1, call + 2, call + 3, call + 4));
            }
        };
        measure(|| tokio.block_on(calls)).count_total
    };
    // To enter the runtime costs something, whatever is done there.
    some_batch_is_free(|| rounds(1).abs_diff(rounds(CALLS / 4)));
}

/// A one-way call allocates nothing where it is made.
pub fn one_way_caller(entry: &'static ProviderEntry, endpoint: &str) {
    let (server, client) = (runtime(entry), runtime(entry));
    let (_exported, endpoint) = export(&server, endpoint);
    let stub = stub(&client, &endpoint);
    let mut sent = 0;
    some_batch_is_free(|| {
        let counted = measure(|| {
            for value in 0..u64::from(CALLS) {
                stub.blocking().note(value).expect("there is room");
                sent += value;
            }
        });
        // Behind all of them, so the next batch finds the queue empty.
        let noted = stub.blocking().noted().expect("the object answers");
        assert_eq!(noted, sent);
        counted.count_total
    });
}

/// What is to be called while the server's thread is measured.
#[derive(Clone, Copy)]
enum Served {
    Answered,
    OneWay,
}

/// An answered call allocates nothing where it is served.
pub fn server(entry: &'static ProviderEntry, endpoint: &str) {
    served(entry, endpoint, Served::Answered);
}

/// A one-way call allocates nothing where it is served.
pub fn one_way_server(entry: &'static ProviderEntry, endpoint: &str) {
    served(entry, endpoint, Served::OneWay);
}

fn served(entry: &'static ProviderEntry, endpoint: &str, what: Served) {
    let tokio = current_thread();
    let entered = tokio.enter();
    let server = runtime(entry);
    drop(entered);
    let (_exported, endpoint) = export(&server, endpoint);
    let done = Arc::new(Notify::new());
    let (go, told) = mpsc::channel::<()>();
    let caller = {
        let done = done.clone();
        std::thread::spawn(move || {
            let client = runtime(entry);
            let stub = stub(&client, &endpoint);
            for _ in 0..WARM_UP / CALLS {
                call(&stub, Served::Answered);
            }
            while told.recv().is_ok() {
                call(&stub, what);
                done.notify_one();
            }
        })
    };
    some_batch_is_free(|| {
        go.send(()).expect("the caller waits");
        measure(|| tokio.block_on(done.notified())).count_total
    });
    drop(go);
    // The caller closes its link while nobody serves it.
    caller.join().expect("every call was answered");
}

fn call(stub: &SteadyStub, what: Served) {
    for value in 0..CALLS {
        match what {
            Served::Answered => {
                let sum = stub.blocking().add(value, 1).expect("the object answers");
                assert_eq!(sum, value + 1);
            }
            Served::OneWay => stub.blocking().note(value.into()).expect("there is room"),
        }
    }
    // Behind all one-way ones.
    stub.blocking().add(0, 0).expect("the object answers");
}

fn current_thread() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let built = builder.enable_all().build();
    built.expect("there is a reactor")
}

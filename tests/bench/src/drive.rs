//! The client's side of a measurement in Rust: warm up, say READY, wait for the word, measure, report. The protocol with
//! the benchmark is that of `c/bench.h`.

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::Future;
use std::io::{Read, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::cpu;
use crate::error::BenchError;
use crate::measure::{Measure, POST_BYTES, sum_values};
use crate::options::Call;

const WARM_UP_CALLS: usize = 500;
const LARGE_WARM_UP_CALLS: usize = 20;
/// Large calls may be slow: enough of them when it took so long.
const LARGE_WARM_UP_MAX: Duration = Duration::from_millis(300);
/// How long a server may go on counting one-way messages that came on other connections.
const COUNT_MAX: Duration = Duration::from_secs(20);
/// One-way messages between two looks at the clock.
const POSTS_PER_LOOK: u64 = 1000;
const SAMPLES_MAX: usize = 1 << 20;

/// A client whose calls wait in this thread.
pub(crate) trait Calls {
    fn null(&self) -> Result<(), BenchError>;
    fn echo(&self, bytes: Vec<u8>) -> Result<Vec<u8>, BenchError>;
    fn sum(&self, values: Vec<f64>) -> Result<f64, BenchError>;
    fn sum_octets(&self, bytes: Vec<u8>) -> Result<f64, BenchError>;
    fn post(&self, bytes: Vec<u8>) -> Result<(), BenchError>;
    fn count(&self) -> Result<u64, BenchError>;
}

/// A client whose calls are awaited.
pub(crate) trait AsyncCalls: Clone + 'static {
    fn null(&self) -> impl Future<Output = Result<(), BenchError>>;
    fn echo(&self, bytes: Vec<u8>) -> impl Future<Output = Result<Vec<u8>, BenchError>>;
    fn sum(&self, values: Vec<f64>) -> impl Future<Output = Result<f64, BenchError>>;
}

/// A client whose calls can be awaited, and whose one-way messages.
pub(crate) trait AsyncPosts: AsyncCalls {
    fn post(&self, bytes: &[u8]) -> impl Future<Output = Result<(), BenchError>>;
    fn count(&self) -> impl Future<Output = Result<u64, BenchError>>;
}

/// A client that waits, and has several calls under way all the same.
pub(crate) trait Flights: Calls {
    /// A null call under way.
    type Flight;
    fn depart(&self) -> Result<Self::Flight, BenchError>;
    fn arrive(&self, flight: Self::Flight) -> Result<(), BenchError>;
}

/// Measures a client that waits.
pub(crate) fn synchronous(
    client: &impl Calls,
    measure: Measure,
    work: &Call,
) -> Result<(), BenchError> {
    for _ in 0..WARM_UP_CALLS {
        client.null()?;
    }
    match measure {
        Measure::Echo(bytes) => {
            let bytes = vec![0x5a; usize::try_from(bytes).expect("it fits")];
            let right = bytes.len();
            let call = |bytes| check(client.echo(bytes)?.len() == right, "echo");
            large(work, || bytes.clone(), call)
        }
        Measure::Sum => {
            let values = sum_values();
            let right: f64 = values.iter().sum();
            let call = |values| check(client.sum(values)? == right, "sum");
            large(work, || values.clone(), call)
        }
        Measure::SumOctets => {
            let values = sum_values();
            let right: f64 = values.iter().sum();
            let octets: Vec<u8> = values.into_iter().flat_map(f64::to_le_bytes).collect();
            let call = |octets| check(client.sum_octets(octets)? == right, "sum of octets");
            large(work, || octets.clone(), call)
        }
        Measure::OneWay => one_way(client, work),
        Measure::Null
        | Measure::Clients(_)
        | Measure::NullAsync
        | Measure::InFlight(_)
        | Measure::Links(_) => {
            let mut running = Running::start(work)?;
            running.calls(|| (), |()| client.null())?;
            running.report()
        }
    }
}

fn large<T>(
    work: &Call,
    prepare: impl Fn() -> T,
    call: impl Fn(T) -> Result<(), BenchError>,
) -> Result<(), BenchError> {
    let begun = Instant::now();
    for _ in 0..LARGE_WARM_UP_CALLS {
        call(prepare())?;
        if begun.elapsed() > LARGE_WARM_UP_MAX {
            break;
        }
    }
    let mut running = Running::start(work)?;
    running.calls(prepare, call)?;
    running.report()
}

fn one_way(client: &impl Calls, work: &Call) -> Result<(), BenchError> {
    let before = client.count()?;
    let mut running = Running::start(work)?;
    let body = [0x5a; POST_BYTES];
    while running.goes_on(Instant::now()) {
        for _ in 0..POSTS_PER_LOOK {
            client.post(body.to_vec())?;
        }
        running.units += POSTS_PER_LOOK;
    }
    // Where a link keeps the order, the first count is behind all of them.
    let last = Instant::now() + COUNT_MAX;
    while client.count()? - before != running.units {
        check(Instant::now() < last, "one-way: messages were lost")?;
    }
    running.report()
}

/// Measures a client that is awaited.
pub(crate) async fn asynchronous(
    client: impl AsyncCalls,
    measure: Measure,
    work: &Call,
) -> Result<(), BenchError> {
    for _ in 0..WARM_UP_CALLS {
        client.null().await?;
    }
    match measure {
        Measure::Echo(bytes) => {
            let bytes = vec![0x5a; usize::try_from(bytes).expect("it fits")];
            let right = bytes.len();
            let call = async |bytes| check(client.echo(bytes).await?.len() == right, "echo");
            awaited(work, || bytes.clone(), call).await
        }
        Measure::Sum => {
            let values = sum_values();
            let right: f64 = values.iter().sum();
            let call = async |values| check(client.sum(values).await? == right, "sum");
            awaited(work, || values.clone(), call).await
        }
        Measure::InFlight(calls) => in_flight(client, calls, work).await,
        _ => awaited(work, || (), async |()| client.null().await).await,
    }
}

async fn awaited<T>(
    work: &Call,
    prepare: impl Fn() -> T,
    call: impl AsyncFn(T) -> Result<(), BenchError>,
) -> Result<(), BenchError> {
    let begun = Instant::now();
    for _ in 0..LARGE_WARM_UP_CALLS {
        call(prepare()).await?;
        if begun.elapsed() > LARGE_WARM_UP_MAX {
            break;
        }
    }
    let mut running = Running::start(work)?;
    loop {
        let argument = prepare();
        let before = Instant::now();
        if !running.goes_on(before) {
            return running.report();
        }
        call(argument).await?;
        running.sample(before.elapsed());
    }
}

async fn in_flight(client: impl AsyncCalls, window: u32, work: &Call) -> Result<(), BenchError> {
    let mut running = Running::start(work)?;
    let end = running.start + running.duration;
    let calls = Rc::new(Cell::new(0));
    let mut tasks = Vec::new();
    for _ in 0..window {
        let client = client.clone();
        let calls = calls.clone();
        tasks.push(tokio::task::spawn_local(async move {
            while Instant::now() < end {
                client.null().await?;
                calls.set(calls.get() + 1);
            }
            Ok::<(), BenchError>(())
        }));
    }
    for task in tasks {
        task.await.map_err(BenchError::system("a task"))??;
    }
    running.units = calls.get();
    running.report()
}

/// Measures a client that is awaited, one-way messages included.
pub(crate) async fn asynchronous_or_one_way(
    client: impl AsyncPosts,
    measure: Measure,
    work: &Call,
) -> Result<(), BenchError> {
    if measure != Measure::OneWay {
        return asynchronous(client, measure, work).await;
    }
    for _ in 0..WARM_UP_CALLS {
        client.null().await?;
    }
    let before = client.count().await?;
    let mut running = Running::start(work)?;
    let body = [0x5a; POST_BYTES];
    while running.goes_on(Instant::now()) {
        for _ in 0..POSTS_PER_LOOK {
            client.post(&body).await?;
        }
        running.units += POSTS_PER_LOOK;
    }
    let last = Instant::now() + COUNT_MAX;
    while client.count().await? - before != running.units {
        check(Instant::now() < last, "one-way: messages were lost")?;
    }
    running.report()
}

/// Measures many calls at once of a client that waits for one after the other.
pub(crate) fn flights(client: &impl Flights, window: u32, work: &Call) -> Result<(), BenchError> {
    for _ in 0..WARM_UP_CALLS {
        client.null()?;
    }
    let mut running = Running::start(work)?;
    let mut under_way = VecDeque::new();
    for _ in 0..window {
        under_way.push_back(client.depart()?);
    }
    while let Some(first) = under_way.pop_front() {
        client.arrive(first)?;
        running.units += 1;
        if running.goes_on(Instant::now()) {
            under_way.push_back(client.depart()?);
        }
    }
    running.report()
}

/// Opens links one by one, each with a call, and keeps them; the first before READY.
pub(crate) fn links<C: Calls>(
    links: u32,
    work: &Call,
    open: impl Fn(u32) -> Result<C, BenchError>,
) -> Result<(), BenchError> {
    let opened = |number| {
        let link = open(number)?;
        link.null().map(|()| link)
    };
    let _first = opened(0)?;
    let mut running = Running::with_room(0, work)?;
    let _others: Vec<C> = (1..links).map(opened).collect::<Result<_, _>>()?;
    running.units = u64::from(links - 1);
    running.report()?;
    wait_for_end()
}

/// As [`links`], of a client that is awaited.
pub(crate) async fn asynchronous_links<C: AsyncCalls>(
    links: u32,
    work: &Call,
    open: impl AsyncFn() -> Result<C, BenchError>,
) -> Result<(), BenchError> {
    let mut kept = Vec::new();
    let mut running = None;
    for _ in 0..links {
        let link = open().await?;
        link.null().await?;
        kept.push(link);
        if running.is_none() {
            running = Some(Running::with_room(0, work)?);
        }
    }
    let Some(mut running) = running else {
        return check(false, "links: none");
    };
    running.units = u64::from(links - 1);
    running.report()?;
    wait_for_end()
}

/// Waits until whoever started this process is gone.
fn wait_for_end() -> Result<(), BenchError> {
    let ended = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    ended.map(drop).map_err(BenchError::system("waiting"))
}

fn check(right: bool, what: &'static str) -> Result<(), BenchError> {
    if right {
        return Ok(());
    }
    Err(BenchError::Wrong { what })
}

/// A measurement that is running.
struct Running {
    start: Instant,
    duration: Duration,
    server: u32,
    own_ns: u64,
    server_ns: u64,
    units: u64,
    samples: Vec<u32>,
}

impl Running {
    fn start(work: &Call) -> Result<Running, BenchError> {
        Running::with_room(SAMPLES_MAX, work)
    }

    /// With room for so many samples.
    fn with_room(samples_max: usize, work: &Call) -> Result<Running, BenchError> {
        let server = match work.server {
            0 => cpu::child_of(std::process::id())?,
            pid => pid,
        };
        // Written once, so that no page is touched for the first time while the clock runs.
        let mut samples = vec![1; samples_max];
        samples.clear();
        println!("READY");
        let mut word = [0; 1];
        std::io::stdin()
            .read_exact(&mut word)
            .map_err(BenchError::system("waiting for the word"))?;
        let server_ns = cpu::of_process_ns(server)?;
        Ok(Running {
            own_ns: cpu::own_ns(),
            start: Instant::now(),
            duration: Duration::from_millis(work.milliseconds),
            server,
            server_ns,
            units: 0,
            samples,
        })
    }

    fn goes_on(&self, now: Instant) -> bool {
        now.duration_since(self.start) < self.duration
    }

    fn sample(&mut self, time: Duration) {
        self.units += 1;
        if self.samples.len() < SAMPLES_MAX {
            let nanoseconds = u32::try_from(time.as_nanos()).unwrap_or(u32::MAX);
            self.samples.push(nanoseconds);
        }
    }

    fn calls<T>(
        &mut self,
        prepare: impl Fn() -> T,
        call: impl Fn(T) -> Result<(), BenchError>,
    ) -> Result<(), BenchError> {
        loop {
            let argument = prepare();
            let before = Instant::now();
            if !self.goes_on(before) {
                return Ok(());
            }
            call(argument)?;
            self.sample(before.elapsed());
        }
    }

    fn report(self) -> Result<(), BenchError> {
        let wall = self.start.elapsed().as_nanos();
        let own = cpu::own_ns() - self.own_ns;
        let server = cpu::of_process_ns(self.server)? - self.server_ns;
        let mut bytes = Vec::with_capacity(self.samples.len() * 4);
        for sample in &self.samples {
            bytes.extend_from_slice(&sample.to_le_bytes());
        }
        let units = self.units;
        let samples = self.samples.len();
        let mut output = std::io::stdout().lock();
        writeln!(output, "RESULT {units} {wall} {own} {server} {samples}")
            .and_then(|()| output.write_all(&bytes))
            .and_then(|()| output.flush())
            .map_err(BenchError::system("reporting"))
    }
}

//! What a request costs on each order and replication: three members of each in this process, asked in turn.
//!
//! `cargo run --release --manifest-path harness-control/harness-etcd/Cargo.toml --example cost`. Compare the columns of
//! one run only: all share this host, and etcd writes without waiting for its disk.

use std::time::{Duration, Instant};

use harness_control::wire::WireLimits;
use harness_control::{
    Active, Asked, Change, ControlConfig, Executed, Executor, Machine, Order, Replication,
    RestoreError, RingOrder, Standby, StandbyLimits,
};
use harness_etcd::{EtcdConfig, EtcdOrder};
use harness_ring::{Mode, RequestId};
use rmix::Runtime;
use rmix_peers::Etcd;

const ROUNDS: usize = 20;
const ALONE: usize = 20;
const AT_ONCE: usize = 500;
const BYTES: usize = 64;

/// Counts, and nothing else.
#[derive(Default)]
struct Counter(u64);

impl Machine for Counter {
    fn kind(&self) -> String {
        "counter".to_owned()
    }

    fn apply(&mut self, _change: &Change<'_>) -> Vec<u8> {
        self.0 += 1;
        Vec::new()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let bytes = state.try_into();
        self.0 = u64::from_be_bytes(bytes.map_err(|_| RestoreError("eight bytes".to_owned()))?);
        Ok(())
    }
}

impl Executor for Counter {
    fn kind(&self) -> String {
        Machine::kind(self)
    }

    fn execute(&self, _request: RequestId, _payload: &[u8]) -> Executed {
        Executed {
            reply: Vec::new(),
            update: Some(Vec::new()),
        }
    }

    fn update(&mut self, _update: &[u8]) -> Result<(), RestoreError> {
        self.0 += 1;
        Ok(())
    }

    fn snapshot(&self) -> Vec<u8> {
        Machine::snapshot(self)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        Machine::restore(self, state)
    }
}

fn replica(is_active: bool) -> Box<dyn Replication> {
    let wire = WireLimits::default();
    match is_active {
        true => Box::new(Active::new(Counter::default(), 65_536, wire)),
        false => Box::new(Standby::new(
            Counter::default(),
            StandbyLimits::default(),
            wire,
        )),
    }
}

/// Three members of one order. The second is asked: it is neither the ring's founder nor the primary.
struct Trio<O> {
    title: &'static str,
    members: Vec<O>,
    alone: Vec<Duration>,
    at_once: Vec<Duration>,
}

impl<O: Order> Trio<O> {
    fn new(title: &'static str, members: Vec<O>) -> Trio<O> {
        Trio {
            title,
            members,
            alone: Vec::new(),
            at_once: Vec::new(),
        }
    }

    async fn submit(&self) {
        let asked = Asked {
            payload: vec![7; BYTES],
            performers: Vec::new(),
            quorum: None,
            domain: 0,
        };
        let answer = self.members[1].submit(asked).await;
        let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", self.title));
        assert!(answer.done);
    }

    async fn round(&mut self) {
        for _ in 0..ALONE {
            let start = Instant::now();
            self.submit().await;
            self.alone.push(start.elapsed());
        }
        let start = Instant::now();
        let mut pending: Vec<_> = (0..AT_ONCE).map(|_| Box::pin(self.submit())).collect();
        std::future::poll_fn(|context| {
            pending.retain_mut(|one| one.as_mut().poll(context).is_pending());
            match pending.is_empty() {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        })
        .await;
        drop(pending);
        self.at_once.push(start.elapsed());
    }

    fn print(&mut self) {
        self.alone.sort();
        self.at_once.sort();
        let alone = self.alone[self.alone.len() / 2];
        let at_once = self.at_once[self.at_once.len() / 2];
        let rate = AT_ONCE as f64 / at_once.as_secs_f64();
        println!("{:<24} {alone:>12.1?} {rate:>12.0}/s", self.title);
    }
}

async fn ring(
    folder: &std::path::Path,
    title: &'static str,
    mode: Mode,
    is_active: bool,
) -> Trio<RingOrder> {
    let mut members = Vec::new();
    let endpoint = |name: &str| {
        let socket = folder.join(format!("{mode:?}-{is_active}-{name}"));
        format!("msgpack+unix:{}", socket.display())
    };
    for name in ["A", "B", "C"] {
        let runtime = Runtime::builder()
            .with_linked(&rmix_msgpack::plugin::rmix_provider_v1_msgpack)
            .build()
            .expect("a provider that is linked in is there");
        let mut config = ControlConfig::new(name, vec![endpoint(name)]);
        config.mode = mode;
        if name != "A" {
            config.join = vec![endpoint("A")];
        }
        let order = RingOrder::start(&runtime, config, replica(is_active)).await;
        let order = order.expect("the configuration is right");
        order.ready().await.expect("it is in");
        members.push(order);
    }
    Trio::new(title, members)
}

async fn at_etcd(etcd: &Etcd, title: &'static str, is_active: bool) -> Trio<EtcdOrder> {
    let runtime = Runtime::builder().build().expect("without providers");
    let mut members = Vec::new();
    for name in ["A", "B", "C"] {
        let mut config = EtcdConfig::new(name, vec![etcd.endpoint()]);
        config.group = format!("active-{is_active}");
        config.compact = false;
        let order = EtcdOrder::start(&runtime, config, replica(is_active)).await;
        let order = order.expect("the configuration is right");
        order.ready().await.expect("it is in");
        members.push(order);
    }
    Trio::new(title, members)
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let folder = folder.path();
    let etcd = Etcd::start().unwrap_or_else(|error| panic!("{error}"));
    let mut uni = ring(folder, "ring, uni, active", Mode::Unidirectional, true).await;
    let mut bidi = ring(folder, "ring, bidi, active", Mode::Bidirectional, true).await;
    let mut bidi_standby = ring(folder, "ring, bidi, standby", Mode::Bidirectional, false).await;
    let mut active = at_etcd(&etcd, "etcd, active", true).await;
    let mut standby = at_etcd(&etcd, "etcd, standby", false).await;
    for _ in 0..ROUNDS {
        uni.round().await;
        bidi.round().await;
        bidi_standby.round().await;
        active.round().await;
        standby.round().await;
    }
    println!(
        "{BYTES} bytes, three members; medians: {ALONE} requests alone, {AT_ONCE} at once, {ROUNDS} times each in turn"
    );
    uni.print();
    bidi.print();
    bidi_standby.print();
    active.print();
    standby.print();
}

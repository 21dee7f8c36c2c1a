//! Many callers on one link: two threads and four tasks, synchronous and asynchronous mixed, every reply checked; and
//! one-way calls that arrive in the order they were made. The shared objects are loaded, not linked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rmix::Runtime;
use rmix_system_tests::{NumbersSkeleton, NumbersStub, Recorder, Seen, mixed};

use crate::support::{HelperLine, Watchdog, builder, run, runtime_of_one_connection};

const MILLION: u32 = 1_000_000;
/// The protocols that differ from the first in little but their bytes get less, so that the whole suite stays short
/// in a debug build.
const FEWER: u32 = 200_000;

/// Calls a task has under way when it starts them ahead.
const AHEAD: usize = 32;
/// More than any wait takes; hanging is the watchdog's business.
const LONG: Duration = Duration::from_secs(600);

#[test]
fn two_threads_and_four_tasks_share_one_msgpack_tcp_link_for_a_million_calls() {
    share_one_link("msgpack+tcp://127.0.0.1:0", MILLION);
}

#[test]
fn two_threads_and_four_tasks_share_one_msgpack_unix_link() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    share_one_link(&format!("msgpack+unix:{}", socket.display()), FEWER);
}

#[test]
fn two_threads_and_four_tasks_share_one_sunrpc_tcp_link() {
    share_one_link("sunrpc+tcp://127.0.0.1:0/0x20000043/1", FEWER);
}

#[test]
fn a_million_one_way_calls_arrive_in_order_over_msgpack_unix() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    one_way_in_order(&format!("msgpack+unix:{}", socket.display()), MILLION);
}

#[test]
fn one_way_calls_arrive_in_order_over_sunrpc_tcp() {
    one_way_in_order("sunrpc+tcp://127.0.0.1:0/0x20000043/1", FEWER);
}

#[test]
fn one_way_calls_arrive_in_order_over_the_pipes_of_a_child() {
    let _watchdog = Watchdog::start();
    let line = HelperLine::new();
    let client = builder().build().unwrap();
    let stub: NumbersStub = client
        .bind(line.exec_endpoint())
        .timeout(LONG)
        .blocking()
        .unwrap();
    let _child = line.accept_child();
    put_all(&stub, FEWER);
}

#[test]
fn a_started_call_that_is_only_looked_at_keeps_nobody_waiting() {
    let _watchdog = Watchdog::start();
    let server = runtime_of_one_connection();
    let object = NumbersSkeleton::new(Recorder::default());
    let exported = server
        .export_blocking(object, ["msgpack+tcp://127.0.0.1:0"])
        .unwrap();
    let client = builder().build().unwrap();
    let stub: NumbersStub = client.bind(&exported).blocking().unwrap();

    let mut held = stub.start().hold();
    assert!(held.try_take().is_none());

    assert_eq!(stub.blocking().mix(1, 2).unwrap(), mixed(1, 2));
}

#[test]
fn a_started_call_that_was_waited_for_in_vain_keeps_nobody_waiting() {
    let _watchdog = Watchdog::start();
    let server = runtime_of_one_connection();
    let object = NumbersSkeleton::new(Recorder::default());
    let exported = server
        .export_blocking(object, ["msgpack+tcp://127.0.0.1:0"])
        .unwrap();
    let client = builder().build().unwrap();
    let stub: NumbersStub = client.bind(&exported).blocking().unwrap();

    let mut held = stub.start().hold();
    assert!(held.wait(Duration::from_millis(10)).is_none());

    assert_eq!(stub.blocking().mix(1, 2).unwrap(), mixed(1, 2));
    let elsewhere = || stub.blocking().mix(3, 4).unwrap();
    let reply = std::thread::scope(|scope| scope.spawn(elsewhere).join().unwrap());
    assert_eq!(reply, mixed(3, 4));
}

#[test]
fn a_started_call_that_was_polled_once_keeps_its_task_not_waiting() {
    run(async {
        let server = runtime_of_one_connection();
        let object = NumbersSkeleton::new(Recorder::default());
        let exported = server
            .export(object, ["msgpack+tcp://127.0.0.1:0"])
            .await
            .unwrap();
        let client = builder().build().unwrap();
        let stub: NumbersStub = client.bind(&exported).await.unwrap();

        let mut held = std::pin::pin!(stub.start().hold());
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(held.as_mut().poll(cx)));
        assert!(polled.await.is_pending());

        assert_eq!(stub.mix(1, 2).await.unwrap(), mixed(1, 2));
    });
}

#[test]
fn every_started_call_leaves_at_once() {
    let _watchdog = Watchdog::start();
    let server = runtime_of_one_connection();
    let (held, begun) = std::sync::mpsc::channel();
    let object = Recorder::new(move || held.send(()).unwrap());
    let object = NumbersSkeleton::new(object);
    let exported = server
        .export_blocking(object, ["msgpack+tcp://127.0.0.1:0"])
        .unwrap();
    let client = builder().build().unwrap();
    let stub: NumbersStub = client.bind(&exported).timeout(LONG).blocking().unwrap();

    let calls: Vec<_> = (0..50)
        .map(|_| {
            let call = stub.start().hold();
            begun.recv().unwrap();
            call
        })
        .collect();

    assert_eq!(calls.len(), 50);
}

/// The next call's number, of `total` for all callers together.
fn next(numbers: &AtomicU32, total: u32) -> Option<u32> {
    let number = numbers.fetch_add(1, Ordering::Relaxed);
    (number < total).then_some(number)
}

fn share_one_link(endpoint: &str, total: u32) {
    let _watchdog = Watchdog::start();
    // A second connection would be refused.
    let server = runtime_of_one_connection();
    let exported = server
        .export_blocking(NumbersSkeleton::new(Recorder::default()), [endpoint])
        .unwrap();
    let tasks = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let client: Runtime = builder().handle(tasks.handle().clone()).build().unwrap();
    let stub: NumbersStub = client.bind(&exported).timeout(LONG).blocking().unwrap();
    let numbers = Arc::new(AtomicU32::new(0));
    let began = Instant::now();

    let running: Vec<_> = (0..4)
        .map(|task| {
            let (stub, numbers) = (stub.clone(), numbers.clone());
            tasks.spawn(async move {
                if task < 2 {
                    return one_at_a_time(&stub, task, &numbers, total).await;
                }
                many_ahead(&stub, task, &numbers, total).await
            })
        })
        .collect();
    let mut done = std::thread::scope(|scope| {
        let threads = [4, 5].map(|thread| {
            let (stub, numbers) = (&stub, &numbers);
            scope.spawn(move || blocking(stub, thread, numbers, total))
        });
        threads.map(|thread| thread.join().unwrap()).to_vec()
    });
    for task in running {
        done.push(tasks.block_on(task).unwrap());
    }

    println!(
        "{total} calls over {endpoint} in {:?}, by caller: {done:?}",
        began.elapsed()
    );
    assert_eq!(done.iter().sum::<u32>(), total);
    assert!(
        done.iter().all(|count| *count > 0),
        "a caller got no turn: {done:?}"
    );
}

fn blocking(stub: &NumbersStub, caller: u32, numbers: &AtomicU32, total: u32) -> u32 {
    let stub = stub.blocking();
    let mut done = 0;
    while let Some(number) = next(numbers, total) {
        let reply = stub.mix(caller, number).unwrap();
        assert_eq!(
            reply,
            mixed(caller, number),
            "thread {caller}, call {number}"
        );
        done += 1;
    }
    done
}

async fn one_at_a_time(stub: &NumbersStub, caller: u32, numbers: &AtomicU32, total: u32) -> u32 {
    let mut done = 0;
    while let Some(number) = next(numbers, total) {
        let reply = stub.mix(caller, number).await.unwrap();
        assert_eq!(reply, mixed(caller, number), "task {caller}, call {number}");
        done += 1;
    }
    done
}

async fn many_ahead(stub: &NumbersStub, caller: u32, numbers: &AtomicU32, total: u32) -> u32 {
    let start = stub.start();
    let mut done = 0;
    loop {
        let ahead = std::iter::from_fn(|| next(numbers, total)).take(AHEAD);
        let started: Vec<_> = ahead
            .map(|number| (number, start.mix(caller, number)))
            .collect();
        if started.is_empty() {
            return done;
        }
        for (number, pending) in started {
            let reply = pending.await.unwrap();
            assert_eq!(
                reply,
                mixed(caller, number),
                "task {caller}, started call {number}"
            );
            done += 1;
        }
    }
}

fn one_way_in_order(endpoint: &str, total: u32) {
    let _watchdog = Watchdog::start();
    let server = runtime_of_one_connection();
    let exported = server
        .export_blocking(NumbersSkeleton::new(Recorder::default()), [endpoint])
        .unwrap();
    let client = builder().build().unwrap();
    let stub: NumbersStub = client.bind(&exported).timeout(LONG).blocking().unwrap();
    put_all(&stub, total);
}

/// Makes so many one-way calls, then asks the object which came.
fn put_all(stub: &NumbersStub, total: u32) {
    let blocking = stub.blocking();
    let began = Instant::now();
    for number in 0..total {
        blocking.put(number).unwrap();
    }
    let seen = blocking.seen(total).unwrap();
    println!("{total} one-way calls in {:?}", began.elapsed());
    let expected = Seen {
        count: total,
        wrong: None,
    };
    assert_eq!(seen, expected);
}

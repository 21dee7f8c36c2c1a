//! Peers that stop reading, or ask for much at once: the sender waits, memory stays bounded, and everything goes on when
//! there is room again; who takes nothing for too long is closed.

use std::io::{ErrorKind, Write as _};
use std::time::Duration;

use rmix::{Cause, Delivery, Interface as _};

use crate::interface::{ConformanceStub, Sample};
use crate::raw::RawStream;
use crate::rig::{Rig, limits, limits_with};
use crate::tap::Heard;

/// Octets of one message.
const PART: usize = 32 * 1024;
/// Outgoing bytes that may wait on this side.
const QUEUED: u64 = 256 * 1024;
/// What kernels keep for a stream between two processes, generously.
const KERNEL: u64 = 24 * 1024 * 1024;

/// One-way calls to a peer that does not read.
pub fn sender_waits_for_a_peer_that_does_not_read(rig: &Rig) {
    if rig.cannot_be_raw() || rig.lacks("oneway") {
        return;
    }
    let (listener, endpoint) = rig.raw_listener();
    let runtime = rig.runtime(limits_with(|limits| limits.queued_bytes = QUEUED));
    let accepting = std::thread::spawn(move || listener.accept().expect("the stub connects"));
    let stub = crate::rig::bind(&runtime, &endpoint);
    let hurried = ConformanceStub::from_stub(stub.stub().with_timeout(Duration::from_millis(200)));
    let mut handed_over = 0;
    let error = loop {
        let error = loop {
            match hurried.blocking().record_octets(vec![1; PART]) {
                Ok(()) => handed_over += PART as u64,
                Err(error) => break error,
            }
            assert!(handed_over < QUEUED + KERNEL, "{handed_over} bytes wait");
        };
        assert_eq!(error.cause(), Cause::Timeout, "{error}");
        assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
        // A kernel may change its mind after a while, and take a little more.
        if let Err(error) = hurried.blocking().flush() {
            break error;
        }
    };
    assert_eq!(error.cause(), Cause::Timeout, "{error}");
    // It reads again: what waited arrives, and more is taken.
    let mut peer = accepting.join().expect("the stub connected");
    let reading = std::thread::spawn(move || peer.until_closed().len() as u64);
    for _ in 0..20 {
        stub.blocking().record_octets(vec![1; PART]).unwrap();
        handed_over += PART as u64;
    }
    stub.blocking().flush().unwrap();
    drop((hurried, stub, runtime));
    let received = reading.join().expect("reading does not fail");
    assert!(received >= handed_over, "{received} of {handed_over}");
}

/// Calls whose answers nobody reads.
pub fn server_stops_reading_a_peer_that_does_not_read(rig: &Rig) {
    if rig.takes_one_peer() {
        return;
    }
    let heard = rig.overhear(echo_much);
    let server = rig.server(limits_with(|limits| limits.queued_bytes = QUEUED));
    let mut greedy = rig.raw(&server.endpoint);
    let taken = write_until_stuck(&mut greedy, &heard.calls);
    let runtime = rig.runtime(limits());
    let other = crate::rig::bind(&runtime, &server.endpoint);
    assert_eq!(other.blocking().add(1, 2).unwrap(), 3);
    // Answers come for all that was taken whole, once they are read.
    let whole = taken / heard.calls.len();
    for _ in 0..whole {
        let answer = greedy.receive(heard.answers.len());
        assert!(answer == heard.answers, "another answer than before");
    }
}

/// Calls whose answers nobody ever reads: the time that a message may take ends the connection, and no other.
pub fn server_closes_a_peer_that_takes_no_answers(rig: &Rig) {
    if rig.takes_one_peer() {
        return;
    }
    let heard = rig.overhear(echo_much);
    let server = rig.server(limits_with(|limits| {
        limits.queued_bytes = QUEUED;
        limits.message_timeout = Duration::from_millis(200);
    }));
    let runtime = rig.runtime(limits());
    let other = crate::rig::bind(&runtime, &server.endpoint);
    assert_eq!(other.blocking().add(1, 2).unwrap(), 3);
    let mut greedy = rig.raw(&server.endpoint);
    // It blocks when the server has stopped reading, until that closes the connection.
    while greedy.send(&heard.calls) {}
    assert_eq!(other.blocking().add(3, 4).unwrap(), 7);
}

/// A call whose answer is long.
fn echo_much(stub: &ConformanceStub) {
    let sample = Sample {
        octets: vec![9; 60_000],
        ..Sample::extreme()
    };
    assert_eq!(stub.blocking().echo(sample.clone()).unwrap(), sample);
}

/// Calls that wait, with arguments close to the longest there may be.
pub fn arguments_of_running_calls_are_bounded_in_bytes(rig: &Rig) {
    if rig.takes_one_peer() {
        return;
    }
    let call = overhear_hold(rig, 60_000);
    let server = rig.server(limits_with(|limits| {
        limits.message_bytes = 64 * 1024;
        limits.queued_bytes = 4 * 1024;
    }));
    let local = server.local.as_ref().expect("it is in this process");
    let mut greedy = rig.raw(&server.endpoint);
    let taken = write_until_stuck(&mut greedy, &call.calls);
    // Twice the longest message is reached by the third of them.
    assert_eq!(local.object.arrivals(1), 3);
    let runtime = rig.runtime(limits());
    let other = crate::rig::bind(&runtime, &server.endpoint);
    assert_eq!(other.blocking().add(1, 2).unwrap(), 3);
    crate::rig::open_gate(local, 1);
    // Every call that was taken whole is answered, and nothing is lost.
    for _ in 0..taken / call.calls.len() {
        assert!(greedy.receive(call.answers.len()) == call.answers);
    }
}

/// No single call is held up by its length, with one as long beside it.
pub fn longest_message_is_served_beside_another(rig: &Rig) {
    let server = limits_with(|limits| {
        limits.message_bytes = 64 * 1024;
        limits.queued_bytes = 4 * 1024;
    });
    let pair = rig.pair_with(server, limits());
    let octets = vec![1; 65_000];
    let mut first = pair.stub.start().hold_octets(1, octets.clone());
    let mut second = pair.stub.start().hold_octets(1, octets.clone());
    pair.stub.blocking().arrived(1, 2).unwrap();
    pair.stub.blocking().open(1).unwrap();
    for call in [&mut first, &mut second] {
        let held = call.wait(Duration::from_secs(60)).unwrap().unwrap();
        assert_eq!(held, octets.len() as u64);
    }
}

/// The bytes of `hold_octets(1, …)` and of its answer.
fn overhear_hold(rig: &Rig, count: usize) -> Heard {
    let opening = rig.overhear(|stub| stub.blocking().open(1).unwrap());
    let mut heard = rig.overhear(|stub| {
        stub.blocking().open(1).unwrap();
        let held = stub.blocking().hold_octets(1, vec![9; count]).unwrap();
        assert_eq!(held, count as u64);
    });
    heard.calls.drain(..opening.calls.len());
    heard.answers.drain(..opening.answers.len());
    heard
}

/// Sends copies of a message until the peer takes no more; how many bytes it took.
fn write_until_stuck(stream: &mut RawStream, message: &[u8]) -> usize {
    let patience = Some(Duration::from_millis(500));
    match stream {
        RawStream::Tcp(stream) => stream.set_write_timeout(patience),
        RawStream::Unix(stream) => stream.set_write_timeout(patience),
        RawStream::Fifos { .. } => Ok(()),
    }
    .expect("a socket takes a timeout");
    let mut taken = 0;
    loop {
        let rest = &message[taken % message.len()..];
        match stream.write(rest) {
            Ok(count) => taken += count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return taken;
            }
            Err(error) => panic!("the server ends the link: {error}"),
        }
        assert!((taken as u64) < KERNEL, "{taken} bytes of calls were taken");
    }
}

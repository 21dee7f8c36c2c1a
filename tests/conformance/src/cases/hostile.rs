//! Bytes that break the protocol: they end their own connection, and nothing else.

use std::time::Duration;

use rmix::{Cause, Delivery, Error, ErrorKind};

use crate::raw::RawStream;
use crate::rig::{Rig, bind, limits, limits_with};

/// Peers at a time in the test of memory.
const CROWD: usize = 40;
/// How much a crowd of liars may make this process grow, with all that other tests do meanwhile.
const GROWTH: u64 = 400 << 20;

/// Each kind of nonsense closes its connection; a stub's link to the same object works before, between and after.
pub fn nonsense_closes_only_its_own_connection(rig: &Rig) {
    if rig.takes_one_peer() {
        return;
    }
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    let heard = rig.overhear_add(1, 2);
    for (what, bytes) in rig.fixture().nonsense() {
        for after_a_call in [false, true] {
            let mut peer = rig.raw(&pair.server.endpoint);
            if after_a_call {
                assert!(peer.send(&heard.calls), "{what}");
                assert_eq!(peer.receive(heard.answers.len()), heard.answers, "{what}");
            }
            peer.send(&bytes);
            let rest = peer.until_closed();
            assert!(rest.is_empty(), "{what} is answered with {rest:?}");
            assert_eq!(stub.add(1, 2).unwrap(), 3, "{what}");
        }
    }
}

/// As above, where there is one connection only: the next peer is served.
pub fn nonsense_does_not_stop_the_next_peer(rig: &Rig) {
    if rig.cannot_be_raw() {
        return;
    }
    for (what, bytes) in rig.fixture().nonsense() {
        let server = rig.server(limits());
        let mut peer = rig.raw(&server.endpoint);
        peer.send(&bytes);
        assert!(peer.until_closed().is_empty(), "{what}");
        drop(peer);
        let runtime = rig.runtime(limits());
        let stub = bind(&runtime, &server.endpoint);
        assert_eq!(stub.blocking().add(1, 2).unwrap(), 3, "{what}");
    }
}

/// A peer that goes within a call, at every byte of it.
pub fn every_truncation_of_a_call_is_survived(rig: &Rig) {
    if rig.takes_one_peer() {
        return;
    }
    let heard = rig.overhear_add(1, 2);
    let pair = rig.pair();
    for length in 0..heard.calls.len() {
        let mut peer = rig.raw(&pair.server.endpoint);
        assert!(peer.send(&heard.calls[..length]));
        half_close(&peer);
        assert!(
            peer.until_closed().is_empty(),
            "{length} bytes are answered"
        );
    }
    assert_eq!(pair.stub.blocking().add(1, 2).unwrap(), 3);
    assert_eq!(pair.stub.blocking().additions().unwrap(), 1);
}

/// Every flip of one bit of a call is answered, refused, or ends its connection.
pub fn every_flipped_bit_of_a_call_is_survived(rig: &Rig) {
    if rig.takes_one_peer() {
        return;
    }
    let heard = rig.overhear_add(1, 2);
    let pair = rig.pair();
    for bit in 0..heard.calls.len() * 8 {
        let mut call = heard.calls.clone();
        call[bit / 8] ^= 1 << (bit % 8);
        let mut peer = rig.raw(&pair.server.endpoint);
        assert!(peer.send(&call));
        half_close(&peer);
        peer.until_closed();
    }
    assert_eq!(pair.stub.blocking().add(1, 2).unwrap(), 3);
}

/// Lengths are believed when the bytes are there.
pub fn declared_lengths_cost_no_memory(rig: &Rig) {
    if rig.takes_one_peer() {
        return;
    }
    // A message near the limit, of which each peer sends the first half kilobyte only.
    let heard = rig.overhear(|stub| {
        let taken = stub.blocking().take_octets(vec![0; 15 << 20]);
        assert_eq!(taken.unwrap(), 15 << 20);
    });
    let pair = rig.pair();
    let before = memory();
    let mut crowd = Vec::new();
    for _ in 0..CROWD {
        let mut peer = rig.raw(&pair.server.endpoint);
        assert!(peer.send(&heard.calls[..512]));
        crowd.push(peer);
        assert_eq!(pair.stub.blocking().add(1, 2).unwrap(), 3);
    }
    let grown = memory().saturating_sub(before);
    assert!(grown < GROWTH, "{grown} bytes more");
}

/// Two answers to one call: the first counts.
pub fn second_reply_is_dropped(rig: &Rig) {
    if rig.cannot_be_raw() {
        return;
    }
    let first = rig.overhear_add(1, 2);
    let both = rig.overhear(|stub| {
        stub.blocking().add(1, 2).unwrap();
        stub.blocking().add(3, 4).unwrap();
    });
    let second = both.answers[first.answers.len()..].to_vec();
    let renumber = rig.fixture().renumber();
    let (stub, peer) = played(
        rig,
        move |mut peer, calls| {
            let call = peer.receive(calls);
            let answer = renumber(&first.answers, &call);
            peer.send(&[&answer[..], &answer].concat());
            let call = peer.receive(calls);
            peer.send(&renumber(&second, &call));
            peer.until_closed();
        },
        both.calls.len() / 2,
    );
    assert_eq!(stub.blocking().add(1, 2).unwrap(), 3);
    assert_eq!(stub.blocking().add(3, 4).unwrap(), 7);
    drop(stub);
    peer.join().expect("the peer plays to the end");
}

/// An answer to a call that was never made ends the link; the call that waited is told.
pub fn reply_to_no_call_ends_the_link(rig: &Rig) {
    if rig.cannot_be_raw() {
        return;
    }
    let first = rig.overhear_add(1, 2);
    let both = rig.overhear(|stub| {
        stub.blocking().add(1, 2).unwrap();
        stub.blocking().add(3, 4).unwrap();
    });
    let invented = both.answers[first.answers.len()..].to_vec();
    let error = answered_with(rig, first.calls.len(), invented);
    assert_eq!(error.kind(), ErrorKind::PeerBroken, "{error}");
    assert_eq!(error.cause(), Cause::Protocol, "{error}");
    assert_eq!(error.delivery(), Delivery::MaybeExecuted, "{error}");
}

/// Nonsense where an answer is due.
pub fn nonsense_instead_of_a_reply_fails_the_call(rig: &Rig) {
    if rig.cannot_be_raw() {
        return;
    }
    let heard = rig.overhear_add(1, 2);
    for (what, bytes) in rig.fixture().nonsense() {
        let error = answered_with(rig, heard.calls.len(), bytes);
        assert_eq!(error.kind(), ErrorKind::PeerBroken, "{what}: {error}");
        assert_eq!(error.delivery(), Delivery::MaybeExecuted, "{what}: {error}");
    }
}

/// A reply that ends early, at every byte of it.
pub fn every_truncation_of_a_reply_fails_the_call(rig: &Rig) {
    if rig.cannot_be_raw() {
        return;
    }
    let heard = rig.overhear_add(1, 2);
    for length in 0..heard.answers.len() {
        let answer = heard.answers[..length].to_vec();
        let calls = heard.calls.len();
        let (stub, peer) = played(
            rig,
            move |mut peer, calls| {
                peer.receive(calls);
                peer.send(&answer);
            },
            calls,
        );
        let error = stub.blocking().add(1, 2).unwrap_err();
        assert_eq!(
            error.delivery(),
            Delivery::MaybeExecuted,
            "{length}: {error}"
        );
        peer.join().expect("the peer plays to the end");
    }
}

/// The error of `add(1, 2)` when the peer answers these bytes and goes on listening.
fn answered_with(rig: &Rig, calls: usize, answer: Vec<u8>) -> Error {
    let (stub, peer) = played(
        rig,
        move |mut peer, calls| {
            peer.receive(calls);
            peer.send(&answer);
            peer.until_closed();
        },
        calls,
    );
    let error = stub.blocking().add(1, 2).unwrap_err();
    drop(stub);
    peer.join().expect("the peer plays to the end");
    error
}

/// A stub whose peer a thread plays.
fn played(
    rig: &Rig,
    play: impl FnOnce(RawStream, usize) + Send + 'static,
    calls: usize,
) -> (
    crate::interface::ConformanceStub,
    std::thread::JoinHandle<()>,
) {
    let (listener, endpoint) = rig.raw_listener();
    let peer =
        std::thread::spawn(move || play(listener.accept().expect("the stub connects"), calls));
    // Its peer plays once: a call that is made again would wait for another.
    let runtime = rig.runtime(limits_with(|limits| limits.repeats = 0));
    let stub = bind(&runtime, &endpoint);
    let patience = stub_patience();
    let stub = rmix::Interface::from_stub(rmix::Interface::stub(&stub).with_timeout(patience));
    (stub, peer)
}

fn stub_patience() -> Duration {
    Duration::from_secs(60)
}

/// Ends the direction to the peer.
fn half_close(stream: &RawStream) {
    let how = std::net::Shutdown::Write;
    // A peer that has closed already is as good.
    match stream {
        RawStream::Tcp(stream) => drop(stream.shutdown(how)),
        RawStream::Unix(stream) => drop(stream.shutdown(how)),
        RawStream::Fifos { .. } => unreachable!("FIFOs take one peer"),
    }
}

/// Address space with data of this process, in bytes.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let line = status.lines().find(|line| line.starts_with("VmData:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.expect("the kernel tells") << 10
}

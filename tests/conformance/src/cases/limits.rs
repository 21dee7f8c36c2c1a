//! Every limit, at the limit and one beyond it.

use std::time::Duration;

use rmix::{Cause, Delivery, Error};

use crate::interface::{ConformanceStub, Nest};
use crate::rig::{Rig, bind, limits, limits_with, open_gate, wait_for_arrivals};

/// What a message may hold besides the value that is made larger and larger.
const ENVELOPE: u64 = 256;

/// The largest size that works, between one that does and one that does not; with the error of the next.
fn boundary(
    mut works: u64,
    mut fails: u64,
    call: impl Fn(u64) -> Result<(), Error>,
) -> (u64, Error) {
    call(works).unwrap_or_else(|error| panic!("{works} is far below the limit: {error}"));
    let mut last = call(fails).expect_err("it is beyond the limit");
    println!("{fails}: {last}");
    while works + 1 < fails {
        let middle = works + (fails - works) / 2;
        match call(middle) {
            Ok(()) => works = middle,
            Err(error) => {
                println!("{middle}: {error}");
                fails = middle;
                last = error;
            }
        }
    }
    (works, last)
}

fn check_near(found: u64, limit: u64, slack: u64) {
    assert!(
        found <= limit && found + slack >= limit,
        "the limit is {limit}, and what works ends at {found}"
    );
}

/// A caller's own limit: nothing is sent.
pub fn message_beyond_the_caller_s_limit_is_not_sent(rig: &Rig) {
    let limit = 40_000;
    let pair = rig.pair_with(limits(), limits_with(|limits| limits.message_bytes = limit));
    let stub = pair.stub.blocking();
    let (found, error) = boundary(1, limit + 1, |size| take_octets(&pair.stub, size));
    check_near(found, limit, ENVELOPE);
    assert_eq!(error.cause(), Cause::Limit, "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert_eq!(stub.add(1, 2).unwrap(), 3);
}

/// A server's limit on what comes in.
pub fn request_beyond_the_server_s_limit_is_refused(rig: &Rig) {
    let limit = 40_000;
    let pair = rig.pair_with(limits_with(|limits| limits.message_bytes = limit), limits());
    if one_peer_for_good(rig) {
        return;
    }
    let (found, error) = boundary(1, limit + 1, |size| take_octets(&pair.stub, size));
    check_near(found, limit, ENVELOPE);
    assert_ne!(error.cause(), Cause::Timeout, "{error}");
    assert_ne!(error.delivery(), Delivery::Executed, "{error}");
    assert_eq!(pair.stub.blocking().add(1, 2).unwrap(), 3);
}

/// A caller's limit on what comes back.
pub fn reply_beyond_the_caller_s_limit_ends_the_link(rig: &Rig) {
    let limit = 40_000;
    let pair = rig.pair_with(limits(), limits_with(|limits| limits.message_bytes = limit));
    if one_peer_for_good(rig) {
        return;
    }
    let stub = pair.stub.blocking();
    let give = |size| {
        stub.give_octets(size)
            .map(|octets| assert_eq!(octets.len() as u64, size))
    };
    let (found, error) = boundary(1, limit + 1, give);
    check_near(found, limit, ENVELOPE);
    assert_eq!(error.cause(), Cause::Limit, "{error}");
    assert_ne!(error.delivery(), Delivery::NotSent, "{error}");
    assert_eq!(stub.add(1, 2).unwrap(), 3);
}

/// A server's limit on what it sends: the call fails, the link stays.
pub fn reply_beyond_the_server_s_limit_fails_the_call(rig: &Rig) {
    let limit = 40_000;
    let pair = rig.pair_with(limits_with(|limits| limits.message_bytes = limit), limits());
    let stub = pair.stub.blocking();
    let give = |size| stub.give_octets(size).map(drop);
    let (found, error) = boundary(1, limit + 1, give);
    check_near(found, limit, ENVELOPE);
    assert_ne!(error.delivery(), Delivery::NotSent, "{error}");
    assert_eq!(stub.add(1, 2).unwrap(), 3);
}

/// Values of one message, at the server and at the caller.
pub fn items_beyond_the_limit_are_refused(rig: &Rig) {
    if one_peer_for_good(rig) {
        return;
    }
    let limit = 1_000;
    let tight = || limits_with(|limits| limits.items = limit);
    let pair = rig.pair_with(tight(), limits());
    let texts = |count: u64| vec!["t".to_owned(); usize::try_from(count).unwrap()];
    let take = |count| pair.stub.blocking().take_texts(texts(count)).map(drop);
    let (found, error) = boundary(1, limit + 1, take);
    // An element may count as itself and as the value it is.
    check_near(found, limit, limit / 2 + 8);
    assert_ne!(error.cause(), Cause::Timeout, "{error}");
    assert_eq!(pair.stub.blocking().add(1, 2).unwrap(), 3);
    let pair = rig.pair_with(limits(), tight());
    let give = |count| pair.stub.blocking().give_texts(count).map(drop);
    let (found, error) = boundary(1, limit + 1, give);
    // An element may count as itself and as the value it is.
    check_near(found, limit, limit / 2 + 8);
    assert_eq!(error.cause(), Cause::Limit, "{error}");
    assert_eq!(pair.stub.blocking().add(1, 2).unwrap(), 3);
}

/// Nesting, at the server, at the caller, and before it is sent.
pub fn nesting_beyond_the_limit_is_refused(rig: &Rig) {
    if one_peer_for_good(rig) {
        return;
    }
    let limit: u32 = 40;
    let beyond = u64::from(limit) + 1;
    let tight = || limits_with(|limits| limits.depth = limit);
    let wide = || limits_with(|limits| limits.depth = 200);
    let nest = |depth: u64| Nest::of_depth(u32::try_from(depth).unwrap());
    let check = |found: u64, error: &Error| {
        // A struct and its sequence may be one level or two.
        check_near(found, limit.into(), u64::from(limit) / 2 + 3);
        assert_ne!(error.cause(), Cause::Timeout, "{error}");
    };
    let pair = rig.pair_with(tight(), wide());
    let take = |depth| pair.stub.blocking().take_nest(nest(depth)).map(drop);
    let (found, error) = boundary(1, beyond, take);
    check(found, &error);
    assert_eq!(pair.stub.blocking().add(1, 2).unwrap(), 3);
    let pair = rig.pair_with(wide(), tight());
    let take = |depth| pair.stub.blocking().take_nest(nest(depth)).map(drop);
    let (found, error) = boundary(1, beyond, take);
    check(found, &error);
    assert_eq!(error.cause(), Cause::Limit, "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    let give = |depth: u64| {
        let depth = u32::try_from(depth).unwrap();
        pair.stub.blocking().give_nest(depth).map(drop)
    };
    let (found, error) = boundary(1, beyond, give);
    check(found, &error);
    assert_eq!(pair.stub.blocking().add(1, 2).unwrap(), 3);
}

/// A caller's calls in flight: the next one waits, and does not fail.
pub fn calls_beyond_the_caller_s_limit_wait(rig: &Rig) {
    if rig.is_remote() {
        return;
    }
    let pair = rig.pair_with(limits(), limits_with(|limits| limits.outstanding_calls = 2));
    let local = pair.server.local.as_ref().expect("it is in this process");
    let mut first = pair.stub.start().pass(1);
    let mut second = pair.stub.start().pass(2);
    wait_for_arrivals(local, 1, 1);
    wait_for_arrivals(local, 2, 1);
    let mut third = pair.stub.start().add(1, 2);
    assert!(third.try_take().is_none());
    let mut fourth = pair.stub.start().add(3, 4);
    assert!(fourth.try_take().is_none());
    open_gate(local, 2);
    let patience = Duration::from_secs(60);
    assert_eq!(second.wait(patience).unwrap().unwrap(), 2);
    drop(second);
    assert_eq!(third.wait(patience).unwrap().unwrap(), 3);
    drop(third);
    assert_eq!(fourth.wait(patience).unwrap().unwrap(), 7);
    open_gate(local, 1);
    assert_eq!(first.wait(patience).unwrap().unwrap(), 1);
}

/// A server's calls of one connection: the next one is not read until one is done.
pub fn calls_beyond_the_server_s_limit_wait(rig: &Rig) {
    if rig.is_remote() {
        return;
    }
    let pair = rig.pair_with(limits_with(|limits| limits.outstanding_calls = 2), limits());
    let local = pair.server.local.as_ref().expect("it is in this process");
    let patience = Duration::from_secs(60);
    let mut calls: Vec<_> = (1..6).map(|gate| pair.stub.start().pass(gate)).collect();
    wait_for_arrivals(local, 1, 1);
    wait_for_arrivals(local, 2, 1);
    for gate in 1..6 {
        if gate + 2 < 6 {
            let waiting = crate::rig::asynchronously(async {
                use crate::interface::Conformance as _;
                let arrival = local.object.arrived(gate + 2, 1);
                tokio::time::timeout(Duration::from_millis(1), arrival).await
            });
            assert!(waiting.is_err(), "call {} ran beyond the limit", gate + 2);
        }
        open_gate(local, gate);
        let passed = calls[usize::try_from(gate).unwrap() - 1].wait(patience);
        assert_eq!(passed.unwrap().unwrap(), gate);
    }
}

/// One connection more than allowed is closed; the others are not.
pub fn connection_beyond_the_limit_is_closed(rig: &Rig) {
    if rig.takes_one_peer() {
        return;
    }
    let heard = rig.overhear_add(1, 2);
    for per_peer in [false, true] {
        if per_peer && rig.fixture().transport() != crate::Transport::Tcp {
            println!("skipped: local peers have no address to tell them apart by");
            continue;
        }
        let server = rig.server(limits_with(|limits| {
            limits.connections_per_peer = 2;
            limits.connections = if per_peer { 10 } else { 2 };
        }));
        let add = |peer: &mut crate::raw::RawStream| {
            assert!(peer.send(&heard.calls));
            assert_eq!(peer.receive(heard.answers.len()), heard.answers);
        };
        let mut first = rig.raw(&server.endpoint);
        add(&mut first);
        let mut second = rig.raw(&server.endpoint);
        add(&mut second);
        assert!(rig.raw(&server.endpoint).until_closed().is_empty());
        add(&mut first);
        add(&mut second);
        // A place that becomes free is free.
        first.shut();
        loop {
            let mut third = rig.raw(&server.endpoint);
            if third.send(&heard.calls) {
                let answer = third.until_closed_or(heard.answers.len());
                if answer == heard.answers {
                    break;
                }
                assert!(answer.is_empty());
            }
        }
    }
}

/// A message in as many fragments as allowed, and in one more.
pub fn fragments_beyond_the_limit_close_the_connection(rig: &Rig) {
    let heard = match rig.fixture().fragmented(&[], 1) {
        Some(_) => rig.overhear_add(1, 2),
        None => {
            println!("skipped: messages of this protocol have no fragments");
            return;
        }
    };
    let limit = 5;
    let server = rig.server(limits_with(|limits| limits.fragments = limit));
    let cut = |count| rig.fixture().fragmented(&heard.calls, count);
    let mut peer = rig.raw(&server.endpoint);
    for count in 1..=limit {
        assert!(peer.send(&cut(count).expect("there are fragments")));
        assert_eq!(peer.receive(heard.answers.len()), heard.answers, "{count}");
    }
    peer.send(&cut(limit + 1).expect("there are fragments"));
    assert!(peer.until_closed().is_empty());
    let runtime = rig.runtime(limits());
    assert_eq!(
        bind(&runtime, &server.endpoint)
            .blocking()
            .add(1, 2)
            .unwrap(),
        3
    );
}

fn take_octets(stub: &ConformanceStub, size: u64) -> Result<(), Error> {
    let octets = vec![7; usize::try_from(size).expect("it fits into memory")];
    let taken = stub.blocking().take_octets(octets)?;
    assert_eq!(taken, size);
    Ok(())
}

/// Where a link that ends cannot be followed by another at once, as with FIFOs, whose two ends the peers share.
fn one_peer_for_good(rig: &Rig) -> bool {
    let again = rig.fixture().transport() != crate::Transport::Fifos;
    rig.skips(again, "a link that was ended may be followed too soon")
}

//! Peers that die: in the middle of a call, between calls, and before there was a link.

use std::time::Duration;

use rmix::{Cause, Delivery, ErrorKind, Limits};
use rustix::process::{Pid, Signal, kill_process};

use crate::fixture::Transport;
use crate::interface::ConformanceStub;
use crate::rig::{Rig, bind, limits};

/// A peer that can be made to die, with a stub for it.
struct Victim {
    stub: ConformanceStub,
    die: Box<dyn Fn()>,
    _keep: Box<dyn std::any::Any>,
}

fn victim(rig: &Rig) -> Victim {
    let server = rig.server(limits());
    let runtime = rig.runtime(limits());
    if let Transport::Child(_) = rig.fixture().transport() {
        let stub = bind(&runtime, &server.endpoint);
        let process = Pid::from_raw(stub.blocking().process().unwrap());
        let process = process.expect("a process has a number");
        return Victim {
            stub,
            die: Box::new(move || kill_process(process, Signal::KILL).expect("it is our child")),
            _keep: Box::new(server),
        };
    }
    let tap = std::sync::Arc::new(rig.tap(&server.endpoint));
    let stub = bind(&runtime, &tap.endpoint);
    let cut = tap.clone();
    Victim {
        stub,
        die: Box::new(move || cut.cut()),
        _keep: Box::new((server, tap)),
    }
}

/// Every call in flight is told, and the next one has a new link.
pub fn death_in_mid_call_fails_it_and_the_next_call_reconnects(rig: &Rig) {
    if rig.fixture().transport() == Transport::Fifos {
        println!("skipped: FIFOs cannot be cut from outside");
        return;
    }
    let victim = victim(rig);
    let stub = &victim.stub;
    let mut held: Vec<_> = (0..3).map(|_| stub.start().pass(1)).collect();
    stub.blocking().arrived(1, 3).unwrap();
    (victim.die)();
    for call in &mut held {
        let outcome = call.wait(Duration::from_secs(60)).unwrap();
        let error = outcome.unwrap_err();
        assert_eq!(error.delivery(), Delivery::MaybeExecuted, "{error}");
        assert_eq!(error.kind(), ErrorKind::Reconnect, "{error}");
        if let Transport::Child(_) = rig.fixture().transport() {
            assert_eq!(error.cause(), Cause::ChildExited, "{error}");
            assert_eq!(error.code(), 128 + 9, "{error}");
        }
    }
    assert_eq!(stub.blocking().add(1, 2).unwrap(), 3);
}

/// A call that is waited for synchronously.
pub fn death_ends_a_synchronous_wait(rig: &Rig) {
    if rig.fixture().transport() == Transport::Fifos {
        println!("skipped: FIFOs cannot be cut from outside");
        return;
    }
    let victim = victim(rig);
    let stub = &victim.stub;
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| stub.blocking().pass(1));
        stub.blocking().arrived(1, 1).unwrap();
        (victim.die)();
        let error = waiting.join().expect("it does not panic").unwrap_err();
        assert_eq!(error.delivery(), Delivery::MaybeExecuted, "{error}");
        assert_ne!(error.cause(), Cause::Timeout, "{error}");
    });
}

/// The peer takes part of a call and goes.
pub fn peer_that_closes_while_a_call_waits_fails_it(rig: &Rig) {
    if rig.cannot_be_raw() {
        return;
    }
    let (listener, endpoint) = rig.raw_listener();
    let runtime = rig.runtime(limits());
    let dying = std::thread::spawn(move || {
        let mut peer = listener.accept().expect("the stub connects");
        peer.receive(8);
        drop((peer, listener));
    });
    let stub = bind(&runtime, &endpoint);
    let error = stub.blocking().add(1, 2).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Reconnect, "{error}");
    assert_eq!(error.delivery(), Delivery::MaybeExecuted, "{error}");
    dying.join().expect("the stub called");
    if rig.fixture().transport() == Transport::Fifos {
        // FIFOs without a reader are waited for, not refused.
        return;
    }
    let error = stub.blocking().add(1, 2).unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert_eq!(error.cause(), Cause::Connect, "{error}");
}

/// Its object is unexported: the stub says that nothing was sent.
pub fn call_to_an_object_that_is_gone_says_not_sent(rig: &Rig) {
    if rig.takes_one_peer() {
        return;
    }
    let mut pair = rig.pair();
    assert_eq!(pair.stub.blocking().add(1, 1).unwrap(), 2);
    let local = pair.server.local.as_mut().expect("it is in this process");
    let exported = local.exported.take().expect("it is exported");
    crate::rig::asynchronously(exported.unexport()).unwrap();
    let mut error = pair.stub.blocking().add(1, 1).unwrap_err();
    if error.cause() == Cause::LinkClosed {
        // The link was used a moment ago, so nobody asked whether the peer is still there.
        error = pair.stub.blocking().add(1, 1).unwrap_err();
    }
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert_eq!(error.cause(), Cause::Connect, "{error}");
}

/// The error helps.
pub fn binding_where_nobody_listens_says_not_sent(rig: &Rig) {
    let endpoint = match rig.fixture().transport() {
        Transport::Child(_) => format!("{}/no/such/program", rig.fixture().endpoint(rig.folder())),
        Transport::Fifos => rig.fixture().endpoint(rig.folder()),
        Transport::Tcp | Transport::Unix | Transport::Bridged(_) => {
            // Bound once and closed: free, and nobody is there.
            let (listener, endpoint) = rig.raw_listener();
            drop(listener);
            endpoint
        }
    };
    let runtime = rig.runtime(Limits::default());
    let bound = runtime.bind::<ConformanceStub>(&endpoint).blocking();
    let error = bound.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert_eq!(error.cause(), Cause::Connect, "{error}");
    assert!(error.message().len() > 40, "no help in: {error}");
}

//! Links on which both ends call.

use std::sync::Arc;

use crate::interface::{Conformance as _, ConformanceSkeleton, ConformanceStub};
use crate::object::Object;
use crate::rig::{Rig, asynchronously, limits};

/// The peer calls an object that is served on the stub's own link, while a call of the stub's is in flight.
pub fn object_served_on_a_link_is_called_over_it(rig: &Rig) {
    if rig.cannot_be_raw() || rig.lacks("symmetric") {
        return;
    }
    let heard = rig.overhear_add(1, 2);
    let (listener, endpoint) = rig.raw_listener();
    let runtime = rig.runtime(limits());
    let object = Arc::new(Object::default());
    let calls = heard.clone();
    let renumber = rig.fixture().renumber();
    let (called, first_is_answered) = std::sync::mpsc::channel();
    let peer = std::thread::spawn(move || {
        let mut peer = listener.accept().expect("the stub connects");
        // Calls before it is called, within a call, and after it.
        for within in [false, true, false] {
            let call = within.then(|| {
                called.send(()).expect("the test waits for it");
                let call = peer.receive(calls.calls.len());
                assert_eq!(renumber(&call, &calls.calls), calls.calls);
                call
            });
            assert!(peer.send(&calls.calls));
            assert_eq!(peer.receive(calls.answers.len()), calls.answers);
            if let Some(call) = call {
                assert!(peer.send(&renumber(&calls.answers, &call)));
            }
        }
        peer.shut();
    });
    let bound = runtime
        .bind::<ConformanceStub>(&endpoint)
        .serve(ConformanceSkeleton::from_arc(object.clone()))
        .blocking();
    let stub = bound.expect("the peer listens");
    first_is_answered
        .recv()
        .expect("the object answers the peer");
    assert_eq!(stub.blocking().add(1, 2).unwrap(), 3);
    peer.join().expect("the object answers the peer");
    assert_eq!(asynchronously(object.additions()), 3);
}

/// A peer that calls a link on which nothing is served is told so, and the link goes on.
pub fn call_to_a_link_that_serves_nothing_is_refused(rig: &Rig) {
    if rig.cannot_be_raw() {
        return;
    }
    let heard = rig.overhear_add(1, 2);
    let (listener, endpoint) = rig.raw_listener();
    let runtime = rig.runtime(limits());
    let renumber = rig.fixture().renumber();
    let peer = std::thread::spawn(move || {
        let mut peer = listener.accept().expect("the stub connects");
        let call = peer.receive(heard.calls.len());
        assert_eq!(renumber(&call, &heard.calls), heard.calls);
        assert!(peer.send(&heard.calls));
        let refusal = peer.receive(8);
        assert_ne!(refusal, heard.answers[..8.min(heard.answers.len())]);
        assert!(peer.send(&renumber(&heard.answers, &call)));
    });
    let stub = crate::rig::bind(&runtime, &endpoint);
    assert_eq!(stub.blocking().add(1, 2).unwrap(), 3);
    peer.join().expect("the peer is answered");
}

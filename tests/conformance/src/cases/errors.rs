//! Failures of one call: each has its kind, cause and delivery status, and nothing else is touched.

use rmix::{Cause, Delivery, ErrorKind};

use crate::interface::{Conformance as _, StrangerStub};
use crate::rig::{Rig, asynchronously};

/// At once, and after it has waited.
pub fn panic_in_user_code_fails_the_call_only(rig: &Rig) {
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    for after_waiting in [false, true] {
        let error = stub.panic(after_waiting).unwrap_err();
        assert_ne!(error.delivery(), Delivery::NotSent, "{error}");
        assert_eq!(error.cause(), Cause::Remote, "{error}");
        assert_eq!(stub.add(1, 2).unwrap(), 3);
    }
}

/// Nobody hears of it; the calls behind it run.
pub fn panic_in_a_one_way_call_stops_nothing(rig: &Rig) {
    if rig.lacks("oneway") {
        return;
    }
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    stub.panic_unheard().unwrap();
    stub.record(0).unwrap();
    assert!(stub.recorded(1).unwrap().counts_up);
}

/// An argument that the protocol cannot carry is not sent.
pub fn argument_that_cannot_be_sent_leaves_the_link_usable(rig: &Rig) {
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    for _ in 0..3 {
        let error = stub.take_huge(u128::MAX).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
        assert!(error.message().contains("take_huge"), "{error}");
        assert_eq!(stub.add(1, 2).unwrap(), 3);
    }
    let error = asynchronously(async { pair.stub.take_huge(u128::MAX).await });
    assert_eq!(error.unwrap_err().delivery(), Delivery::NotSent);
    assert_eq!(stub.add(1, 2).unwrap(), 3);
}

/// A result that the protocol cannot carry is an error of the call.
pub fn result_that_cannot_be_sent_leaves_the_link_usable(rig: &Rig) {
    let pair = rig.pair();
    let stub = pair.stub.blocking();
    for _ in 0..3 {
        let error = stub.give_huge().unwrap_err();
        assert_ne!(error.delivery(), Delivery::NotSent, "{error}");
        assert_eq!(stub.add(1, 2).unwrap(), 3);
    }
}

/// Nothing runs.
pub fn operation_that_is_not_there_says_so(rig: &Rig) {
    let server = rig.server(crate::rig::limits());
    let stranger = stranger(rig, &server.endpoint);
    let error = stranger.blocking().missing().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FixRequest, "{error}");
    assert_eq!(error.cause(), Cause::NoSuchMethod, "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
}

/// Nothing runs.
pub fn arguments_that_do_not_fit_are_refused(rig: &Rig) {
    let server = rig.server(crate::rig::limits());
    let stranger = stranger(rig, &server.endpoint);
    let error = stranger.blocking().add_too_little(true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FixRequest, "{error}");
    assert_eq!(error.cause(), Cause::BadArguments, "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    if let Some(local) = &server.local {
        assert_eq!(asynchronously(local.object.additions()), 0);
    }
}

/// The call ran; the caller cannot read what came back.
pub fn result_of_another_type_is_told_from_a_failed_call(rig: &Rig) {
    let server = rig.server(crate::rig::limits());
    let stranger = stranger(rig, &server.endpoint);
    let error = stranger.blocking().open_for_text(1).unwrap_err();
    assert_eq!(error.cause(), Cause::Codec, "{error}");
    assert_eq!(error.delivery(), Delivery::Executed, "{error}");
}

/// A stub with wrong ideas, on a link of its own where there can be two.
fn stranger(rig: &Rig, endpoint: &str) -> StrangerStub {
    let runtime = rig.runtime(crate::rig::limits());
    let bound = runtime.bind::<StrangerStub>(endpoint).blocking();
    bound.expect("the object is exported")
}

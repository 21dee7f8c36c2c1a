//! A member whose own code panics: it ends, says so to all who wait, and lets the others go on.

use std::time::Duration;

use harness_control::{
    Change, Control, ControlError, Ended, Event, Machine, RestoreError, SeatStub, SubmitError,
};
use rmix::{Limits, Runtime};

use crate::support::{Lines, Place, run, runtime};

/// Panics at one payload.
struct Brittle;

impl Machine for Brittle {
    fn kind(&self) -> String {
        "lines 1".to_owned()
    }

    fn apply(&mut self, change: &Change<'_>) -> Vec<u8> {
        assert!(change.payload != b"break", "the state is broken");
        Vec::new()
    }

    fn query(&self, _question: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    fn snapshot(&self) -> Vec<u8> {
        Vec::new()
    }

    fn restore(&mut self, _state: &[u8]) -> Result<(), RestoreError> {
        Ok(())
    }
}

#[test]
fn a_panic_of_the_state_machine_ends_the_member() {
    run(async {
        let place = Place::new();
        let runtime_of_a = runtime();
        let config = place.config("A", &[]);
        let control = Control::join(&runtime_of_a, config, Brittle).await;
        let control = control.unwrap_or_else(|error| panic!("{error}"));
        let mut events = control.events();
        let outside: SeatStub = runtime().bind(place.endpoint("A")).await.unwrap();

        let outcome = control.submit(b"break".to_vec()).await;

        assert_eq!(outcome, Err(SubmitError::Unknown));
        assert_eq!(control.ended().await, Ended::Failed);
        let ended = loop {
            match events.next().await.expect("not lagged") {
                Some(Event::Ended(ended)) => break ended,
                Some(_) => {}
                None => panic!("its end is an event"),
            }
        };
        assert_eq!(ended, Ended::Failed);
        assert_eq!(
            control.submit(Vec::new()).await,
            Err(SubmitError::NotMember)
        );
        assert!(matches!(control.ready().await, Err(ControlError::Ended)));
        // Its listener goes, too, while the handle is still there.
        while outside.ping().await.is_ok() {}
        let again = runtime().bind::<SeatStub>(place.endpoint("A")).await;
        let answer = match again {
            Ok(stub) => stub.ping().await.map(|_| ()),
            Err(error) => Err(error),
        };
        assert!(answer.is_err(), "nobody answers there");
        drop(control);
    });
}

#[test]
fn the_others_go_on_without_a_member_that_panicked() {
    run(async {
        let place = Place::new();
        let mut a = place.member("A", &[]).await;
        let runtime_of_b = runtime();
        let config = place.config("B", &["A"]);
        let b = Control::join(&runtime_of_b, config, Brittle).await;
        let b = b.unwrap_or_else(|error| panic!("{error}"));
        a.wait_for_members(2).await;

        let asked = a.control.submit(b"break".to_vec());
        let (answer, ended) = tokio::join!(asked, b.ended());

        assert_eq!(ended, Ended::Failed);
        assert!(answer.is_ok_and(|answer| answer.done), "A has done it");
        a.wait_for_members(1).await;
        assert_eq!(a.submit("x").await, "2 0");
    });
}

/// A runtime that sends and takes messages of so many bytes.
fn runtime_of_messages(bytes: u64) -> Runtime {
    let mut limits = Limits::default();
    limits.message_bytes = bytes;
    let provider = &rmix_msgpack::plugin::rmix_provider_v1_msgpack;
    let builder = Runtime::builder().with_linked(provider).limits(limits);
    builder.build().expect("the limits are in their ranges")
}

#[test]
fn a_packet_beyond_the_limit_of_the_runtime_is_said_to_be_and_holds_back_what_is_behind_it() {
    run(async {
        let place = Place::new();
        let small = runtime_of_messages(16 << 10);
        let mut config = place.config("A", &[]);
        config.timing.reconnect_min = Duration::from_millis(1);
        let a = Control::join(&small, config, Lines::default()).await;
        let a = a.unwrap_or_else(|error| panic!("{error}"));
        let _b = place.member("B", &["A"]).await;
        let fits = a.submit(vec![0; 15 << 10]).await;
        assert!(fits.is_ok_and(|answer| answer.done), "below the limit");

        let large = a.submit(vec![0; 16 << 10]);
        let told = async {
            loop {
                let status = a.status().await.expect("it has not ended");
                // Tried again on the next connection.
                if status.counts.get("packets too large") >= Some(&2) {
                    break status.counts;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::pin!(large);
        let counts = tokio::select! {
            outcome = &mut large => panic!("{outcome:?}"),
            counts = told => counts,
        };

        assert!(counts.get("links broken") >= Some(&1), "{counts:?}");
    });
}

//! Who is refused, and with which words; and what a stranger that knows no rule can do.

use harness_control::{Control, ControlError, Entry, Greeting, Refused, SeatStub};

use crate::support::{Lines, Member, Place, run, runtime};

async fn refused(
    place: &Place,
    change: impl FnOnce(&mut harness_control::ControlConfig),
) -> Refused {
    let _a = place.member("A", &[]).await;
    let mut config = place.config("B", &["A"]);
    change(&mut config);
    let runtime = runtime();
    match Control::join(&runtime, config, Lines::default()).await {
        Err(ControlError::Refused { refused, .. }) => refused,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was taken in"),
    }
}

#[test]
fn another_ring_is_named() {
    run(async {
        let place = Place::new();
        let refused = refused(&place, |config| config.ring = "moon".to_owned()).await;
        assert_eq!(
            refused,
            Refused::Different(
                "the ring differs: the caller has \"moon\", this member \"ring\"".to_owned()
            )
        );
    });
}

#[test]
fn other_rules_are_named() {
    run(async {
        let place = Place::new();
        let refused = refused(&place, |config| {
            config.policy = harness_ring::Policy::Survivor;
        });
        let refused = refused.await.to_string();
        assert!(refused.starts_with("mode or policy differs"), "{refused}");
        assert!(refused.contains("bidirectional, survivor"), "{refused}");
    });
}

#[test]
fn a_name_that_is_there_is_not_taken_twice() {
    run(async {
        let place = Place::new();
        let _a = place.member("A", &[]).await;
        let mut config = place.config("A", &["A"]);
        config.listen = vec![place.endpoint("other")];
        let runtime = runtime();
        let error = Control::join(&runtime, config, Lines::default())
            .await
            .err();
        assert!(
            matches!(
                error,
                Some(ControlError::Refused {
                    refused: Refused::Taken(_),
                    ..
                })
            ),
            "{error:?}"
        );
    });
}

#[test]
fn a_bad_name_is_refused_at_once() {
    run(async {
        let place = Place::new();
        let runtime = runtime();
        for name in ["", "a b", &"x".repeat(65)] {
            let config = place.config(name, &[]);
            let error = Control::join(&runtime, config, Lines::default())
                .await
                .err();
            assert!(matches!(error, Some(ControlError::Config(_))), "{name:?}");
        }
    });
}

#[test]
fn nobody_to_join_is_said_when_the_time_is_over() {
    run(async {
        let place = Place::new();
        let mut config = place.config("B", &["nobody"]);
        config.timing.join_within = std::time::Duration::from_millis(300);
        config.timing.enroll_every = std::time::Duration::from_millis(50);
        let runtime = runtime();
        let error = Control::join(&runtime, config, Lines::default())
            .await
            .err();
        let Some(ControlError::NotTaken { last }) = error else {
            panic!("{error:?}");
        };
        assert!(last.contains("is the peer running"), "{last}");
    });
}

/// A stranger's own greeting: like B's, but the state is another.
fn greeting(protocol: u32, name: &str, slot: u32) -> Greeting {
    Greeting {
        protocol,
        ring: "ring".to_owned(),
        machine: "active lines 1".to_owned(),
        rules: "bidirectional, quorum with tie-break, at most 65536 waiting".to_owned(),
        process: 7,
        from: Entry {
            slot,
            incarnation: 1,
            name: name.to_owned(),
            endpoints: vec!["msgpack+unix:/nowhere".to_owned()],
        },
    }
}

/// How asking to join by this greeting is refused; none if it is not.
async fn refusal(stub: &SeatStub, greeting: Greeting) -> Option<String> {
    match stub.enroll(greeting).await {
        Ok(_) => None,
        Err(error) => Some(error.fault().expect("it answers").to_string()),
    }
}

#[test]
fn texts_and_endpoints_are_taken_up_to_their_limits() {
    run(async {
        let place = Place::new();
        let mut config = place.config("A", &[]);
        // More members than the founder: nobody waits for those who are not there.
        config.policy = harness_ring::Policy::Survivor;
        config.control.text_bytes_max = 64;
        config.control.endpoints_max = 2;
        let _a = Member::start(config, Lines::default()).await;
        let stub = stranger(&place).await;
        let joiner = |name: &str, endpoints: &[usize]| {
            let mut greeting = greeting(1, name, harness_control::slot_of(name));
            greeting.rules = "bidirectional, survivor, at most 65536 waiting".to_owned();
            let endpoint = |bytes: &usize| format!("msgpack+unix:{:/>1$}", "x", bytes - 13);
            greeting.from.endpoints = endpoints.iter().map(endpoint).collect();
            greeting
        };

        assert_eq!(refusal(&stub, joiner("text", &[64])).await, None);
        let why = refusal(&stub, joiner("longer", &[65])).await;
        let limit = "more than 2 endpoints, or one of more than 64 bytes";
        assert_eq!(why.as_deref(), Some(limit));
        assert_eq!(refusal(&stub, joiner("two", &[20, 21])).await, None);
        let why = refusal(&stub, joiner("three", &[20, 21, 22])).await;
        assert_eq!(why.as_deref(), Some(limit));

        let mut named = joiner("ring", &[20]);
        named.ring = "r".repeat(64);
        let why = refusal(&stub, named.clone()).await.unwrap_or_default();
        assert!(
            why.starts_with("the ring differs"),
            "it is looked at: {why}"
        );
        named.ring.push('r');
        let why = refusal(&stub, named).await;
        let limit = "a text of the greeting is longer than 64 bytes";
        assert_eq!(why.as_deref(), Some(limit));
    });
}

async fn stranger(place: &Place) -> SeatStub {
    runtime().bind(place.endpoint("A")).await.unwrap()
}

#[test]
fn another_protocol_version_is_named() {
    run(async {
        let place = Place::new();
        let _a = place.member("A", &[]).await;
        let refused = stranger(&place).await.greet(greeting(99, "X", 1)).await;
        let refused = refused.unwrap_err().fault().cloned().unwrap().to_string();
        assert_eq!(
            refused,
            "the protocol between members differs: the caller has \"99\", this member \"1\""
        );
    });
}

#[test]
fn a_slot_that_is_not_that_of_the_name_is_refused() {
    run(async {
        let place = Place::new();
        let _a = place.member("A", &[]).await;
        let refused = stranger(&place).await.greet(greeting(1, "X", 1)).await;
        let refused = refused.unwrap_err().fault().cloned();
        assert!(matches!(refused, Some(Refused::Limit(_))), "{refused:?}");
    });
}

#[test]
fn what_comes_without_a_token_is_dropped_and_counted() {
    run(async {
        let place = Place::new();
        let a = place.member("A", &[]).await;
        let stub = stranger(&place).await;
        for _ in 0..100 {
            stub.carry(1, vec![0, 0, 0]).await.unwrap();
            stub.beat(2).await.unwrap();
        }
        // In order on one link, so all of them came before this is answered.
        stub.ping().await.unwrap();
        let status = a.status().await;
        assert_eq!(status.counts.get("calls without a token"), Some(&200));
        assert_eq!(a.submit("x").await, "1 0", "it works as before");
    });
}

#[test]
fn a_malformed_packet_takes_the_token_of_its_sender() {
    run(async {
        let place = Place::new();
        let a = place.member("A", &[]).await;
        let b = place.member("B", &["A"]).await;
        // B's own place, as a forger that has read its greeting would take it.
        let status = b.status().await;
        let (slot, incarnation) = status.id.split_once('.').unwrap();
        let mut forged = greeting(1, "B", slot.parse().unwrap());
        forged.from.incarnation = incarnation.parse().unwrap();
        let stub = stranger(&place).await;
        let taken = stub.greet(forged.clone()).await.unwrap_err();
        assert!(
            matches!(taken.fault(), Some(Refused::Taken(_))),
            "another process cannot speak for B: {taken:?}"
        );
        // By a name of its own it may join; then it sends rubbish.
        let name = "Mallory";
        let slot = harness_control::slot_of(name);
        stub.enroll(greeting(1, name, slot)).await.unwrap();
        let welcome = stub.greet(greeting(1, name, slot)).await.unwrap();
        let attending = stub.start().attend(welcome.token);
        stub.carry(welcome.token, vec![9, 9, 9]).await.unwrap();
        let reason = attending.await.unwrap();
        assert_eq!(reason, "what it sent breaks the protocol");
        let counts = a.status().await.counts;
        assert_eq!(counts.get("packets malformed"), Some(&1));
        assert_eq!(counts.get("members cut off"), Some(&1));
    });
}

/// Greets under many names, each with the slot that is its own.
async fn greet_many(
    stub: &SeatStub,
    names: std::ops::Range<u32>,
    listens: &str,
) -> Vec<Result<u64, Refused>> {
    let mut outcomes = Vec::new();
    for number in names {
        let name = format!("flood-{number}");
        let mut greeting = greeting(1, &name, harness_control::slot_of(&name));
        greeting.from.endpoints = vec![listens.to_owned()];
        let outcome = stub.greet(greeting).await;
        outcomes.push(match outcome {
            Ok(welcome) => Ok(welcome.token),
            Err(error) => Err(error.fault().cloned().expect("it answers")),
        });
    }
    outcomes
}

/// What a member of a view before the first would send.
fn stale() -> Vec<u8> {
    let view = harness_ring::ViewId {
        epoch: 0,
        ..harness_ring::ViewId::founding(&[])
    };
    let frame = harness_ring::Frame {
        view,
        body: harness_ring::Body::Pull,
    };
    harness_control::wire::encode_packet(&harness_ring::Packet::Frame {
        number: 1,
        received: 0,
        frame: std::sync::Arc::new(frame),
    })
}

#[test]
fn strangers_leave_nothing_behind_and_nobody_connects_to_where_they_say_they_are() {
    run(async {
        let place = Place::new();
        let a = place.member("A", &[]).await;
        let b = place.member("B", &["A"]).await;
        let before = a.status().await.counts;
        let trap = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        trap.set_nonblocking(true).unwrap();
        let listens = format!("msgpack+tcp://{}", trap.local_addr().unwrap());
        let stub = stranger(&place).await;

        let outcomes = greet_many(&stub, 0..200, &listens).await;
        for outcome in &outcomes {
            // With the token that it was given, or with one that it makes up.
            let token = *outcome.as_ref().unwrap_or(&7);
            stub.carry(token, stale()).await.unwrap();
            stub.beat(token).await.unwrap();
        }
        stub.ping().await.unwrap();

        let counts = a.status().await.counts;
        assert_eq!(counts.get("links started"), before.get("links started"));
        let refused = |outcome: &Result<u64, Refused>| match outcome {
            Err(Refused::NotMember(why)) => why.contains("not in the view"),
            _ => false,
        };
        assert!(outcomes.iter().all(refused), "{outcomes:?}");
        assert_eq!(counts.get("greetings of strangers"), Some(&200));
        // A lap of the ring later, whoever wanted to connect would have begun to.
        assert_eq!(b.submit("x").await, "1 0");
        let came = trap.accept().map(|_| ()).map_err(|error| error.kind());
        assert_eq!(came, Err(std::io::ErrorKind::WouldBlock));
        assert_eq!(counts.get("links broken"), None, "B is linked as before");
    });
}

#[test]
fn the_directory_has_members_and_nobody_else() {
    run(async {
        let place = Place::new();
        let a = place.member("A", &[]).await;
        let _b = place.member("B", &["A"]).await;
        let stub = stranger(&place).await;
        greet_many(&stub, 0..3, "msgpack+unix:/nowhere").await;
        let names = |entries: Vec<Entry>| {
            let names: std::collections::BTreeSet<_> =
                entries.into_iter().map(|entry| entry.name).collect();
            names.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(names(stub.directory().await.unwrap()), ["A", "B"]);
        // Who is to join is in it: others learn from it where the joiner is.
        let listens = place.endpoint("J");
        let path = listens.strip_prefix("msgpack+unix:").expect("a socket");
        // It is there, so that it is not suspected as soon as it is in the view.
        let _silent = std::os::unix::net::UnixListener::bind(path).unwrap();
        let mut joiner = greeting(1, "J", harness_control::slot_of("J"));
        joiner.from.endpoints = vec![listens];
        let welcome = stub.enroll(joiner).await.unwrap();
        assert_eq!(names(welcome.known), ["A", "B", "J"]);
        drop(a);
    });
}

//! Packets and words: golden bytes, round trips, and every kind of damage.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use harness_control::Octets;
use harness_control::wire::{
    COUNT_MAX, Fault, WireLimits, decode_packet, decode_word, encode_packet, encode_word,
};
use harness_ring::{
    Accept, Accepted, Agreement, Ballot, Body, Content, Direction, Evidence, Failure, Frame, Item,
    MemberId, Numbered, Packet, Prepare, Request, RequestId, RingArc, Stamp, Value, View, ViewId,
    Word,
};
use proptest::prelude::*;

const LIMITS: WireLimits = WireLimits {
    members_max: 3,
    items_max: 2,
    batch_messages_max: 2,
    flush_max: 2,
};

fn id(slot: u32) -> MemberId {
    MemberId {
        slot,
        incarnation: 300,
    }
}

fn ballot(round: u64) -> Ballot {
    Ballot {
        round,
        coordinator: id(1),
    }
}

fn view_id() -> ViewId {
    ViewId {
        epoch: 7,
        ballot: ballot(2),
        parent: u64::MAX,
    }
}

fn stamp(clock: u64) -> Stamp {
    Stamp { clock, origin: 2 }
}

fn batch(messages: usize) -> Content<Octets> {
    Content::Batch((0..messages).map(|_| Octets::from(&b"hi"[..])).collect())
}

fn value() -> Value<Octets> {
    Value {
        view: View {
            id: view_id(),
            ring: vec![id(0), id(1), id(2)],
        },
        joiners: vec![id(2)],
        leavers: vec![id(1)],
        floor: 1 << 40,
        flush: vec![
            Numbered {
                stamp: stamp(3),
                content: batch(2),
            },
            Numbered {
                stamp: stamp(4),
                content: Content::Synced,
            },
        ],
    }
}

fn frame(body: Body<Octets>) -> Packet<Octets> {
    let frame = Arc::new(Frame {
        view: view_id(),
        body,
    });
    Packet::Frame {
        number: 128,
        received: 5,
        frame,
    }
}

fn data() -> Packet<Octets> {
    frame(Body::Data {
        direction: Direction::Backward,
        items: vec![
            Item::Copy {
                stamp: stamp(9),
                holders: RingArc::claimed(2, 2),
                content: Some(batch(1)),
            },
            Item::Evidence(Evidence {
                origin: 1,
                up_to: 8,
                known: RingArc::claimed(0, 3),
            }),
        ],
    })
}

/// One of every kind.
fn packets() -> Vec<Packet<Octets>> {
    let participants = vec![id(0), id(1)];
    vec![
        Packet::Hello {
            received: 0,
            asks: true,
        },
        Packet::Acknowledge { received: u64::MAX },
        data(),
        frame(Body::Prepare(Box::new(Prepare {
            ballot: ballot(3),
            participants: participants.clone(),
            base: Some(Arc::new(value())),
            accepted: Some(Accepted {
                ballot: ballot(1),
                value: Arc::new(value()),
            }),
            unstable: BTreeMap::from([(stamp(1), batch(1)), (stamp(2), Content::Synced)]),
            floor: 12,
            loaded: true,
        }))),
        frame(Body::Accept(Box::new(Accept {
            ballot: ballot(3),
            participants,
            base: None,
            value: Arc::new(value()),
        }))),
        frame(Body::Install(Arc::new(value()))),
        frame(Body::Refuse {
            ballot: ballot(1),
            promised: ballot(2),
        }),
        frame(Body::Accuse(vec![id(1)])),
        frame(Body::Join(vec![])),
        frame(Body::Leave),
        frame(Body::Loaded),
        frame(Body::Pull),
        frame(Body::Exclude),
    ]
}

fn words() -> Vec<Word<Octets>> {
    let request = |agreement| {
        Word::Request(Request {
            id: RequestId {
                origin: id(2),
                number: 70_000,
            },
            payload: Octets::from(&b"payload"[..]),
            members: BTreeSet::from([id(0), id(1)]),
            agreement,
            domain: 4,
        })
    };
    let id = RequestId {
        origin: id(1),
        number: 1,
    };
    let results = [
        Ok(Octets::from(&b"done"[..])),
        Err(Failure::Failed),
        Err(Failure::Gone),
    ];
    let results = results.map(|result| Word::Result { id, result });
    let requests = [Agreement::AllOf, Agreement::AnyOf, Agreement::Quorum(2)].map(request);
    requests.into_iter().chain(results).collect()
}

#[test]
fn the_bytes_are_these() {
    let hello = encode_packet(&Packet::Hello {
        received: 300,
        asks: true,
    });
    assert_eq!(hello, [0, 0xac, 2, 1]);
    let acknowledge = encode_packet(&Packet::Acknowledge { received: 1 });
    assert_eq!(acknowledge, [2, 1]);
    let leave = encode_packet(&Packet::Frame {
        number: 1,
        received: 0,
        frame: Arc::new(Frame {
            view: ViewId {
                epoch: 2,
                ballot: Ballot {
                    round: 3,
                    coordinator: MemberId::first(4),
                },
                parent: 5,
            },
            body: Body::Leave,
        }),
    });
    assert_eq!(leave, [1, 1, 0, 2, 3, 4, 0, 5, 7]);
    let result = encode_word(&Word::Result {
        id: RequestId {
            origin: MemberId::first(9),
            number: 1,
        },
        result: Ok(Octets::from(&b"x"[..])),
    });
    assert_eq!(result, [1, 9, 0, 1, 0, 1, b'x']);
}

#[test]
fn what_was_written_is_read() {
    for packet in packets() {
        assert_eq!(decode_packet(&encode_packet(&packet), &LIMITS), Ok(packet));
    }
    for word in words() {
        assert_eq!(decode_word(&encode_word(&word), &LIMITS), Ok(word));
    }
}

#[test]
fn every_truncation_is_malformed() {
    for packet in packets() {
        let bytes = encode_packet(&packet);
        for length in 0..bytes.len() {
            let cut = decode_packet(&bytes[..length], &LIMITS);
            assert!(cut.is_err(), "{packet:?} cut at {length}");
        }
    }
    for word in words() {
        let bytes = encode_word(&word);
        for length in 0..bytes.len() {
            assert!(
                decode_word(&bytes[..length], &LIMITS).is_err(),
                "{word:?} cut at {length}"
            );
        }
    }
}

#[test]
fn bytes_behind_the_end_are_malformed() {
    for packet in packets() {
        let mut bytes = encode_packet(&packet);
        bytes.push(0);
        let fault = decode_packet(&bytes, &LIMITS).unwrap_err().fault;
        assert_eq!(fault, Fault::Trailing, "{packet:?}");
    }
}

#[test]
fn every_bit_flip_is_read_or_refused() {
    for packet in packets() {
        let bytes = encode_packet(&packet);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(read) = decode_packet(&flipped, &LIMITS) {
                assert_eq!(encode_packet(&read), flipped, "one form only");
            }
        }
    }
}

#[test]
fn lists_have_limits() {
    let wide = WireLimits::default();
    let check = |packet: &Packet<Octets>, max: usize| {
        let bytes = encode_packet(packet);
        assert!(decode_packet(&bytes, &wide).is_ok());
        let fault = decode_packet(&bytes, &LIMITS).unwrap_err().fault;
        let found = max as u64 + 1;
        assert_eq!(fault, Fault::TooMany { found, max });
    };
    check(&frame(Body::Accuse(vec![id(0); 4])), 3);
    let evidence = Evidence {
        origin: 1,
        up_to: 8,
        known: RingArc::claimed(0, 3),
    };
    let items = vec![Item::Evidence(evidence); 3];
    check(
        &frame(Body::Data {
            direction: Direction::Forward,
            items,
        }),
        2,
    );
    let copy = Item::Copy {
        stamp: stamp(1),
        holders: RingArc::claimed(0, 1),
        content: Some(batch(3)),
    };
    check(
        &frame(Body::Data {
            direction: Direction::Forward,
            items: vec![copy],
        }),
        2,
    );
    let numbered = Numbered {
        stamp: stamp(3),
        content: Content::Synced,
    };
    let flush = vec![numbered; 3];
    check(
        &frame(Body::Install(Arc::new(Value { flush, ..value() }))),
        2,
    );
}

#[test]
fn a_length_without_bytes_allocates_nothing() {
    // A batch of so many messages, or a message of so many bytes, and then the end.
    let wide = WireLimits {
        batch_messages_max: usize::MAX,
        ..WireLimits::default()
    };
    let word = |length: &[u8]| [&[0, 1, 0, 1][..], length].concat();
    for length in [
        &[0xff, 0xff, 0xff, 0xff, 0x0f][..],
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
    ] {
        let malformed = decode_word(&word(length), &wide).unwrap_err();
        assert_eq!((malformed.what, malformed.fault), ("payload", Fault::Ends));
    }
    let mut data = encode_packet(&frame(Body::Data {
        direction: Direction::Forward,
        items: vec![],
    }));
    data.pop();
    data.extend([1, 0, 1, 0, 1, 1, 1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    let malformed = decode_packet(&data, &wide).unwrap_err();
    assert_eq!((malformed.what, malformed.fault), ("message", Fault::Ends));
}

#[test]
fn numbers_have_one_form_and_sixty_four_bits() {
    let acknowledge = |number: &[u8]| decode_packet(&[&[2][..], number].concat(), &LIMITS);
    let largest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    assert_eq!(
        acknowledge(&largest),
        Ok(Packet::Acknowledge { received: u64::MAX })
    );
    let mut beyond = largest;
    beyond[9] = 2;
    for wrong in [&beyond[..], &[0x80, 0], &[0xff; 11]] {
        assert_eq!(
            acknowledge(wrong).unwrap_err().fault,
            Fault::Number,
            "{wrong:?}"
        );
    }
}

#[test]
fn unstable_messages_rise() {
    let prepare = |clocks: [u64; 2]| {
        let mut bytes = encode_packet(&frame(Body::Prepare(Box::new(Prepare {
            ballot: ballot(3),
            participants: vec![],
            base: None,
            accepted: None,
            unstable: BTreeMap::from([(stamp(1), Content::Synced), (stamp(2), Content::Synced)]),
            floor: 0,
            loaded: false,
        }))));
        // From the end: loaded, floor, and each of the two has clock, origin and content.
        let end = bytes.len();
        bytes[end - 8] = clocks[0] as u8;
        bytes[end - 5] = clocks[1] as u8;
        decode_packet(&bytes, &LIMITS)
            .map(|_| ())
            .map_err(|malformed| malformed.fault)
    };
    assert_eq!(prepare([1, 2]), Ok(()));
    assert_eq!(prepare([1, 1]), Err(Fault::Order));
    assert_eq!(prepare([2, 1]), Err(Fault::Order));
}

#[test]
fn counts_are_bounded_so_that_steps_above_them_never_end() {
    let kinds: [fn(u64) -> Body<Octets>; 4] = [
        |round| Body::Refuse {
            ballot: ballot(1),
            promised: ballot(round),
        },
        |clock| Body::Data {
            direction: Direction::Forward,
            items: vec![Item::Copy {
                stamp: stamp(clock),
                holders: RingArc::single(0),
                content: None,
            }],
        },
        |up_to| Body::Data {
            direction: Direction::Forward,
            items: vec![Item::Evidence(Evidence {
                origin: 0,
                up_to,
                known: RingArc::single(0),
            })],
        },
        |floor| Body::Install(Arc::new(Value { floor, ..value() })),
    ];
    for (number, body) in kinds.into_iter().enumerate() {
        let decoded = |count| decode_packet(&encode_packet(&frame(body(count))), &LIMITS);
        assert!(decoded(COUNT_MAX).is_ok(), "kind {number}");
        let refused = decoded(COUNT_MAX + 1).map(|_| ());
        let fault = refused.expect_err("it is above the limit").fault;
        assert_eq!(fault, Fault::Number, "kind {number}");
    }
}

#[test]
fn a_fault_says_what_and_where() {
    let malformed = decode_packet(&[0, 1, 7], &LIMITS).unwrap_err();
    assert_eq!(malformed.to_string(), "asks at byte 3 has no variant 7");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(packet) = decode_packet(&bytes, &LIMITS) {
            prop_assert_eq!(encode_packet(&packet), bytes.clone());
        }
        if let Ok(word) = decode_word(&bytes, &LIMITS) {
            prop_assert_eq!(encode_word(&word), bytes);
        }
    }
}

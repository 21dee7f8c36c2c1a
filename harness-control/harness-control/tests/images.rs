//! Images of active replicas: what a full member gives, a joiner of the same limits takes.

use harness_control::wire::WireLimits;
use harness_control::{Active, LoadError, Octets, Replication};
use harness_ring::{Agreement, MemberId, Request, RequestId, Word};

use crate::support::Lines;

const A: MemberId = MemberId::first(1);
const B: MemberId = MemberId::first(2);
const C: MemberId = MemberId::first(3);

/// Reads no longer list than these, but for what waits.
const WIRE: WireLimits = WireLimits {
    members_max: 3,
    items_max: 1,
    batch_messages_max: 1,
    flush_max: 1,
};

fn replica(waiting_max: usize) -> Active<Lines> {
    let mut replica = Active::new(Lines::default(), waiting_max, WIRE);
    replica.found(A, &[A, B]);
    replica
}

/// B changes local state, and has not said yet what came of it.
fn request(origin: MemberId, number: u64, members: &[MemberId]) -> Word<Octets> {
    Word::Request(Request {
        id: RequestId { origin, number },
        payload: Octets::from(&b"x"[..]),
        members: members.iter().copied().collect(),
        agreement: Agreement::AllOf,
        domain: 0,
    })
}

fn wire_of(flush_max: usize) -> WireLimits {
    WireLimits { flush_max, ..WIRE }
}

fn load(image: &[u8], waiting_max: usize) -> Result<Vec<u8>, LoadError> {
    let mut joiner = Active::new(Lines::default(), waiting_max, WIRE);
    joiner.load(C, image).map(|()| joiner.image())
}

#[test]
fn as_many_waiting_requests_are_loaded_as_the_limit_says() {
    let mut a = replica(4);
    for number in 1..=4 {
        a.deliver(A, request(A, number, &[B]));
    }
    let image = a.image();
    assert_eq!(load(&image, 4), Ok(image.clone()), "at the limit");
    let mut less = Active::new(Lines::default(), 3, wire_of(4));
    assert_eq!(
        less.load(C, &image),
        Err(LoadError::Waiting(4)),
        "beyond it"
    );
    let mut least = Active::new(Lines::default(), 3, wire_of(3));
    let refused = least.load(C, &image);
    assert!(
        matches!(refused, Err(LoadError::Malformed(_))),
        "beyond any list"
    );
}

#[test]
fn members_that_are_gone_do_not_make_an_image_larger() {
    let mut a = replica(4);
    let mut back = C;
    for _ in 0..100 {
        a.view_change(&[A, B, back]);
        a.deliver(back, request(back, 1, &[]));
        back = back.next_incarnation();
    }
    a.view_change(&[A, B, back]);
    for member in [A, B, back] {
        a.deliver(member, request(member, 1, &[]));
    }
    assert_eq!(load(&a.image(), 4), Ok(a.image()));
}

//! Active/standby replication as a function of the log: replicas without links, told by hand.

use harness_control::wire::WireLimits;
use harness_control::{
    Answer, Effect, Executed, Executor, LoadError, Octets, Replication, RestoreError, Standby,
    StandbyLimits,
};
use harness_ring::{Agreement, Failure, MemberId, Request, RequestId, Word};

const A: MemberId = MemberId::first(1);
const B: MemberId = MemberId::first(2);
const C: MemberId = MemberId::first(3);

/// Sums what it is told; `again…` may be run twice, `wrong…` makes an update that is refused.
#[derive(Default)]
struct Letters(String);

impl Executor for Letters {
    fn kind(&self) -> String {
        "letters".to_owned()
    }

    fn execute(&self, _request: RequestId, payload: &[u8]) -> Executed {
        let text = String::from_utf8_lossy(payload);
        Executed {
            reply: format!("{}+{text}", self.0).into_bytes(),
            update: (!text.starts_with('?')).then(|| payload.to_vec()),
        }
    }

    fn is_idempotent(&self, payload: &[u8]) -> bool {
        payload.starts_with(b"again")
    }

    fn update(&mut self, update: &[u8]) -> Result<(), RestoreError> {
        if update.starts_with(b"wrong") {
            return Err(RestoreError("wrong".to_owned()));
        }
        self.0.push_str(&String::from_utf8_lossy(update));
        Ok(())
    }

    fn view_changed(&mut self, members: &[MemberId]) {
        self.0.push_str(&format!("|{}|", members.len()));
    }

    fn snapshot(&self) -> Vec<u8> {
        self.0.clone().into_bytes()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        self.0 = String::from_utf8_lossy(state).into_owned();
        Ok(())
    }
}

const LIMITS: StandbyLimits = StandbyLimits {
    waiting_max: 3,
    result_bytes_max: 64,
};

fn replica(me: MemberId, members: &[MemberId]) -> Standby<Letters> {
    let mut replica = Standby::new(Letters::default(), LIMITS, WireLimits::default());
    replica.found(me, members);
    replica
}

fn request(origin: MemberId, number: u64, text: &str) -> Word<Octets> {
    Word::Request(Request {
        id: RequestId { origin, number },
        payload: Octets::from(text.as_bytes()),
        members: [].into(),
        agreement: Agreement::AllOf,
        domain: 0,
    })
}

fn effects(replica: &mut Standby<Letters>) -> Vec<Effect> {
    std::iter::from_fn(|| replica.poll_effect()).collect()
}

/// The only thing that a primary wants: to broadcast this.
fn broadcast(replica: &mut Standby<Letters>) -> Word<Octets> {
    match effects(replica).as_slice() {
        [Effect::Broadcast(word)] => word.clone(),
        other => panic!("{other:?}"),
    }
}

fn id(origin: MemberId, number: u64) -> RequestId {
    RequestId { origin, number }
}

#[test]
fn the_primary_runs_one_request_after_the_other() {
    let mut a = replica(A, &[A, B]);
    a.deliver(B, request(B, 1, "x"));
    let first = broadcast(&mut a);
    a.deliver(B, request(B, 2, "y"));
    assert_eq!(effects(&mut a), [], "not before the first is agreed");
    assert_eq!(a.executor().0, "|2|", "nor is it changed before");

    a.deliver(A, first);

    assert_eq!(a.executor().0, "|2|x");
    let second = broadcast(&mut a);
    a.deliver(A, second);
    assert_eq!(a.executor().0, "|2|xy");
}

#[test]
fn a_standby_runs_nothing_and_takes_what_changed() {
    let (mut a, mut b) = (replica(A, &[A, B]), replica(B, &[A, B]));
    let asked = request(B, 1, "x");
    a.deliver(B, asked.clone());
    b.deliver(B, asked);
    assert_eq!(effects(&mut b), []);
    let result = broadcast(&mut a);
    for replica in [&mut a, &mut b] {
        replica.deliver(A, result.clone());
    }
    let answer = Answer {
        done: true,
        reply: b"|2|+x".to_vec(),
        position: 2,
    };
    let request = id(B, 1);
    assert_eq!(effects(&mut b), [Effect::Outcome { request, answer }]);
    assert_eq!(effects(&mut a), [], "its submitter alone is told");
    assert_eq!((a.position(), a.digest()), (b.position(), b.digest()));
    assert_eq!(a.image(), b.image());
}

#[test]
fn what_changes_nothing_is_answered_too() {
    let mut a = replica(A, &[A]);
    a.deliver(A, request(A, 1, "?"));
    let result = broadcast(&mut a);
    a.deliver(A, result);
    assert!(matches!(
        effects(&mut a).as_slice(),
        [Effect::Outcome { answer, .. }] if answer.done
    ));
    assert_eq!(a.executor().0, "|1|");
}

#[test]
fn only_the_first_in_the_queue_is_in_doubt_when_the_primary_is_lost() {
    let mut b = replica(B, &[A, B]);
    b.deliver(B, request(B, 1, "x"));
    b.deliver(B, request(B, 2, "y"));

    b.view_change(&[B]);

    let [interrupted, Effect::Broadcast(result)] = &effects(&mut b)[..] else {
        panic!("two effects")
    };
    assert_eq!(*interrupted, Effect::Interrupted(id(B, 1)));
    b.deliver(B, result.clone());
    assert_eq!(
        b.executor().0,
        "|2|y|1|",
        "the view is behind what was asked before it"
    );
}

#[test]
fn what_may_be_run_twice_is_run_by_the_next_primary() {
    let mut b = replica(B, &[A, B]);
    b.deliver(B, request(B, 1, "again"));
    b.view_change(&[B]);
    let result = broadcast(&mut b);
    b.deliver(B, result);
    assert_eq!(b.executor().0, "|2|again|1|");
}

#[test]
fn a_view_that_keeps_the_primary_interrupts_nothing_and_waits_its_turn() {
    let (mut a, mut b) = (replica(A, &[A, B, C]), replica(B, &[A, B, C]));
    for replica in [&mut a, &mut b] {
        replica.deliver(C, request(C, 1, "x"));
        replica.view_change(&[A, B]);
    }
    let result = broadcast(&mut a);
    assert_eq!(a.executor().0, "|3|");
    for replica in [&mut a, &mut b] {
        replica.deliver(A, result.clone());
        assert_eq!(replica.executor().0, "|3|x|2|");
    }
    assert_eq!(a.image(), b.image());
}

#[test]
fn words_of_others_and_late_ones_do_not_count() {
    let mut b = replica(B, &[A, B]);
    b.deliver(B, request(B, 1, "x"));
    let forged = |number| Word::Result {
        id: id(B, number),
        result: Ok(Octets::from(&b"\x00\x00"[..])),
    };
    b.deliver(B, forged(1));
    assert_eq!(effects(&mut b), [Effect::Ignored(id(B, 1))], "of a standby");
    b.deliver(A, forged(2));
    assert_eq!(
        effects(&mut b),
        [Effect::Ignored(id(B, 2))],
        "of no request"
    );
    b.view_change(&[B]);
    effects(&mut b);
    b.deliver(A, forged(1));
    assert_eq!(
        effects(&mut b),
        [Effect::Ignored(id(B, 1))],
        "of a lost primary"
    );
}

#[test]
fn a_request_that_comes_again_is_not_run_again() {
    let mut a = replica(A, &[A]);
    a.deliver(A, request(A, 1, "x"));
    let result = broadcast(&mut a);
    a.deliver(A, result);
    effects(&mut a);
    a.deliver(A, request(A, 1, "x"));
    assert_eq!(effects(&mut a), [Effect::Ignored(id(A, 1))]);
    assert_eq!(a.executor().0, "|1|x");
}

#[test]
fn as_many_wait_as_may() {
    let mut b = replica(B, &[A, B]);
    for number in 1..=3 {
        b.deliver(B, request(B, number, "x"));
        assert_eq!(effects(&mut b), []);
    }
    b.deliver(B, request(B, 4, "x"));
    assert_eq!(effects(&mut b), [Effect::Ignored(id(B, 4))]);
}

#[test]
fn a_result_beyond_its_limit_is_not_done_and_changes_nothing() {
    // The reply has the state and the request, the update the request: with their lengths.
    let fits = "x".repeat((64 - 3 - 4) / 2);
    for (text, is_done) in [(fits.clone(), true), (format!("{fits}x"), false)] {
        let mut a = replica(A, &[A]);
        a.deliver(A, request(A, 1, &text));
        let result = broadcast(&mut a);
        let failed = Word::Result {
            id: id(A, 1),
            result: Err(Failure::Failed),
        };
        assert_eq!(result != failed, is_done);
        a.deliver(A, result);
        assert!(matches!(
            effects(&mut a).as_slice(),
            [Effect::Outcome { answer, .. }] if answer.done == is_done
        ));
        assert_eq!(a.executor().0.len() > 3, is_done);
    }
}

#[test]
fn an_update_that_is_refused_is_not_done_at_any_member() {
    let (mut a, mut b) = (replica(A, &[A, B]), replica(B, &[A, B]));
    for replica in [&mut a, &mut b] {
        replica.deliver(A, request(A, 1, "wrong"));
    }
    let result = broadcast(&mut a);
    for replica in [&mut a, &mut b] {
        replica.deliver(A, result.clone());
    }
    assert!(matches!(
        effects(&mut a).as_slice(),
        [Effect::Outcome { answer, .. }] if !answer.done
    ));
    assert_eq!(a.image(), b.image());
}

#[test]
fn a_joiner_goes_on_from_an_image_with_what_waits() {
    let mut a = replica(A, &[A, B]);
    a.deliver(B, request(B, 1, "x"));
    a.deliver(B, request(B, 2, "y"));
    a.view_change(&[A, B, C]);
    let image = a.image();

    let mut c = Standby::new(Letters::default(), LIMITS, WireLimits::default());
    c.load(C, &image).unwrap();

    assert_eq!(c.image(), image);
    let result = broadcast(&mut a);
    for replica in [&mut a, &mut c] {
        replica.deliver(A, result.clone());
    }
    assert_eq!(c.executor().0, "|2|x");
    c.view_change(&[C]);
    assert_eq!(effects(&mut c), [Effect::Interrupted(id(B, 2))]);
    assert_eq!(c.executor().0, "|2|x|3||1|");
}

#[test]
fn no_part_of_an_image_is_an_image() {
    let mut a = replica(A, &[A, B]);
    a.deliver(B, request(B, 1, "x"));
    let image = a.image();
    for length in 0..image.len() {
        let mut c = Standby::new(Letters::default(), LIMITS, WireLimits::default());
        assert!(c.load(C, &image[..length]).is_err(), "{length}");
    }
    for bit in 0..image.len() * 8 {
        let mut flipped = image.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let mut c = Standby::new(Letters::default(), LIMITS, WireLimits::default());
        let _ = c.load(C, &flipped);
    }
}

/// One that reads so many views in an image.
fn loading(wire: WireLimits, image: &[u8]) -> Result<Standby<Letters>, LoadError> {
    let mut loading = Standby::new(Letters::default(), LIMITS, wire);
    loading.load(C, image).map(|()| loading)
}

#[test]
fn a_full_queue_is_loaded_with_the_views_in_it() {
    let wire = WireLimits {
        flush_max: 1,
        ..WireLimits::default()
    };
    let mut a = replica(A, &[A, B]);
    for number in 1..=3 {
        a.deliver(B, request(B, number, "x"));
    }
    a.view_change(&[A, B, C]);
    let loaded = loading(wire, &a.image()).expect("three wait, and one view");
    assert_eq!(loaded.image(), a.image());
    a.view_change(&[A, B]);
    let refused = loading(wire, &a.image()).err().expect("one view more");
    assert!(matches!(refused, LoadError::Malformed(_)), "{refused:?}");

    let more = StandbyLimits {
        waiting_max: 4,
        ..LIMITS
    };
    let mut full = Standby::new(Letters::default(), more, wire);
    full.found(A, &[A, B]);
    for number in 1..=4 {
        full.deliver(B, request(B, number, "x"));
    }
    let refused = loading(wire, &full.image()).err();
    assert_eq!(refused, Some(LoadError::Waiting(4)), "one request more");
}

#[test]
fn who_is_out_is_forgotten_and_nothing_of_it_is_run_any_more() {
    let mut a = replica(A, &[A]);
    let mut back = B;
    let empty = a.image().len();
    for _ in 0..100 {
        a.view_change(&[A, back]);
        a.deliver(back, request(back, 1, "?"));
        let result = broadcast(&mut a);
        a.deliver(A, result);
        a.view_change(&[A]);
        a.deliver(back, request(back, 2, "x"));
        assert_eq!(effects(&mut a), [Effect::Ignored(id(back, 2))]);
        back = back.next_incarnation();
    }
    let wire = WireLimits {
        members_max: 1,
        ..WireLimits::default()
    };
    assert!(loading(wire, &a.image()).is_ok());
    let views = a.executor().0.len() - "|1|".len();
    assert!(a.image().len() < empty + views + 16, "nothing is kept");
}

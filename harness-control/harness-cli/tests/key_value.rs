//! The key-value state, told what members tell it.

use std::collections::BTreeMap;

use harness_cli::{KeyValue, Question, Said, Told};
use harness_control::{Change, Machine};
use harness_ring::{MemberId, RequestId};

fn tell(state: &mut KeyValue, origin: u32, told: &Told) -> Said {
    tell_bytes(state, origin, &told.encode())
}

fn tell_bytes(state: &mut KeyValue, origin: u32, payload: &[u8]) -> Said {
    let request = RequestId {
        origin: MemberId::first(origin),
        number: 1,
    };
    let said = state.apply(&Change {
        request,
        payload,
        done: true,
        results: &BTreeMap::new(),
    });
    Said::decode(&said).unwrap()
}

fn ask(state: &KeyValue, question: &Question) -> Said {
    Said::decode(&state.query(&question.encode())).unwrap()
}

fn put(key: &str, value: &str) -> Told {
    let (key, value) = (key.to_owned(), value.to_owned());
    Told::Put { key, value }
}

fn swap(key: &str, from: Option<&str>, value: &str) -> Told {
    Told::Swap {
        key: key.to_owned(),
        from: from.map(str::to_owned),
        value: value.to_owned(),
    }
}

fn value(state: &KeyValue, key: &str) -> Said {
    let key = key.to_owned();
    ask(state, &Question::Get { key })
}

fn lock(state: &mut KeyValue, origin: u32) -> Said {
    let lock = "l".to_owned();
    tell(state, origin, &Told::Lock { lock })
}

fn unlock(state: &mut KeyValue, origin: u32) -> Said {
    let lock = "l".to_owned();
    tell(state, origin, &Told::Unlock { lock })
}

fn owner(state: &KeyValue) -> Said {
    let lock = "l".to_owned();
    ask(state, &Question::Owner { lock })
}

fn owned_by(owner: &str) -> Said {
    Said::Owner(Some(owner.to_owned()))
}

fn is_refused(said: &Said) -> bool {
    matches!(said, Said::Refused(_))
}

#[test]
fn what_was_put_is_there_until_it_is_deleted() {
    let mut state = KeyValue::new();
    assert_eq!(value(&state, "a"), Said::Value(None));
    assert_eq!(tell(&mut state, 0, &put("a", "1")), Said::Done);
    assert_eq!(tell(&mut state, 0, &put("a", "22")), Said::Done);
    assert_eq!(value(&state, "a"), Said::Value(Some("22".to_owned())));
    assert_eq!(
        ask(&state, &Question::Size),
        Said::Size { keys: 1, bytes: 3 }
    );
    let key = "a".to_owned();
    let delete = Told::Delete { key };
    assert_eq!(tell(&mut state, 0, &delete), Said::Done);
    assert!(is_refused(&tell(&mut state, 0, &delete)));
    assert_eq!(
        ask(&state, &Question::Size),
        Said::Size { keys: 0, bytes: 0 }
    );
}

#[test]
fn a_swap_fits_or_is_refused() {
    let mut state = KeyValue::new();
    assert!(is_refused(&tell(&mut state, 0, &swap("a", Some("1"), "2"))));
    assert_eq!(tell(&mut state, 0, &swap("a", None, "1")), Said::Done);
    assert!(is_refused(&tell(&mut state, 0, &swap("a", None, "2"))));
    assert_eq!(tell(&mut state, 0, &swap("a", Some("1"), "2")), Said::Done);
    assert_eq!(value(&state, "a"), Said::Value(Some("2".to_owned())));
}

#[test]
fn keys_and_values_have_limits() {
    let mut state = KeyValue::new();
    let (key, value) = ("k".repeat(1024), "v".repeat(128 << 10));
    assert_eq!(tell(&mut state, 0, &put(&key, &value)), Said::Done);
    let longer = tell(&mut state, 0, &put(&format!("{key}k"), "v"));
    assert_eq!(
        longer,
        Said::Refused("a key of 1025 bytes; the limit is 1024 bytes".to_owned())
    );
    let larger = tell(&mut state, 0, &put("k", &format!("{value}v")));
    assert_eq!(
        larger,
        Said::Refused("a value of 131073 bytes; the limit is 131072 bytes".to_owned())
    );
}

#[test]
fn a_swap_has_the_limits_of_both_values() {
    let mut state = KeyValue::new();
    let (key, value) = ("k".repeat(1024), "v".repeat(128 << 10));
    assert_eq!(tell(&mut state, 0, &put(&key, &value)), Said::Done);
    let fits = swap(&key, Some(&value), &"w".repeat(128 << 10));
    assert_eq!(tell(&mut state, 0, &fits), Said::Done);
    let back = swap(&key, Some(&"w".repeat(128 << 10)), &format!("{value}v"));
    assert_eq!(
        tell(&mut state, 0, &back),
        Said::Refused("a value of 131073 bytes; the limit is 131072 bytes".to_owned())
    );
}

#[test]
fn a_lock_goes_from_owner_to_owner_and_from_the_dead() {
    let mut state = KeyValue::new();
    assert_eq!(lock(&mut state, 2), owned_by("2"));
    assert_eq!(lock(&mut state, 0), owned_by("2"));
    assert_eq!(lock(&mut state, 1), owned_by("2"));
    assert!(is_refused(&lock(&mut state, 0)), "it waits already");
    assert_eq!(unlock(&mut state, 2), Said::Done);
    assert!(is_refused(&unlock(&mut state, 2)), "it has none");
    assert_eq!(owner(&state), owned_by("0"));
    state.view_changed(&[MemberId::first(1), MemberId::first(2)]);
    assert_eq!(owner(&state), owned_by("1"));
    state.view_changed(&[MemberId::first(2)]);
    assert_eq!(owner(&state), Said::Owner(None));
}

#[test]
fn another_replica_goes_on_from_its_bytes() {
    let mut state = KeyValue::new();
    tell(&mut state, 0, &put("a", "1"));
    tell(&mut state, 0, &put("ä", ""));
    lock(&mut state, 2);
    lock(&mut state, 1);
    let mut other = KeyValue::new();
    tell(&mut other, 0, &put("gone", "1"));
    other.restore(&state.snapshot()).unwrap();
    assert_eq!(other.snapshot(), state.snapshot());
    assert_eq!(value(&other, "gone"), Said::Value(None));
    assert_eq!(ask(&other, &Question::Size), ask(&state, &Question::Size));
    assert_eq!(unlock(&mut other, 2), Said::Done);
    assert_eq!(owner(&other), owned_by("1"));
}

#[test]
fn bytes_that_are_no_state_change_nothing() {
    let mut state = KeyValue::new();
    tell(&mut state, 0, &put("a", "1"));
    lock(&mut state, 2);
    let bytes = state.snapshot();
    for length in 0..bytes.len() {
        assert!(state.restore(&bytes[..length]).is_err(), "{length}");
    }
    // The lock's only owner twice.
    let mut twice = bytes.clone();
    let end = twice.len();
    twice[end - 3] = 2;
    twice.extend([2, 0]);
    assert!(state.restore(&twice).is_err());
    assert_eq!(state.snapshot(), bytes);
}

#[test]
fn what_is_no_change_is_refused() {
    let mut state = KeyValue::new();
    let told = put("a", "1").encode();
    for length in 0..told.len() {
        assert!(
            is_refused(&tell_bytes(&mut state, 0, &told[..length])),
            "{length}"
        );
    }
    assert!(is_refused(&tell_bytes(
        &mut state,
        0,
        &[told, vec![0]].concat()
    )));
    assert!(is_refused(&tell_bytes(&mut state, 0, &[99])));
    assert_eq!(
        ask(&state, &Question::Size),
        Said::Size { keys: 0, bytes: 0 }
    );
}

//! The key-value state with a primary: what it sends makes the same of another state, and says the same as a state that
//! every member changes.

use std::collections::BTreeMap;

use harness_cli::{KeyValue, Question, Said, Told};
use harness_control::{Change, Executor, Machine};
use harness_ring::{MemberId, RequestId};

fn by(origin: u32) -> RequestId {
    RequestId {
        origin: MemberId::first(origin),
        number: 1,
    }
}

/// Everything a state can be told, what is refused included.
fn changes() -> Vec<(u32, Told)> {
    let put = |key: &str, value: &str| Told::Put {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let swap = |from: Option<&str>| Told::Swap {
        key: "a".to_owned(),
        from: from.map(str::to_owned),
        value: "swapped".to_owned(),
    };
    let delete = |key: &str| Told::Delete {
        key: key.to_owned(),
    };
    let lock = || Told::Lock {
        lock: "l".to_owned(),
    };
    let unlock = || Told::Unlock {
        lock: "l".to_owned(),
    };
    vec![
        (1, put("a", "1")),
        (1, put(&"k".repeat(1025), "too long")),
        (1, put("big", &"v".repeat((128 << 10) + 1))),
        (2, swap(None)),
        (2, swap(Some("1"))),
        (1, delete("nothing")),
        (1, put("b", "2")),
        (1, delete("b")),
        (
            2,
            Told::Get {
                key: "a".to_owned(),
            },
        ),
        (1, lock()),
        (1, lock()),
        (2, lock()),
        (3, unlock()),
        (1, unlock()),
    ]
}

#[test]
fn a_primary_says_and_changes_what_every_member_would() {
    let mut active = KeyValue::new();
    let mut primary = KeyValue::new();
    let mut standby = KeyValue::new();
    let (mut done, mut refused) = (0, 0);
    for (origin, told) in changes() {
        let payload = told.encode();
        let change = Change {
            request: by(origin),
            payload: &payload,
            done: true,
            results: &BTreeMap::new(),
        };
        let applied = active.apply(&change);

        let executed = primary.execute(by(origin), &payload);

        assert_eq!(executed.reply, applied, "{told:?}");
        if let Some(update) = &executed.update {
            primary.update(update).unwrap();
            standby.update(update).unwrap();
        }
        match Said::decode(&applied).unwrap() {
            Said::Refused(_) => refused += 1,
            _ => done += 1,
        }
        let states = [&primary, &standby].map(Machine::snapshot);
        assert_eq!(
            states,
            [Machine::snapshot(&active), Machine::snapshot(&active)],
            "{told:?}"
        );
    }
    assert_eq!((done, refused), (8, 6));
}

#[test]
fn locks_of_one_that_is_gone_go_on_at_a_standby() {
    let mut standby = KeyValue::new();
    let lock = Told::Lock {
        lock: "l".to_owned(),
    };
    for origin in [1, 2] {
        let executed = standby.execute(by(origin), &lock.encode());
        standby.update(&executed.update.unwrap()).unwrap();
    }
    Executor::view_changed(&mut standby, &[MemberId::first(2)]);
    let question = Question::Owner {
        lock: "l".to_owned(),
    };
    let owner = Said::decode(&Executor::query(&standby, &question.encode())).unwrap();
    assert_eq!(owner, Said::Owner(Some("2".to_owned())));
}

#[test]
fn no_part_of_an_update_is_an_update() {
    let mut standby = KeyValue::new();
    let told = Told::Put {
        key: "a".to_owned(),
        value: "1".to_owned(),
    };
    let update = standby.execute(by(1), &told.encode()).update.unwrap();
    for length in 0..update.len() {
        assert!(standby.update(&update[..length]).is_err(), "{length}");
    }
    let longer = [update.as_slice(), b"x"].concat();
    assert!(standby.update(&longer).is_err());
    assert_eq!(
        Machine::snapshot(&standby),
        Machine::snapshot(&KeyValue::new())
    );
    standby.update(&update).unwrap();
    let nonsense = standby.execute(by(1), b"nonsense");
    assert_eq!(nonsense.update, None);
}

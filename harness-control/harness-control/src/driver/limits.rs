//! Tests of what a member's task keeps: while it waits for the state, and for others.

use std::sync::Arc;

use harness_ring::{
    Agreement, Content, Delivery, MemberId, Request, RequestId, Stamp, ViewId, Word,
};
use rmix::Runtime;

use super::Driver;
use crate::active::Active;
use crate::config::ControlConfig;
use crate::detector::Verdict;
use crate::lifeguard::Lifeguard;
use crate::link::{Carried, Link, Open};
use crate::machine::{Change, Machine, RestoreError};
use crate::shared::{Ends, Shared};
use crate::wire::encode_word;

/// A state that is never looked at.
struct Nothing;

impl Machine for Nothing {
    fn kind(&self) -> String {
        "nothing 1".to_owned()
    }

    fn apply(&mut self, _change: &Change<'_>) -> Vec<u8> {
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

/// A joiner that has no state yet.
fn joiner(early_max: usize) -> (Driver, Ends) {
    let mut config = ControlConfig::new("A", vec!["shm:a".to_owned()]);
    config.join = vec!["shm:b".to_owned()];
    config.control.early_max = early_max;
    driver(config)
}

fn driver(config: ControlConfig) -> (Driver, Ends) {
    let replica = Active::new(Nothing, config.control.waiting_max, config.wire);
    let detector = Lifeguard::new(config.timing);
    let runtime = Runtime::builder().build().expect("it needs no provider");
    let me = MemberId::first(1);
    let (shared, ends): (Arc<Shared>, Ends) = Shared::new(config, runtime, String::new(), me);
    let driver = Driver::new(shared, Box::new(replica), Box::new(detector), me);
    (driver, ends)
}

fn delivered(driver: &mut Driver, count: u64) {
    for clock in 1..=count {
        driver.delivery(Delivery {
            view: ViewId::founding(&[]),
            stamp: Stamp { clock, origin: 0 },
            origin: MemberId::first(2),
            content: Content::Synced,
            flushed: false,
        });
    }
}

#[tokio::test]
async fn as_much_is_kept_until_the_state_comes_as_the_limit_says() {
    let (mut driver, _ends) = joiner(3);
    delivered(&mut driver, 3);
    assert_eq!(driver.early.len(), 3);
    assert_eq!(driver.me, MemberId::first(1), "at the limit it goes on");
    let (mut driver, _ends) = joiner(3);
    delivered(&mut driver, 4);
    assert_eq!(driver.early.len(), 0);
    let next = MemberId::first(1).next_incarnation();
    assert_eq!(driver.me, next, "beyond it, it starts over");
}

#[tokio::test]
async fn a_request_in_the_name_of_another_is_ignored() {
    let (mut driver, _ends) = driver(ControlConfig::new("A", vec!["shm:a".to_owned()]));
    let me = driver.me;
    let mut say = |origin| {
        let word = encode_word(&Word::Request(Request {
            id: RequestId {
                origin: me,
                number: 1,
            },
            payload: [].into(),
            members: [].into(),
            agreement: Agreement::AllOf,
            domain: 0,
        }));
        driver.delivery(Delivery {
            view: ViewId::founding(&[]),
            stamp: Stamp {
                clock: 1,
                origin: 0,
            },
            origin,
            content: Content::Batch([word.into()].into()),
            flushed: false,
        });
        driver.replica.position()
    };
    assert_eq!(say(MemberId::first(2)), 0, "it has no place in the log");
    assert_eq!(say(me), 1);
}

#[tokio::test]
async fn one_heartbeat_waits_for_a_peer_that_takes_nothing() {
    let (mut driver, _ends) = driver(ControlConfig::new("A", vec!["shm:a".to_owned()]));
    let peer = MemberId::first(2);
    let (open, mut given) = Open::new(1, String::new());
    driver.links.insert(peer, Link::by_hand(open));
    for _ in 0..2 {
        for _ in 0..3 {
            driver.verdict(Verdict::Beat(peer));
        }
        assert!(matches!(given.try_next(), Some(Carried::Beat)));
        assert!(given.try_next().is_none(), "one is enough");
    }
}

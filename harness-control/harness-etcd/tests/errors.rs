//! Requests to etcd that fail: what was not sent, what may have been done, and what was done are told apart.

use std::time::Duration;

use harness_conformance::run;
use harness_control::{ControlError, Delivery, Event, SubmitError};

use crate::member::Member;
use crate::relay::Relay;
use crate::support::AtEtcd;

#[test]
fn what_is_written_while_nobody_hears_the_answer_is_written_once() {
    run(async {
        let at = AtEtcd::new();
        let mut a = Member::start(at.config("A")).await;
        let relay = Relay::to(at.etcd.address());
        let mut config = at.config("B");
        config.endpoints = vec![relay.endpoint()];
        config.lease = Duration::from_secs(600);
        let b = Member::start(config).await;
        b.done("before").await;

        relay.swallow_answers();
        let submit = b.submit("in doubt");
        tokio::pin!(submit);
        let seen = a.wait(|event| {
            let Event::Delivered { word, .. } = event else {
                return false;
            };
            word.windows(8).any(|part| part == b"in doubt")
        });
        tokio::select! {
            _ = seen => {}
            early = &mut submit => panic!("nobody could tell it: {early:?}"),
        }
        relay.heal();

        let answer = submit.await.expect("its outcome");
        assert!(answer.done);
        b.done("after").await;
        assert_eq!(b.lines(3).await, ["before", "in doubt", "after"]);
        assert_eq!(a.lines(3).await, ["before", "in doubt", "after"]);
    });
}

#[test]
fn what_is_asked_while_etcd_is_down_is_done_once_when_it_is_back() {
    run(async {
        let mut at = AtEtcd::new();
        let mut config = at.config("A");
        config.lease = Duration::from_secs(600);
        let a = Member::start(config).await;
        a.done("before").await;

        at.etcd.kill();
        while a.status().await.blocked.is_none() {
            tokio::task::yield_now().await;
        }
        let submit = a.submit("meanwhile");
        tokio::pin!(submit);
        tokio::select! {
            biased;
            early = &mut submit => panic!("etcd is down: {early:?}"),
            status = a.status() => assert_eq!(status.waiting, 1),
        }
        at.etcd
            .start_again()
            .unwrap_or_else(|error| panic!("{error}"));

        assert!(submit.await.expect("its outcome").done);
        assert_eq!(a.lines(2).await, ["before", "meanwhile"]);
        while a.status().await.blocked.is_some() {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn a_member_that_ends_without_etcd_does_not_know_what_was_done() {
    run(async {
        let mut at = AtEtcd::new();
        let a = Member::start(at.config("A")).await;
        at.etcd.kill();
        let submit = a.submit("in doubt");
        tokio::pin!(submit);
        tokio::select! {
            biased;
            early = &mut submit => panic!("etcd is down: {early:?}"),
            status = a.status() => assert_eq!(status.waiting, 1),
        }
        a.order.shut_down();
        let unknown = submit.await.expect_err("no outcome");
        assert_eq!(unknown, SubmitError::Unknown);
        assert_eq!(unknown.delivery(), Delivery::MaybeExecuted);
        let refused = a.submit("late").await.expect_err("it has ended");
        assert_eq!(refused.delivery(), Delivery::NotSent);
    });
}

#[test]
fn an_etcd_that_is_not_there_is_named_when_time_is_up() {
    run(async {
        let mut at = AtEtcd::new();
        at.etcd.kill();
        let mut config = at.config("A");
        config.request_within = Duration::from_millis(200);
        config.join_within = Duration::from_secs(1);
        let failed = Member::refused(config, "lines").await;
        let ControlError::NotTaken { last } = failed else {
            panic!("{failed:?}");
        };
        assert!(last.contains("reading a key"), "{last}");
    });
}

#[test]
fn an_address_that_is_none_is_refused_at_once() {
    run(async {
        let at = AtEtcd::new();
        let mut config = at.config("A");
        config.endpoints = vec!["no address at all".to_owned()];
        let refused = Member::refused(config, "lines").await;
        assert!(
            matches!(refused, ControlError::Refused { .. }),
            "{refused:?}"
        );
        assert_eq!(
            Member::start(at.config("A"))
                .await
                .status()
                .await
                .members
                .len(),
            1
        );
    });
}

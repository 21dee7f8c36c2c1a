//! What etcd keeps and forgets: checkpoints, compaction, members that fell behind it, groups that come back.

use std::time::Duration;

use etcd_client::{Client, GetOptions};
use harness_conformance::run;
use harness_control::{ControlError, Event, Membership, Order, Refused};

use crate::member::Member;
use crate::relay::Relay;
use crate::support::AtEtcd;

fn often() -> AtEtcd {
    AtEtcd {
        checkpoint_every: 5,
        ..AtEtcd::new()
    }
}

async fn client(at: &AtEtcd) -> Client {
    Client::connect([at.etcd.endpoint()], None).await.unwrap()
}

async fn write(member: &Member, mark: &str, count: usize) {
    for number in 0..count {
        member.done(&format!("{mark}{number}")).await;
    }
}

/// Waits until so many checkpoints are there.
async fn checkpoints(member: &Member, count: u64) {
    while member.count("checkpoints").await < count {
        tokio::task::yield_now().await;
    }
}

#[test]
fn the_log_does_not_grow_for_ever() {
    run(async {
        let at = often();
        let a = Member::start(at.config("A")).await;
        let mut client = client(&at).await;
        let first = client.get("rmix/ring/kept/checkpoint", None).await.unwrap();
        let founded = first.kvs()[0].mod_revision();

        write(&a, "x", 12).await;
        checkpoints(&a, 1).await;
        write(&a, "y", 12).await;
        checkpoints(&a, 2).await;

        let old = GetOptions::new().with_revision(founded);
        let old = client.get("rmix/ring/kept/checkpoint", Some(old)).await;
        let error = old.expect_err("it is compacted").to_string();
        assert!(error.contains("compacted"), "{error}");
        let keys = GetOptions::new().with_prefix().with_keys_only();
        let parts = client.get("rmix/ring/kept/state/", Some(keys)).await;
        assert_eq!(parts.unwrap().kvs().len(), 1, "of one state");
        let b = Member::start(at.config("B")).await;
        assert_eq!(b.lines(24).await, a.lines(24).await);
        assert_eq!(a.status().await.digest, b.status().await.digest);
    });
}

#[test]
fn a_shared_etcd_is_not_compacted() {
    run(async {
        let at = often();
        let mut config = at.config("A");
        config.compact = false;
        let a = Member::start(config).await;
        write(&a, "x", 12).await;
        checkpoints(&a, 1).await;
        let old = GetOptions::new().with_revision(2);
        let old = client(&at).await.get("rmix", Some(old)).await;
        assert!(old.is_ok(), "{old:?}");
    });
}

#[test]
fn a_member_that_fell_behind_takes_the_state_anew() {
    run(async {
        let at = often();
        let a = Member::start(at.config("A")).await;
        let relay = Relay::to(at.etcd.address());
        let mut config = at.config("B");
        config.endpoints = vec![relay.endpoint()];
        // It is there all the time; only the log is gone.
        config.lease = Duration::from_secs(600);
        let mut b = Member::start(config).await;
        write(&b, "before", 3).await;
        let id = b.status().await.id;

        relay.cut();
        write(&a, "meanwhile", 20).await;
        checkpoints(&a, 3).await;
        relay.heal();

        b.wait(|event| matches!(event, Event::Loaded { position, .. } if *position > 10))
            .await;
        let lines = a.lines(23).await;
        assert_eq!(b.lines(23).await, lines);
        assert!(b.count("compactions missed").await >= 1);
        assert_ne!(b.status().await.id, id, "another incarnation");
        b.done("after").await;
        assert_eq!(a.lines(24).await, b.lines(24).await);
    });
}

#[test]
fn a_member_whose_lease_has_run_out_comes_back_as_another() {
    run(async {
        let at = AtEtcd::new();
        let mut a = Member::start(at.config("A")).await;
        let mut b = Member::start(at.config("B")).await;
        b.done("before").await;
        let id = b.status().await.id;

        revoke(&at, &b).await;

        b.wait(|event| matches!(event, Event::Excluded(_))).await;
        b.wait(|event| matches!(event, Event::Loaded { .. })).await;
        a.wait(|event| matches!(event, Event::View { excluded, .. } if excluded.len() == 1))
            .await;
        a.wait(|event| matches!(event, Event::View { joined, .. } if joined.len() == 1))
            .await;
        assert_ne!(b.status().await.id, id);
        assert_eq!(b.lines(1).await, ["before"]);
        b.order.ready().await.expect("it is in again");
    });
}

/// Takes the lease from a member that lives.
async fn revoke(at: &AtEtcd, member: &Member) {
    let slot = harness_control::slot_of(&member.status().await.name);
    let mut client = client(at).await;
    let key = format!("rmix/ring/log/member/{slot:08x}");
    let found = client.get(key, None).await.unwrap();
    client.lease_revoke(found.kvs()[0].lease()).await.unwrap();
}

#[test]
fn one_that_must_not_come_back_has_ended() {
    run(async {
        let at = AtEtcd::new();
        let _a = Member::start(at.config("A")).await;
        let mut config = at.config("B");
        config.rejoin = false;
        let b = Member::start(config).await;
        revoke(&at, &b).await;
        let ended = b.order.ended().await;
        assert_eq!(ended, harness_control::Ended::Excluded);
    });
}

#[test]
fn a_group_comes_back_with_its_state_after_all_were_gone() {
    run(async {
        let at = often();
        let a = Member::start(at.config("A")).await;
        let b = Member::start(at.config("B")).await;
        write(&a, "a", 6).await;
        write(&b, "b", 3).await;
        drop(a);
        drop(b);

        let mut c = Member::start(at.config("C")).await;

        assert_eq!(c.lines(9).await.len(), 9);
        c.wait(|event| matches!(event, Event::View { members, .. } if members.len() == 1))
            .await;
        c.done("c").await;
        assert_eq!(c.lines(10).await[9], "c");
    });
}

#[test]
fn another_state_is_refused() {
    run(async {
        let at = AtEtcd::new();
        let _a = Member::start(at.config("A")).await;
        let refused = Member::refused(at.config("B"), "other lines").await;
        let ControlError::Refused { refused, .. } = refused else {
            panic!("{refused:?}");
        };
        let Refused::Different(why) = refused else {
            panic!("{refused:?}");
        };
        assert!(why.contains("other lines"), "{why}");
    });
}

#[test]
fn a_name_that_is_in_use_is_waited_for_and_then_given_up() {
    run(async {
        let at = AtEtcd::new();
        let first = Member::start(at.config("A")).await;
        let mut config = at.config("A");
        config.join_within = Duration::from_secs(1);
        let refused = Member::refused(config, "lines").await;
        assert!(
            matches!(refused, ControlError::NotTaken { .. }),
            "{refused:?}"
        );
        assert_eq!(first.status().await.members.len(), 1);
        first.order.leave().await;
        let again = Member::start(at.config("A")).await;
        assert_eq!(again.status().await.members.len(), 1);
    });
}

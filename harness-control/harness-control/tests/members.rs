//! Members in one process over Unix sockets: they agree on a log, join with the state, survive each other's
//! end, and come to the same outcomes.

use harness_control::{Asked, Ended, Event};

use crate::support::{Lines, Member, Place, run};

/// A, B and C in one ring.
async fn three(place: &Place) -> [Member; 3] {
    let mut a = place.member("A", &[]).await;
    let mut b = place.member("B", &["A"]).await;
    let c = place.member("C", &["B"]).await;
    a.wait_for_members(3).await;
    b.wait_for_members(3).await;
    [a, b, c]
}

#[test]
fn three_members_agree_on_a_log() {
    run(async {
        let place = Place::new();
        let members = three(&place).await;
        let words = ["one ", "two ", "three ", "four ", "five ", "six "];
        let submits = words.iter().enumerate().map(|(index, word)| {
            let member = &members[index % 3];
            async move { member.submit(word).await }
        });
        let submits: Vec<_> = submits.collect();
        for submit in submits {
            submit.await;
        }
        let position = members[2].status().await.position;
        let [a, b, c] = &members;
        let (at_a, at_b, at_c) = (
            a.lines(position).await,
            b.lines(position).await,
            c.lines(position).await,
        );
        assert_eq!(at_a, "one two three four five six ");
        assert_eq!((&at_a, &at_a), (&at_b, &at_c));
        let digests = [a.status().await, b.status().await, c.status().await];
        let digests = digests.map(|status| (status.position, status.digest));
        assert_eq!(digests[0], digests[1]);
        assert_eq!(digests[0], digests[2]);
    });
}

#[test]
fn the_reply_is_the_machines_own() {
    run(async {
        let place = Place::new();
        let alone = place.member("A", &[]).await;
        assert_eq!(alone.submit("x").await, "1 0");
        assert_eq!(alone.submit("y").await, "2 0");
    });
}

#[test]
fn a_joiner_has_what_was_there_before_it() {
    run(async {
        let place = Place::new();
        let a = place.member("A", &[]).await;
        for number in 0..50 {
            a.submit(&format!("{number}.")).await;
        }
        let mut b = place.member("B", &["A"]).await;
        b.wait(|event| matches!(event, Event::Loaded { .. })).await;
        a.submit("last").await;
        let position = a.status().await.position;
        assert_eq!(a.lines(position).await, b.lines(position).await);
        assert_eq!(a.status().await.digest, b.status().await.digest);
    });
}

#[test]
fn the_others_go_on_when_one_is_gone() {
    run(async {
        let place = Place::new();
        let [mut a, b, mut c] = three(&place).await;
        b.submit("before ").await;

        drop(b);

        a.wait(|event| matches!(event, Event::View { excluded, .. } if excluded.len() == 1))
            .await;
        c.wait_for_members(2).await;
        c.submit("after ").await;
        let position = c.status().await.position;
        assert_eq!(a.lines(position).await, "before after ");
        assert_eq!(c.lines(position).await, "before after ");
    });
}

#[test]
fn one_that_is_started_again_is_a_new_member_with_the_state() {
    run(async {
        let place = Place::new();
        let [mut a, b, c] = three(&place).await;
        b.submit("before ").await;
        drop(b);
        a.wait_for_members(2).await;
        c.submit("between ").await;

        let b = place.member("B", &["A", "C"]).await;

        b.submit("after ").await;
        let position = b.status().await.position;
        assert_eq!(a.lines(position).await, "before between after ");
        assert_eq!(b.lines(position).await, "before between after ");
    });
}

#[test]
fn all_know_the_name_of_a_joiner_that_one_of_them_takes_in() {
    run(async {
        let place = Place::new();
        let members = three(&place).await;
        let _d = place.member("D", &["C"]).await;
        for mut member in members {
            let view = member
                .wait(|event| matches!(event, Event::View { members, .. } if members.len() == 4));
            let Event::View { joined, .. } = view.await else {
                panic!("it is a view");
            };
            let names: Vec<_> = joined.iter().map(|(_, name)| name.as_str()).collect();
            assert_eq!(names, ["D"], "at {}", member.status().await.name);
        }
    });
}

#[test]
fn one_that_leaves_has_left_and_the_others_go_on() {
    run(async {
        let place = Place::new();
        let [mut a, b, c] = three(&place).await;
        b.submit("before ").await;

        assert_eq!(b.control.leave().await, Ended::Left);

        a.wait(|event| matches!(event, Event::View { left, .. } if left.len() == 1))
            .await;
        c.submit("after ").await;
        let position = c.status().await.position;
        assert_eq!(a.lines(position).await, "before after ");
    });
}

#[test]
fn a_view_is_not_forced_where_nothing_is_blocked() {
    run(async {
        let place = Place::new();
        let [a, _b, _c] = three(&place).await;
        let refused = a.control.force_view().await;
        let Err(harness_control::Refused::NotNow(why)) = refused else {
            panic!("{refused:?}");
        };
        assert!(why.contains("not blocked"), "{why}");
    });
}

#[test]
fn the_last_one_may_leave_too() {
    run(async {
        let place = Place::new();
        let alone = place.member("A", &[]).await;
        assert_eq!(alone.control.leave().await, Ended::Left);
        let refused = alone.control.submit(b"x".to_vec()).await;
        assert_eq!(refused, Err(harness_control::SubmitError::NotMember));
    });
}

fn asked(payload: &str, performers: &[&str], quorum: Option<u32>) -> Asked {
    Asked {
        payload: payload.as_bytes().to_vec(),
        performers: performers.iter().map(|name| (*name).to_owned()).collect(),
        quorum,
        domain: 0,
    }
}

#[test]
fn local_changes_are_made_where_asked_and_undone_when_not_all_succeed() {
    run(async {
        let place = Place::new();
        let a = place.member("A", &[]).await;
        let stubborn = Lines {
            refuses: Some(b"hard".to_vec()),
            ..Lines::default()
        };
        let b = Member::start(place.config("B", &["A"]), stubborn).await;

        let easy = a.control.submit_to(asked("easy", &["A", "B"], None)).await;
        let hard = a.control.submit_to(asked("hard", &["A", "B"], None)).await;
        let one_of = a
            .control
            .submit_to(asked("hard", &["A", "B"], Some(1)))
            .await;

        let easy = easy.unwrap();
        assert_eq!((easy.done, easy.reply.as_slice()), (true, &b"1 2"[..]));
        let hard = hard.unwrap();
        assert_eq!((hard.done, hard.reply.as_slice()), (false, &b"1 1"[..]));
        let one_of = one_of.unwrap();
        assert_eq!((one_of.done, one_of.reply.as_slice()), (true, &b"2 1"[..]));
        let undone = a.control.query(b"undone".to_vec()).await;
        assert_eq!(undone.as_deref(), Some(&b"1"[..]), "where it succeeded");
        let undone = b.control.query(b"undone".to_vec()).await;
        assert_eq!(undone.as_deref(), Some(&b"0"[..]), "where it failed");
    });
}

#[test]
fn the_result_of_one_that_is_gone_is_settled_by_the_view_change() {
    run(async {
        let place = Place::new();
        let [a, b, c] = three(&place).await;
        let name = b.status().await.name;
        drop(b);
        let answer = a.control.submit_to(asked("x", &[&name, "C"], None)).await;
        let answer = answer.unwrap();
        assert_eq!((answer.done, answer.reply.as_slice()), (false, &b"0 1"[..]));
        drop(c);
    });
}

#[test]
fn others_are_told_what_is_advertised() {
    run(async {
        let place = Place::new();
        let mut config = place.config("A", &[]);
        let real = place.endpoint("A");
        config.advertise = vec!["msgpack+unix:/nowhere/A".to_owned(), real.clone()];
        let mut a = Member::start(config, Lines::default()).await;
        let b = place.member("B", &["A"]).await;
        a.wait_for_members(2).await;
        let status = b.status().await;
        let told = status.members.iter().find(|member| member.name == "A");
        let told = told.map(|member| member.endpoints.clone());
        assert_eq!(told, Some(vec!["msgpack+unix:/nowhere/A".to_owned(), real]));
        assert_eq!(
            b.submit("x").await,
            "1 0",
            "the second is the one that is there"
        );
    });
}

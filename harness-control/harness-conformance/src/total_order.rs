//! One order of words and views at all members, whatever happens to any of them.

use std::collections::BTreeSet;

use harness_control::{ControlLimits, Ended, Membership, Order, SubmitError};

use crate::fixture::Fixture;
use crate::group::{Group, Seat};
use crate::journal::What;
use crate::together::together;

const THREE: [&str; 3] = ["A", "B", "C"];

/// Submits so many from each member, all under way at once; the texts.
async fn submit_from_all<F: Fixture>(group: &Group<F>, mark: &str, each: usize) -> Vec<String> {
    let all = group.all();
    let texts: Vec<_> = (0..each * all.len())
        .map(|number| format!("{mark}-{number}"))
        .collect();
    let seats = all.iter().cycle();
    together(
        texts
            .iter()
            .zip(seats)
            .map(|(text, seat)| seat.submit(text)),
    )
    .await;
    texts
}

/// So many from one member, all under way at once.
async fn submit_from<O: Order + Membership>(seat: &Seat<O>, mark: &str, count: usize) {
    let texts: Vec<_> = (0..count)
        .map(|number| format!("{mark}-{number}"))
        .collect();
    together(texts.iter().map(|text| seat.submit(text))).await;
}

fn count(state: &str, mark: &str) -> usize {
    state.lines().filter(|line| line.starts_with(mark)).count()
}

/// Words from all members at once stand in all logs in one order.
pub async fn all_members_have_one_log<F: Fixture>(fixture: F) {
    let mut group = Group::active(fixture, &THREE).await;
    let texts = submit_from_all(&group, "w", 20).await;
    let log = group.have_one_log().await;
    assert_eq!(log.words().count(), texts.len());
    let state = group.state().await;
    let lines: BTreeSet<_> = state.lines().map(str::to_owned).collect();
    assert_eq!(lines, texts.into_iter().collect());
}

/// A view stands between the same words at all members, joins and ends alike.
pub async fn views_have_their_place_in_the_log<F: Fixture>(fixture: F) {
    let mut group = Group::active(fixture, &THREE).await;
    submit_from_all(&group, "three", 5).await;
    group.start("D").await;
    submit_from_all(&group, "four", 5).await;
    group.crash("B").await;
    submit_from_all(&group, "again-three", 5).await;

    let log = group.have_one_log().await;

    let of = |entry: &crate::journal::Entry| match &entry.what {
        What::View(members) => Some(members.len()),
        What::Word(..) => None,
    };
    let sizes: Vec<_> = log.entries.iter().filter_map(of).collect();
    assert!(sizes.ends_with(&[4, 3]), "{sizes:?}");
    let mut runs = log.entries.split(|entry| of(entry).is_some());
    let last = runs.next_back().map(<[_]>::len);
    assert_eq!(last, Some(15), "words of the last view");
}

/// Each submitter gets its own reply, in the order that it asked.
pub async fn every_request_has_one_outcome<F: Fixture>(fixture: F) {
    let mut group = Group::active(fixture, &["A", "B"]).await;
    let mut expected = Vec::new();
    for number in 1..=6 {
        let name = if number % 2 == 0 { "A" } else { "B" };
        let reply = group.seat(name).submit(&format!("r{number}")).await;
        assert_eq!(reply, format!("{number} 0"));
        expected.push(format!("r{number}"));
    }
    assert_eq!(group.state().await, expected.join("\n"));
}

/// What had its outcome is there after its submitter is gone, and what others submit meanwhile is done.
pub async fn nothing_is_lost_with_a_member<F: Fixture>(fixture: F) {
    let mut group = Group::active(fixture, &THREE).await;
    submit_from(group.seat("B"), "before", 10).await;
    group.drop_seat("B").await;
    // The others may not know yet.
    submit_from(group.seat("A"), "meanwhile", 10).await;
    group.wait_for_view_of_all().await;
    submit_from(group.seat("C"), "after", 10).await;

    let state = group.state().await;

    for mark in ["before", "meanwhile", "after"] {
        assert_eq!(count(&state, mark), 10, "{mark} in {state}");
    }
}

/// The same name again is another incarnation, and goes on from the state as it is.
pub async fn a_member_that_is_started_again_has_the_state<F: Fixture>(fixture: F) {
    let mut group = Group::active(fixture, &THREE).await;
    let before = group.seat("B").status().await.id;
    group.seat("B").submit("before").await;
    group.crash("B").await;
    group.seat("C").submit("between").await;

    group.start("B").await;

    group.wait_for_view_of_all().await;
    group.seat("B").submit("after").await;
    assert_ne!(group.seat("B").status().await.id, before);
    assert_eq!(group.state().await, "before\nbetween\nafter");
}

/// A joiner's log begins with the state at its place, and misses nothing after it.
pub async fn a_joiner_under_load_has_the_state<F: Fixture>(fixture: F) {
    let mut group = Group::active(fixture, &["A", "B"]).await;
    for round in 0..3 {
        submit_from_all(&group, &format!("load{round}"), 10).await;
    }
    group.start("C").await;
    submit_from_all(&group, "after", 10).await;
    group.wait_for_view_of_all().await;

    let state = group.state().await;

    assert_eq!(count(&state, "load"), 60);
    assert_eq!(count(&state, "after"), 30);
    let status = group.seat("C").status().await;
    assert_eq!(status.digest, group.seat("A").status().await.digest);
}

/// A leaver is told that it has left, and the others see it as one that left and not as one that was left out.
pub async fn one_that_leaves_has_left<F: Fixture>(fixture: F) {
    let mut group = Group::active(fixture, &THREE).await;
    group.seat("B").submit("before").await;

    assert_eq!(group.leave("B").await, Ended::Left);

    group.have_one_log().await;
    assert_eq!(group.seat("A").lost().left, 1);
    assert_eq!(group.seat("A").lost().excluded, 0);
    group.seat("C").submit("after").await;
    assert_eq!(group.state().await, "before\nafter");
    group.drop_seat("C").await;
    group.wait_for_view_of_all().await;
    group.have_one_log().await;
    assert_eq!(group.seat("A").lost().excluded, 1);
}

/// With members coming and going, every word is in the log once.
pub async fn nothing_is_delivered_twice<F: Fixture>(fixture: F) {
    let mut group = Group::active(fixture, &THREE).await;
    let mut texts = submit_from_all(&group, "a", 10).await;
    group.crash("A").await;
    texts.extend(submit_from_all(&group, "b", 10).await);
    group.start("A").await;
    texts.extend(submit_from_all(&group, "c", 10).await);

    let log = group.have_one_log().await;

    let words: BTreeSet<_> = log.words().collect();
    assert_eq!(words.len(), log.words().count(), "no word twice");
    let state = group.state().await;
    assert_eq!(state.lines().count(), texts.len());
    let lines: BTreeSet<_> = state.lines().map(str::to_owned).collect();
    assert_eq!(lines, texts.into_iter().collect());
}

/// After its end a member takes no request, and says that nothing was done.
pub async fn a_member_that_has_ended_takes_nothing<F: Fixture>(fixture: F) {
    let group = Group::active(fixture, &["A"]).await;
    let [seat] = group.all() else {
        panic!("one was started")
    };
    assert_eq!(seat.order().leave().await, Ended::Left);
    assert_eq!(seat.order().ended().await, Ended::Left);
    let refused = seat.try_submit("late").await;
    assert_eq!(refused, Err(SubmitError::NotMember));
}

/// Requests that name performers are done when enough of them succeed.
pub async fn local_changes_are_made_where_asked<F: Fixture>(fixture: F) {
    let mut group = Group::active(fixture, &["A", "B"]).await;
    let a = group.seat("A");
    let easy = a.ask("easy", &["A", "B"], None).await.expect("an outcome");
    let hard = a.ask("hard", &["A", "B"], None).await.expect("an outcome");
    let nobody = a.ask("x", &["nobody"], None).await;

    assert_eq!((easy.done, easy.reply.as_slice()), (true, &b"1 2"[..]));
    assert_eq!((hard.done, hard.reply.as_slice()), (false, &b"1 0"[..]));
    assert_eq!(nobody, Err(SubmitError::NoSuchMember("nobody".to_owned())));
    assert_eq!(group.state().await, "easy");
}

/// The view without a performer is its result.
pub async fn a_performer_that_is_lost_is_settled_by_the_view<F: Fixture>(fixture: F) {
    let mut group = Group::active(fixture, &THREE).await;
    group.drop_seat("B").await;
    let answer = group.seat("A").ask("x", &["B", "C"], None).await;
    let answer = answer.expect("an outcome");
    assert_eq!((answer.done, answer.reply.as_slice()), (false, &b"0 1"[..]));
}

/// The limit of a request's bytes: at it, and one beyond.
pub async fn what_is_too_large_is_refused<F: Fixture>(fixture: F) {
    let mut group = Group::active(fixture, &["A", "B"]).await;
    let max = ControlLimits::default().payload_bytes_max;
    let refused = group.seat("B").try_submit(&"x".repeat(max + 1)).await;
    let bytes = max + 1;
    assert_eq!(refused, Err(SubmitError::TooLarge { bytes, max }));
    assert_eq!(group.seat("B").submit(&"y".repeat(max)).await, "1 0");
    assert_eq!(group.state().await.len(), max);
}

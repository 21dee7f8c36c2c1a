//! Active/standby replication: one member runs the requests, and another goes on when it is gone.

use harness_control::SubmitError;

use crate::fixture::Fixture;
use crate::group::Group;
use crate::together::together;

const THREE: [&str; 3] = ["A", "B", "C"];

/// Whoever is asked, the first member runs it, once; all have what it changed.
pub async fn the_primary_alone_runs_requests<F: Fixture>(fixture: F) {
    let (mut group, deeds) = Group::standby(fixture, &THREE).await;
    let mut expected = Vec::new();
    for (number, name) in ["A", "B", "C", "B"].iter().enumerate() {
        let reply = group.seat(name).submit(&format!("r{number}")).await;
        assert_eq!(reply, format!("{}: r{number} by A", number + 1));
        assert_eq!(deeds.doers(&format!("r{number}")), ["A"]);
        expected.push(format!("r{number} by A"));
    }
    let texts: Vec<_> = (0..20).map(|number| format!("at-once-{number}")).collect();
    let seats = group.all().iter().cycle();
    together(
        texts
            .iter()
            .zip(seats)
            .map(|(text, seat)| seat.submit(text)),
    )
    .await;

    let state = group.state().await;

    assert!(state.starts_with(&expected.join("\n")), "{state}");
    assert_eq!(state.lines().count(), 24);
    for text in &texts {
        assert_eq!(deeds.doers(text), ["A"], "{text}");
    }
}

/// The next in the view takes over, with every change that was agreed.
pub async fn the_next_primary_goes_on_from_what_was_agreed<F: Fixture>(fixture: F) {
    let (mut group, deeds) = Group::standby(fixture, &THREE).await;
    group.seat("C").submit("one").await;
    group.crash("A").await;
    let reply = group.seat("C").submit("two").await;
    assert_eq!(reply, "2: two by B");
    group.crash("B").await;
    let reply = group.seat("C").submit("three").await;
    assert_eq!(reply, "3: three by C");
    assert_eq!(group.state().await, "one by A\ntwo by B\nthree by C");
    assert_eq!(deeds.doers("one"), ["A"]);
}

/// What the lost primary had begun may have been done: its submitter is told so, nobody runs it again, and what stood
/// behind it is run.
pub async fn a_request_in_doubt_is_told_so_and_not_repeated<F: Fixture>(fixture: F) {
    let (mut group, deeds) = Group::standby(fixture, &THREE).await;
    group.seat("B").submit("before").await;

    let (in_doubt, behind) = die(&mut group, "die").await;

    assert_eq!(in_doubt, Err(SubmitError::Interrupted));
    assert_eq!(
        in_doubt.map_err(|error| error.delivery()),
        Err(harness_control::Delivery::MaybeExecuted)
    );
    assert_eq!(behind, "2: behind by B");
    assert_eq!(group.state().await, "before by A\nbehind by B");
    assert_eq!(deeds.doers("die"), ["A"]);
}

/// The next primary runs it when the state says that it does no harm.
pub async fn an_idempotent_request_is_run_again<F: Fixture>(fixture: F) {
    let (mut group, deeds) = Group::standby(fixture, &THREE).await;

    let (in_doubt, behind) = die(&mut group, "die again").await;

    let reply = in_doubt.map(|reply| String::from_utf8_lossy(&reply).into_owned());
    assert_eq!(reply, Ok("1: die again by B".to_owned()));
    assert_eq!(behind, "2: behind by B");
    assert_eq!(group.state().await, "die again by B\nbehind by B");
    assert_eq!(deeds.doers("die again"), ["A", "B"]);
}

/// Has C submit what ends A in the middle, and another request behind it.
async fn die<F: Fixture>(
    group: &mut Group<F>,
    text: &str,
) -> (Result<Vec<u8>, SubmitError>, String) {
    // Its task is gone when it has panicked; its process is, when it is dropped.
    let a = group.take("A");
    let deaths = async {
        a.wait_until_dead().await;
        drop(a);
    };
    let c = group.seat("C");
    let submits = async {
        let in_doubt = async { c.try_submit(text).await.map(|answer| answer.reply) };
        let behind = async { Ok(c.submit("behind").await.into_bytes()) };
        let in_doubt: std::pin::Pin<Box<dyn Future<Output = _>>> = Box::pin(in_doubt);
        together([in_doubt, Box::pin(behind)]).await
    };
    let (mut outcomes, ()) = tokio::join!(submits, deaths);
    let behind = outcomes.pop().expect("two were submitted");
    let behind = behind.expect("a reply");
    let in_doubt = outcomes.pop().expect("two were submitted");
    group.wait_for_view_of_all().await;
    (in_doubt, String::from_utf8(behind).expect("text"))
}

/// One that came later has what is needed to go on.
pub async fn a_joiner_may_become_primary<F: Fixture>(fixture: F) {
    let (mut group, _) = Group::standby(fixture, &["A"]).await;
    group.seat("A").submit("one").await;
    group.start("B").await;
    group.wait_for_view_of_all().await;
    group.seat("A").submit("two").await;
    group.crash("A").await;
    assert_eq!(group.seat("B").submit("three").await, "3: three by B");
    group.start("A").await;
    group.wait_for_view_of_all().await;
    assert_eq!(group.seat("A").submit("four").await, "4: four by B");
    assert_eq!(
        group.state().await,
        "one by A\ntwo by A\nthree by B\nfour by B"
    );
}

/// Who runs what is not the submitter's choice.
pub async fn requests_to_the_primary_name_no_members<F: Fixture>(fixture: F) {
    let (mut group, deeds) = Group::standby(fixture, &["A", "B"]).await;
    let refused = group.seat("A").ask("x", &["B"], None).await;
    assert!(
        matches!(refused, Err(SubmitError::Unsupported(_))),
        "{refused:?}"
    );
    assert_eq!(deeds.doers("x"), [""; 0]);
}

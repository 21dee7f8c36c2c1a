//! The failure detector: what silence, refusals and others' answers lead to, and what slowness of one's own
//! does not.

use std::collections::BTreeSet;
use std::time::Duration;

use harness_control::{Detector, Lifeguard, Timing, Verdict};
use harness_ring::MemberId;

const BEAT: Duration = Duration::from_millis(200);

fn id(slot: u32) -> MemberId {
    MemberId::first(slot)
}

fn at(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn watching(others: &[u32]) -> Lifeguard {
    let mut detector = Lifeguard::new(Timing::default());
    let others: BTreeSet<_> = others.iter().map(|slot| id(*slot)).collect();
    detector.watch(&others, at(0));
    detector
}

/// Ticks in time until `until`, while these are heard; returns all but heartbeats.
fn run(detector: &mut Lifeguard, from: u64, until: u64, heard: &[u32]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for time in (from..=until).step_by(200) {
        for slot in heard {
            detector.heard(id(*slot), at(time));
        }
        detector.tick(at(time));
        verdicts.extend(judged(detector));
    }
    verdicts
}

fn judged(detector: &mut Lifeguard) -> Vec<Verdict> {
    let all = std::iter::from_fn(|| detector.poll_verdict());
    all.filter(|verdict| !matches!(verdict, Verdict::Beat(_)))
        .collect()
}

fn probe(about: u32, helpers: &[u32]) -> Verdict {
    Verdict::Probe {
        about: id(about),
        helpers: helpers.iter().map(|slot| id(*slot)).collect(),
    }
}

#[test]
fn everyone_is_told_that_we_live() {
    let mut detector = watching(&[1, 2]);
    detector.tick(at(0));
    let beats: Vec<_> = std::iter::from_fn(|| detector.poll_verdict()).collect();
    assert_eq!(beats, [Verdict::Beat(id(1)), Verdict::Beat(id(2))]);
    assert_eq!(detector.next_wake(), Some(BEAT));
}

#[test]
fn who_is_heard_is_left_alone() {
    let mut detector = watching(&[1, 2]);
    assert_eq!(run(&mut detector, 0, 20_000, &[1, 2]), []);
}

#[test]
fn others_are_asked_about_who_is_silent() {
    let mut detector = watching(&[1, 2, 3]);
    let verdicts = run(&mut detector, 0, 1_200, &[2, 3]);
    assert_eq!(verdicts, [probe(1, &[3, 2])]);
}

#[test]
fn who_nobody_reaches_is_suspected() {
    let mut detector = watching(&[1, 2, 3]);
    run(&mut detector, 0, 1_200, &[2, 3]);
    detector.answered(id(1), Some(false), at(1_210));
    assert_eq!(judged(&mut detector), [], "another may still reach it");
    detector.answered(id(1), None, at(1_220));
    assert_eq!(judged(&mut detector), [Verdict::Suspect(id(1))]);
}

#[test]
fn without_answers_in_time_it_is_suspected() {
    let mut detector = watching(&[1, 2, 3]);
    run(&mut detector, 0, 1_200, &[2, 3]);
    let verdicts = run(&mut detector, 1_400, 1_800, &[2, 3]);
    assert_eq!(verdicts, [Verdict::Suspect(id(1))]);
}

#[test]
fn without_anyone_to_ask_silence_decides() {
    let mut detector = watching(&[1]);
    assert_eq!(run(&mut detector, 0, 1_200, &[]), [Verdict::Suspect(id(1))]);
}

#[test]
fn who_is_reached_by_another_is_not_suspected() {
    let mut detector = watching(&[1, 2]);
    run(&mut detector, 0, 1_200, &[2]);
    detector.answered(id(1), Some(true), at(1_250));
    assert_eq!(detector.slowness(), 1, "perhaps the fault is here");
    assert_eq!(run(&mut detector, 1_400, 2_200, &[2]), []);
}

#[test]
fn a_link_that_is_gone_for_good_is_given_up_at_last() {
    let mut detector = watching(&[1, 2]);
    let mut suspected = 0;
    for time in (0..60_000).step_by(200) {
        let verdicts = run(&mut detector, time, time, &[2]);
        if verdicts.contains(&probe(1, &[2])) {
            detector.answered(id(1), Some(true), at(time));
        }
        let verdicts = judged(&mut detector);
        suspected += verdicts
            .iter()
            .filter(|verdict| matches!(verdict, Verdict::Suspect(_)))
            .count();
    }
    assert_eq!(suspected, 1);
}

#[test]
fn others_may_vouch_as_often_as_the_limit_says() {
    for vouched_max in [0, 1, 10] {
        let mut detector = Lifeguard::new(Timing {
            vouched_max,
            ..Timing::default()
        });
        detector.watch(&BTreeSet::from([id(1), id(2)]), at(0));
        let mut vouch = |time| {
            detector.unreachable(id(1), at(time));
            assert_eq!(judged(&mut detector), [probe(1, &[2])]);
            detector.answered(id(1), Some(true), at(time));
            judged(&mut detector)
        };
        for time in 1..=vouched_max {
            assert_eq!(vouch(time.into()), [], "{time} of {vouched_max}");
        }
        let beyond = vouch(u64::from(vouched_max) + 1);
        assert_eq!(beyond, [Verdict::Suspect(id(1))], "{vouched_max}");
    }
}

#[test]
fn a_refused_connection_is_asked_about_at_once() {
    let mut detector = watching(&[1, 2]);
    run(&mut detector, 0, 200, &[1, 2]);
    detector.unreachable(id(1), at(250));
    assert_eq!(judged(&mut detector), [probe(1, &[2])]);
    detector.unreachable(id(1), at(260));
    assert_eq!(judged(&mut detector), [], "asked once");
    detector.answered(id(1), Some(false), at(270));
    assert_eq!(judged(&mut detector), [Verdict::Suspect(id(1))]);
}

#[test]
fn who_is_heard_again_is_taken_back() {
    let mut detector = watching(&[1]);
    run(&mut detector, 0, 1_200, &[]);
    detector.heard(id(1), at(1_300));
    assert_eq!(judged(&mut detector), [Verdict::Retract(id(1))]);
    detector.heard(id(1), at(1_301));
    assert_eq!(judged(&mut detector), [], "once");
}

#[test]
fn who_was_held_up_itself_accuses_nobody() {
    let mut detector = watching(&[1, 2]);
    run(&mut detector, 0, 1_000, &[1, 2]);
    // Stopped for a minute: nobody was heard, because nobody listened.
    detector.tick(at(61_000));
    assert_eq!(judged(&mut detector), []);
    assert_eq!(detector.slowness(), 1);
    assert_eq!(run(&mut detector, 61_200, 61_800, &[]), []);
}

#[test]
fn who_is_slow_gives_others_more_time() {
    let mut detector = watching(&[1]);
    run(&mut detector, 0, 1_000, &[1]);
    for late in 1..=4_u64 {
        detector.tick(at(1_000 + late * 1_000));
    }
    assert_eq!(detector.slowness(), 4);
    judged(&mut detector);
    let quiet = run(&mut detector, 5_200, 6_000, &[]);
    assert_eq!(quiet, [], "a second is not enough now");
}

#[test]
fn times_grow_with_the_ring() {
    let many: Vec<u32> = (1..=64).collect();
    let mut detector = watching(&many);
    detector.tick(at(0));
    assert_eq!(detector.next_wake(), Some(BEAT * 8));
}

#[test]
fn nobody_is_judged_who_is_not_watched() {
    let mut detector = watching(&[1]);
    detector.heard(id(9), at(5));
    detector.unreachable(id(9), at(5));
    detector.answered(id(9), Some(false), at(5));
    assert_eq!(judged(&mut detector), []);
    detector.watch(&BTreeSet::new(), at(10));
    assert_eq!(detector.next_wake(), None);
}

//! Members that are killed with signal 9, stopped, or restarted, while others write.

use rustix::process::Signal;

use super::cluster::{Cluster, Process, Writer};
use super::logs::compare;

/// Every outcome that a writer got is in the state of a member that is left.
pub(super) fn check_kept(cluster: &Cluster, at: &str, writers: Vec<Writer>) -> u64 {
    let counts = writers
        .into_iter()
        .map(|writer| (writer.prefix, writer.finish()));
    let counts: Vec<_> = counts.collect();
    let console = cluster.console(at);
    let position = console.put("last", "value").expect("it goes on");
    for (prefix, count) in counts {
        assert!(count > 0, "{prefix} wrote nothing");
        for number in 0..count {
            let key = format!("{prefix}-{number}");
            assert!(console.has(&key), "{key} had an outcome and is lost");
        }
    }
    position
}

/// Kills one of three while these write, and compares what all have seen.
fn check_killed(mode: &'static str, victim: usize, writing: &[(&str, &'static str)]) {
    let cluster = Cluster::new("quorum", mode);
    let mut members: Vec<Process> = cluster.three().into();
    let writers: Vec<_> = writing
        .iter()
        .map(|(by, prefix)| cluster.writer(by, prefix))
        .collect();
    writers.iter().for_each(|writer| writer.wait_for(50));

    members[victim].kill();

    let dead = members.remove(victim);
    for member in &mut members {
        member.wait_for_view(2);
    }
    for writer in &writers {
        // The victim's own writer ends with it.
        if !dead.name.starts_with(writer.prefix) {
            writer.wait_for(50);
        }
    }
    let at = members[0].name.clone();
    let position = check_kept(&cluster, &at, writers);
    let compared = compare(members, vec![dead], position);
    assert!(compared > 100, "{compared}");
}

#[test]
fn the_originator_is_killed() {
    check_killed("bidi", 1, &[("B", "B"), ("C", "C")]);
}

#[test]
fn the_successor_of_the_originator_is_killed() {
    check_killed("bidi", 1, &[("A", "A")]);
}

#[test]
fn the_coordinator_is_killed() {
    check_killed("bidi", 0, &[("B", "B"), ("C", "C")]);
}

#[test]
fn a_member_of_a_ring_of_one_way_is_killed() {
    check_killed("uni", 2, &[("A", "A"), ("B", "B")]);
}

#[test]
fn two_neighbours_of_five_are_killed_at_once() {
    let cluster = Cluster::new("quorum", "bidi");
    let mut members: Vec<Process> = cluster.three().into();
    for name in ["D", "E"] {
        let mut joiner = cluster.start(name, &["A"]);
        joiner.wait_for("ready");
        members.push(joiner);
    }
    members
        .iter_mut()
        .for_each(|member| drop(member.wait_for_view(5)));
    let writers = vec![cluster.writer("A", "A"), cluster.writer("E", "E")];
    writers.iter().for_each(|writer| writer.wait_for(50));

    let mut dead: Vec<_> = members.drain(1..3).collect();
    dead.iter().for_each(|process| process.signal(Signal::KILL));
    dead.iter_mut().for_each(Process::kill);

    members
        .iter_mut()
        .for_each(|member| drop(member.wait_for_view(3)));
    writers.iter().for_each(|writer| writer.wait_for(50));
    let position = check_kept(&cluster, "D", writers);
    let compared = compare(members, dead, position);
    assert!(compared > 200, "{compared}");
}

#[test]
fn the_coordinator_is_killed_during_a_view_change() {
    let mut cluster = Cluster::new("survivor", "bidi");
    // One that is stopped is not to be taken for one that is gone.
    cluster.quiet_after = "10m";
    let [mut a, mut b, mut c] = cluster.three();
    let writer = cluster.writer("B", "B");
    writer.wait_for(50);

    // The change that A begins without C cannot go past B.
    b.signal(Signal::STOP);
    c.kill();
    a.wait_for("suspected");
    a.kill();
    b.signal(Signal::CONT);

    b.wait_for_view(1);
    writer.wait_for(50);
    let position = check_kept(&cluster, "B", vec![writer]);
    let compared = compare(vec![b], vec![a, c], position);
    assert!(compared > 50, "{compared}");
}

#[test]
fn a_member_that_was_stopped_is_left_out_and_comes_back() {
    let cluster = Cluster::new("quorum", "bidi");
    let [mut a, mut b, mut c] = cluster.three();
    let writer = cluster.writer("A", "A");
    writer.wait_for(50);

    b.signal(Signal::STOP);
    a.wait_for_view(2);
    c.wait_for_view(2);
    writer.wait_for(50);
    b.signal(Signal::CONT);

    b.wait_for("excluded");
    b.wait_for("loaded");
    a.wait_for_view(3);
    writer.wait_for(50);
    let position = check_kept(&cluster, "B", vec![writer]);
    let compared = compare(vec![a, b, c], vec![], position);
    assert!(compared > 150, "{compared}");
}

#[test]
fn all_members_are_restarted_one_after_the_other() {
    let cluster = Cluster::new("quorum", "bidi");
    let [mut a, mut b, c] = cluster.three();
    let mut ended = Vec::new();
    let (at_c, writer) = (c, cluster.writer("C", "C"));
    let mut c = at_c;
    writer.wait_for(20);
    for (name, contact) in [("A", "B"), ("B", "A")] {
        let process = if name == "A" { &mut a } else { &mut b };
        process.signal(Signal::TERM);
        assert_eq!(process.ended(), Some(0), "{name}");
        assert_eq!(process.events.last().expect("an event")["how"], "left");
        c.wait_for_view(2);
        let again = cluster.start(name, &[contact, "C"]);
        ended.push(std::mem::replace(process, again));
        process.wait_for("ready");
        c.wait_for_view(3);
        writer.wait_for(20);
    }
    let first = writer.finish();
    let console = cluster.console("A");
    assert!(console.has(&format!("C-{}", first - 1)));
    c.signal(Signal::TERM);
    assert_eq!(c.ended(), Some(0));
    a.wait_for_view(2);
    let again = cluster.start("C", &["B", "A"]);
    ended.push(std::mem::replace(&mut c, again));
    c.wait_for("ready");
    let position = cluster
        .console("C")
        .put("last", "value")
        .expect("it goes on");
    let compared = compare(vec![a, b, c], ended, position);
    assert!(compared > 60, "{compared}");
}

#[test]
fn who_is_to_leave_a_ring_that_is_blocked_says_what_it_waits_for() {
    let cluster = Cluster::new("majority", "bidi");
    let [mut a, mut b, mut c] = cluster.three();
    a.kill();
    b.kill();
    c.wait_for("blocked");
    let why = "blocked: too few members of the view are left for the policy";

    let (code, printed, said) = cluster.run("C", &["leave", "--timeout", "5s"]);

    assert_eq!((code, printed.as_str()), (4, ""), "{said}");
    for words in [
        "told to leave: it waits for a view",
        why,
        "C has not left within 5s",
    ] {
        assert!(said.contains(words), "{words:?} is not in {said}");
    }
    c.signal(Signal::TERM);
    // A busy member says only that it is, and more five seconds later.
    let says_why = |leaving: serde_json::Value| {
        let waits_for = leaving["waits_for"].as_array().expect("a list");
        waits_for.contains(&why.into())
    };
    while !says_why(c.wait_for("leaving").clone()) {}
    // It does not leave; the second signal ends it.
    c.signal(Signal::TERM);
    assert_eq!(c.ended(), Some(0));
    let left = c.events.iter().filter(|event| event["event"] == "ended");
    assert_eq!(left.count(), 0, "it has not left");
}

#[test]
fn a_minority_blocks_and_goes_on_when_it_is_forced_to() {
    let cluster = Cluster::new("majority", "bidi");
    let [mut a, mut b, mut c] = cluster.three();
    cluster
        .console("C")
        .put("before", "value")
        .expect("it is done");
    a.kill();
    b.kill();

    let blocked = c.wait_for("blocked");

    assert_eq!(blocked["why"], "NoQuorum");
    let console = cluster.console("C");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| console.put("waiting", "value"));
        let (code, printed, _) = cluster.run("C", &["status", "--json"]);
        assert_eq!(code, 0);
        let status: serde_json::Value = serde_json::from_str(&printed).expect("an object");
        assert_eq!(
            status["blocked"],
            "too few members of the view are left for the policy"
        );

        let (code, _, told) = cluster.run("C", &["force-view", "--others-are-gone"]);
        assert_eq!(code, 0, "{told}");
        c.wait_for_view(1);
        c.wait_for("unblocked");
        waiting
            .join()
            .expect("it does not panic")
            .expect("it was done then");
    });
    assert!(console.has("before"));
    let position = console.put("last", "value").expect("it goes on");
    compare(vec![c], vec![a, b], position);
}

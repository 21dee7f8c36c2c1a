//! Links that are cut, slowed and healed, and larger rings, with a network for each member.
//!
//! Without the rights of root there is nothing to cut; then members are on one host, and only what can be done
//! there is.

use rustix::process::Signal;

use super::cluster::{Cluster, Process, Writer};
use super::faults::check_kept;
use super::logs::compare;
use super::networks::Networks;

/// Runs a test with a network for each member; not at all where there are none.
fn in_networks(cluster: &Cluster, test: impl FnOnce(&Networks) + Send) {
    match cluster.networks() {
        Some(networks) => networks.enter(|| test(networks)),
        None => println!("not run: links can only be cut with the rights of root"),
    }
}

/// Waits until all of these are in a view of so many.
fn wait_for_view<'a>(members: impl IntoIterator<Item = &'a mut Process>, size: usize) {
    for member in members {
        member.wait_for_view(size);
    }
}

fn wrote(writers: &[&Writer], more: usize) {
    writers.iter().for_each(|writer| writer.wait_for(more));
}

#[test]
fn a_member_that_is_cut_off_blocks_and_comes_back_when_its_link_is_healed() {
    let cluster = Cluster::in_networks("quorum", "bidi");
    in_networks(&cluster, |networks| {
        let [mut a, mut b, mut c] = cluster.three();
        let (first, third) = (cluster.writer("A", "A"), cluster.writer("C", "C"));
        wrote(&[&first, &third], 20);

        networks.cut_off(&["B"]);
        wait_for_view([&mut a, &mut c], 2);
        wrote(&[&first, &third], 20);
        let blocked = b.wait_for("blocked");
        assert_eq!(blocked["why"], "NoQuorum");

        networks.heal(&["B"]);
        b.wait_for("excluded");
        b.wait_for("loaded");
        // Before it is told that it is out, where it hears the others first.
        if !b.events.iter().any(|event| event["event"] == "unblocked") {
            b.wait_for("unblocked");
        }
        wait_for_view([&mut a, &mut c], 3);
        wrote(&[&first, &third], 20);
        let position = check_kept(&cluster, "B", vec![first, third]);
        let compared = compare(vec![a, b, c], vec![], position);
        assert!(compared > 120, "{compared}");
    });
}

#[test]
fn a_member_that_is_told_to_leave_while_it_is_cut_off_does_not_come_back() {
    let cluster = Cluster::in_networks("quorum", "bidi");
    in_networks(&cluster, |networks| {
        let [mut a, mut b, mut c] = cluster.three();

        networks.cut_off(&["B"]);
        wait_for_view([&mut a, &mut c], 2);
        b.wait_for("blocked");
        b.signal(Signal::TERM);
        b.wait_for("leaving");
        networks.heal(&["B"]);

        let ended = b.wait_for("ended");
        assert_eq!(ended["how"], "left");
        assert_eq!(b.ended(), Some(0));
        assert_eq!(a.view_sizes().last(), Some(&2), "it was not taken in again");
    });
}

#[test]
fn a_link_that_is_cut_for_a_moment_loses_nothing_and_nobody() {
    let mut cluster = Cluster::in_networks("quorum", "bidi");
    cluster.quiet_after = "10m";
    in_networks(&cluster, |networks| {
        let [mut a, b, c] = cluster.three();
        let writer = cluster.writer("A", "A");
        wrote(&[&writer], 20);

        networks.cut_off(&["B"]);
        // The writer goes on trying meanwhile, and can finish nothing without B.
        assert!(!Networks::is_reached("B"), "it is cut off");
        networks.heal(&["B"]);

        wrote(&[&writer], 20);
        let position = check_kept(&cluster, "B", vec![writer]);
        a.wait_for_position(position);
        assert_eq!(a.view_sizes(), [1, 2, 3], "nobody was left out");
        let compared = compare(vec![a, b, c], vec![], position);
        assert!(compared > 40, "{compared}");
    });
}

#[test]
fn of_five_the_larger_part_goes_on_and_the_smaller_blocks() {
    let cluster = Cluster::in_networks("quorum", "bidi");
    in_networks(&cluster, |networks| {
        let mut members = cluster.many(5);
        let writers = [cluster.writer("C", "C"), cluster.writer("E", "E")];
        wrote(&[&writers[0], &writers[1]], 20);

        networks.cut_off(&["A", "B"]);
        wait_for_view(&mut members[2..], 3);
        wrote(&[&writers[0], &writers[1]], 20);
        for member in &mut members[..2] {
            let blocked = member.wait_for("blocked");
            assert_eq!(blocked["why"], "NoQuorum");
        }

        networks.heal(&["A", "B"]);
        for member in &mut members[..2] {
            member.wait_for("excluded");
            member.wait_for("loaded");
        }
        wait_for_view(&mut members[2..], 5);
        wrote(&[&writers[0], &writers[1]], 20);
        let position = check_kept(&cluster, "A", writers.into());
        let compared = compare(members, vec![], position);
        assert!(compared > 120, "{compared}");
    });
}

#[test]
fn under_survivor_both_parts_go_on_and_stay_apart() {
    let cluster = Cluster::in_networks("survivor", "bidi");
    in_networks(&cluster, |networks| {
        let [mut a, mut b, mut c] = cluster.three();
        let put = |by: &str, key: &str| {
            let words = ["submit", "--json", "put", key, "value"];
            let (code, printed, said) = cluster.run_inside(by, &words);
            assert_eq!(code, 0, "{said}");
            let done: serde_json::Value = serde_json::from_str(&printed).expect("an object");
            done["position"].as_u64().expect("where it was done")
        };
        put("A", "before");

        networks.cut_off(&["A"]);
        a.wait_for_view(1);
        wait_for_view([&mut b, &mut c], 2);
        put("A", "by-one");
        put("B", "by-two");

        networks.heal(&["A"]);
        put("A", "by-one-again");
        let last = put("C", "by-two-again");
        let get = |at: &str, key: &str| cluster.run_inside(at, &["get", key]).0;
        for (at, own, other) in [("A", "by-one", "by-two"), ("B", "by-two", "by-one")] {
            assert_eq!(get(at, "before"), 0, "{at} has what was before");
            assert_eq!(get(at, own), 0, "{at} has what its part did");
            assert_eq!(get(at, other), 1, "{at} has nothing of the other part");
        }
        // Each part agrees in itself; the two would differ.
        compare(vec![b, c], vec![], last);
        a.kill();
    });
}

#[test]
fn a_member_takes_orders_from_its_own_host_only() {
    let cluster = Cluster::in_networks("quorum", "bidi");
    in_networks(&cluster, |_networks| {
        let [mut a, b, mut c] = cluster.three();
        for words in [&["leave"][..], &["force-view", "--others-are-gone"]] {
            let (code, _, said) = cluster.run("B", words);
            assert_eq!(code, 1, "{said}");
            let why = "only from the member's own host (this call came from 10.77.0.254:";
            assert!(said.contains(why), "{said}");
        }
        let (code, _, said) = cluster.run_inside("B", &["leave"]);
        assert_eq!(code, 0, "{said}");
        wait_for_view([&mut a, &mut c], 2);
        let (code, printed, said) = cluster.run("A", &["submit", "--json", "put", "key", "value"]);
        assert_eq!(code, 0, "{said}");
        let done: serde_json::Value = serde_json::from_str(&printed).expect("an object");
        let position = done["position"].as_u64().expect("where it was done");
        compare(vec![a, c], vec![b], position);
    });
}

#[test]
fn a_member_that_was_told_so_takes_orders_from_other_hosts() {
    let mut cluster = Cluster::in_networks("quorum", "bidi");
    cluster.remote_admin = true;
    in_networks(&cluster, |_networks| {
        let [mut a, _b, mut c] = cluster.three();
        let (code, _, said) = cluster.run("B", &["leave"]);
        assert_eq!(code, 0, "{said}");
        wait_for_view([&mut a, &mut c], 2);
    });
}

#[test]
fn a_slow_link_slows_the_ring_and_leaves_nobody_out() {
    let cluster = Cluster::in_networks("quorum", "bidi");
    in_networks(&cluster, |networks| {
        let [mut a, b, c] = cluster.three();
        let writer = cluster.writer("A", "A");
        wrote(&[&writer], 10);

        networks.slow_down("B");
        wrote(&[&writer], 30);

        let position = check_kept(&cluster, "C", vec![writer]);
        a.wait_for_position(position);
        assert_eq!(a.view_sizes(), [1, 2, 3], "nobody was left out");
        let compared = compare(vec![a, b, c], vec![], position);
        assert!(compared > 40, "{compared}");
    });
}

#[test]
fn three_neighbours_of_eight_are_killed_at_once() {
    let cluster = Cluster::in_networks("quorum", "bidi");
    in_networks(&cluster, |_networks| {
        let mut members = cluster.many(8);
        let writers = [cluster.writer("A", "A"), cluster.writer("H", "H")];
        wrote(&[&writers[0], &writers[1]], 20);

        let mut dead: Vec<_> = members.drain(2..5).collect();
        for process in &dead {
            process.signal(rustix::process::Signal::KILL);
        }
        dead.iter_mut().for_each(Process::kill);

        wait_for_view(&mut members, 5);
        wrote(&[&writers[0], &writers[1]], 20);
        let position = check_kept(&cluster, "F", writers.into());
        let compared = compare(members, dead, position);
        assert!(compared > 80, "{compared}");
    });
}

#[test]
fn the_coordinator_of_five_is_killed_and_then_the_next() {
    let cluster = Cluster::in_networks("quorum", "uni");
    in_networks(&cluster, |_networks| {
        let mut members = cluster.many(5);
        let writer = cluster.writer("D", "D");
        wrote(&[&writer], 20);

        let mut dead = Vec::new();
        for left in [4, 3] {
            let mut first = members.remove(0);
            first.kill();
            dead.push(first);
            wait_for_view(&mut members, left);
            wrote(&[&writer], 20);
        }

        let position = check_kept(&cluster, "E", vec![writer]);
        let compared = compare(members, dead, position);
        assert!(compared > 60, "{compared}");
    });
}

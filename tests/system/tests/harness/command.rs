//! The command as people use it: changes, reads, locks, the picture, and what it says when it cannot.

use super::cluster::{Cluster, Process};

fn three() -> (Cluster, [Process; 3]) {
    let cluster = Cluster::new("quorum", "bidi");
    let members = cluster.three();
    (cluster, members)
}

#[test]
fn what_is_put_at_one_member_is_read_at_another() {
    let (cluster, _members) = three();
    let (code, printed, _) = cluster.run("B", &["submit", "put", "colour", "green"]);
    assert_eq!((code, printed.as_str()), (0, "done at 3\n"));
    let (code, printed, _) = cluster.run("C", &["get", "--agreed", "colour"]);
    assert_eq!((code, printed.as_str()), (0, "green\n"));
    let swap = ["submit", "swap", "colour", "--from", "red", "blue"];
    let (code, _, said) = cluster.run("A", &swap);
    assert_eq!(
        (code, said.as_str()),
        (1, "harness: not done: the key has \"green\" now\n")
    );
    let (code, printed, _) = cluster.run("A", &["submit", "--json", "delete", "colour"]);
    assert_eq!(
        (code, printed.as_str()),
        (0, "{\"done\":true,\"position\":6}\n")
    );
    let (code, printed, _) = cluster.run("A", &["get", "--json", "colour"]);
    assert_eq!((code, printed.as_str()), (1, "{\"value\":null}\n"));
}

#[test]
fn a_command_runs_while_its_lock_is_owned() {
    let (cluster, _members) = three();
    let lock = ["lock", "backup", "--", "sh", "-c", "exit 7"];
    let (code, _, said) = cluster.run("A", &lock);
    assert_eq!((code, said.as_str()), (7, ""));
    let (code, printed, _) = cluster.run("B", &["lock", "backup"]);
    assert_eq!(code, 0);
    assert!(printed.starts_with("owned by "), "{printed}");
    let (code, _, said) = cluster.run("C", &["lock", "--within", "100ms", "backup"]);
    assert_eq!(
        (code, said.as_str()),
        (4, "harness: \"backup\" was not free within 100ms\n")
    );
    let (code, _, said) = cluster.run("B", &["lock", "backup"]);
    assert_eq!(code, 1);
    assert!(said.contains("owns or awaits the lock already"), "{said}");
    assert_eq!(cluster.run("B", &["lock", "--release", "backup"]).0, 0);
    assert_eq!(cluster.run("C", &["lock", "backup"]).0, 0);
}

#[test]
fn the_lock_of_a_member_that_is_killed_goes_on_to_who_waits() {
    let (cluster, [_a, mut b, _c]) = three();
    assert_eq!(cluster.run("B", &["lock", "backup"]).0, 0);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| cluster.run("C", &["lock", "backup", "--", "true"]));
        b.wait_for("delivered");
        b.wait_for("delivered");
        b.kill();
        assert_eq!(waiting.join().expect("it does not panic").0, 0);
    });
}

#[test]
fn the_picture_has_all_members() {
    let (cluster, _members) = three();
    let (code, printed, _) = cluster.run("A", &["watch", "--once"]);
    assert_eq!(code, 0);
    for words in ["A → B → C → A", "members", "position", "(asked)"] {
        assert!(printed.contains(words), "{words:?} is not in\n{printed}");
    }
    let rows = printed
        .lines()
        .filter(|line| line.contains("│") && line.contains(" member "));
    assert_eq!(rows.count(), 3, "{printed}");
}

#[test]
fn a_member_that_is_told_to_leave_ends_well() {
    let (cluster, [mut a, mut b, _c]) = three();
    let (code, _, said) = cluster.run("B", &["leave"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(b.ended(), Some(0));
    let view = a.wait_for_view(2);
    assert_eq!(view["left"].as_array().map(Vec::len), Some(1), "{view}");
    assert_eq!(view["excluded"].as_array().map(Vec::len), Some(0), "{view}");
}

#[test]
fn nobody_there_is_said_with_what_to_do() {
    let cluster = Cluster::new("quorum", "bidi");
    let (code, _, said) = cluster.run("A", &["get", "colour"]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("is the peer running"), "{said}");
}

//! The command as people use it: changes, reads, locks, the picture, and what it says when it cannot.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::Stdio;

use harness_cli::{Question, Said};
use rustix::process::{Pid, Signal, kill_process};

use super::cluster::{Cluster, Process};
use crate::support::providers_folder;

/// Runs the command alone to its end; its exit code and what it said as errors.
pub(super) fn ended(arguments: &[&str]) -> (Option<i32>, String) {
    let output = std::process::Command::new(super::cluster::harness())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("it was built");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

pub(super) fn folder() -> String {
    providers_folder().display().to_string()
}

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
    assert_eq!(printed, "owned by B\n");
    let (code, _, said) = cluster.run("C", &["lock", "--within", "100ms", "backup"]);
    assert_eq!(
        (code, said.as_str()),
        (
            4,
            "harness: \"backup\" was not free within 100ms: it is owned by B\n"
        )
    );
    let (code, printed, _) = cluster.run("C", &["lock", "--owner", "backup"]);
    assert_eq!((code, printed.as_str()), (0, "B\n"));
    let (code, _, said) = cluster.run("C", &["lock", "--owner", "other"]);
    assert_eq!(
        (code, said.as_str()),
        (1, "harness: nobody owns \"other\"\n")
    );
    let (code, _, said) = cluster.run("B", &["lock", "backup"]);
    assert_eq!(code, 1);
    assert!(said.contains("owns or awaits the lock already"), "{said}");
    assert_eq!(cluster.run("B", &["lock", "--release", "backup"]).0, 0);
    assert_eq!(cluster.run("C", &["lock", "backup"]).0, 0);
}

/// Nothing is delivered meanwhile, so the member answers later than within `--timeout` that the lock is not free.
#[test]
fn a_short_timeout_does_not_end_the_waiting_for_a_lock() {
    let (cluster, _members) = three();
    assert_eq!(cluster.run("A", &["lock", "backup"]).0, 0);
    let lock = ["lock", "--timeout", "2s", "--within", "4s", "backup"];
    let (code, _, said) = cluster.run("B", &lock);
    assert_eq!(
        (code, said.as_str()),
        (
            4,
            "harness: \"backup\" was not free within 4s: it is owned by A\n"
        )
    );
    assert_eq!(cluster.run("A", &["lock", "--release", "backup"]).0, 0);
    // It does not wait any more.
    let (code, _, said) = cluster.run("B", &["lock", "backup", "--", "true"]);
    assert_eq!((code, said.as_str()), (0, ""));
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
    let (code, printed, said) = cluster.run("B", &["leave"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(printed, "B has left: its process has ended\n");
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

/// The lock is free while a command still waits for its program to end: signals are passed on, and it is given back.
#[test]
fn a_command_that_is_told_to_end_gives_its_lock_back() {
    let (cluster, _members) = three();
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut command = cluster.command("A", "lock");
        command.args(["backup", "--", "sh", "-c", "echo started; exec sleep 1000"]);
        command.stdout(Stdio::piped());
        let mut child = command.spawn().expect("it was built");
        let mut first = String::new();
        let output = child.stdout.take().expect("piped");
        let read = BufReader::new(output).read_line(&mut first);
        read.expect("it prints");
        assert_eq!(first, "started\n");
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("it has one"), signal).expect("it is our child");
        let ended = child.wait().expect("it is our child");
        assert_eq!(ended.code(), Some(code), "as the program ended");
        let (code, _, said) = cluster.run("B", &["lock", "backup", "--", "true"]);
        assert_eq!((code, said.as_str()), (0, ""));
    }
}

#[test]
fn who_is_told_to_end_waits_for_the_lock_no_more() {
    let (cluster, [mut a, _b, _c]) = three();
    assert_eq!(cluster.run("A", &["lock", "backup"]).0, 0);
    a.wait_for("delivered");
    let mut command = cluster.command("B", "lock");
    let mut child = command.args(["backup", "--", "true"]).spawn();
    let child = child.as_mut().expect("it was built");
    // It is in the row when its request is delivered.
    a.wait_for("delivered");
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    kill_process(pid.expect("it has one"), Signal::TERM).expect("it is our child");
    assert_eq!(child.wait().expect("it is our child").code(), Some(143));
    // B may ask anew: it neither owns nor awaits the lock.
    assert_eq!(cluster.run("A", &["lock", "--release", "backup"]).0, 0);
    assert_eq!(cluster.run("B", &["lock", "backup", "--", "true"]).0, 0);
}

#[test]
fn a_program_that_is_not_there_is_told_as_shells_do() {
    let (cluster, _members) = three();
    let (code, _, said) = cluster.run("A", &["lock", "backup", "--", "/nowhere/program"]);
    assert_eq!(code, 127, "{said}");
    let (code, _, said) = cluster.run("A", &["lock", "backup", "--", "/etc/passwd"]);
    assert_eq!(code, 126, "{said}");
    let (code, ..) = cluster.run("B", &["lock", "backup", "--", "true"]);
    assert_eq!(code, 0, "it was given back");
}

#[test]
fn a_founder_says_so_and_a_joiner_does_not() {
    let cluster = Cluster::new("quorum", "bidi");
    let mut founder = cluster.told_to_people("A", &[]);
    assert!(founder.line().starts_with("A listens on "));
    let line = founder.line();
    assert!(
        line.starts_with("founded a new ring, \"ring\", with this member alone"),
        "{line}"
    );
    assert!(line.contains("is started with --join ENDPOINT"), "{line}");
    let mut joiner = cluster.told_to_people("B", &["A"]);
    assert!(joiner.line().starts_with("B listens on "));
    let line = joiner.line();
    assert!(!line.contains("founded"), "{line}");
}

#[test]
fn a_value_of_the_limit_is_put_and_a_longer_one_is_refused_with_the_limit() {
    let (cluster, _members) = three();
    let value = "v".repeat(131_072);
    let console = cluster.console("A");
    assert!(console.put("key", &value).is_ok());
    let refused = console.put("key", &format!("{value}v"));
    let why = refused.expect_err("one byte more");
    assert!(
        why.contains("131073 bytes; the limit is 131072 bytes"),
        "{why}"
    );
}

#[test]
fn a_swap_of_two_values_of_the_limit_is_done_and_a_longer_one_is_refused() {
    for replication in ["active", "standby"] {
        let mut cluster = Cluster::new("quorum", "bidi");
        cluster.replication = replication;
        let _members = cluster.three();
        let console = cluster.console("B");
        let key = "k".repeat(1024);
        let (before, after) = ("b".repeat(131_072), "a".repeat(131_072));
        assert!(console.put(&key, &before).is_ok());
        let refused = console.swap(&key, &before, &format!("{after}a"));
        let why = refused.expect_err("one byte more");
        assert!(
            why.contains("263179 bytes and may have 263178"),
            "{replication}: {why}"
        );
        let done = console.swap(&key, &before, &after);
        assert!(done.is_ok(), "{replication}: {done:?}");
        let value = console.query(&Question::Get { key });
        assert!(value == Said::Value(Some(after)), "{replication}");
    }
}

/// By default a listener takes 64 connections of one address; a ring on one host has one of each other member.
#[test]
fn a_member_takes_the_connections_of_many_on_one_host() {
    let cluster = Cluster::new("quorum", "bidi");
    let mut member = cluster.start_at("A", "msgpack+tcp://127.0.0.1:0", &[]);
    let listening = member.wait_for("listening");
    let endpoint = listening["endpoints"][0].as_str().expect("one endpoint");
    let address = endpoint.trim_start_matches("msgpack+tcp://");
    let connect = || TcpStream::connect(address).expect("it listens");
    let _others: Vec<_> = (0..64).map(|_| connect()).collect();
    let (code, said) = ended(&["status", "--to", endpoint, "--providers", &folder()]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
}

#[test]
fn a_fence_that_no_policy_uses_is_refused() {
    let (code, said) = ended(&["member", "--name", "A", "--fence", "/bin/true"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("say --policy fenced"), "{said}");
}

#[test]
fn who_cannot_join_says_whom_it_asked_and_what_came_back() {
    let cluster = Cluster::new("quorum", "bidi");
    let endpoint = cluster.endpoint("nobody");
    let listen = cluster.endpoint("B");
    let (code, said) = ended(&[
        "member",
        "--name",
        "B",
        "--join-within",
        "1s",
        "--listen",
        &listen,
        "--join",
        &endpoint,
        "--providers",
        &folder(),
    ]);
    assert_eq!(code, Some(4), "{said}");
    let told = said.lines().filter(|line| line.contains(&endpoint));
    let told: Vec<_> = told.collect();
    assert_eq!(told.len(), 2, "once on the way, once in the end: {said}");
    assert!(told[0].contains("not taken into a ring yet"), "{said}");
    assert!(told[1].contains("is the peer running"), "{said}");
}

#[test]
fn all_addresses_are_not_announced() {
    let listen = "msgpack+tcp://0.0.0.0:0";
    let (code, said) = ended(&[
        "member",
        "--name",
        "A",
        "--listen",
        listen,
        "--providers",
        &folder(),
    ]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--advertise ENDPOINT"), "{said}");
}

#[test]
fn a_provider_that_is_not_there_is_told_with_what_to_do() {
    let (code, said) = ended(&["get", "--to", "nonesuch+tcp://127.0.0.1:1", "colour"]);
    assert_eq!(code, Some(2), "{said}");
    for words in [
        "no provider for `nonesuch+tcp`",
        "looked in: ",
        "--providers DIR",
    ] {
        assert!(said.contains(words), "{words:?} is not in {said}");
    }
}

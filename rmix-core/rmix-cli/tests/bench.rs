//! `rmix bench`: what it counts and prints. No figure is compared with another machine's.

use std::process::Command;

use rmix_peers::RunningServer;
use serde_json::Value;

use crate::installed::{Installed, python_station, ran};

fn server() -> (RunningServer, String) {
    let server = python_station().start_server_tcp().unwrap();
    let endpoint = format!("msgpack+tcp://{}", server.address());
    (server, endpoint)
}

#[track_caller]
fn check_latencies(report: &Value) {
    let latency = &report["latency_ns"];
    let at = |name: &str| latency[name].as_u64().unwrap_or_else(|| panic!("{report}"));
    let in_order = ["min", "p50", "p90", "p99", "p99.9", "max"].map(at);
    assert!(in_order[0] > 0, "{report}");
    assert!(in_order.is_sorted(), "{report}");
    assert!(report["rate"].as_f64().unwrap() > 0.0, "{report}");
}

#[test]
fn as_many_calls_are_measured_as_were_asked_for() {
    let installed = Installed::new();
    let (_server, endpoint) = server();
    for (concurrency, mode) in [("1", "synchronous"), ("8", "asynchronous")] {
        let options = [
            "bench",
            "--json",
            "--calls",
            "200",
            "--concurrency",
            concurrency,
        ];
        let call = [&endpoint, "latest", "\"Oslo\""];
        let report = installed.run(&[&options[..], &call[..]].concat()).json(0);
        assert_eq!(report["mode"], mode);
        assert_eq!(
            (&report["calls"], &report["faults"]),
            (&200.into(), &0.into())
        );
        assert_eq!(report["errors"], Value::Array(vec![]));
        check_latencies(&report);
    }
}

#[test]
fn calls_of_one_link_are_in_flight_together() {
    let installed = Installed::new();
    let (_server, endpoint) = server();
    let options = ["bench", "--json", "--calls", "8", "--concurrency", "8"];
    let call = [&endpoint, "slow", "500"];
    let report = installed.run(&[&options[..], &call[..]].concat()).json(0);
    assert_eq!(report["calls"], 8);
    // Each waited half a second at least; had they waited in turn, the last would be over after four.
    let latencies = report["latency_ns"]["mean"].as_f64().unwrap() * 8.0 / 1e9;
    assert!(latencies >= 4.0, "{report}");
    assert!(report["seconds"].as_f64().unwrap() < latencies, "{report}");
}

#[test]
fn a_measurement_lasts_as_long_as_was_asked_for() {
    let installed = Installed::new();
    let (_server, endpoint) = server();
    let report = installed.run(&["bench", "--json", "--duration", "300ms", &endpoint, "count"]);
    let report = report.json(0);
    assert!(report["seconds"].as_f64().unwrap() >= 0.3, "{report}");
    check_latencies(&report);
}

#[test]
fn oneway_calls_are_all_sent() {
    let installed = Installed::new();
    let (_server, endpoint) = server();
    for concurrency in ["1", "4"] {
        let options = ["bench", "--oneway", "--json", "--calls", "500"];
        let gate = format!("\"{concurrency}\"");
        let call = ["--concurrency", concurrency, &endpoint, "release", &gate];
        let report = installed.run(&[&options[..], &call[..]].concat()).json(0);
        assert_eq!(report["calls"], 500);
        check_latencies(&report);
        let held = installed.run(&["call", "--timeout", "2m", &endpoint, "hold", &gate]);
        held.check_result(&format!("{gate}\n"));
    }
}

#[test]
fn faults_are_answers_and_exit_code_1() {
    let installed = Installed::new();
    let (_server, endpoint) = server();
    let options = [
        "bench",
        "--calls",
        "20",
        &endpoint,
        "latest",
        "\"Atlantis\"",
    ];
    let report = installed.run(&[&options[..], &["--json"]].concat()).json(1);
    assert_eq!(
        (&report["calls"], &report["faults"]),
        (&20.into(), &20.into())
    );

    let shown = installed.run(&options);
    assert_eq!((shown.code, shown.stderr.as_str()), (1, ""), "{shown:?}");
    for words in ["calls    20 in ", "p99.9", "faults   20"] {
        assert!(shown.stdout.contains(words), "no {words:?} in {shown:?}");
    }
}

#[test]
fn errors_are_counted_by_kind_and_end_a_hopeless_measurement() {
    let installed = Installed::new();
    // Each call finds a new child, which ends without an answer.
    let endpoint = "pipe+exec:sh -c 'head -c 5 > /dev/null; exit 7'";
    let options = ["bench", "--json", "--duration", "1h", endpoint, "count"];
    let report = installed.run(&options).json(3);
    assert_eq!(
        (&report["calls"], &report["ended_early"]),
        (&0.into(), &true.into())
    );
    assert_eq!(report["latency_ns"], Value::Null);
    let errors = report["errors"].as_array().unwrap();
    let counted: u64 = errors
        .iter()
        .map(|one| one["count"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, 100, "{report}");
    let causes: Vec<_> = errors.iter().map(|one| one["cause"].clone()).collect();
    assert!(causes.contains(&"child-exited".into()), "{report}");
}

#[test]
fn calls_that_take_too_long_are_exit_code_4() {
    let installed = Installed::new();
    let (_server, endpoint) = server();
    let options = ["bench", "--json", "--calls", "3", "--timeout", "50ms"];
    let call = [&endpoint, "slow", "600000"];
    let report = installed.run(&[&options[..], &call[..]].concat()).json(4);
    assert_eq!(report["errors"][0]["cause"], "timeout");
    assert_eq!(report["errors"][0]["count"], 3);
}

#[test]
fn a_peer_that_is_not_there_fails_as_a_call_does() {
    let installed = Installed::new();
    for concurrency in ["1", "2"] {
        let arguments = ["bench", "--json", "--concurrency", concurrency];
        let call = ["msgpack+unix:/no/such/socket", "count"];
        let ran = installed.run(&[&arguments[..], &call[..]].concat());
        ran.check_error(
            3,
            ["reconnect", "connect", "not-sent"],
            &["/no/such/socket"],
        );
    }
}

#[test]
fn a_protocol_that_needs_a_description_is_not_measured() {
    let bench = [
        "bench",
        "--json",
        "sunrpc+tcp://127.0.0.1:111/100000/2",
        "null",
    ];
    let ran = Installed::new().run(&bench);
    let usage = ["fix-request", "usage", "not-sent"];
    ran.check_error(2, usage, &["`sunrpc`", "this command takes no description"]);
    assert!(!ran.stdout.contains("--idl"), "{ran:?}");
}

#[test]
fn a_progress_bar_is_shown_on_a_terminal_only() {
    let installed = Installed::new();
    let (_server, endpoint) = server();
    let arguments = ["bench", "--duration", "500ms", &endpoint, "count"];

    let piped = installed.run(&arguments);
    assert_eq!((piped.code, piped.stderr.as_str()), (0, ""));

    // `script` runs a command on a terminal of its own.
    let line = format!(
        "{} {}",
        installed.bin().join("rmix").display(),
        arguments.join(" ")
    );
    let mut command = Command::new("timeout");
    command
        .args([
            "180",
            "script",
            "--quiet",
            "--return",
            "--command",
            &line,
            "/dev/null",
        ])
        .env("TERM", "xterm")
        .env("RMIX_PROVIDER_PATH", installed.lib());
    let on_terminal = ran(&mut command);
    assert_eq!(on_terminal.code, 0, "{on_terminal:?}");
    assert!(on_terminal.stdout.contains(" %  "), "{on_terminal:?}");
    assert!(on_terminal.stdout.contains("rate  "), "{on_terminal:?}");
}

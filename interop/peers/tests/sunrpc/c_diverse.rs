//! The C programs of the diverse interface against themselves, over every transport.

use std::fs;
use std::path::Path;
use std::process::Command;

use rmix_peers::{
    CDiverse, DiverseOptions, DiverseServer, build_diverse, diverse_interface,
    diverse_interface_text, diverse_results,
};
use serde_json::{Value, json};

use crate::{kept_folder, ok};

pub(super) fn programs() -> CDiverse {
    ok(build_diverse(&kept_folder("c-diverse")))
}

/// Calls with `words`, separated by blanks: options before ` -- `, operation behind.
fn call(programs: &CDiverse, server: &DiverseServer, transport: &str, words: &str) -> Value {
    let (options, operation) = words.split_once(" -- ").unwrap_or(("", words));
    let target = server.target(transport);
    let arguments: Vec<&str> = options
        .split_whitespace()
        .chain(target.iter().map(String::as_str))
        .chain(operation.split(' '))
        .collect();
    ok(programs.client(&arguments))
}

/// Each operation by itself, so that a difference names it.
fn check_results(answer: &Value, expected: &Value) {
    let results = answer["ok"].as_object().unwrap();
    let expected = expected.as_object().unwrap();
    for (operation, expected) in expected {
        assert_eq!(results.get(operation), Some(expected), "{operation}");
    }
    assert_eq!(results.len(), expected.len());
}

#[test]
fn every_operation_has_its_result_over_tcp() {
    let programs = programs();
    let server = ok(programs.start_server(&DiverseOptions::default()));
    let answer = call(&programs, &server, "tcp", "selftest large");
    check_results(&answer, &diverse_results(true));
    ok(server.stop());
}

#[test]
fn every_operation_that_fits_a_datagram_has_its_result_over_udp() {
    let programs = programs();
    let server = ok(programs.start_server(&DiverseOptions::default()));
    let answer = call(&programs, &server, "udp", "selftest");
    check_results(&answer, &diverse_results(false));
}

#[test]
fn every_operation_has_its_result_over_a_unix_socket_that_goes_with_the_server() {
    let programs = programs();
    let folder = tempfile::tempdir().unwrap();
    let options = DiverseOptions {
        unix_path: Some(folder.path().join("diverse.sock")),
        ..DiverseOptions::default()
    };
    let server = ok(programs.start_server(&options));
    let answer = call(&programs, &server, "unix", "selftest large");
    check_results(&answer, &diverse_results(true));
    assert!(server.unix_path().unwrap().exists());
    drop(server);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn every_operation_has_its_result_over_ipv6() {
    let programs = programs();
    let options = DiverseOptions {
        host: Some("::1".into()),
        ..DiverseOptions::default()
    };
    let server = ok(programs.start_server(&options));
    let answer = call(&programs, &server, "tcp", "selftest large");
    check_results(&answer, &diverse_results(true));
    assert_eq!(
        call(&programs, &server, "udp", "answer 21"),
        json!({"ok": {"status": 21, "code": 42}})
    );
}

#[test]
fn a_server_sees_the_credential_that_is_claimed() {
    let programs = programs();
    let server = ok(programs.start_server(&DiverseOptions::default()));
    for transport in ["tcp", "udp"] {
        let words = "--auth-sys 1000,100,4,4294967294 --machine loom -- who-am-i";
        assert_eq!(
            call(&programs, &server, transport, words),
            json!({"ok": {
                "flavor": 1, "machine": "loom", "uid": 1000, "gid": 100, "gids": [4, 4_294_967_294_u32],
            }})
        );
        let words = "--auth-sys 0,0 -- secret";
        let secret = call(&programs, &server, transport, words);
        assert_eq!(secret, json!({"ok": 4711}));
    }
    let gids: Vec<_> = (1..=16).map(|gid| gid.to_string()).collect();
    let words = format!("--auth-sys 1,2,{} -- who-am-i", gids.join(","));
    let answer = call(&programs, &server, "tcp", &words);
    assert_eq!(answer["ok"]["gids"].as_array().unwrap().len(), 16);
}

#[test]
fn calls_of_what_is_not_there_fail_with_the_reason() {
    let programs = programs();
    let server = ok(programs.start_server(&DiverseOptions::default()));
    for transport in ["tcp", "udp"] {
        for (words, status, low_and_high) in [
            ("--program 77 -- null", 8, None),
            ("--version 9 -- null", 9, Some((1, 2))),
            ("procedure 99", 10, None),
            ("break-down", 12, None),
        ] {
            let failure = &call(&programs, &server, transport, words)["failure"];
            assert_eq!(failure["status"], status, "{transport} {words}");
            let expected = low_and_high.map_or(Value::Null, |(low, high)| json!([low, high]));
            let told = match &failure["low"] {
                Value::Null => Value::Null,
                low => json!([low, failure["high"]]),
            };
            assert_eq!(told, expected, "{transport} {words}");
        }
    } // ANSWER without its argument; over UDP libtirpc finds one in what an earlier datagram left.
    let failure = call(&programs, &server, "tcp", "procedure 2");
    assert_eq!(failure["failure"]["status"], 11, "{failure}");
}

#[test]
fn an_impatient_client_makes_a_server_without_cache_execute_again() {
    let programs = programs();
    let server = ok(programs.start_server(&DiverseOptions::default()));
    let words = "--retry 50 -- increment 500";
    assert_eq!(call(&programs, &server, "udp", words), json!({"ok": 1}));
    let executions = call(&programs, &server, "udp", "executions");
    assert!(executions["ok"].as_u64().unwrap() > 1, "{executions}");
}

#[test]
fn a_server_with_a_cache_executes_a_repeated_request_once() {
    let programs = programs();
    let options = DiverseOptions {
        cache_entries: 64,
        ..DiverseOptions::default()
    };
    let server = ok(programs.start_server(&options));
    let words = "--retry 50 -- increment 500";
    assert_eq!(call(&programs, &server, "udp", words), json!({"ok": 1}));
    assert_eq!(
        call(&programs, &server, "udp", "executions"),
        json!({"ok": 1})
    );
}

#[test]
fn large_datagrams_pass_where_both_sides_allow_them() {
    let programs = programs();
    let options = DiverseOptions {
        datagram_bytes: 60_000,
        ..DiverseOptions::default()
    };
    let server = ok(programs.start_server(&options));
    let words = "--datagram-bytes 60000 -- make-bytes 59000";
    assert_eq!(
        call(&programs, &server, "udp", words),
        json!({"ok": {"length": 59000, "wrong": 0}})
    );
}

#[test]
fn null_calls_are_measured_over_every_transport() {
    let programs = programs();
    let folder = tempfile::tempdir().unwrap();
    let options = DiverseOptions {
        unix_path: Some(folder.path().join("diverse.sock")),
        ..DiverseOptions::default()
    };
    let server = ok(programs.start_server(&options));
    for transport in ["tcp", "udp", "unix"] {
        let answer = call(&programs, &server, transport, "bench 200");
        assert_eq!(answer["ok"]["calls"], 200, "{answer}");
        assert!(answer["ok"]["min_us"].as_f64().unwrap() > 0.0, "{answer}");
    }
}

#[test]
fn the_interface_file_is_one_that_rpcgen_takes() {
    assert_eq!(
        fs::read_to_string(diverse_interface()).unwrap(),
        diverse_interface_text()
    );
    let mut rpcgen = Command::new("rpcgen");
    let output = rpcgen
        .args(["-N", "-h"])
        .arg(diverse_interface())
        .output()
        .unwrap();
    let header = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(header.contains("#define DIVERSE_PROGRAM 0x20000043"));
    assert!(Path::new(diverse_interface()).is_absolute());
}

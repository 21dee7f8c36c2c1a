//! The C client, at our server that is a trait made of the interface file.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rmix_peers::{CDiverse, Speaker, diverse_results};
use rmix_system_tests::{Diverse, SECRET_VALUE};
use serde_json::{Value, json};

use super::{LOOPBACK, Served, relay, unix};
use crate::support::{Watchdog, c_diverse, ok};

const TCP: &str = "tcp://127.0.0.1:0";
const UDP: &str = "udp://127.0.0.1:0";
const INCREMENT: u8 = 16;

/// Calls with `words`, separated by blanks: options before ` -- `, operation behind.
fn call(programs: &CDiverse, target: &[&str], words: &str) -> Value {
    let (options, operation) = words.split_once(" -- ").unwrap_or(("", words));
    let arguments: Vec<&str> = options
        .split_whitespace()
        .chain(target.iter().copied())
        .chain(operation.split(' '))
        .collect();
    ok(programs.client(&arguments))
}

impl Served {
    /// Calls what is served over TCP or UDP.
    fn call(&self, programs: &CDiverse, words: &str) -> Value {
        let (transport, _) = self.place.split_once(':').unwrap();
        let host = match self.place.contains("[::1]") {
            true => "::1",
            false => LOOPBACK,
        };
        let port = self.port().to_string();
        call(programs, &[transport, host, &port], words)
    }
}

/// Each operation by itself, so that a difference names it.
fn check(answer: &Value, large: bool) {
    let results = answer["ok"].as_object().unwrap();
    let mut expected = diverse_results(large);
    // A method of ours cannot call a credential too weak: it breaks down.
    expected["secret"] = expected["break-down"].clone();
    let expected = expected.as_object().unwrap();
    for (operation, expected) in expected {
        assert_eq!(results.get(operation), Some(expected), "{operation}");
    }
    assert_eq!(results.len(), expected.len());
}

#[test]
fn the_c_client_gets_every_result_over_tcp() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let served = Served::start(Diverse::new(), TCP, "");
    check(&served.call(&programs, "selftest large"), true);
}

#[test]
fn the_c_client_gets_every_result_over_udp() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let served = Served::start(Diverse::new(), UDP, "");
    check(&served.call(&programs, "selftest"), false);
}

#[test]
fn the_c_client_gets_every_result_over_a_unix_socket() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("diverse.sock");
    let _served = Served::start(Diverse::new(), &unix(&path), "");
    let target = ["unix", path.to_str().unwrap()];
    check(&call(&programs, &target, "selftest large"), true);
}

#[test]
fn the_c_client_gets_every_result_over_ipv6() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let served = Served::start(Diverse::new(), "tcp://[::1]:0", "");
    check(&served.call(&programs, "selftest large"), true);
    let served = Served::start(Diverse::new(), "udp://[::1]:0", "");
    check(&served.call(&programs, "selftest"), false);
}

#[test]
fn large_datagrams_pass_where_the_client_allows_them() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let served = Served::start(Diverse::new(), UDP, "");
    let words = "--datagram-bytes 60000 -- make-bytes 59000";
    let expected = json!({"ok": {"length": 59000, "wrong": 0}});
    assert_eq!(served.call(&programs, words), expected);
}

#[test]
fn the_c_client_is_told_why_a_call_cannot_be_served() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    for place in [TCP, UDP] {
        let served = Served::start(Diverse::new(), place, "");
        let failure =
            |status: u32, text: &str| json!({"failure": {"status": status, "text": text}});
        let mismatch = json!({"failure": {
            "status": 9, "text": "RPC: Program/version mismatch", "low": 1, "high": 2,
        }});
        for (words, expected) in [
            (
                "--program 77 -- null",
                failure(8, "RPC: Program unavailable"),
            ),
            ("--version 9 -- null", mismatch.clone()),
            // ECHO_NUMBERS, ANSWER and SCALE without their arguments.
            (
                "procedure 1",
                failure(11, "RPC: Server can't decode arguments"),
            ),
            ("procedure 99", failure(10, "RPC: Procedure unavailable")),
            (
                "procedure 2",
                failure(11, "RPC: Server can't decode arguments"),
            ),
            (
                "procedure 3",
                failure(11, "RPC: Server can't decode arguments"),
            ),
            ("break-down", failure(12, "RPC: Remote system error")),
            // It goes on.
            ("answer 21", json!({"ok": {"status": 21, "code": 42}})),
        ] {
            assert_eq!(served.call(&programs, words), expected, "{place} {words}");
        }
    }
}

#[test]
fn claims_of_the_c_client_reach_the_object_or_are_too_weak() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    for place in [TCP, UDP] {
        let served = Served::start(Diverse::new(), place, "");
        let words = "--auth-sys 1000,100,4,4294967294 --machine loom -- who-am-i";
        assert_eq!(
            served.call(&programs, words),
            json!({"ok": {
                "flavor": 1, "machine": "loom", "uid": 1000, "gid": 100, "gids": [4, 4_294_967_294_u32],
            }})
        );
        let gids: Vec<_> = (1..=16).map(|gid| gid.to_string()).collect();
        let words = format!("--auth-sys 1,2,{} -- who-am-i", gids.join(","));
        let told = served.call(&programs, &words);
        assert_eq!(told["ok"]["gids"], (1..=16).collect::<Value>());
        let words = "--auth-sys 0,0 -- secret";
        assert_eq!(served.call(&programs, words), json!({"ok": SECRET_VALUE}));

        let served = Served::start(Diverse::new(), place, "?auth_sys=none");
        let too_weak = json!({"failure": {
            "status": 7, "text": "RPC: Authentication error", "why": 5,
        }});
        assert_eq!(served.call(&programs, words), too_weak);
        let nobody = json!({"flavor": 0, "machine": "", "uid": 0, "gid": 0, "gids": []});
        assert_eq!(served.call(&programs, "who-am-i"), json!({"ok": nobody}));
    }
}

/// Lets an impatient client increment through a relay, at an object that waits until the call came three times: what the
/// client printed, how often it ran, and how many replies to it there were.
fn impatient(programs: &CDiverse, options: &str) -> (Value, u32, Vec<Vec<u8>>) {
    let served = Served::start(Diverse::held(), UDP, options);
    let object: Arc<Diverse> = served.object.clone();
    let came = AtomicU32::new(0);
    let (port, heard) = relay::udp(served.port(), move |from, message| {
        if from == Speaker::Client
            && message[23] == INCREMENT
            && came.fetch_add(1, Ordering::SeqCst) == 2
        {
            object.release();
        }
        true
    });
    let port = port.to_string();
    let printed = call(
        programs,
        &["udp", LOOPBACK, &port],
        "--retry 20 -- increment 0",
    );
    let executions = served.call(programs, "executions");
    let executions = u32::try_from(executions["ok"].as_u64().unwrap()).unwrap();
    let sent = heard.of(Speaker::Client);
    assert!(sent.len() >= 3 && sent.iter().all(|one| one == &sent[0]));
    (printed, executions, heard.of(Speaker::Server))
}

#[test]
fn a_call_that_the_c_client_sends_again_runs_once_and_has_one_answer() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let (printed, executions, replies) = impatient(&programs, "");
    assert_eq!((printed, executions), (json!({"ok": 1}), 1));
    assert!(replies.iter().all(|reply| reply == &replies[0]));
}

#[test]
fn a_call_that_the_c_client_sends_again_runs_again_without_the_cache() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let (printed, executions, _) = impatient(&programs, "?duplicates=off");
    assert!(executions >= 2, "{executions}");
    assert!(printed["ok"].as_u64().unwrap() <= u64::from(executions));
}

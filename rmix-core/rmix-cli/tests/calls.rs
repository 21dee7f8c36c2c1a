//! `rmix call` against peers that answer: a Python server by aio-msgpack-rpc, and Neovim as a child.

use std::fs;

use serde_json::json;

use crate::installed::{Installed, neovim, python_station, ran};

#[test]
fn a_result_is_indented_for_people_and_compact_for_scripts() {
    let installed = Installed::new();
    let server = python_station().start_server_tcp().unwrap();
    let endpoint = format!("msgpack+tcp://{}", server.address());

    let shown = installed.run(&["call", &endpoint, "latest", "\"Oslo\""]);
    shown
        .check_result("{\n  \"place\": \"Oslo\",\n  \"celsius\": -3.5,\n  \"at\": 1700000000\n}\n");
    let compact = installed.run(&["call", "--json", &endpoint, "latest", "\"Oslo\""]);
    compact.check_result("{\"place\":\"Oslo\",\"celsius\":-3.5,\"at\":1700000000}\n");

    let mean = installed.run(&["call", &endpoint, "mean", "[1, 2.5, -8]"]);
    mean.check_result("-1.5\n");
    let negative = installed.run(&["call", &endpoint, "slow", "-5"]);
    negative.check_result("-5\n");
}

#[test]
fn a_call_goes_over_a_unix_socket_and_to_a_reference() {
    let installed = Installed::new();
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("station.sock");
    let server = python_station().start_server_unix(&socket).unwrap();
    let endpoint = format!("msgpack+unix:{}", server.path().display());

    installed
        .run(&["call", &endpoint, "count"])
        .check_result("0\n");
    let reference = format!("rmix:Station#0@absent+tcp://127.0.0.1:1|{endpoint}");
    installed
        .run(&["call", &reference, "count"])
        .check_result("0\n");
}

#[test]
fn a_fault_is_exit_code_1_with_its_value() {
    let installed = Installed::new();
    let server = python_station().start_server_tcp().unwrap();
    let endpoint = format!("msgpack+tcp://{}", server.address());

    let shown = installed.run(&["call", &endpoint, "latest", "\"Atlantis\""]);
    shown.check_failure(1, &["fault", "\"UnknownPlace\": \"Atlantis\""]);
    let compact = installed.run(&["call", "--json", &endpoint, "latest", "\"Atlantis\""]);
    assert_eq!(
        compact.json(1),
        json!({"fault": {"UnknownPlace": "Atlantis"}})
    );
    // The library's own words for a method that is not there.
    let absent = installed.run(&["call", "--json", &endpoint, "absent"]);
    assert!(absent.json(1)["fault"].is_string(), "{absent:?}");
}

#[test]
fn what_json_lacks_goes_there_and_back() {
    let installed = Installed::new();
    let server = python_station().start_server_tcp().unwrap();
    let endpoint = format!("msgpack+tcp://{}", server.address());
    // The server keeps what is under "at" as it came.
    let odd = "[{\"$bytes\":\"00ff\"},{\"$text\":\"ff61\"},{\"$ext\":[5,\"0102\"]},{\"$float\":\"nan\"},\
               {\"$float\":\"-inf\"},{\"$map\":[[{\"$bytes\":\"01\"},null]]},18446744073709551615]";
    let reading = format!("{{\"place\":\"Odd\",\"celsius\":0.1,\"at\":{odd}}}");

    let reported = installed.run(&["call", &endpoint, "report", &reading]);
    reported.check_result("null\n");
    let latest = installed.run(&["call", "--json", &endpoint, "latest", "\"Odd\""]);
    latest.check_result(&format!("{reading}\n"));
}

#[test]
fn a_oneway_call_arrives_and_prints_nothing() {
    let installed = Installed::new();
    let server = python_station().start_server_tcp().unwrap();
    let endpoint = format!("msgpack+tcp://{}", server.address());

    let sent = installed.run(&[
        "call", "--oneway", "--json", &endpoint, "release", "\"gate\"",
    ]);
    sent.check_result("");
    // Answered once the gate was released, before or after.
    let held = installed.run(&["call", "--timeout", "2m", &endpoint, "hold", "\"gate\""]);
    held.check_result("\"gate\"\n");
}

#[test]
fn a_call_that_takes_too_long_is_exit_code_4() {
    let installed = Installed::new();
    let server = python_station().start_server_tcp().unwrap();
    let endpoint = format!("msgpack+tcp://{}", server.address());
    let call = ["call", "--timeout", "1s", &endpoint, "slow", "600000"];

    installed
        .run(&call)
        .check_failure(4, &["`slow` was not answered", "may have executed"]);
    let json = installed.run(&[&call[..], &["--json"]].concat());
    json.check_error(4, ["retry", "timeout", "maybe-executed"], &["`slow`"]);
}

#[test]
fn neovim_answers_as_a_child() {
    let installed = Installed::new();
    let endpoint = neovim();

    let sum = installed.run(&["call", &endpoint, "nvim_eval", "\"6 * 7\""]);
    sum.check_result("42\n");
    let map = installed.run(&[
        "call",
        "--json",
        &endpoint,
        "nvim_eval",
        "\"{'list': [1, 2.5, v:null, v:true]}\"",
    ]);
    map.check_result("{\"list\":[1,2.5,null,true]}\n");
    // A buffer is a value of Neovim's own: type 0, and its number in MessagePack.
    let buffer = installed.run(&["call", "--json", &endpoint, "nvim_get_current_buf"]);
    buffer.check_result("{\"$ext\":[0,\"01\"]}\n");
    let wrong = installed.run(&["call", "--json", &endpoint, "nvim_eval", "\"1 +\""]);
    assert_eq!(
        wrong.json(1),
        json!({"fault": [0, "Vim:E15: Invalid expression: 1 +"]})
    );
}

#[test]
fn a_child_reads_to_the_end_of_a_oneway_call() {
    let installed = Installed::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seen");
    // It ends by itself after its input, and not at once.
    let script = format!(
        "pipe+exec:sh -c 'cat > {0}.part; mv {0}.part {0}'",
        file.display()
    );

    installed
        .run(&["call", "--oneway", &script, "note", "7"])
        .check_result("");
    // [2, "note", [7]]
    assert_eq!(fs::read(&file).unwrap(), b"\x93\x02\xa4note\x91\x07");
}

#[test]
fn the_log_is_on_standard_error() {
    let installed = Installed::new();
    let server = python_station().start_server_tcp().unwrap();
    let endpoint = format!("msgpack+tcp://{}", server.address());

    let verbose = installed.run(&["call", "-v", &endpoint, "count"]);
    assert_eq!((verbose.code, verbose.stdout.as_str()), (0, "0\n"));
    assert!(verbose.stderr.contains("link opened"), "{verbose:?}");
    assert!(verbose.stderr.contains(&endpoint), "{verbose:?}");

    let mut command = installed.bare();
    command
        .args(["call", &endpoint, "count"])
        .env("RMIX_PROVIDER_PATH", installed.lib())
        .env("RMIX_LOG", "rmix::runtime=debug");
    let filtered = ran(&mut command);
    assert!(filtered.stderr.contains("provider loaded"), "{filtered:?}");
    assert!(!filtered.stderr.contains("link opened"), "{filtered:?}");
}

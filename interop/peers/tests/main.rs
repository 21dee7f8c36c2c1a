//! The peers against themselves: each client of a foreign library against the server of the same
//! library, every operation, with the true results. What is proved here is that the peers are
//! right, so that a test of RMIX against one of them judges RMIX. Nothing is skipped: an absent
//! peer fails with the command that installs it.

mod soap;
mod sunrpc;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use rmix_peers::{
    BuildError, CStation, CommandError, Peer, PeerError, PythonStation, RunningServer, build_c,
};
use serde_json::{Value, json};

/// Made once for all runs, so that only the first one builds and installs.
fn kept_folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("peers")
        .join(name)
}

/// The error with all its causes, as the message of a failing test.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

fn ok<T, E: Error>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{}", told(&error)))
}

fn c_station() -> CStation {
    ok(build_c(&kept_folder("c-station")))
}

fn python_station() -> PythonStation {
    ok(PythonStation::prepare(&kept_folder("python-station")))
}

/// Calls `operation`, words separated by blanks, and compares what the client printed.
fn check_c(station: &CStation, server: &RunningServer, operation: &str, expected: Value) {
    let port = server.port().to_string();
    let mut arguments = vec![server.host(), &port];
    arguments.extend(operation.split(' '));
    assert_eq!(ok(station.client(&arguments)), expected, "{operation}");
}

fn check_python(station: &PythonStation, address: &str, operation: &str, expected: Value) {
    let mut arguments = vec![address];
    arguments.extend(operation.split(' '));
    assert_eq!(ok(station.client(&arguments)), expected, "{operation}");
}

/// What every server of the station answers, in this order, when it is fresh.
fn station_behaviour() -> Vec<(&'static str, Value)> {
    let oslo = json!({"place": "Oslo", "celsius": -3.5, "at": 1_700_000_000});
    let bergen = json!({"place": "Bergen", "celsius": 6.25, "at": 1_700_000_060});
    let voss = json!({"place": "Voss", "celsius": -0.5, "at": -1});
    let warm_oslo = json!({"place": "Oslo", "celsius": 21.0, "at": 9_000_000_000_i64});
    vec![
        ("count", json!({"ok": 0})),
        ("latest Oslo", json!({"ok": oslo})),
        ("latest Bergen", json!({"ok": bergen})),
        (
            "latest Atlantis",
            json!({"error": {"UnknownPlace": "Atlantis"}}),
        ),
        (
            "latest Tromsø",
            json!({"error": {"UnknownPlace": "Tromsø"}}),
        ),
        ("mean 1 2 3", json!({"ok": 2.0})),
        ("mean -1.5", json!({"ok": -1.5})),
        ("mean", json!({"ok": 0.0})),
        ("report Voss -0.5 -1", json!({"ok": 1})),
        ("latest Voss", json!({"ok": voss})),
        ("report Oslo 21 9000000000", json!({"ok": 2})),
        ("latest Oslo", json!({"ok": warm_oslo})),
        ("latest Bergen", json!({"ok": bergen})),
        ("count", json!({"ok": 2})),
    ]
}

#[test]
fn every_peer_is_present() {
    for status in rmix_peers::status() {
        assert!(status.is_present(), "{status}");
    }
}

#[test]
fn installing_what_is_there_does_nothing() {
    let mut told_progress = Vec::new();
    every_peer_is_present();
    ok(rmix_peers::install(&mut |line| {
        told_progress.push(line.to_owned())
    }));
    assert_eq!(told_progress, Vec::<String>::new());
}

#[test]
fn c_client_gets_every_operation_of_the_c_server() {
    let station = c_station();
    let server = ok(station.start_server());
    for (operation, expected) in station_behaviour() {
        check_c(&station, &server, operation, expected);
    }
    check_c(&station, &server, "null", json!({"ok": null}));
    ok(server.stop());
}

#[test]
fn c_server_can_be_offline() {
    let station = c_station();
    let server = ok(station.start_offline_server());
    check_c(
        &station,
        &server,
        "latest Oslo",
        json!({"error": "Offline"}),
    );
    check_c(&station, &server, "mean 4", json!({"ok": 4.0}));
}

#[test]
fn c_client_tells_the_status_of_a_call_that_failed() {
    let station = c_station();
    let server = ok(station.start_server());
    check_c(
        &station,
        &server,
        "procedure 9",
        json!({"failure": {"status": 10, "text": "RPC: Procedure unavailable"}}),
    );
    // LATEST without its argument cannot be decoded.
    check_c(
        &station,
        &server,
        "procedure 1",
        json!({"failure": {"status": 11, "text": "RPC: Server can't decode arguments"}}),
    );
}

#[test]
fn c_client_measures_as_many_calls_as_it_is_told() {
    let station = c_station();
    let server = ok(station.start_server());
    let port = server.port().to_string();
    for operation in ["null", "latest", "mean", "count"] {
        let arguments = [server.host(), &port, "bench", operation, "200"];
        check_bench(&ok(station.client(&arguments)), operation);
    }
}

#[test]
fn python_client_gets_every_operation_of_the_python_server_over_tcp() {
    let station = python_station();
    let server = ok(station.start_server_tcp());
    for (operation, expected) in station_behaviour() {
        check_python(&station, &server.address(), operation, expected);
    }
    ok(server.stop());
}

#[test]
fn python_client_gets_every_operation_of_the_python_server_over_a_unix_socket() {
    let station = python_station();
    let folder = tempfile::tempdir().unwrap();
    let server = ok(station.start_server_unix(&folder.path().join("station.sock")));
    let address = server.path().to_str().unwrap().to_owned();
    for (operation, expected) in station_behaviour() {
        check_python(&station, &address, operation, expected);
    }
    ok(server.stop());
    assert!(!Path::new(&address).exists());
}

#[test]
fn dropping_a_unix_server_removes_its_socket() {
    let station = python_station();
    let folder = tempfile::tempdir().unwrap();
    let server = ok(station.start_server_unix(&folder.path().join("station.sock")));
    let path = server.path().to_owned();
    assert!(path.exists());
    drop(server);
    assert!(!path.exists());
}

#[test]
fn python_server_can_be_offline() {
    let station = python_station();
    let server = ok(station.start_offline_server_tcp());
    let address = server.address();
    check_python(
        &station,
        &address,
        "latest Oslo",
        json!({"error": "Offline"}),
    );
    check_python(&station, &address, "mean 4", json!({"ok": 4.0}));
}

#[test]
fn python_replies_come_out_of_order() {
    let station = python_station();
    let server = ok(station.start_server_tcp());
    let address = server.address();
    check_python(
        &station,
        &address,
        "reversed 5",
        json!({"ok": [4, 3, 2, 1, 0]}),
    );
    check_python(&station, &address, "slow 1", json!({"ok": 1}));
}

#[test]
fn python_client_gets_an_answer_to_each_of_its_concurrent_calls() {
    let station = python_station();
    let server = ok(station.start_server_tcp());
    let address = server.address();
    check_python(&station, &address, "slow 1", json!({"ok": 1}));

    let answer = ok(station.client(&[&address, "concurrent", "20", "0", "10"]));

    // They come in the order of the milliseconds, but only a machine that is never late says so.
    let mut milliseconds: Vec<_> = answer["ok"].as_array().unwrap().clone();
    milliseconds.sort_by_key(Value::as_u64);
    assert_eq!(milliseconds, [0, 10, 20]);
}

#[test]
fn python_server_refuses_what_is_no_operation_and_goes_on() {
    let station = python_station();
    let server = ok(station.start_server_tcp());
    let address = server.address();
    for method in ["absent", "mean"] {
        let answer = ok(station.client(&[&address, "call", method]));
        assert!(answer["error"].is_string(), "{method}: {answer}");
    }
    check_python(&station, &address, "count", json!({"ok": 0}));
}

#[test]
fn python_client_measures_as_many_calls_as_it_is_told() {
    let station = python_station();
    let server = ok(station.start_server_tcp());
    let arguments = [&server.address(), "bench", "latest", "200"];
    check_bench(&ok(station.client(&arguments)), "latest");
}

/// Writes a script that is run next. Another process writes it: while this one has it open to write, a test beside this
/// one may fork, and until that child has become its own program the script is "text file busy".
fn write_program(file: &Path, script: &str) {
    let text = file.with_extension("text");
    fs::write(&text, script).unwrap();
    let mut install = Command::new("install");
    let written = install.args(["-m", "755"]).arg(text).arg(file).status();
    assert!(written.unwrap().success());
}

#[test]
fn python_without_venv_installs_its_packages_another_way() {
    let folder = tempfile::tempdir().unwrap();
    let python = folder.path().join("python-without-venv");
    let script = "#!/bin/sh\n[ \"$2\" = venv ] && { echo no ensurepip >&2; exit 1; }\n\
                  exec python3 \"$@\"\n";
    write_program(&python, script);
    let packages = folder.path().join("station");

    let station = ok(PythonStation::prepare_with(&python, &packages));

    assert!(!packages.join("venv").exists());
    let server = ok(station.start_server_tcp());
    check_python(&station, &server.address(), "mean 1 2", json!({"ok": 1.5}));
}

#[test]
fn neovim_calls_back_while_its_own_request_is_outstanding() {
    let status = Peer::Neovim.status();
    assert!(status.is_present(), "{status}");

    let answer = ok(python_station().check_nvim_callback());

    assert_eq!(answer["error"], Value::Null);
    assert_eq!(
        answer["answers"],
        json!({
            "count_before": 0,
            "latest": {"place": "Oslo", "celsius": -3.5, "at": 1_700_000_000},
            "unknown_place": "unknown error",
            "mean": 2.5,
            "mean_of_nothing": 0,
            "count": 1,
            "reported": {"place": "Voss", "celsius": 4, "at": 1_700_000_120},
        })
    );
    assert_eq!(
        answer["seen"],
        json!([
            [0, 1, "count", []],
            [0, 2, "latest", ["Oslo"]],
            [0, 3, "latest", ["Atlantis"]],
            [0, 4, "mean", [[1, 2.5, 4]]],
            [0, 5, "mean", [[]]],
            [2, "report", [{"place": "Voss", "celsius": 4, "at": 1_700_000_120}]],
            [0, 6, "count", []],
            [0, 7, "latest", ["Voss"]],
        ])
    );
}

#[test]
fn a_second_build_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let program = ok(build_c(folder.path())).client_program();
    let first = program.metadata().unwrap().modified().unwrap();

    ok(build_c(folder.path()));

    assert_eq!(program.metadata().unwrap().modified().unwrap(), first);
}

#[test]
fn a_build_that_lost_a_program_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let program = ok(build_c(folder.path())).client_program();
    fs::remove_file(&program).unwrap();

    ok(build_c(folder.path()));

    assert!(program.exists());
}

#[test]
fn a_program_older_than_its_sources_is_built_again() {
    let folder = tempfile::tempdir().unwrap();
    let program = ok(build_c(folder.path())).client_program();
    let file = fs::File::options().append(true).open(&program).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    drop(file);

    ok(build_c(folder.path()));

    let modified = program.metadata().unwrap().modified().unwrap();
    assert_ne!(modified, SystemTime::UNIX_EPOCH);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let error = build_c(Path::new("/proc/no-such-folder")).unwrap_err();
    assert!(matches!(error, BuildError::Folder { .. }), "{error:?}");
    assert!(
        error.to_string().contains("/proc/no-such-folder"),
        "{error}"
    );
}

#[test]
fn a_server_that_cannot_listen_is_an_error_with_its_own_words() {
    let station = python_station();
    let error = station
        .start_server_unix(Path::new("/proc/no-such-folder/station.sock"))
        .unwrap_err();
    assert!(matches!(error, PeerError::NotReady { .. }), "{error:?}");
    assert!(
        error.to_string().contains("No such file or directory"),
        "{error}"
    );
}

#[test]
fn a_client_that_cannot_connect_is_an_error_with_its_own_words() {
    let station = c_station();
    let server = ok(station.start_server());
    let port = server.port().to_string();
    drop(server);

    let error = station.client(&["127.0.0.1", &port, "null"]).unwrap_err();

    let PeerError::Command(CommandError::Failed { stderr, .. }) = &error else {
        panic!("{error:?}");
    };
    assert!(stderr.contains("Connection refused"), "{error}");
}

fn check_bench(answer: &Value, operation: &str) {
    let figures = &answer["ok"];
    assert_eq!(figures["operation"], operation, "{answer}");
    assert_eq!(figures["calls"], 200, "{answer}");
    let time = |name: &str| figures[name].as_f64().unwrap_or_else(|| panic!("{answer}"));
    assert!(time("min_us") > 0.0, "{answer}");
    assert!(time("min_us") <= time("p50_us"), "{answer}");
    assert!(time("p50_us") <= time("p99_us"), "{answer}");
}

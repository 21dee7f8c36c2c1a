//! `rmix call --idl`, answered by `rmix serve` over every transport; and what goes wrong before and after sending.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::path::Path;

use serde_json::{Value, json};

use crate::installed::{Installed, Serving};

/// Every construct of the language; the bytes of its values are compared with C's where it comes from.
pub(crate) fn everything() -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop/rmix-idl/tests");
    let file = tests.join("testdata/everything.x");
    assert!(file.is_file(), "{} is not there", file.display());
    file.to_str().unwrap().to_owned()
}

/// A value of `all`.
pub(crate) fn all() -> Value {
    json!({
        "n": {"c": -5, "uc": 250, "s": -300, "us": 65000, "i": -70000, "u": 4_000_000_000_u32, "l": -8,
              "ul": 4_000_000_001_u32, "h": -5_000_000_000_i64, "uh": "18000000000000000000", "f": 1.5, "d": -2.25,
              "b": true, "ui": 12, "ush": 513},
        "a": {"fixed": "0102030405", "text": "text", "ints": [1, -2, 3],
              "points": [{"x": 1, "y": 2}, {"x": 3, "y": 4}], "labels": ["a", "four", "five5"],
              "triples": [[-2, -1, 0], [1, 2, 3]], "chars": [0, 127, 255], "signed_chars": [-1, 5],
              "flags": [true, false], "many": (0..40).map(|i| i * i).collect::<Vec<_>>(),
              "colours": ["RED", "BLUE", "DARK"], "file": "ff00010203040506", "data": "070809"},
        "list": [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}],
        "alone": {"id": 3, "name": "three", "next": [{"id": 2, "name": "two"}]},
        "t": {"value": 6, "left": {"value": 7, "left": null, "right": null}, "right": null},
        "results": [{"status": "RED", "code": -44}, {"status": "BLUE", "text": "blue"}, {"status": "DARK"}],
        "others": [{"kind": -1}, {"kind": -3, "at": {"x": -1, "y": 1}}, {"kind": -1000, "rest": 1_099_511_627_776_i64}],
        "flags": [{"ok": true, "value": 17}, {"ok": false}],
        "words": [{"w": 4_294_967_295_u32, "top": 1}, {"w": 2_147_483_648_u32}],
        "m1": {"x": -1, "y": 1}, "m2": null,
        "o": {"crate": {"match": 1, "self": 2, "fn": 3}},
        "f": {"found": {"x": 99}, "where": {"x": -1, "y": 1}},
    })
}

/// A server of `everything.x` on all transports.
fn server(installed: &Installed, responses: &Value, folder: &Path) -> Serving {
    let script = folder.join("responses.json");
    fs::write(&script, responses.to_string()).unwrap();
    let unix = format!("sunrpc+unix:{}/rpc.sock/EVERYTHING/FIRST", folder.display());
    installed.serve(&[
        "--idl",
        &everything(),
        "--responses",
        script.to_str().unwrap(),
        "sunrpc+tcp://127.0.0.1:0/EVERYTHING/FIRST",
        "sunrpc+udp://127.0.0.1:0/EVERYTHING/FIRST",
        &unix,
    ])
}

#[test]
fn every_construct_goes_there_and_back_over_every_transport() {
    let installed = Installed::new();
    let folder = tempfile::tempdir().unwrap();
    let mut server = server(&installed, &json!({"SEND": all()}), folder.path());
    assert_eq!(server.endpoints.len(), 3);
    let argument = all().to_string();
    for endpoint in server.endpoints.clone() {
        let call = [
            "call",
            "--json",
            "--idl",
            &everything(),
            &endpoint,
            "SEND",
            &argument,
        ];
        let result = installed.run(&call).json(0);
        assert_eq!(result, all(), "{endpoint}");
        let line = server.line();
        assert_eq!(line["arguments"], json!([all()]));
        assert_eq!(line["result"], all());
        assert_eq!(
            (&line["procedure"], &line["number"]),
            (&json!("SEND"), &json!(1))
        );
        assert_eq!(line["claim"], Value::Null);
    }
}

#[test]
fn results_keep_the_order_of_the_file_and_void_is_null() {
    let installed = Installed::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.x");
    fs::write(
        &file,
        "struct s { int b; int a; }; program P { version V { s GET(void) = 1; void SET(s) = 2; } = 1; } = 0x20000002;",
    )
    .unwrap();
    let script = folder.path().join("p.json");
    fs::write(&script, "{\"GET\": {\"a\": 1, \"b\": 2}, \"SET\": null}").unwrap();
    let (file, script) = (file.to_str().unwrap(), script.to_str().unwrap());
    // Without program and version, of which the file has one.
    let server = installed.serve(&[
        "--idl",
        file,
        "--responses",
        script,
        "sunrpc+tcp://127.0.0.1:0",
    ]);
    let endpoint = server.endpoints[0].trim_end_matches("/536870914/1");
    assert!(endpoint.len() < server.endpoints[0].len());
    let get = installed.run(&["call", "--idl", file, endpoint, "GET"]);
    get.check_result("{\n  \"b\": 2,\n  \"a\": 1\n}\n");
    let set = ["call", "--idl", file, endpoint, "2", "{\"a\":1,\"b\":2}"];
    installed.run(&set).check_result("null\n");
}

#[test]
fn an_identity_is_claimed() {
    let installed = Installed::new();
    let folder = tempfile::tempdir().unwrap();
    let mut server = server(&installed, &json!({"start": 7}), folder.path());
    let endpoint = format!("{}?nul=keep", server.endpoints[0]);
    let identity = ["--auth-sys", "uid=7,gid=8,gids=4:5,machine=my lab"];
    let call = [
        "call",
        "--idl",
        &everything(),
        &endpoint,
        "start",
        "\"DARK\"",
    ];
    installed
        .run(&[&call[..], &identity[..]].concat())
        .check_result("7\n");
    let claim = json!({"scheme": "sys", "uid": 7, "gid": 8, "gids": [4, 5], "machine": "my lab"});
    assert_eq!(server.line()["claim"], claim);
    let without_idl = ["call", "--auth-sys", "uid=1", &endpoint, "start"];
    installed.run(&without_idl).check_failure(2, &["--idl"]);
    let wrong = [
        "call",
        "--auth-sys",
        "user=1",
        "--idl",
        &everything(),
        &endpoint,
        "start",
    ];
    installed.run(&wrong).check_failure(2, &["expected uid=N"]);
}

#[test]
fn a_oneway_call_arrives_and_prints_nothing() {
    let installed = Installed::new();
    let folder = tempfile::tempdir().unwrap();
    let mut server = server(&installed, &json!({"start": 7}), folder.path());
    for endpoint in server.endpoints.clone() {
        let call = [
            "call",
            "--oneway",
            "--idl",
            &everything(),
            &endpoint,
            "start",
            "\"RED\"",
        ];
        installed.run(&call).check_result("");
        assert_eq!(server.line()["arguments"], json!(["RED"]), "{endpoint}");
    }
}

#[test]
fn arguments_that_do_not_fit_are_not_sent() {
    let installed = Installed::new();
    let file = everything();
    let usage = ["fix-request", "usage", "not-sent"];
    // Nobody is asked.
    let endpoint = "sunrpc+tcp://127.0.0.1:1/EVERYTHING/FIRST";
    let mut wrong = all();
    wrong["f"]["where"]["x"] = json!("far");
    for (method, arguments, words) in [
        (
            "SEND",
            vec![wrong.to_string()],
            "arguments[0].f.where.x: expected int, an integer, found the text \"far\"",
        ),
        (
            "SEND",
            vec![],
            "`SEND` takes 1 argument, and 0 were given: all SEND(all)",
        ),
        (
            "GREET",
            vec!["\"12345678901234567\"".to_owned()],
            "arguments[0]: expected string<16>, at most 16 bytes, found 17",
        ),
        (
            "SNED",
            vec![],
            "has no procedure `SNED` (did you mean `SEND`?); it has",
        ),
        ("99", vec![], "1    all SEND(all)"),
        (
            "start",
            vec!["RED".to_owned()],
            "argument 1, `RED`, cannot be read as JSON",
        ),
    ] {
        let mut call = vec!["call", "--json", "--idl", &file, endpoint, method];
        call.extend(arguments.iter().map(String::as_str));
        installed.run(&call).check_error(2, usage, &[words]);
    }
    for (endpoint, words) in [
        (
            "sunrpc+tcp://127.0.0.1:1",
            "has several versions; say which at the end of the endpoint",
        ),
        (
            "sunrpc+tcp://127.0.0.1:1/EVERYTHING/2",
            "version 2 of EVERYTHING is not in",
        ),
        (
            "msgpack+tcp://127.0.0.1:1/OTHER/ONLY",
            "calls methods by name",
        ),
    ] {
        let call = ["call", "--json", "--idl", &file, endpoint, "ping"];
        installed.run(&call).check_error(2, usage, &[words]);
    }
    let call = ["call", "--json", "--idl", "/no/such.x", endpoint, "ping"];
    let interface = ["fix-request", "interface-file", "not-sent"];
    installed
        .run(&call)
        .check_error(2, interface, &["/no/such.x could not be read"]);
}

#[test]
fn links_fail_as_they_do_without_a_file() {
    let installed = Installed::new();
    let file = everything();
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let endpoint = format!("sunrpc+tcp://{closed}/OTHER");
    let call = ["call", "--json", "--idl", &file, &endpoint, "ping"];
    installed
        .run(&call)
        .check_error(3, ["reconnect", "connect", "not-sent"], &["refused"]);

    // They take what comes, and never answer.
    let stream = TcpListener::bind("127.0.0.1:0").unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (scheme, address) in [
        ("tcp", stream.local_addr()),
        ("udp", datagrams.local_addr()),
    ] {
        let endpoint = format!("sunrpc+{scheme}://{}/OTHER", address.unwrap());
        let call = [
            "call",
            "--json",
            "--timeout",
            "300ms",
            "--idl",
            &file,
            &endpoint,
            "ping",
        ];
        installed
            .run(&call)
            .check_error(4, ["retry", "timeout", "maybe-executed"], &["`ping`"]);
    }
}

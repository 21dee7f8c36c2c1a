//! `rmix serve`: scripts, what is printed, how it ends. Calls come from `rmix call`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::described_calls::everything;
use crate::installed::{Installed, Ran};

const COUNTER: &str = "
    struct result { int result; };
    struct node { int n; node *next; };
    typedef node *nodes;
    program COUNTER {
        version COUNTER_1 {
            void NOTHING(void) = 0;
            int ADD(int a, int b) = 1;
            nodes LIST(void) = 2;
            result WRAP(void) = 3;
            void CLEAR(void) = 4;
            int LOST(void) = 5;
        } = 1;
        version COUNTER_2 { hyper ADD(int a, int b) = 1; } = 2;
    } = 0x20000003;
";

/// A folder with the interface file, and room for scripts.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        let files = Files(tempfile::tempdir().unwrap());
        fs::write(files.path("counter.x"), COUNTER).unwrap();
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn idl(&self) -> String {
        self.path("counter.x").to_str().unwrap().to_owned()
    }

    fn script(&self, text: &str) -> String {
        let path = self.path("script.json");
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn call(installed: &Installed, files: &Files, endpoint: &str, words: &[&str]) -> Ran {
    let (method, arguments) = words.split_first().unwrap();
    let idl = files.idl();
    let call = ["call", "--json", "--idl", &idl, endpoint, method];
    installed.run(&[&call[..], arguments].concat())
}

#[test]
fn responses_are_taken_in_turn_or_by_their_arguments() {
    let installed = Installed::new();
    let files = Files::new();
    let script = files.script(
        "{\"COUNTER_1.ADD\": [1, {\"result\": 2}, 3],
          \"COUNTER_2.ADD\": [{\"expect\": [1, 2], \"result\": \"9007199254740993\"}, {\"expect\": [0, 0], \"refuse\": \"GARBAGE_ARGS\"}],
          \"LIST\": [{\"result\": [{\"n\": 1}]}, {\"result\": []}],
          \"WRAP\": {\"result\": {\"result\": 5}},
          \"CLEAR\": [{\"refuse\": \"SYSTEM_ERR\"}, null]}",
    );
    let idl = files.idl();
    let mut server = installed.serve(&[
        "--idl",
        &idl,
        "--responses",
        &script,
        "sunrpc+tcp://127.0.0.1:0/COUNTER/1",
        "sunrpc+tcp://127.0.0.1:0/COUNTER/2",
    ]);
    let [first, second] = &server.endpoints.clone()[..] else {
        panic!("two endpoints");
    };
    for expected in [1, 2, 3, 3] {
        assert_eq!(
            call(&installed, &files, first, &["ADD", "1", "2"]).json(0),
            json!(expected)
        );
        assert_eq!(server.line()["result"], json!(expected));
    }
    for _ in 0..2 {
        let sum = call(&installed, &files, second, &["ADD", "1", "2"]);
        assert_eq!(sum.json(0), json!("9007199254740993"));
        assert_eq!(server.line()["version"], json!(2));
    }
    let garbage = call(&installed, &files, second, &["ADD", "0", "0"]);
    let refused = ["fix-request", "bad-arguments", "not-sent"];
    garbage.check_error(3, refused, &["GARBAGE_ARGS"]);
    let line = server.line();
    assert_eq!(line["refused"], json!("GARBAGE_ARGS"));
    assert_eq!(line.get("result"), None);
    let other = call(&installed, &files, second, &["ADD", "5", "5"]);
    other.check_error(1, ["retry", "remote", "maybe-executed"], &["SYSTEM_ERR"]);
    assert_eq!(server.line()["refused"], json!("SYSTEM_ERR"));

    for expected in [json!([{"n": 1}]), json!([]), json!([])] {
        assert_eq!(call(&installed, &files, first, &["LIST"]).json(0), expected);
        server.line();
    }
    assert_eq!(
        call(&installed, &files, first, &["WRAP"]).json(0),
        json!({"result": 5})
    );
    server.line();
    assert_eq!(call(&installed, &files, first, &["CLEAR"]).code, 1);
    server.line();
    assert_eq!(
        call(&installed, &files, first, &["CLEAR"]).json(0),
        Value::Null
    );
    assert_eq!(server.line().get("result"), Some(&Value::Null));
    let absent = call(&installed, &files, first, &["LOST"]);
    absent.check_error(
        3,
        ["fix-request", "no-such-method", "not-sent"],
        &["PROC_UNAVAIL"],
    );
    assert_eq!(server.line()["refused"], json!("PROC_UNAVAIL"));
}

#[test]
fn a_server_ends_after_its_count_or_when_told() {
    let installed = Installed::new();
    let files = Files::new();
    let idl = files.idl();
    let script = files.script("{\"ADD\": 4}");
    let endpoint = "sunrpc+tcp://127.0.0.1:0/COUNTER/1";
    let arguments = ["--idl", &idl, "--responses", &script, endpoint];

    let mut server = installed.serve(&[&arguments[..], &["--count", "2"]].concat());
    let listening = server.endpoints[0].clone();
    for _ in 0..2 {
        let sum = call(&installed, &files, &listening, &["ADD", "1", "3"]);
        assert_eq!(sum.json(0), json!(4), "the last one is answered too");
        assert_eq!(server.line()["procedure"], json!("ADD"));
    }
    server.end().check_result("");
    let gone = call(&installed, &files, &listening, &["ADD", "1", "3"]);
    assert_eq!(gone.code, 3, "{gone:?}");

    for signal in ["INT", "TERM"] {
        let server = installed.serve(&arguments);
        server.signal(signal);
        server.end().check_result("");
    }
}

#[test]
fn people_get_lines() {
    let installed = Installed::new();
    let files = Files::new();
    let socket = files.path("rpc.sock");
    let endpoint = format!("sunrpc+unix:{}/COUNTER/1", socket.display());
    let script = files.script("{\"ADD\": 4}");
    let idl = files.idl();
    let arguments = [
        "--count",
        "2",
        "--idl",
        &idl,
        "--responses",
        &script,
        &endpoint,
    ];
    let mut server = installed.start_serving(&arguments);
    let listening = server.text();
    assert!(
        listening.starts_with("listening on sunrpc+unix:"),
        "{listening}"
    );
    assert_eq!(
        call(&installed, &files, &endpoint, &["ADD", "1", "3"]).json(0),
        json!(4)
    );
    let line = server.text();
    assert!(line.ends_with("ADD(1, 3) -> 4\n"), "{line}");
    assert_eq!(call(&installed, &files, &endpoint, &["LOST"]).code, 3);
    let line = server.text();
    let refused = "LOST() refused: PROC_UNAVAIL (the script has no key for this procedure)\n";
    assert!(line.ends_with(refused), "{line}");
    server.end().check_result("");
}

/// Asserts that each script is refused with these words, and that nothing is listened on.
#[track_caller]
fn check_scripts_refused(cases: &[(&str, &str)]) {
    let installed = Installed::new();
    let files = Files::new();
    let idl = files.idl();
    // Listening here would fail otherwise.
    let endpoint = "sunrpc+unix:/no/such/folder/rpc.sock/COUNTER/1";
    for (text, words) in cases {
        let script = files.script(text);
        let serve = [
            "serve",
            "--json",
            "--idl",
            &idl,
            "--responses",
            &script,
            endpoint,
        ];
        let ran = installed.run(&serve);
        ran.check_error(2, ["fix-request", "usage", "not-sent"], &[words]);
    }
}

#[test]
fn values_that_do_not_fit_are_told_before_anything_listens() {
    check_scripts_refused(&[
        (
            "{\"ADD\": \"x\"}",
            "script.json.ADD: expected int, an integer, found the text \"x\"",
        ),
        (
            "{\"ADD\": [1, {\"result\": null}]}",
            "script.json.ADD[1].result: expected int",
        ),
        (
            "{\"ADD\": [{\"expect\": [1], \"result\": 1}]}",
            "ADD[0].expect: `ADD` takes 2 arguments, and 1 were given",
        ),
        (
            "{\"ADD\": [{\"expect\": [1, \"y\"], \"result\": 1}]}",
            "ADD[0].expect[1]: expected int",
        ),
        (
            "{\"ADD\": {\"expect\": 1, \"result\": 1}}",
            "ADD.expect: expected a list of the procedure's arguments",
        ),
        (
            "{\"ADD\": {\"expect\": [1, 2]}}",
            "ADD: expected either \"result\" or \"refuse\"",
        ),
        (
            "{\"ADD\": {\"result\": 1, \"refuse\": \"SYSTEM_ERR\"}}",
            "ADD: expected either \"result\" or \"refuse\"",
        ),
    ]);
}

#[test]
fn a_wrong_script_is_told_before_anything_listens() {
    check_scripts_refused(&[
        (
            "{\"ADD\": {\"refuse\": \"NO\"}}",
            "ADD.refuse: expected one of PROG_UNAVAIL, PROC_UNAVAIL",
        ),
        (
            "{\"ADD\": []}",
            "script.json.ADD: expected a response, found an empty list",
        ),
        (
            "{\"WRAP\": {\"result\": 5}}",
            "WRAP.result: expected result, an object of its fields",
        ),
        (
            "{\"CLAER\": null}",
            "`CLAER` is no procedure of what is served (did you mean `CLEAR`?); procedures are",
        ),
        (
            "{\"COUNTER_2.ADD\": 1}",
            "`COUNTER_2.ADD` is no procedure of what is served",
        ),
        (
            "{\"NOTHING\": null}",
            "`NOTHING` is procedure 0, which answers by itself",
        ),
        ("[]", "expected an object of procedures"),
        ("{", "script.json is no JSON: EOF"),
    ]);
    let files = Files::new();
    let idl = files.idl();
    let endpoint = "sunrpc+tcp://127.0.0.1:0/COUNTER/1";
    let missing = [
        "serve",
        "--idl",
        &idl,
        "--responses",
        "/no/such.json",
        endpoint,
    ];
    Installed::new()
        .run(&missing)
        .check_failure(2, &["/no/such.json cannot be read: No such file"]);
}

#[test]
fn endpoints_that_do_not_fit_are_refused() {
    let installed = Installed::new();
    let files = Files::new();
    let idl = files.idl();
    let script = files.script("{\"ADD\": 1}");
    let serve = |idl: &str, endpoint: &str| {
        installed.run(&[
            "serve",
            "--json",
            "--idl",
            idl,
            "--responses",
            &script,
            endpoint,
        ])
    };
    let usage = ["fix-request", "usage", "not-sent"];
    serve(&idl, "sunrpc+tcp://127.0.0.1:0").check_error(2, usage, &["has several versions"]);
    serve(&idl, "msgpack+tcp://127.0.0.1:0/COUNTER/1").check_error(
        2,
        usage,
        &["calls methods by name"],
    );
    serve(&everything(), "sunrpc+tcp://127.0.0.1:0/COUNTER/1").check_error(
        2,
        usage,
        &["program COUNTER is not in"],
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("sunrpc+tcp://{}/COUNTER/1", taken.local_addr().unwrap());
    let refused = serve(&idl, &endpoint);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.stdout.contains("in use"), "{refused:?}");
    let nothing = ["serve", "--idl", &idl, "--responses", &script];
    installed.run(&nothing).check_failure(2, &["<ENDPOINT>"]);
    assert!(Path::new(&idl).exists());
}

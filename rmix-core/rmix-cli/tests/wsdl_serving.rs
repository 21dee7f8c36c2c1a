//! `rmix serve --idl FILE.wsdl`: real clients answered by a script, and what a script may not say.

use std::fs;
use std::path::Path;

use rmix_peers::soap::{PhpSoap, Service, SoapClient, SoapVersion, Target, Zeep, contract_file};
use serde_json::{Value, json};

use crate::installed::{Installed, Serving};

/// Answers to the cases of the contract's clients that [`CASES`] names, for a client called `user`.
fn script(user: &str) -> Value {
    let reading =
        |place: &str, celsius: f64, at: &str| json!({"place": place, "celsius": celsius, "at": at});
    let with = |mut reading: Value, more: Value| {
        let more = more.as_object().unwrap().clone();
        reading.as_object_mut().unwrap().extend(more);
        reading
    };
    let oslo = with(
        reading("Oslo", -3.5, "2024-01-31T12:30:00Z"),
        json!({"tags": ["coast", "capital"], "quality": "good", "note": "cold"}),
    );
    let bergen = with(
        reading("Bergen", 6.25, "2024-02-29T23:59:59Z"),
        json!({"tags": ["rain"], "quality": "bad", "note": null, "comment": "wet"}),
    );
    let node = |name: &str, children: Value| json!({"name": name, "children": children});
    let (leaf, inner) = (node("leaf", json!([])), node("leaf", json!([])));
    let twig = node("twig", json!([node("branch", json!([inner]))]));
    let places = json!(["Bergen", "Oslo", "Voss"]);
    json!({
        "echo": "Grüße, 世界 🌍",
        "add": [
            {"expect": [1, 2], "result": 3},
            {"expect": [-2147483647, -1], "result": "-2147483648"},
        ],
        "stats": [
            {"expect": [[1, "INF"]], "result": {"count": 2, "mean": "INF", "min": 1, "max": "INF"}},
            {"expect": [[1, 2, 3.75]], "result": {"count": 3, "mean": 2.25, "min": 1, "max": 3.75}},
        ],
        "reading": [
            {"expect": ["Oslo"], "result": oslo},
            {"expect": ["Bergen"], "result": bergen},
            {"expect": ["Atlantis"], "fault": {"NoSuchPlace": {"place": "Atlantis", "known": places}}},
        ],
        "tree": {"expect": [node("root", json!([leaf, twig]))], "result": 4},
        "area": {"expect": [{"Circle": {"name": "Circle", "radius": 2}}], "result": 12.566370614359172},
        "pay": {"expect": ["100.05", "2024-02-29"], "result": "100.34"},
        "label": {"result": {"value": "TITLE <1>", "id": 8, "lang": "en"}},
        "running": {"result": {"return": [1, 3, 6]}},
        "settle": {
            "expect": [{"amount": "9.99", "choice": {"card": {"number": "49001234"}}}],
            "result": {"approval": "A-1234"},
        },
        "whoami": {
            "expect": [{"user": user, "id": 7}],
            "result": {"return": format!("{user}#7"), "Served": {"count": 1}},
        },
        "notified": {"result": [format!("{user} one"), format!("{user} two")]},
        "swap": {"expect": ["left", "right"], "result": {"a": "right", "b": "left"}},
    })
}

const CASES: [&str; 17] = [
    "echo",
    "add",
    "add-negative",
    "stats",
    "stats-up",
    "reading",
    "reading-nil",
    "reading-fault",
    "tree",
    "area-circle",
    "pay",
    "label",
    "running",
    "settle-card",
    "whoami",
    "notify",
    "swap",
];

/// A folder with scripts, and the command with the provider of SOAP.
struct Serve {
    folder: tempfile::TempDir,
    installed: Installed,
}

impl Serve {
    fn new() -> Serve {
        let installed = Installed::new();
        installed.add_provider("soap", &installed.lib());
        Serve {
            folder: tempfile::tempdir().unwrap(),
            installed,
        }
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn start(&self, idl: &Path, script: &Value, more: &[&str]) -> Serving {
        let script = self.write("script.json", &script.to_string());
        let head = ["--idl", idl.to_str().unwrap(), "--responses", &script];
        let endpoint = ["soap+http://127.0.0.1:0/contract"];
        self.installed.serve(&[&head[..], more, &endpoint].concat())
    }
}

/// Where a server of ours listens, as clients of HTTP know it.
fn url(serving: &Serving) -> String {
    let endpoint = serving.endpoints[0].strip_prefix("soap+").unwrap();
    endpoint.split('?').next().unwrap().to_owned()
}

/// A client of the contract is answered as by any server, by either version, by the file and by what we make of it.
fn check_client(client: &dyn SoapClient) {
    let serve = Serve::new();
    let file = contract_file("contract.wsdl");
    let user = client.name();
    let mut serving = serve.start(&file, &script(user), &[]);
    let url = url(&serving);
    for version in [SoapVersion::V11, SoapVersion::V12] {
        let targets = [
            Target::at(&url, version, user),
            Target::described(&url, &file, version, user),
        ];
        for target in targets {
            let lines = client.run(Service::Contract, &target, &CASES);
            let lines = lines.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(lines, Service::Contract.lines(user, &CASES), "{target:?}");
            let called = (0..CASES.len() + 2).map(|_| serving.line());
            let called: Vec<Value> = called.collect();
            check_lines(&called, user);
        }
    }
    serving.signal("TERM");
    serving.end().check_result("");
}

/// What is printed of a run of all cases: one line more for each notification beyond the question what was notified.
fn check_lines(called: &[Value], user: &str) {
    let of = |name: &'static str| called.iter().filter(move |line| line["operation"] == name);
    assert_eq!(of("whoami").count(), 1);
    let whoami = of("whoami").next().unwrap();
    assert_eq!(whoami["arguments"], json!([{"user": user, "id": 7}]));
    assert_eq!(whoami["interface"], "Contract");
    let words: Vec<&Value> = of("notify").map(|line| &line["arguments"][0]).collect();
    assert_eq!(
        words,
        [&json!(format!("{user} one")), &json!(format!("{user} two"))]
    );
    assert!(of("notify").all(|line| line["result"].is_null() && line.get("refused").is_none()));
    let faults: Vec<&Value> = of("reading").filter_map(|line| line.get("fault")).collect();
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0]["NoSuchPlace"]["place"], "Atlantis");
}

#[test]
fn zeep_is_answered_by_the_script() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("soap-zeep");
    check_client(&Zeep::prepare(&folder).unwrap());
}

#[test]
fn php_is_answered_by_the_script() {
    check_client(&PhpSoap::find().unwrap());
}

#[test]
fn what_no_response_is_for_is_a_fault() {
    let serve = Serve::new();
    let script = json!({
        "add": {"expect": [1, 2], "result": 3},
        "echo": [{"refuse": "denied", "message": "not you"}, {"refuse": "internal"}],
    });
    let file = contract_file("contract.wsdl");
    let mut serving = serve.start(&file, &script, &["--count", "4"]);
    let idl = file.to_str().unwrap();
    let endpoint = serving.endpoints[0].clone();
    let call = |words: &[&str]| {
        let head = ["call", "--json", "--idl", idl, &endpoint];
        serve.installed.run(&[&head, words].concat())
    };
    let check = |words: &[&str], code: i32, sentence: &str| {
        let error = &call(words).json(code)["error"];
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(sentence), "{message}");
    };
    check(&["echo", "\"x\""], 3, "fault Client: not you");
    check(&["echo", "\"x\""], 1, "fault Server: the script says so");
    check(
        &["add", "2", "1"],
        1,
        "no response of the script is for these arguments",
    );
    check(&["swap", "\"a\"", "\"b\""], 3, "the script has no key");
    let refused: Vec<Value> = (0..4).map(|_| serving.line()["refused"].clone()).collect();
    assert_eq!(
        refused,
        ["denied", "internal", "internal", "no-such-method"]
    );
    serving.end().check_result("");
}

#[test]
fn the_user_of_a_token_is_told() {
    let serve = Serve::new();
    let script = serve.write("script.json", r#"{"add": 3}"#);
    let users = serve.write("users", "ann lee:secret\n");
    let password = serve.write("password", "secret\n");
    let idl = contract_file("contract.wsdl");
    let idl = idl.to_str().unwrap();
    let listener = format!("soap+http://127.0.0.1:0/contract?security=digest&users_file={users}");
    let arguments = ["--count", "1", "--idl", idl, "--responses", &script];
    let mut serving = serve
        .installed
        .serve(&[&arguments[..], &[&listener]].concat());
    let endpoint = format!(
        "soap+{}?security=digest&user=ann%20lee&password_file={password}",
        url(&serving)
    );
    let call = ["call", "--idl", idl, &endpoint, "add", "1", "2"];
    serve.installed.run(&call).check_result("3\n");
    let claim = json!({
        "scheme": "wsse", "uid": null, "gid": null, "gids": [], "machine": null,
        "user": "ann lee", "verified": true,
    });
    assert_eq!(serving.line()["claim"], claim);
    serving.end().check_result("");
}

#[test]
fn people_get_lines_of_operations() {
    let serve = Serve::new();
    let script =
        r#"{"add": 3, "reading": {"fault": {"NoSuchPlace": {"place": "X", "known": []}}}}"#;
    let script = serve.write("script.json", script);
    let idl = contract_file("contract.wsdl");
    let idl = idl.to_str().unwrap();
    let arguments = ["--count", "2", "--idl", idl, "--responses", &script];
    let endpoint = ["soap+http://127.0.0.1:0/contract"];
    let mut serving = serve
        .installed
        .start_serving(&[&arguments[..], &endpoint].concat());
    let listening = serving.text();
    let endpoint = listening.trim_end().strip_prefix("listening on ").unwrap();
    let call = |words: &[&str]| {
        let head = ["call", "--idl", idl, endpoint];
        serve.installed.run(&[&head, words].concat())
    };
    call(&["add", "1", "2"]).check_result("3\n");
    let line = serving.text();
    assert!(line.ends_with(" add(1, 2) -> 3\n"), "{line}");
    call(&["reading", "\"X\""]).check_failure(1, &["the peer raised a fault", "NoSuchPlace"]);
    let line = serving.text();
    let fault = " reading(\"X\") fault: {\"NoSuchPlace\":{\"known\":[],\"place\":\"X\"}}\n";
    assert!(line.ends_with(fault), "{line}");
    serving.end().check_result("");
}

#[test]
fn references_are_given_and_taken_as_text() {
    let serve = Serve::new();
    let idl = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../interop/rmix-idl/tests/testdata/wsdl/HotelService.wsdl"
    );
    let (first, second) = ("rmix:Room#7@soap+http://h:1/7", "soap+http://h:1/8");
    let script = json!({
        "room": first,
        "rooms": {"result": [first, second]},
    });
    let mut serving = serve.start(Path::new(idl), &script, &["--count", "2"]);
    let endpoint = serving.endpoints[0].clone();
    let call = |words: &[&str]| {
        let head = ["call", "--json", "--idl", idl, &endpoint];
        serve.installed.run(&[&head, words].concat())
    };
    let usage = ["fix-request", "usage", "not-sent"];
    let wrong = call(&["rooms", r#""lobby""#]);
    wrong.check_error(2, usage, &["arguments[0]: \"lobby\" cannot be bound to:"]);
    let room = call(&["room", "7"]).json(0);
    let room = room.as_str().unwrap();
    assert!(room.starts_with("rmix:Room#7@soap+http://h:1/7"), "{room}");
    let rooms = call(&["rooms", &format!("{first:?}")]).json(0);
    assert_eq!(rooms[1], "rmix:#0@soap+http://h:1/8");
    let (_, told) = (serving.line(), serving.line());
    assert_eq!(told["operation"], "rooms");
    serving.end().check_result("");
}

/// Asserts that each script is refused with these words, and that nothing is listened on.
#[track_caller]
fn check_scripts_refused(cases: &[(&str, &str)]) {
    let serve = Serve::new();
    let idl = contract_file("contract.wsdl");
    for (text, words) in cases {
        let script = serve.write("script.json", text);
        let ran = serve.installed.run(&[
            "serve",
            "--json",
            "--idl",
            idl.to_str().unwrap(),
            "--responses",
            &script,
            // Listening there would fail otherwise.
            "soap+http://127.0.0.1:0/contract?cert=/no/such/file",
        ]);
        ran.check_error(2, ["fix-request", "usage", "not-sent"], &[words]);
    }
}

#[test]
fn values_that_do_not_fit_the_wsdl_are_told_before_anything_listens() {
    check_scripts_refused(&[
        (
            r#"{"add": "x"}"#,
            r#"script.json.add: "x" stands where an integer of 32 bits is expected"#,
        ),
        (
            r#"{"add": [1, {"result": null}]}"#,
            "script.json.add[1].result: null stands where",
        ),
        (
            r#"{"add": {"expect": [1], "result": 1}}"#,
            "script.json.add.expect: `add` takes 2 arguments, and 1 were given: add(a, b)",
        ),
        (
            r#"{"tree": [{"expect": [{"name": "a", "children": [{"name": 1}]}], "result": 1}]}"#,
            "script.json.tree[0].expect[0].children[0].name: 1 stands where text is expected",
        ),
        (
            r#"{"reading": {"fault": {"NoPlace": {}}}}"#,
            "script.json.reading.fault: reading faults has no variant",
        ),
        (
            r#"{"add": {"fault": {"Any": 1}}}"#,
            "script.json.add.fault: `add` declares no fault",
        ),
        (
            r#"{"blob": {"size": 1, "sha256": {"$float": "nan"}}}"#,
            "script.json.blob.sha256: \"NaN\" stands where text of hexadecimal digits",
        ),
        (
            r#"{"pay": "1.2.3"}"#,
            r#"script.json.pay: "1.2.3" is no xs:decimal: "#,
        ),
        (
            r#"{"pay": {"expect": ["1", "2026-02-30"], "result": "1"}}"#,
            r#"script.json.pay.expect[1]: "2026-02-30" is no xs:date: "#,
        ),
        (
            r#"{"reading": {"place": "Oslo", "celsius": 1, "at": "2026-11-22 12:00", "tags": [], "quality": "good"}}"#,
            r#"script.json.reading.at: "2026-11-22 12:00" is no xs:dateTime: there is no T"#,
        ),
        (
            r#"{"echo": {"$text": "ff"}}"#,
            "script.json.echo: $text and $ext have no place here",
        ),
    ]);
}

#[test]
fn a_wrong_script_for_a_wsdl_is_told_before_anything_listens() {
    check_scripts_refused(&[
        (
            r#"{"adt": 1}"#,
            "script.json: `adt` is no operation of what is served (did you mean `add`?); operations are echo, add",
        ),
        (
            r#"{"add": {"refuse": "SYSTEM_ERR"}}"#,
            "script.json.add.refuse: expected one of internal, no-such-object",
        ),
        (
            r#"{"add": {"expect": [1, 2]}}"#,
            r#"script.json.add: expected one of "result", "fault", "refuse""#,
        ),
        (
            r#"{"add": {"result": 1, "message": "x"}}"#,
            "script.json.add.message: only what is refused has a message",
        ),
        (
            r#"{"add": {"refuse": "busy", "message": 1}}"#,
            "script.json.add.message: expected a text",
        ),
        (
            r#"{"add": []}"#,
            "script.json.add: expected a response, found an empty list",
        ),
        ("[]", "script.json: expected an object of procedures"),
    ]);
}

/// Two port types, one of them with an operation that is overloaded.
pub(crate) const TWO: &str = r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:x="http://www.w3.org/2001/XMLSchema"
    xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:two" targetNamespace="urn:two">
  <message name="in"><part name="a" type="x:int"/></message>
  <message name="more"><part name="b" type="x:string"/></message>
  <message name="out"><part name="sum" type="x:int"/></message>
  <portType name="One"><operation name="Add"><input message="t:in"/><output message="t:out"/></operation></portType>
  <portType name="Other">
    <operation name="Add"><input name="first" message="t:in"/><output message="t:out"/></operation>
    <operation name="Add"><input name="second" message="t:more"/><output message="t:out"/></operation>
  </portType>
  <binding name="b" type="t:One"><s:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="Add"><s:operation soapAction=""/><input><s:body use="literal"/></input>
      <output><s:body use="literal"/></output></operation></binding>
  <binding name="c" type="t:Other"><s:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="Add"><s:operation soapAction=""/><input name="first"><s:body use="literal"/></input>
      <output><s:body use="literal"/></output></operation>
    <operation name="Add"><s:operation soapAction=""/><input name="second"><s:body use="literal"/></input>
      <output><s:body use="literal"/></output></operation></binding>
</definitions>"#;

#[test]
fn one_of_several_interfaces_is_named() {
    let serve = Serve::new();
    let idl = serve.write("two.wsdl", TWO);
    let script = serve.write("script.json", r#"{"Add": 5}"#);
    let run = |more: &[&str]| {
        let head = ["serve", "--json", "--idl", &idl, "--responses", &script];
        let endpoint = ["soap+http://127.0.0.1:0/two"];
        serve.installed.run(&[&head[..], more, &endpoint].concat())
    };
    let usage = ["fix-request", "usage", "not-sent"];
    run(&[]).check_error(2, usage, &["say which with --interface: One, Other"]);
    run(&["--interface", "Two"]).check_error(2, usage, &["has no interface `Two`", "One, Other"]);
    let overloaded = run(&["--interface", "Other"]);
    let file = ["fix-request", "interface-file", "not-sent"];
    overloaded.check_error(2, file, &["two.wsdl:9:5: `Add` is overloaded"]);
    assert_eq!(overloaded.json(2)["error"]["line"], 9);

    let script = json!({"Add": 5});
    let mut serving = serve.start(Path::new(&idl), &script, &["--interface", "One"]);
    let endpoint = serving.endpoints[0].clone();
    let called = serve.installed.run(&[
        "call",
        "--json",
        "--idl",
        &idl,
        "--interface",
        "One",
        &endpoint,
        "Add",
        "1",
    ]);
    assert_eq!(called.json(0), json!(5));
    assert_eq!(serving.line()["interface"], "One");

    let none = serve.write(
        "none.xsd",
        r#"<schema xmlns="http://www.w3.org/2001/XMLSchema"/>"#,
    );
    let script = serve.write("script.json", "{}");
    let endpoint = "soap+http://127.0.0.1:0/x";
    let none = serve
        .installed
        .run(&["serve", "--idl", &none, "--responses", &script, endpoint]);
    none.check_failure(2, &["none.xsd describes no interface that SOAP can call"]);
}

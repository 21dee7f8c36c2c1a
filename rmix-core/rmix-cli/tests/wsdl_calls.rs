//! `rmix call --idl FILE.wsdl`, answered by a SoapServer in PHP; and what goes wrong before anything is sent.

use rmix_peers::soap::{PhpSoap, contract_file};
use serde_json::json;

use crate::fetching::canned;
use crate::installed::{Installed, Ran};
use crate::wsdl_serving::TWO;

struct Called {
    installed: Installed,
    contract: String,
}

impl Called {
    fn new() -> Called {
        let installed = Installed::new();
        installed.add_provider("soap", &installed.lib());
        let contract = contract_file("contract.wsdl");
        let contract = contract.to_str().unwrap().to_owned();
        Called {
            installed,
            contract,
        }
    }

    fn call(&self, endpoint: &str, arguments: &[&str]) -> Ran {
        let head = ["call", "--json", "--idl", &self.contract, endpoint];
        self.installed.run(&[&head, arguments].concat())
    }
}

#[test]
fn operations_of_a_wsdl_are_called_with_json() {
    let called = Called::new();
    let server = PhpSoap::find().unwrap().start_server().unwrap();
    for (path, version) in [("contract", "1.1"), ("contract12", "1.2")] {
        let endpoint = server.endpoint(path).replace("http://", "soap+http://");
        let endpoint = format!("{endpoint}?version={version}");
        let check = |arguments: &[&str], expected: serde_json::Value| {
            let ran = called.call(&endpoint, arguments);
            assert_eq!(
                (ran.code, ran.stderr.as_str()),
                (0, ""),
                "{arguments:?} {}",
                ran.stdout
            );
            let found: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
            assert_eq!(found, expected, "{arguments:?}");
        };
        check(&["add", "2", "40"], json!(42));
        check(&["echo", r#""a<b> &amp; ü""#], json!("a<b> &amp; ü"));
        let stats = json!({"count": 3, "mean": 2.0, "min": 1.0, "max": 3.0});
        check(&["stats", "[1, 2, 3]"], stats);
        let tree = r#"{"name": "a", "children": [{"name": "b", "children": []}]}"#;
        check(&["tree", tree], json!(2));
        check(
            &["area", r#"{"Square": {"name": "s", "side": 1.5}}"#],
            json!(2.25),
        );
        check(&["pay", r#""1.10""#, r#""2026-11-22""#], json!("1.32"));
        check(&["running", "[1, 2, 3]"], json!({"return": [1, 3, 6]}));
        check(&["swap", r#""x""#, r#""y""#], json!({"a": "y", "b": "x"}));
        let fault = called.call(&endpoint, &["reading", r#""Atlantis""#]);
        assert_eq!(fault.code, 1, "{}", fault.stdout);
        let said: serde_json::Value = serde_json::from_str(&fault.stdout).unwrap();
        assert_eq!(said["fault"]["NoSuchPlace"]["place"], "Atlantis");
    }
    server.stop().unwrap();
}

#[test]
fn a_peer_that_does_not_take_the_version_is_a_failure_of_the_protocol() {
    let called = Called::new();
    let peer = canned(b"HTTP/1.1 415 Unsupported Media Type\r\nContent-Length: 0\r\n\r\n".to_vec());
    for (options, spoken, other) in [("", "1.1", "1.2"), ("?version=1.2", "1.2", "1.1")] {
        let endpoint = format!("soap+http://{peer}/x{options}");
        let ran = called.call(&endpoint, &["add", "1", "2"]);
        let hint = format!(
            "called by SOAP {spoken}, and may want {other}: the option version={other} of the endpoint"
        );
        ran.check_error(3, ["unsupported", "other", "not-sent"], &["415", &hint]);
    }
}

#[test]
fn one_of_several_interfaces_with_the_operation_is_named() {
    let called = Called::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("two.wsdl");
    std::fs::write(&file, TWO).unwrap();
    let idl = file.to_str().unwrap();
    let run = |arguments: &[&str]| {
        let head = ["call", "--idl", idl];
        // Nothing listens there.
        let endpoint = ["soap+http://127.0.0.1:1/two"];
        let (options, operation) = arguments.split_at(arguments.len() - 2);
        called
            .installed
            .run(&[&head, options, &endpoint, operation].concat())
    };
    let several = "several interfaces of";
    run(&["Add", "1"]).check_failure(
        2,
        &[
            several,
            "operation `Add`: say which with --interface: One, Other",
        ],
    );
    run(&["--interface", "Ones", "Add", "1"])
        .check_failure(2, &["no interface `Ones` (did you mean `One`?)"]);
    run(&["--interface", "One", "Sub", "1"])
        .check_failure(2, &["has no operation `Sub`", "there are: Add\n"]);
    run(&["--interface", "One", "Add", "1"]).check_failure(3, &["cannot connect"]);
    let overloaded = ["`Add` of Other is overloaded", "\n  Add(a)\n  Add(b)"];
    run(&["--interface", "Other", "Add", "1"]).check_failure(2, &overloaded);

    let describe = |more: &[&str]| called.installed.run(&[&["describe", idl], more].concat());
    assert!(describe(&[]).stdout.contains("interface One "));
    let one = describe(&["--interface", "Other"]);
    assert!(
        one.stdout.starts_with("interface Other in urn:two"),
        "{one:?}"
    );
    assert!(!one.stdout.contains("One"), "{one:?}");
    describe(&["--interface", "Two"]).check_failure(2, &["no interface `Two`"]);
    let x = folder.path().join("a.x");
    std::fs::write(&x, "const A = 1;").unwrap();
    let of_x = ["describe", x.to_str().unwrap(), "--interface", "A"];
    called
        .installed
        .run(&of_x)
        .check_failure(2, &["--interface is for WSDL"]);
}

#[test]
fn an_overloaded_operation_is_called_by_its_number_of_arguments() {
    let called = Called::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("two.wsdl");
    let more = r#"<message name="more"><part name="b" type="x:string"/><part name="c" type="x:string"/></message>"#;
    let less = r#"<message name="more"><part name="b" type="x:string"/></message>"#;
    assert!(TWO.contains(less));
    std::fs::write(&file, TWO.replace(less, more)).unwrap();
    let head = [
        "call",
        "--idl",
        file.to_str().unwrap(),
        "--interface",
        "Other",
    ];
    let run = |arguments: &[&str]| {
        let operation = ["soap+http://127.0.0.1:1/two", "Add"];
        called
            .installed
            .run(&[&head[..], &operation, arguments].concat())
    };
    run(&["1"]).check_failure(3, &["cannot connect"]);
    run(&["\"x\"", "2"]).check_failure(2, &["arguments[1]: 2 stands where text is expected"]);
    run(&[]).check_failure(
        2,
        &[
            "not one that takes 0 argument(s)",
            "\n  Add(a)\n  Add(b, c)",
        ],
    );
}

#[test]
fn what_does_not_fit_the_wsdl_is_not_sent() {
    let called = Called::new();
    // Nothing listens there, and nobody asks.
    let endpoint = "soap+http://127.0.0.1:1/contract";
    for (arguments, why) in [
        (
            &["adt", "1", "2"][..],
            "no operation `adt` (did you mean `add`?)",
        ),
        (
            &["add", "1"][..],
            "`add` takes 2 arguments, and 1 were given: add(a, b)",
        ),
        (
            &["add", "1", "{"][..],
            "the argument `b`, `{`, cannot be read as JSON",
        ),
        (
            &["pay", r#""12,50""#, r#""2026-11-22""#][..],
            r#"arguments[0]: "12,50" is no xs:decimal: it is not digits with at most one point"#,
        ),
        (
            &["pay", r#""12.50""#, r#""22.11.2026""#][..],
            r#"arguments[1]: "22.11.2026" is no xs:date: it is not written YYYY-MM-DD"#,
        ),
    ] {
        let ran = called.call(endpoint, arguments);
        assert_eq!(ran.code, 2, "{}", ran.stdout);
        assert!(
            ran.stdout.contains(&why.replace('"', "\\\"")),
            "{}",
            ran.stdout
        );
    }
}

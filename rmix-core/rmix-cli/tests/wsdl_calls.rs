//! `rmix call --idl FILE.wsdl`, answered by a SoapServer in PHP; and what goes wrong before anything is sent.

use rmix_peers::soap::{PhpSoap, contract_file};
use serde_json::json;

use crate::installed::{Installed, Ran};

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

//! Descriptions at URLs: `describe`, `call`, `import` and `serve` of what a server of ours and servers that misbehave answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use rmix_peers::soap::contract_file;
use serde_json::{Value, json};

use crate::installed::{Installed, Serving};

/// A server of the contract; `options` begin with `?`.
struct Fetched {
    installed: Installed,
    folder: tempfile::TempDir,
}

impl Fetched {
    fn new() -> Fetched {
        let installed = Installed::new();
        installed.add_provider("soap", &installed.lib());
        Fetched {
            installed,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn serve(&self, endpoint: &str) -> Serving {
        let script = self.path("script.json");
        std::fs::write(&script, r#"{"add": 3}"#).unwrap();
        let idl = contract_file("contract.wsdl");
        let head = ["--idl", idl.to_str().unwrap(), "--responses", &script];
        self.installed.serve(&[&head[..], &[endpoint]].concat())
    }
}

/// Where a description of what is served stands.
fn description(serving: &Serving) -> String {
    let endpoint = serving.endpoints[0].strip_prefix("soap+").unwrap();
    format!("{}?wsdl", endpoint.split('?').next().unwrap())
}

#[test]
fn a_description_at_a_url_is_described() {
    let fetched = Fetched::new();
    let serving = fetched.serve("soap+http://127.0.0.1:0/contract");
    let (url, endpoint) = (description(&serving), serving.endpoints[0].as_str());
    let run = |arguments: &[&str]| fetched.installed.run(arguments);

    let shown = run(&["describe", &url]);
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    for line in [
        "interface Contract in urn:rmix:contract: document/literal wrapped\n",
        "  add(a: int, b: int): int\n",
        "    faults NoSuchPlace: NoSuchPlace\n",
        "  whoami(header SessionToken: SessionToken): (return: string, header Served: Served?)\n",
        "  notify(text: string), one-way\n",
        "struct Circle extends Shape\n",
        "  @lang: string?\n",
        "  tags: string[]\n",
        "  note: string or nil\n",
        "enumeration Quality\n  \"good\"\n",
    ] {
        assert!(
            shown.stdout.contains(line),
            "{line} is not in {}",
            shown.stdout
        );
    }

    let described = run(&["describe", "--json", &url]).json(0);
    assert_eq!(described["files"], json!([url]));
    let operations = described["interfaces"][0]["operations"].as_array().unwrap();
    let named = |name: &str| operations.iter().find(|one| one["name"] == name).unwrap();
    assert_eq!(named("add")["signature"], "add(a: int, b: int): int");
    assert_eq!(named("notify")["oneway"], json!(true));
    assert_eq!(named("reading")["faults"][0]["name"], "NoSuchPlace");
    assert_eq!(named("whoami")["arguments"][0]["form"], "header");
    let ports = described["services"][0]["ports"].as_array().unwrap();
    let endpoints: Vec<&Value> = ports.iter().map(|port| &port["endpoint"]).collect();
    assert_eq!(
        endpoints,
        [&json!(endpoint), &json!(format!("{endpoint}?version=1.2"))]
    );
}

#[test]
fn a_description_at_a_url_is_called_imported_and_served_by() {
    let fetched = Fetched::new();
    let serving = fetched.serve("soap+http://127.0.0.1:0/contract");
    let (url, endpoint) = (description(&serving), serving.endpoints[0].as_str());
    let run = |arguments: &[&str]| fetched.installed.run(arguments);

    let called = run(&["call", "--json", "--idl", &url, endpoint, "add", "1", "2"]);
    assert_eq!(called.json(0), json!(3));
    let imported = run(&["import", &url]);
    assert_eq!((imported.code, imported.stderr.as_str()), (0, ""));
    assert!(
        imported
            .stdout
            .contains("async fn add(&self, a: i32, b: i32) -> i32;")
    );

    let script = fetched.path("script.json");
    let by_url = [
        "--idl",
        &url,
        "--responses",
        &script,
        "soap+http://127.0.0.1:0/again",
    ];
    let again = fetched.installed.serve(&by_url);
    let called = run(&[
        "call",
        "--json",
        "--idl",
        &url,
        &again.endpoints[0],
        "add",
        "1",
        "2",
    ]);
    assert_eq!(called.json(0), json!(3));
}

#[test]
fn what_a_description_imports_is_fetched_when_that_is_asked_for() {
    let fetched = Fetched::new();
    let serving = fetched.serve("soap+http://127.0.0.1:0/contract?schemas=separate");
    let url = description(&serving);
    let describe = |more: &[&str]| {
        let head = ["describe", "--json", &url];
        fetched.installed.run(&[&head, more].concat())
    };
    let whole = describe(&["--follow"]).json(0);
    let files = whole["files"].as_array().unwrap();
    assert!(files.len() > 1, "{files:?}");
    let refused = describe(&[]);
    let file = ["fix-request", "interface-file", "not-sent"];
    refused.check_error(
        2,
        file,
        &["?xsd=0` is not read: it is remote, and fetched with --follow only"],
    );
    let error = &refused.json(2)["error"];
    assert_eq!(error["file"], json!(url));
    assert!(error["line"].as_u64() > Some(1));
}

/// Answers every connection with these bytes, once the head of a request is there; gives the address.
pub(crate) fn canned(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            // A client that went away is told by its own test.
            let _ = connection.and_then(|mut connection| respond(&mut connection, &answer));
        }
    });
    address
}

fn respond(connection: &mut TcpStream, answer: &[u8]) -> std::io::Result<()> {
    let mut request = BufReader::new(&*connection);
    let mut line = String::new();
    let mut length = 0;
    while request.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    // To close with bytes unread would reset the connection.
    request.read_exact(&mut vec![0; length])?;
    connection.write_all(answer)
}

fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[test]
fn only_the_same_place_is_followed() {
    let types = r#"<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t"/>"#;
    let elsewhere = canned(ok(types.as_bytes()));
    let text = format!(
        r#"<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:a">
<import namespace="urn:t" schemaLocation="http://{elsewhere}/t.xsd"/></schema>"#
    );
    let here = canned(ok(text.as_bytes()));
    let fetched = Fetched::new();
    let url = format!("http://{here}/a.xsd");
    let run = |more: &[&str]| fetched.installed.run(&[&["describe", &url], more].concat());
    let why = format!("is not at http://{here}, and nothing else is followed");
    run(&["--follow"]).check_failure(2, &["a.xsd:2:1:", &why]);
    let file = fetched.path("t.xsd");
    std::fs::write(&file, types).unwrap();
    let given = format!("http://{elsewhere}/t.xsd={file}");
    let read = run(&["--schema", &given]);
    assert_eq!((read.code, read.stderr.as_str()), (0, ""), "{read:?}");
}

#[test]
fn users_and_passwords_are_neither_sent_nor_shown() {
    // Who asks would be answered, so that the failure is of the URL.
    let types = r#"<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t"/>"#;
    let here = canned(ok(types.as_bytes()));
    let installed = Installed::new();
    let url = format!("http://me:secret@{here}/a.xsd");
    for options in [&[][..], &["--json"], &["--follow", "--json"]] {
        let ran = installed.run(&[&["describe", &url], options].concat());
        let shown = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, 2, "{shown}");
        assert!(shown.contains("it has a user name or password"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}

#[test]
fn servers_that_do_not_answer_with_a_file_are_told() {
    let fetched = Fetched::new();
    let check = |address: &str, more: &[&str], code: i32, error: [&str; 3], words: &[&str]| {
        let url = format!("http://{address}/x?wsdl");
        let head = ["describe", "--json", &url];
        let ran = fetched.installed.run(&[&head, more].concat());
        ran.check_error(code, error, words);
    };
    let io = ["retry", "io", "not-sent"];
    let gone = canned(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec());
    check(
        &gone,
        &[],
        3,
        io,
        &["/x?wsdl could not be read: the server answers 404"],
    );
    let moved = "HTTP/1.1 302 Found\r\nLocation: http://h/new\r\nContent-Length: 0\r\n\r\n";
    let moved = canned(moved.into());
    check(
        &moved,
        &[],
        3,
        io,
        &["302 Found, and redirections are not followed: give http://h/new itself"],
    );
    let cut = canned(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<a".to_vec());
    check(&cut, &[], 3, io, &["/x?wsdl could not be read"]);
    let nonsense = canned(b"SSH-2.0-x\r\n\r\n".to_vec());
    check(&nonsense, &[], 3, io, &["/x?wsdl could not be read"]);
    let file = ["fix-request", "interface-file", "not-sent"];
    let page = canned(ok(b"<html><p>hello</html>"));
    check(&page, &[], 2, file, &["/x?wsdl:1:"]);
    let large = canned(ok(&vec![b' '; (16 << 20) + 1]));
    check(
        &large,
        &[],
        2,
        file,
        &["more than 16777216 allowed by the limit `file_bytes_max`"],
    );

    // It accepts, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent
        .local_addr()
        .map(|address| (silent, address.to_string()))
        .unwrap();
    let late = ["retry", "timeout", "not-sent"];
    let timeout = ["--fetch-timeout", "300ms"];
    check(
        &silent.1,
        &timeout,
        4,
        late,
        &["fetching took longer than 300ms (--fetch-timeout)"],
    );
    drop(silent.0);
}

#[test]
fn the_url_of_a_service_is_told_from_that_of_its_description() {
    let installed = Installed::new();
    let pages = [
        (
            &b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"[..],
            3,
            "answers 404 Not Found",
        ),
        (
            b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n",
            3,
            "answers 405",
        ),
        (&ok(b"\n<!DOCTYPE html><p>hello</html>"), 2, "a page (HTML)"),
        (&ok(b"<HTML>"), 2, "a page (HTML)"),
    ];
    for (answer, code, why) in pages {
        let url = format!("http://{}/x", canned(answer.to_vec()));
        let hint = format!("the description of a service is often at {url}?wsdl");
        installed
            .run(&["describe", &url])
            .check_failure(code, &[why, &hint]);
        let options = format!("{url}?singleWsdl");
        let ran = installed.run(&["describe", &options]);
        assert!(
            ran.code == code && !ran.stderr.contains("is often at"),
            "{ran:?}"
        );
    }
}

#[test]
fn servers_with_tls_are_believed_by_certificate() {
    let fetched = Fetched::new();
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (cert, key) = (fetched.path("cert.pem"), fetched.path("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let serving = fetched.serve(&format!(
        "soap+https://127.0.0.1:0/contract?cert={cert}&key={key}"
    ));
    let url = description(&serving);
    let described = fetched.installed.run(&["describe", "--ca", &cert, &url]);
    assert_eq!((described.code, described.stderr.as_str()), (0, ""));
    assert!(described.stdout.starts_with("interface Contract in"));
    // Nobody the system knows has signed it.
    let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let stranger = fetched.path("other.pem");
    std::fs::write(&stranger, other.cert.pem()).unwrap();
    let refused = fetched
        .installed
        .run(&["describe", "--ca", &stranger, &url]);
    refused.check_failure(3, &["could not be read", "certificate"]);
    for (file, why) in [
        (&key, "has no certificate in PEM form"),
        (&url, "cannot be read"),
    ] {
        let refused = fetched.installed.run(&["describe", "--ca", file, &url]);
        refused.check_failure(2, &["--ca", why]);
    }
}

#[test]
fn options_of_urls_are_for_urls() {
    let fetched = Fetched::new();
    let idl = contract_file("contract.wsdl");
    let idl = idl.to_str().unwrap();
    let x = fetched.path("a.x");
    std::fs::write(&x, "const A = 1;").unwrap();
    for option in [
        &["--follow"][..],
        &["--fetch-timeout", "1s"],
        &["--ca", "/x"],
    ] {
        let of_file = fetched
            .installed
            .run(&[&["describe", idl], option].concat());
        of_file.check_failure(2, &["are for descriptions at a URL"]);
        let of_x = fetched.installed.run(&[&["describe", &x], option].concat());
        of_x.check_failure(2, &["are for WSDL and XML Schema"]);
    }
    let of_x = fetched.installed.run(&["describe", "-D", "A", idl]);
    of_x.check_failure(2, &["-D, -U and --before are for .x files"]);
}

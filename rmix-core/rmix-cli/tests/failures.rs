//! `rmix call` where something is not as it should be: peers that are not there or break the protocol, endpoints and
//! providers that do not fit.

use std::fs;
use std::io::Write;
use std::net::TcpListener;

use rmix_peers::soap::contract_file;

use crate::installed::{Installed, neovim, ran};

/// An endpoint on a port where nothing listens any more.
fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("msgpack+tcp://{}", listener.local_addr().unwrap())
}

#[test]
fn a_closed_port_is_not_sent() {
    let installed = Installed::new();
    let endpoint = closed_port();

    let shown = installed.run(&["call", &endpoint, "count"]);
    shown.check_failure(3, &[&endpoint, "is the peer running", "not sent"]);
    let json = installed.run(&["call", "--json", &endpoint, "count"]);
    json.check_error(3, ["reconnect", "connect", "not-sent"], &["refused"]);
    assert_eq!(json.json(3)["error"]["code"], 111);
}

#[test]
fn a_name_that_does_not_resolve_is_not_sent() {
    let endpoint = "msgpack+tcp://no-such-host.invalid:7000";
    let ran = Installed::new().run(&["call", "--json", endpoint, "count"]);
    ran.check_error(
        3,
        ["fix-request", "resolve", "not-sent"],
        &["\"no-such-host.invalid\"", "does not resolve"],
    );
}

#[test]
fn a_missing_child_is_not_sent() {
    let ran = Installed::new().run(&["call", "--json", "pipe+exec:no-such-program -x", "count"]);
    ran.check_error(
        3,
        ["fix-request", "connect", "not-sent"],
        &["\"no-such-program\"", "in PATH"],
    );
}

#[test]
fn a_child_that_ends_tells_its_status() {
    let endpoint = "pipe+exec:sh -c 'head -c 1 > /dev/null; exit 7'";
    let ran = Installed::new().run(&["call", "--json", endpoint, "count"]);
    ran.check_error(
        3,
        ["reconnect", "child-exited", "maybe-executed"],
        &["exited with status 7"],
    );
    assert_eq!(ran.json(3)["error"]["code"], 7);
}

#[test]
fn a_peer_that_never_answers_is_exit_code_4() {
    let installed = Installed::new();
    // Connections wait to be accepted, for ever.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("msgpack+tcp://{}", listener.local_addr().unwrap());

    let ran = installed.run(&["call", "--json", "--timeout", "300ms", &endpoint, "count"]);
    ran.check_error(4, ["retry", "timeout", "maybe-executed"], &["not answered"]);
}

/// What a call to a peer that says `words` and hangs up ends with.
fn call_to_a_peer_that_says(words: &'static [u8]) -> crate::installed::Ran {
    let installed = Installed::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("msgpack+tcp://{}", listener.local_addr().unwrap());
    let peer = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // What the call sent is read first: closing before would reset the connection.
        let mut call = [0_u8; 10];
        std::io::Read::read_exact(&mut stream, &mut call).unwrap();
        stream.write_all(words).unwrap();
        call
    });
    let ran = installed.run(&["call", "--json", &endpoint, "count"]);
    // [0, 0, "count", []], the number as the session chose it.
    assert_eq!(peer.join().unwrap()[3..], *b"\xa5count\x90");
    ran
}

#[test]
fn a_peer_that_hangs_up_may_have_executed_the_call() {
    let ran = call_to_a_peer_that_says(b"");
    ran.check_error(
        3,
        ["reconnect", "link-closed", "maybe-executed"],
        &["closed the connection"],
    );
}

#[test]
fn a_peer_of_another_protocol_is_broken() {
    let ran = call_to_a_peer_that_says(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    ran.check_error(
        3,
        ["peer-broken", "protocol", "maybe-executed"],
        &["byte 0"],
    );
}

#[test]
fn an_endpoint_that_is_none_is_a_usage_error() {
    let installed = Installed::new();
    let none = installed.run(&["call", "--json", "station", "count"]);
    none.check_error(
        2,
        ["fix-request", "endpoint", "not-sent"],
        &["expected a scheme"],
    );
    let no_port = installed.run(&["call", "--json", "msgpack+tcp://localhost", "count"]);
    no_port.check_error(
        2,
        ["fix-request", "endpoint", "not-sent"],
        &["it has no port: msgpack+tcp://localhost:PORT"],
    );
    let nowhere = installed.run(&["call", "rmix:Station#1", "count"]);
    nowhere.check_failure(2, &["has no endpoint"]);
}

#[test]
fn a_scheme_that_nobody_serves_is_told_with_those_that_are_meant() {
    let installed = Installed::new();
    installed.add_provider("soap", &installed.lib());
    let script = installed.lib().join("script.json");
    fs::write(&script, "{}").unwrap();
    let wsdl = contract_file("contract.wsdl");
    for (endpoint, sentence) in [
        (
            "http://h:1/x?version=1.2",
            "no provider serves `http`: write soap+http://h:1/x?version=1.2",
        ),
        (
            "https://h/x",
            "no provider serves `https`: write soap+https://h/x",
        ),
        (
            "udp://h:1",
            "no provider serves `udp`: write sunrpc+udp://h:1",
        ),
        (
            "tcp://h:1",
            "no provider serves `tcp`: an endpoint begins with the protocol and its transport, here one of msgpack+tcp, \
             sunrpc+tcp, as msgpack+tcp://h:1",
        ),
        (
            "soap://h/x",
            "here one of soap+http, soap+https, as soap+http://h/x",
        ),
        (
            "msgpack+carrier-pigeon://x:1",
            "here one of msgpack+tcp, msgpack+unix, as msgpack+tcp://x:1",
        ),
    ] {
        installed
            .run(&["call", endpoint, "count"])
            .check_failure(2, &[sentence]);
        let (wsdl, script) = (wsdl.to_str().unwrap(), script.to_str().unwrap());
        let serve = ["serve", "--idl", wsdl, "--responses", script, endpoint];
        installed.run(&serve).check_failure(2, &[sentence]);
    }
}

#[test]
fn a_password_in_an_endpoint_is_refused_and_not_shown() {
    let installed = Installed::new();
    installed.add_provider("soap", &installed.lib());
    let script = installed.lib().join("script.json");
    fs::write(&script, "{}").unwrap();
    let script = script.to_str().unwrap();
    let wsdl = contract_file("contract.wsdl");
    let wsdl = wsdl.to_str().unwrap();
    let x = installed.lib().join("a.x");
    fs::write(
        &x,
        "program P { version V { int F(void) = 1; } = 1; } = 536870912;",
    )
    .unwrap();
    let x = x.to_str().unwrap();
    for (scheme, idl) in [
        ("soap+http", wsdl),
        ("soap+https", wsdl),
        ("sunrpc+tcp", x),
        ("sunrpc+udp", x),
        ("msgpack+tcp", wsdl),
        ("shm", wsdl),
        ("http", wsdl),
    ] {
        for password in ["qq:zz", "qq/zz", "qq?zz", "qq#zz", "zz"] {
            let endpoint = format!("{scheme}://me:{password}@h:1/x");
            for arguments in [
                &["call", "--json", &endpoint, "F"][..],
                &["call", "--json", "--idl", idl, &endpoint, "F"],
                &["call", "--json", &format!("rmix:X#1@{endpoint}"), "F"],
                &["bench", "--json", &endpoint, "F"],
                &[
                    "serve",
                    "--json",
                    "--idl",
                    idl,
                    "--responses",
                    script,
                    &endpoint,
                ],
            ] {
                let ran = installed.run(arguments);
                assert_eq!(ran.code, 2, "{ran:?}");
                assert!(!ran.stdout.contains("zz"), "{ran:?}");
                assert_eq!(ran.stderr, "");
            }
        }
    }
    let ran = installed.run(&["call", "soap+http://me:password@h/x", "F"]);
    ran.check_failure(
        2,
        &["\"soap+http://…@h/x\"", "a name or password before an `@`"],
    );
}

#[test]
fn a_missing_provider_is_a_usage_error_that_lists_where_it_was_looked_for() {
    let installed = Installed::new();
    let extra = installed.add_folder("extra");
    let directory = extra.to_str().unwrap();
    let absent = ["call", "--providers", directory, "absent://here", "count"];

    let ran = installed.run(&absent);
    let places = [&extra, &installed.lib(), &installed.bin()]
        .map(|folder| folder.join("librmix_absent.so").display().to_string());
    let mut words: Vec<&str> = places.iter().map(String::as_str).collect();
    words.push("RMIX_PROVIDER_PATH");
    ran.check_failure(2, &words);
}

#[test]
fn the_working_directory_is_never_looked_in() {
    let installed = Installed::new();
    let endpoint = closed_port();
    let call = ["call", endpoint.as_str(), "count"];

    let mut command = installed.bare();
    let here = ran(command.args(call).current_dir(installed.lib()));
    here.check_failure(2, &["no provider `msgpack`"]);
    let mut command = installed.bare();
    let relative = ran(command.args(call).env("RMIX_PROVIDER_PATH", "lib"));
    relative.check_failure(2, &["lib (from RMIX_PROVIDER_PATH: not an absolute path"]);
    // A directory on the command line was named by the user, and may be relative.
    let mut command = installed.bare();
    let named = ran(command.args(call).args(["--providers", "lib"]));
    named.check_failure(3, &["refused"]);
    let mut command = installed.bare();
    let absent = ran(command.args(call).args(["--providers", "absent"]));
    absent.check_failure(2, &["--providers absent: there is no such directory"]);
}

#[test]
fn a_file_that_is_no_provider_is_a_usage_error() {
    let installed = Installed::new();
    let extra = installed.add_folder("extra");
    fs::write(extra.join("librmix_msgpack.so"), "text").unwrap();
    let directory = extra.to_str().unwrap();

    let endpoint = closed_port();
    let ran = installed.run(&["call", "--json", "--providers", directory, &endpoint, "x"]);
    ran.check_error(
        2,
        ["fix-request", "version", "not-sent"],
        &["librmix_msgpack.so: cannot be loaded"],
    );
}

#[test]
fn only_the_provider_of_the_endpoint_is_loaded() {
    let installed = Installed::new();
    let extra = installed.add_folder("extra");
    fs::write(extra.join("librmix_msgpack.so"), "text").unwrap();
    let directory = extra.to_str().unwrap();

    let endpoint = neovim();
    let call = [
        "call",
        "--providers",
        directory,
        &endpoint,
        "nvim_eval",
        "\"1\"",
    ];
    installed.run(&call).check_result("1\n");
}

#[test]
fn a_protocol_that_does_not_describe_its_values_needs_a_description() {
    let endpoint = "sunrpc+tcp://127.0.0.1:111/100000/2";
    let ran = Installed::new().run(&["call", "--json", endpoint, "null"]);
    ran.check_error(
        2,
        ["fix-request", "usage", "not-sent"],
        &[
            "`sunrpc`",
            "description of the interface",
            "--idl",
            "an interface file, .x for sunrpc, WSDL",
        ],
    );
}

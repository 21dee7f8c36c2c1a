//! Peers that die or are not there: a server killed in mid-call, a child killed in mid-call, commands that are missing or
//! end at once, ports nobody listens on, names nobody knows. What comes back is a typed error with the right delivery
//! status and a sentence that helps, and the next call finds the peer that was started again.

use std::time::Duration;

use rmix::{Cause, Delivery, Error, ErrorKind, Runtime};
use rmix_system_tests::{NumbersStub, mixed};

use crate::support::{HelperLine, Watchdog, runtime};

/// Only a hang reaches this deadline: then the cause is a time-out, and the test fails.
const DEADLINE: Duration = Duration::from_secs(120);

/// An address of this host that no other test uses, so that a port given up is not taken by somebody else.
const OWN_HOST: &str = "127.0.0.77";

fn bind(client: &Runtime, endpoint: &str) -> Result<NumbersStub, Error> {
    client.bind(endpoint).timeout(DEADLINE).blocking()
}

#[test]
fn a_msgpack_tcp_server_killed_in_mid_call_is_reconnected_to() {
    killed_and_started_again(&format!("msgpack+tcp://{OWN_HOST}:0"));
}

#[test]
fn a_sunrpc_tcp_server_killed_in_mid_call_is_reconnected_to() {
    killed_and_started_again(&format!("sunrpc+tcp://{OWN_HOST}:0/0x20000043/1"));
}

#[test]
fn a_msgpack_unix_server_killed_in_mid_call_is_reconnected_to() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    killed_and_started_again(&format!("msgpack+unix:{}", socket.display()));
}

fn killed_and_started_again(endpoint: &str) {
    let _watchdog = Watchdog::start();
    let line = HelperLine::new();
    let mut server = line.start(&[endpoint]);
    let endpoint = server.endpoints[0].clone();
    let client = runtime();
    let stub = bind(&client, &endpoint).unwrap();
    assert_eq!(stub.blocking().mix(1, 1).unwrap(), mixed(1, 1));

    let in_mid_call = std::thread::scope(|scope| {
        let call = scope.spawn(|| stub.blocking().hold());
        server.wait_for_hold();
        server.kill();
        call.join().unwrap().unwrap_err()
    });
    assert_eq!(in_mid_call.kind(), ErrorKind::Reconnect, "{in_mid_call}");
    let closed = [Cause::LinkClosed, Cause::Io].contains(&in_mid_call.cause());
    assert!(closed, "{in_mid_call:?}");
    assert_eq!(
        in_mid_call.delivery(),
        Delivery::MaybeExecuted,
        "{in_mid_call}"
    );

    let while_it_is_gone = stub.blocking().mix(2, 2).unwrap_err();
    assert_eq!(
        while_it_is_gone.kind(),
        ErrorKind::Reconnect,
        "{while_it_is_gone:?}"
    );
    assert_eq!(
        while_it_is_gone.cause(),
        Cause::Connect,
        "{while_it_is_gone:?}"
    );
    assert_eq!(
        while_it_is_gone.delivery(),
        Delivery::NotSent,
        "{while_it_is_gone:?}"
    );

    let _again = line.start(&[&endpoint]);
    assert_eq!(stub.blocking().mix(3, 3).unwrap(), mixed(3, 3));
}

#[test]
fn an_asynchronous_call_of_a_killed_server_fails_alike() {
    let _watchdog = Watchdog::start();
    let line = HelperLine::new();
    let mut server = line.start(&["msgpack+tcp://127.0.0.1:0"]);
    let client = runtime();
    let stub = bind(&client, &server.endpoints[0]).unwrap();
    let mut started = stub.start().hold();
    server.wait_for_hold();
    server.kill();

    let failure = started.wait(DEADLINE).unwrap().unwrap_err();

    assert_eq!(failure.kind(), ErrorKind::Reconnect, "{failure}");
    assert_eq!(failure.delivery(), Delivery::MaybeExecuted, "{failure}");
}

#[test]
fn a_child_killed_in_mid_call_is_a_typed_error_with_its_signal_and_is_started_again() {
    let _watchdog = Watchdog::start();
    let line = HelperLine::new();
    let client = runtime();
    let stub = bind(&client, &line.exec_endpoint()).unwrap();
    let mut child = line.accept_child();

    let in_mid_call = std::thread::scope(|scope| {
        let call = scope.spawn(|| stub.blocking().hold());
        child.wait_for_hold();
        child.kill();
        call.join().unwrap().unwrap_err()
    });
    assert_eq!(in_mid_call.kind(), ErrorKind::Reconnect, "{in_mid_call}");
    assert_eq!(in_mid_call.cause(), Cause::ChildExited, "{in_mid_call}");
    assert_eq!(
        in_mid_call.delivery(),
        Delivery::MaybeExecuted,
        "{in_mid_call}"
    );
    assert_eq!(in_mid_call.code(), 128 + 9, "{in_mid_call}");
    assert!(
        in_mid_call.to_string().contains("killed by signal 9"),
        "{in_mid_call}"
    );

    let second = std::thread::scope(|scope| {
        let call = scope.spawn(|| stub.blocking().mix(5, 6));
        let _child = line.accept_child();
        call.join().unwrap()
    });
    assert_eq!(second.unwrap(), mixed(5, 6));
}

#[test]
fn a_child_that_ends_at_once_is_an_error_with_its_status() {
    let _watchdog = Watchdog::start();
    let client = runtime();
    let outcome = bind(&client, "pipe+exec:sh -c 'exit 3'");
    let failure = match outcome {
        Ok(stub) => stub.blocking().mix(1, 1).unwrap_err(),
        Err(failure) => failure,
    };
    assert_eq!(failure.cause(), Cause::ChildExited, "{failure:?}");
    assert_eq!(failure.code(), 3, "{failure:?}");
    assert!(
        failure.to_string().contains("exited with status 3"),
        "{failure}"
    );
    assert_ne!(failure.delivery(), Delivery::Executed, "{failure:?}");
}

/// Binding fails; nothing can have been sent, and the sentence says what is wrong.
fn check_refused(endpoint: &str, cause: Cause, words: &[&str]) {
    let _watchdog = Watchdog::start();
    let failure = bind(&runtime(), endpoint).expect_err("nobody is there");
    assert_eq!(failure.cause(), cause, "{failure:?}");
    assert_eq!(failure.delivery(), Delivery::NotSent, "{failure:?}");
    for word in words {
        assert!(
            failure.to_string().contains(word),
            "{word:?} is not in: {failure}"
        );
    }
}

#[test]
fn a_missing_command_is_named() {
    let words = ["no-such-command-of-rmix", "is it installed"];
    check_refused(
        "pipe+exec:no-such-command-of-rmix --flag",
        Cause::Connect,
        &words,
    );
}

#[test]
fn a_closed_port_is_named() {
    let taken = std::net::TcpListener::bind((OWN_HOST, 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    drop(taken);
    let words = [address.as_str(), "refused", "is the peer running"];
    check_refused(&format!("msgpack+tcp://{address}"), Cause::Connect, &words);
    check_refused(
        &format!("sunrpc+tcp://{address}/0x20000043/1"),
        Cause::Connect,
        &words,
    );
}

#[test]
fn a_missing_socket_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("absent").display().to_string();
    let words = [socket.as_str(), "is the peer running"];
    check_refused(&format!("msgpack+unix:{socket}"), Cause::Connect, &words);
}

#[test]
fn a_name_that_does_not_resolve_is_named() {
    // `.invalid` is reserved for this (RFC 2606).
    let words = ["no-such-host.invalid", "does not resolve"];
    check_refused(
        "msgpack+tcp://no-such-host.invalid:7",
        Cause::Resolve,
        &words,
    );
    check_refused(
        "sunrpc+tcp://no-such-host.invalid:7/1/1",
        Cause::Resolve,
        &words,
    );
}

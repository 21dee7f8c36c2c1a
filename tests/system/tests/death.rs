//! Peers that die or are not there: a server killed in mid-call, a child killed in mid-call, commands that are missing or
//! end at once, ports nobody listens on, names nobody knows. What comes back is a typed error with the right delivery
//! status and a sentence that helps, and the next call finds the peer that was started again.

use std::path::PathBuf;
use std::time::Duration;

use rmix::{Cause, Delivery, Error, ErrorKind, Runtime};
use rmix_system_tests::{NumbersStub, mixed};
use rustix::fs::{CWD, FileType, Mode};
use rustix::process::Pid;
use tempfile::TempDir;

use crate::support::{HelperLine, Watchdog, builder, runtime};

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

/// A FIFO that a child writes lines to, each with an `echo` of its own.
struct Said(PathBuf);

impl Said {
    fn new(folder: &TempDir, name: &str) -> Said {
        let path = folder.path().join(name);
        let mode = Mode::RUSR | Mode::WUSR;
        rustix::fs::mknodat(CWD, &path, FileType::Fifo, mode, 0).unwrap();
        Said(path)
    }

    /// Waits for the next line.
    fn line(&self) -> String {
        let line = std::fs::read_to_string(&self.0).unwrap();
        line.trim_end().to_owned()
    }
}

/// Starts a child that goes on when its input has ended, but ends when it is told to.
fn stubborn(client: &Runtime, said: &Said) -> (NumbersStub, Pid) {
    let path = said.0.display();
    let script = format!(
        "trap \"echo TERM >{path}; exit 0\" TERM; echo $$ >{path}; while :; do sleep 0.02; done"
    );
    let stub = bind(client, &format!("pipe+exec:sh -c '{script}'")).unwrap();
    let call = stub.start().mix(1, 1);
    let pid = said.line().parse().unwrap();
    drop(call);
    (stub, Pid::from_raw(pid).unwrap())
}

fn wait_until_collected(pid: Pid) {
    // A zombie is still there.
    while rustix::process::test_kill_process(pid).is_ok() {
        std::thread::yield_now();
    }
}

#[test]
fn a_child_that_outlives_its_link_is_told_to_end_and_collected() {
    let _watchdog = Watchdog::start();
    let folder = tempfile::tempdir().unwrap();
    let said = Said::new(&folder, "said");
    let client = runtime();
    let (stub, pid) = stubborn(&client, &said);

    drop(stub);

    assert_eq!(said.line(), "TERM");
    wait_until_collected(pid);
    drop(client);
}

#[test]
fn a_child_that_outlives_its_runtime_is_told_to_end_and_collected() {
    let _watchdog = Watchdog::start();
    let folder = tempfile::tempdir().unwrap();
    let said = Said::new(&folder, "said");
    let client = runtime();
    let (stub, pid) = stubborn(&client, &said);

    let heard = std::thread::spawn(move || said.line());
    drop((stub, client));

    assert_eq!(heard.join().unwrap(), "TERM");
    wait_until_collected(pid);
}

#[test]
fn a_child_that_closes_its_output_before_it_ends_holds_up_no_other_task() {
    let _watchdog = Watchdog::start();
    let folder = tempfile::tempdir().unwrap();
    let (closed, go) = (Said::new(&folder, "closed"), Said::new(&folder, "go"));
    let script = format!(
        "head -c 1 >/dev/null; exec 1>&-; echo >{}; read line <{}; exit 7",
        closed.0.display(),
        go.0.display()
    );
    let tasks = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let client = builder().handle(tasks.handle().clone()).build().unwrap();
    let failure = tasks.block_on(async {
        let endpoint = format!("pipe+exec:sh -c '{script}'");
        let stub: NumbersStub = client.bind(&*endpoint).timeout(DEADLINE).await.unwrap();
        // The child ends only when a task of the thread that has read the end of its output lets it.
        let letting_go = tokio::spawn(async move {
            tokio::task::spawn_blocking(move || closed.line())
                .await
                .unwrap();
            std::fs::write(&go.0, "\n").unwrap();
        });
        // Not idempotent, so that the call is not made again with another child.
        let failure = stub.hold().await.unwrap_err();
        letting_go.await.unwrap();
        failure
    });
    assert_eq!(failure.cause(), Cause::ChildExited, "{failure:?}");
    assert_eq!(failure.code(), 7, "{failure:?}");
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

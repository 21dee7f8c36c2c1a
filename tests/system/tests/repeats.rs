//! Repetition over real links: a relay between client and server swallows the reply of the first call and closes the
//! connection, when the server has run the call for certain. An idempotent call is made again; another may have run, and
//! says so.

use std::io::{Read as _, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::spawn;
use std::time::Duration;

use rmix::{Delivery, ErrorKind, Exported, Runtime};

use crate::support::{Watchdog, runtime};

/// Only a hang reaches this deadline.
const DEADLINE: Duration = Duration::from_secs(120);

/// How often it was called.
#[rmix::remote(sunrpc(program = 0x2000_0044, version = 1))]
pub(crate) trait Counter {
    /// One more than before; may be repeated.
    #[rmix(procedure = 1, idempotent)]
    async fn look(&self) -> u32;

    /// One more than before.
    #[rmix(procedure = 2)]
    async fn take(&self) -> u32;
}

struct Counting(Arc<AtomicU32>);

impl Counter for Counting {
    async fn look(&self) -> u32 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    async fn take(&self) -> u32 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }
}

/// Relays connections to `server`; on the first ones it keeps the first reply to itself and closes.
fn relay(server: u16, losses: usize) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    spawn(move || {
        for (index, client) in listener.incoming().enumerate() {
            let client = client.unwrap();
            let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
            let (to_server, mut from_client) = (server.try_clone(), client.try_clone().unwrap());
            let mut to_server = to_server.unwrap();
            spawn(move || copy(&mut from_client, &mut to_server));
            if index < losses {
                assert!((&server).read(&mut [0; 4096]).unwrap() > 0);
                client.shutdown(Shutdown::Both).unwrap();
                continue;
            }
            spawn(move || copy(&mut &server, &mut &client));
        }
    });
    port
}

struct Setting {
    _server: (Runtime, Exported),
    calls: Arc<AtomicU32>,
    stub: CounterStub,
}

fn set_up(scheme: &str, rest: &str, losses: usize) -> Setting {
    let calls = Arc::new(AtomicU32::new(0));
    let server = runtime();
    let skeleton = CounterSkeleton::new(Counting(calls.clone()));
    let exported = server
        .export_blocking(skeleton, [format!("{scheme}://127.0.0.1:0{rest}")])
        .unwrap();
    let (_, port) = exported.endpoints()[0].authority().unwrap();
    let port = relay(port.unwrap(), losses);
    let bind = runtime().bind(format!("{scheme}://127.0.0.1:{port}{rest}"));
    let stub = bind.timeout(DEADLINE).blocking().unwrap();
    Setting {
        _server: (server, exported),
        calls,
        stub,
    }
}

fn idempotent(scheme: &str, rest: &str) {
    let _watchdog = Watchdog::start();
    let setting = set_up(scheme, rest, 1);
    assert_eq!(setting.stub.blocking().look().unwrap(), 2);
    assert_eq!(setting.calls.load(Ordering::SeqCst), 2);
}

fn not_idempotent(scheme: &str, rest: &str) {
    let _watchdog = Watchdog::start();
    let setting = set_up(scheme, rest, 1);
    let error = setting.stub.blocking().take().unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (ErrorKind::Reconnect, Delivery::MaybeExecuted),
        "{error}"
    );
    assert_eq!(setting.calls.load(Ordering::SeqCst), 1);
    assert_eq!(setting.stub.blocking().take().unwrap(), 2);
}

/// Two repetitions by default: three losses are one too many.
fn limited(scheme: &str, rest: &str) {
    let _watchdog = Watchdog::start();
    let setting = set_up(scheme, rest, 2);
    assert_eq!(setting.stub.blocking().look().unwrap(), 3);
    let setting = set_up(scheme, rest, 3);
    let error = setting.stub.blocking().look().unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeExecuted, "{error}");
    assert_eq!(setting.calls.load(Ordering::SeqCst), 3);
}

#[test]
fn an_idempotent_call_is_made_again_over_msgpack() {
    idempotent("msgpack+tcp", "");
}

#[test]
fn an_idempotent_call_is_made_again_over_sunrpc() {
    idempotent("sunrpc+tcp", "/0x20000044/1");
}

#[test]
fn another_call_is_not_made_again_over_msgpack() {
    not_idempotent("msgpack+tcp", "");
}

#[test]
fn another_call_is_not_made_again_over_sunrpc() {
    not_idempotent("sunrpc+tcp", "/0x20000044/1");
}

#[test]
fn the_repetitions_are_limited_over_msgpack() {
    limited("msgpack+tcp", "");
}

//! A provider for tests on the boundary's own traits: `mem://name` endpoints within one process, over socket pairs.
//! `mem://name?connect=…` connects in a way of its own: `late` is pending once, `once` the second time never ends, and
//! `resolve` works where it may block until [`release`] is called.

mod codec;
mod connection;

use std::collections::{HashMap, HashSet};
use std::future::poll_fn;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, LazyLock, Mutex};
use std::task::Poll;
use std::time::Duration;

use rmix_abi::describe::MethodDesc;
use rmix_abi::guest::{
    Begin, BoxFuture, Decode, Encode, Host, Link, Listener, Open, Provider, entry,
};
use rmix_abi::tables::{AbiWaker, CallOptions, Err, ProviderEntry, capability, cause, kind};

use codec::Tagged;
use connection::{ClientLink, Connection};

/// Listeners by endpoint, of all runtimes in this process.
static LISTENERS: LazyLock<Mutex<HashMap<String, Arc<MemListener>>>> =
    LazyLock::new(Mutex::default);

const ALL: u64 = capability::ONEWAY
    | capability::TWOWAY
    | capability::LISTEN
    | capability::SYMMETRIC
    | capability::FAULTS
    | capability::ORDERED
    | capability::CONCURRENT
    | capability::SELF_DESCRIBING;

/// Everything.
pub(crate) static MEM: ProviderEntry = entry::<Mem<0>>();
/// No one-way calls, no calls back, values that do not describe themselves.
pub(crate) static POOR: ProviderEntry = entry::<Mem<1>>();
/// Methods are called by number.
pub(crate) static NUMBERED: ProviderEntry = entry::<Mem<2>>();

pub(crate) struct Mem<const VARIANT: u8>(Host);

impl<const VARIANT: u8> Provider for Mem<VARIANT> {
    const NAME: &'static str = ["mem", "poor", "numbered"][VARIANT as usize];
    const VERSION: &'static str = "1.0.0";
    const SCHEMES: &'static str = ["mem", "poor", "numbered"][VARIANT as usize];
    const CAPABILITIES: u64 = [
        ALL,
        capability::TWOWAY | capability::LISTEN,
        ALL | capability::NUMBERED,
    ][VARIANT as usize];
    type Link = ClientLink;
    type Listener = MemListener;

    fn new(host: Host) -> Result<Self, Err> {
        Ok(Mem(host))
    }

    fn connect(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<ClientLink>, Err>> {
        let host = self.0;
        Box::pin(async move {
            let found = LISTENERS.lock().unwrap().get(&open.endpoint).cloned();
            let Some(listener) = found else {
                return Err(Err::new(
                    kind::RECONNECT,
                    cause::CONNECT,
                    "connection refused",
                ));
            };
            connect_as_told(host, &listener).await;
            let (ours, theirs) = UnixStream::pair().expect("a socket pair");
            ours.set_nonblocking(true).expect("a socket");
            theirs.set_nonblocking(true).expect("a socket");
            let server =
                Connection::new(listener.host, theirs.into(), open.limits, listener.object);
            listener.connections.lock().unwrap().push(server.clone());
            listener.host.spawn(read_all(listener.host, server));
            let client = Connection::new(host, ours.into(), open.limits, open.object);
            listener.clients.lock().unwrap().push(client.clone());
            if open.object != 0 {
                // Calls back are read although nobody waits for a reply.
                host.spawn(read_all(host, client.clone()));
            }
            Ok(Arc::new(ClientLink(client)))
        })
    }

    fn listen(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<MemListener>, Err>> {
        let listener = Arc::new(MemListener {
            host: self.0,
            endpoint: open.endpoint.clone(),
            object: open.object,
            connections: Mutex::default(),
            clients: Mutex::default(),
        });
        Box::pin(async move {
            let mut all = LISTENERS.lock().unwrap();
            if all.contains_key(&open.endpoint) {
                return Err(Err::new(kind::FIX_REQUEST, cause::IO, "address in use"));
            }
            all.insert(open.endpoint, listener.clone());
            Ok(listener)
        })
    }
}

/// Calls `add` back over the first connection of a listener; a failure comes back as its text.
pub(crate) async fn call_back(endpoint: &str, a: i32, b: i32) -> Result<i32, String> {
    let listener = LISTENERS.lock().unwrap()[endpoint].clone();
    let connection = listener.connections.lock().unwrap()[0].clone();
    let link = ClientLink(connection);
    let method = MethodDesc::new("add", 0, 0, &[], None, None);
    let Ok(Begin::Ready(mut enc)) = link.begin(&method, 2, 0) else {
        panic!("the link has room");
    };
    for argument in [a, b] {
        <Tagged as Encode>::i32(&mut enc, argument).expect("an argument");
    }
    let options = CallOptions {
        size: size_of::<CallOptions>(),
        deadline_ns: 0,
    };
    let call = link.submit(enc, &options).expect("the link is open");
    let reply = poll_fn(|cx| link.poll_call(call, &AbiWaker::lend(cx.waker()))).await;
    link.drop_call(call);
    match reply {
        Ok(mut reply) => Ok(<Tagged as Decode>::i32(&mut reply.dec).expect("a number")),
        Err(err) => Err(err.text().into_owned()),
    }
}

async fn connect_as_told(host: Host, listener: &MemListener) {
    let endpoint = listener.endpoint.clone();
    match endpoint.split_once("?connect=").map(|(_, how)| how) {
        Some("late") => {
            let mut came = false;
            poll_fn(|cx| {
                cx.waker().wake_by_ref();
                match std::mem::replace(&mut came, true) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                }
            })
            .await;
        }
        Some("once") if !listener.clients.lock().unwrap().is_empty() => {
            std::future::pending::<()>().await;
        }
        Some("resolve") => {
            host.blocking(move || {
                let (released, changed) = &*RELEASED;
                let held = |released: &mut HashSet<String>| !released.contains(&endpoint);
                // Not for ever: a test that fails must end.
                let limit = Duration::from_secs(20);
                drop(changed.wait_timeout_while(released.lock().unwrap(), limit, held));
            })
            .await;
        }
        _ => {}
    }
}

/// Endpoints whose resolver has its answer.
static RELEASED: LazyLock<(Mutex<HashSet<String>>, Condvar)> = LazyLock::new(Default::default);

/// Lets the resolver of an endpoint answer.
pub(crate) fn release(endpoint: &str) {
    let (released, changed) = &*RELEASED;
    released.lock().unwrap().insert(endpoint.to_owned());
    changed.notify_all();
}

/// Makes the resolver of an endpoint slow again.
pub(crate) fn hold(endpoint: &str) {
    RELEASED.0.lock().unwrap().remove(endpoint);
}

/// Refuses new connections to a listener.
pub(crate) fn stop_listening(endpoint: &str) {
    LISTENERS.lock().unwrap().remove(endpoint);
}

/// Closes all connections to a listener, which goes on listening; `known` says whether their clients get to know.
pub(crate) fn close_connections(endpoint: &str, known: bool) {
    let listener = LISTENERS.lock().unwrap()[endpoint].clone();
    let ends = match known {
        true => &listener.clients,
        false => &listener.connections,
    };
    ends.lock().unwrap().iter().for_each(|end| end.shut());
}

async fn read_all(host: Host, connection: Arc<Connection>) {
    poll_fn(|cx| {
        // A call that reads meanwhile takes the wake-ups away; when it ends, it wakes all.
        connection.wake_later(&AbiWaker::lend(cx.waker()));
        while connection.poll_read(&AbiWaker::lend(cx.waker())).is_ready() {
            if !connection.open() {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    })
    .await;
    host.connection_closed(connection.number());
}

pub(crate) struct MemListener {
    host: Host,
    endpoint: String,
    object: u64,
    connections: Mutex<Vec<Arc<Connection>>>,
    /// Their other ends.
    clients: Mutex<Vec<Arc<Connection>>>,
}

impl MemListener {
    fn stop(&self) {
        let mut all = LISTENERS.lock().unwrap();
        if all
            .get(&self.endpoint)
            .is_some_and(|known| std::ptr::eq(&raw const **known, self))
        {
            all.remove(&self.endpoint);
        }
    }
}

impl Listener for MemListener {
    fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        self.stop();
        for connection in self.connections.lock().unwrap().iter() {
            connection.wake_later(waker);
            if connection.is_running() {
                return Poll::Pending;
            }
            connection.shut();
        }
        Poll::Ready(Ok(()))
    }

    fn abandon(&self) {
        self.stop();
        for connection in self.connections.lock().unwrap().iter() {
            connection.shut();
        }
    }
}

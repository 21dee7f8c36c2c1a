//! Opens links and listeners for Sun RPC over TCP. Versions of a program share the port they are exported on.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::task::Poll;

use rmix_provider::endpoint::Parts;
use rmix_provider::guest::{BoxFuture, Host, Listener, Open, Provider};
use rmix_provider::listen::{Bound, BoundAddress, MuxListener};
use rmix_provider::tables::{AbiWaker, Err, capability, cause, kind};
use rmix_provider::{LinkOptions, MuxLink, connect, failure};

use crate::session::SunRpc;
use crate::target::{Exports, Program};
use crate::wire::{AuthSys, GIDS_MAX};

/// The provider.
pub struct SunRpcProvider {
    host: Host,
    /// Ports that objects are exported on. Guards the table only; held while a port is bound, so that two exports on
    /// one port meet.
    ports: Arc<Mutex<HashMap<SocketAddr, Weak<Port>>>>,
}

/// One listening port with what is exported on it.
struct Port {
    listener: Arc<MuxListener<SunRpc>>,
    exports: Arc<Exports>,
    address: SocketAddr,
}

/// An object exported on a port.
pub struct SunRpcListener {
    port: Arc<Port>,
    ports: Arc<Mutex<HashMap<SocketAddr, Weak<Port>>>>,
    program: Program,
    endpoint: String,
    /// Whether the object was taken off, and was the port's last: a later export may take its place.
    withdrawn: OnceLock<bool>,
}

impl Provider for SunRpcProvider {
    const NAME: &'static str = "sunrpc";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SCHEMES: &'static str = "sunrpc+tcp";
    const CAPABILITIES: u64 = capability::ONEWAY
        | capability::TWOWAY
        | capability::LISTEN
        | capability::FAULTS
        | capability::ORDERED
        | capability::CONCURRENT
        | capability::NUMBERED;
    type Link = MuxLink<SunRpc>;
    type Listener = SunRpcListener;

    fn new(host: Host) -> Result<Self, Err> {
        Ok(SunRpcProvider {
            host,
            ports: Arc::default(),
        })
    }

    fn connect(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<Self::Link>, Err>> {
        let host = self.host;
        Box::pin(async move {
            let parts = Parts::parse(&open.endpoint)?;
            let protocol = Arc::new(SunRpc {
                target: Some(Program::of(&parts)?),
                credential: credential(&parts)?,
                exports: Arc::default(),
            });
            let (name, port) = parts.host_port()?;
            let opening = async {
                let addresses = connect::resolve(&host, &open.endpoint, name, port).await?;
                connect::tcp(&host, &open.endpoint, &addresses).await
            };
            let limit = open.limits.handshake_ns;
            let stream = connect::within(&host, limit, &open.endpoint, opening).await?;
            if open.object != 0 {
                let message = "calls back over a Sun RPC link are not supported yet";
                return Err(Err::new(kind::UNSUPPORTED, cause::OTHER, message));
            }
            let options = LinkOptions {
                peer: open.endpoint.clone(),
                object: 0,
                accepted: false,
                limits: open.limits,
                end_reason: None,
            };
            Ok(MuxLink::open(host, protocol, stream, options))
        })
    }

    fn listen(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<SunRpcListener>, Err>> {
        let provider = self.clone();
        Box::pin(async move {
            let parts = Parts::parse(&open.endpoint)?;
            let program = Program::of(&parts)?;
            let (name, port) = parts.host_port()?;
            let host = provider.host;
            let addresses = connect::resolve(&host, &open.endpoint, name, port).await?;
            let address = addresses
                .first()
                .ok_or_else(|| failure::endpoint(&open.endpoint, "its host has no address"))?;
            let port = provider.port(*address, &open)?;
            if !port.exports.add(program, open.object) {
                let why = "another object is exported there with this program and version";
                return Err(failure::endpoint(&open.endpoint, why));
            }
            let endpoint = format!(
                "{}://{}/{}/{}",
                parts.scheme, port.address, program.number, program.version
            );
            Ok(Arc::new(SunRpcListener {
                port,
                ports: provider.ports.clone(),
                program,
                endpoint,
                withdrawn: OnceLock::new(),
            }))
        })
    }
}

impl SunRpcProvider {
    /// The listening port at `address`, shared when something is exported there already.
    fn port(&self, address: SocketAddr, open: &Open) -> Result<Arc<Port>, Err> {
        let mut ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(port) = ports.get(&address).and_then(Weak::upgrade) {
            return Ok(port);
        }
        let bound = Bound::tcp(&open.endpoint, address)?;
        let BoundAddress::Tcp(real) = bound.address else {
            return Err(failure::endpoint(&open.endpoint, "it is not a TCP address"));
        };
        let exports = Arc::new(Exports::default());
        let protocol = Arc::new(SunRpc {
            target: None,
            credential: None,
            exports: exports.clone(),
        });
        let listener = MuxListener::start(
            self.host,
            protocol,
            bound,
            open.endpoint.clone(),
            // Any number but 0: the message names its object.
            u64::MAX,
            open.limits,
        )?;
        let port = Arc::new(Port {
            listener,
            exports,
            address: real,
        });
        ports.retain(|_, port| port.strong_count() > 0);
        ports.insert(real, Arc::downgrade(&port));
        Ok(port)
    }
}

impl SunRpcListener {
    /// Takes the object off the port; true when nothing else is exported there, and the port is to be closed.
    fn withdraw(&self) -> bool {
        *self.withdrawn.get_or_init(|| {
            let mut ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
            let last = self.port.exports.remove(self.program);
            if last {
                ports.remove(&self.port.address);
            }
            last
        })
    }
}

impl Listener for SunRpcListener {
    fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        if !self.withdraw() {
            return Poll::Ready(Ok(()));
        }
        self.port.listener.poll_close(waker)
    }

    fn abandon(&self) {
        if self.withdraw() {
            self.port.listener.abandon();
        }
    }
}

/// The credential that calls carry.
fn credential(parts: &Parts<'_>) -> Result<Option<Vec<u8>>, Err> {
    match parts.option("auth") {
        None | Some("none") => Ok(None),
        Some("sys") => {
            let wrong = |why: String| failure::endpoint(parts.text, &why);
            let name = rustix::system::uname();
            let machine = name.nodename().to_string_lossy();
            let groups: Vec<u32> = rustix::process::getgroups()
                .map_err(|errno| wrong(format!("groups: {}", failure::text(errno))))?
                .iter()
                .map(|group| group.as_raw())
                .take(GIDS_MAX as usize)
                .collect();
            let identity = AuthSys::new(
                0,
                &machine,
                rustix::process::geteuid().as_raw(),
                rustix::process::getegid().as_raw(),
                &groups,
            );
            let mut body = Vec::new();
            identity
                .and_then(|identity| identity.encode(&mut body))
                .map_err(|failure| wrong(failure.to_string()))?;
            Ok(Some(body))
        }
        Some(_) => Err(failure::endpoint(
            parts.text,
            "the option auth is none or sys",
        )),
    }
}

//! Ports that objects are exported on. Programs and versions share one; it closes with the last of them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::task::Poll;

use rmix_provider::failure;
use rmix_provider::guest::{Host, Listener, Open};
use rmix_provider::listen::{Bound, BoundAddress, MuxListener};
use rmix_provider::tables::{AbiWaker, Err};

use crate::datagram::DatagramPort;
use crate::directory::OwnDirectory;
use crate::options::ServerOptions;
use crate::provider::SunRpcProvider;
use crate::session::SunRpc;
use crate::target::{Export, Exports, Program};

/// Where a port listens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum PortAddress {
    Tcp(SocketAddr),
    Udp(SocketAddr),
    Unix(PathBuf),
}

/// The open ports of a provider.
#[derive(Default)]
pub(crate) struct Ports {
    /// Guards the table only; held while a port is bound, so that two exports on one port meet.
    table: Mutex<HashMap<PortAddress, Weak<Port>>>,
    /// The small rpcbind, while something is known there.
    pub(crate) directory: OwnDirectory,
}

/// One listening port with what is exported on it.
pub(crate) struct Port {
    listener: PortListener,
    exports: Arc<Exports>,
    pub(crate) address: PortAddress,
}

enum PortListener {
    Stream(Arc<MuxListener<SunRpc>>),
    Datagram(Arc<DatagramPort>),
}

impl Ports {
    /// Exports a version at `address`, on a port that is shared when something is exported there already: it writes text
    /// and bounds its duplicate request cache as the first export said. All under the lock, so that no other export is
    /// withdrawn meanwhile as the port's last.
    pub(crate) fn export(
        self: &Arc<Self>,
        host: Host,
        address: PortAddress,
        program: Program,
        export: Export,
        options: &ServerOptions,
        open: &Open,
    ) -> Result<Exported, Err> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let port = match table.get(&address).and_then(Weak::upgrade) {
            Some(port) => port,
            None => {
                let port = Port::open(host, address, options, open)?;
                table.retain(|_, port| port.strong_count() > 0);
                table.insert(port.address.clone(), Arc::downgrade(&port));
                port
            }
        };
        if !port.exports.add(program, export) {
            let why = "another object is exported there with this program and version";
            return Err(failure::endpoint(&open.endpoint, why));
        }
        Ok(Exported {
            port,
            ports: self.clone(),
            program,
            withdrawn: OnceLock::new(),
        })
    }
}

impl Port {
    /// A new listening port, with nothing exported on it.
    fn open(
        host: Host,
        address: PortAddress,
        options: &ServerOptions,
        open: &Open,
    ) -> Result<Arc<Port>, Err> {
        let exports = Arc::new(Exports::default());
        let datagrams = matches!(address, PortAddress::Udp(_));
        let protocol = SunRpc::of_port(exports.clone(), options.nul, datagrams, options.cache);
        Port::listen(host, address, protocol, open)
    }

    /// A new port where this protocol is spoken.
    pub(crate) fn listen(
        host: Host,
        address: PortAddress,
        protocol: SunRpc,
        open: &Open,
    ) -> Result<Arc<Port>, Err> {
        let exports = protocol.exports.clone();
        let protocol = Arc::new(protocol);
        let (listener, address) = match address {
            PortAddress::Udp(address) => {
                let place = (open.endpoint.as_str(), address);
                let name = SunRpcProvider::LOG_NAME;
                let port = DatagramPort::start(host, name, protocol, place, open.limits)?;
                let address = PortAddress::Udp(port.address);
                (PortListener::Datagram(port), address)
            }
            PortAddress::Tcp(address) => {
                let bound = Bound::tcp(&open.endpoint, address)?;
                accepting(host, protocol, bound, open)?
            }
            PortAddress::Unix(path) => {
                let bound = Bound::unix(&open.endpoint, path)?;
                accepting(host, protocol, bound, open)?
            }
        };
        Ok(Arc::new(Port {
            listener,
            exports,
            address,
        }))
    }

    /// Closes everything at once.
    pub(crate) fn abandon(&self) {
        match &self.listener {
            PortListener::Stream(listener) => listener.abandon(),
            PortListener::Datagram(port) => port.abandon(),
        }
    }

    fn stop(&self) {
        match &self.listener {
            PortListener::Stream(listener) => listener.stop(),
            PortListener::Datagram(port) => port.stop(),
        }
    }
}

/// A port that accepts connections.
fn accepting(
    host: Host,
    protocol: Arc<SunRpc>,
    bound: Bound,
    open: &Open,
) -> Result<(PortListener, PortAddress), Err> {
    let address = match &bound.address {
        BoundAddress::Tcp(address) => PortAddress::Tcp(*address),
        BoundAddress::Unix(path) => PortAddress::Unix(path.clone()),
    };
    let listener = MuxListener::start(
        host,
        SunRpcProvider::LOG_NAME,
        protocol,
        bound,
        open.endpoint.clone(),
        // Any number but 0: the message names its object.
        u64::MAX,
        open.limits,
    )?;
    Ok((PortListener::Stream(listener), address))
}

/// A version that is exported on a port.
pub(crate) struct Exported {
    pub(crate) port: Arc<Port>,
    ports: Arc<Ports>,
    pub(crate) program: Program,
    /// Whether the object was taken off, and was the port's last: a later export may take its place.
    withdrawn: OnceLock<bool>,
}

impl Exported {
    /// Takes the object off the port; true when nothing else is exported there, and the port is to be closed.
    fn withdraw(&self) -> bool {
        *self.withdrawn.get_or_init(|| {
            let table = &self.ports.table;
            let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
            let last = self.port.exports.remove(self.program);
            if last {
                table.remove(&self.port.address);
                // Under the lock, too: the next export there needs the address.
                self.port.stop();
            }
            last
        })
    }

    /// Takes the object off; ready when its port, if it was the last there, has answered its calls and is closed.
    pub(crate) fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        if !self.withdraw() {
            return Poll::Ready(Ok(()));
        }
        match &self.port.listener {
            PortListener::Stream(listener) => listener.poll_close(waker),
            PortListener::Datagram(port) => port.poll_close(waker),
        }
    }

    /// Takes the object off at once.
    pub(crate) fn abandon(&self) {
        if self.withdraw() {
            self.port.abandon();
        }
    }
}

impl Drop for Exported {
    fn drop(&mut self) {
        // An export that was given up half-way, too.
        self.abandon();
    }
}

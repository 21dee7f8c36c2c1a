//! The system's rpcbind, alone in a namespace: port 111 over TCP and UDP, both families, and
//! /run/rpcbind.sock. It starts and stops it, and asks it nothing: rpcinfo does.

use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::PeerError;
use crate::namespace::{Daemon, Namespace};
use crate::peer::Peer;

const PORT: u16 = 111;

/// A running rpcbind (versions 2, 3 and 4). Killed on drop; the namespace lives as long as anybody
/// holds it.
///
/// It runs with `-i`: whoever is on the loopback interface may register, as over the local socket.
/// Nothing it was told outlives it (it is built without warm start). Its `-h` aborts on an address
/// of the loopback interface, and is not needed in a namespace.
#[derive(Debug)]
pub struct Rpcbind {
    daemon: Daemon,
    namespace: Arc<Namespace>,
}

impl Rpcbind {
    /// Starts it in a namespace of its own.
    ///
    /// # Errors
    ///
    /// Without the rights of root, and when it does not answer within a minute.
    pub fn start() -> Result<Self, PeerError> {
        Peer::Rpcbind.require()?;
        Self::start_in(&Arc::new(Namespace::start()?))
    }

    /// Starts it in a namespace that is there already, for those who need one without it first, or
    /// start it again.
    ///
    /// # Errors
    ///
    /// When it does not answer within a minute.
    pub fn start_in(namespace: &Arc<Namespace>) -> Result<Self, PeerError> {
        Peer::Rpcbind.require()?;
        let network = Arc::clone(namespace);
        let answers = || {
            let connected = network.enter(|| TcpStream::connect((Ipv4Addr::LOCALHOST, PORT)));
            network.path("/run/rpcbind.sock").exists() && matches!(connected, Ok(Ok(_)))
        };
        let daemon = namespace.start_daemon("rpcbind", &["-f", "-i"], answers)?;
        Ok(Self {
            daemon,
            namespace: Arc::clone(namespace),
        })
    }

    /// The namespace it is alone in, for other programs.
    pub fn namespace(&self) -> &Arc<Namespace> {
        &self.namespace
    }

    /// Its local socket, as a path that programs outside the namespace can connect to.
    pub fn socket_path(&self) -> PathBuf {
        self.namespace.path("/run/rpcbind.sock")
    }

    /// The end of what it wrote to its standard error so far.
    pub fn stderr(&self) -> String {
        self.daemon.stderr()
    }
}

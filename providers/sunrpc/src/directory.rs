//! Where the port of an exported version can be asked: at this host's rpcbind, or at a small one of the provider's own, for
//! hosts without it.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::ffi::OsStrExt as _;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use rmix_provider::failure;
use rmix_provider::guest::{Host, Open};
use rmix_provider::tables::Err;

use crate::options::Directory;
use crate::ports::{Exported, Port, PortAddress, Ports};
use crate::provider::SunRpcProvider;
use crate::rpcbind::RPCBIND_PORT;
use crate::rpcbind::address::Registered;
use crate::rpcbind::register::{Registration, register};
use crate::rpcbind::table::Table;
use crate::session::SunRpc;
use crate::target::Program;

/// The provider's own small rpcbind, shared by the exports that want it.
#[derive(Default)]
pub(crate) struct OwnDirectory {
    /// By address. Guards the table; held while ports are bound, so that two exports meet.
    open: Mutex<HashMap<IpAddr, Weak<Own>>>,
}

/// The small rpcbind at work.
struct Own {
    table: Arc<Mutex<Table>>,
    ports: Vec<Arc<Port>>,
}

impl Drop for Own {
    fn drop(&mut self) {
        for port in &self.ports {
            port.abandon();
        }
    }
}

impl OwnDirectory {
    /// The small rpcbind, which is opened for the first that wants it, at its address.
    fn at(&self, host: Host, address: IpAddr, open: &Open) -> Result<Arc<Own>, Err> {
        let mut known = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, own| own.strong_count() > 0);
        if let Some(own) = known.get(&address).and_then(Weak::upgrade) {
            return Ok(own);
        }
        let place = SocketAddr::new(address, RPCBIND_PORT);
        let addresses = [Registered::tcp(place), Registered::udp(place)];
        let table = Arc::new(Mutex::new(Table::at(&addresses)));
        let port = |place, datagrams| {
            let protocol = SunRpc::of_directory(table.clone(), datagrams);
            Port::listen(host, place, protocol, open)
        };
        let ports = vec![
            port(PortAddress::Tcp(place), false)?,
            port(PortAddress::Udp(place), true)?,
        ];
        let own = Arc::new(Own { table, ports });
        known.insert(address, Arc::downgrade(&own));
        Ok(own)
    }
}

/// An export that can be asked for.
pub(crate) struct Listed {
    host: Host,
    /// None once it is being taken off.
    entry: Option<Entry>,
}

enum Entry {
    /// At this host's rpcbind.
    Registered(Registration),
    /// At the provider's own.
    Own {
        directory: Arc<Own>,
        program: Program,
        address: Registered,
    },
}

/// Lists an export, as its endpoint says.
///
/// # Errors
/// There is no rpcbind, or it refuses; or the small one cannot be opened.
pub(crate) async fn list(
    host: Host,
    ports: &Ports,
    exported: &Exported,
    directory: Directory,
    open: &Open,
) -> Result<Option<Listed>, Err> {
    let (address, ip) = match &exported.port.address {
        PortAddress::Tcp(address) => (Registered::tcp(*address), Some(address.ip())),
        PortAddress::Udp(address) => (Registered::udp(*address), Some(address.ip())),
        PortAddress::Unix(path) => {
            let path = String::from_utf8_lossy(path.as_os_str().as_bytes());
            (Registered::local(&path), None)
        }
    };
    let program = exported.program;
    let entry = match directory {
        Directory::None => return Ok(None),
        Directory::Rpcbind => {
            let limit = open.limits.connect_ns;
            let registration = register(&host, program, &[address], limit).await?;
            if !registration.left_out().is_empty() {
                let message = format!(
                    "{} is not registered: this rpcbind holds IPv4 only",
                    open.endpoint
                );
                host.warn(SunRpcProvider::LOG_NAME, &message);
            }
            Entry::Registered(registration)
        }
        Directory::Own => {
            let why = "the small rpcbind knows ports, not the paths of sockets";
            let ip = ip.ok_or_else(|| failure::endpoint(&open.endpoint, why))?;
            let directory = ports.directory.at(host, ip, open)?;
            let table = &directory.table;
            let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
            if !table.set(program, &address) {
                let why =
                    "the small rpcbind knows this program and version at another port, or is full";
                return Err(failure::endpoint(&open.endpoint, why));
            }
            drop(table);
            Entry::Own {
                directory,
                program,
                address,
            }
        }
    };
    Ok(Some(Listed {
        host,
        entry: Some(entry),
    }))
}

impl Listed {
    /// Takes the export off; a failure is logged, for nobody could do anything.
    pub(crate) async fn withdraw(mut self) {
        if let Some(entry) = self.entry.take() {
            entry.withdraw(self.host).await;
        }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.take() {
            self.host.spawn(entry.withdraw(self.host));
        }
    }
}

impl Entry {
    async fn withdraw(self, host: Host) {
        match self {
            Entry::Registered(registration) => {
                if let Err(failure) = registration.withdraw().await {
                    let message = format!("an export stays registered: {}", failure.text());
                    host.warn(SunRpcProvider::LOG_NAME, &message);
                }
            }
            Entry::Own {
                directory,
                program,
                address,
            } => {
                let table = &directory.table;
                let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
                table.unset(program, address.netid);
            }
        }
    }
}

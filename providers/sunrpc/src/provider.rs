//! Opens links and listeners for Sun RPC over TCP, UDP and Unix sockets; asks rpcbind for ports, and registers there.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use rmix_provider::endpoint::Parts;
use rmix_provider::guest::{BoxFuture, Host, Listener, Open, Provider};
use rmix_provider::stream::Stream;
use rmix_provider::tables::{AbiWaker, Err, Limits, capability};
use rmix_provider::{LinkOptions, MuxLink, connect, failure};

use crate::address::{Address, Place, Transport};
use crate::datagram::{self, DATAGRAM_BYTES_MAX, MARK_BYTES};
use crate::directory::{self, Listed};
use crate::options::{ClientOptions, ServerOptions};
use crate::ports::{Exported, PortAddress, Ports};
use crate::rpcbind::lookup;
use crate::session::SunRpc;
use crate::target::{Export, Program, one_way_procedures};

/// The provider.
pub struct SunRpcProvider {
    host: Host,
    ports: Arc<Ports>,
}

impl SunRpcProvider {
    /// The provider's name, in the log.
    pub(crate) const LOG_NAME: &'static str = <SunRpcProvider as Provider>::NAME;
}

impl Provider for SunRpcProvider {
    const NAME: &'static str = "sunrpc";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SCHEMES: &'static str = "sunrpc+tcp sunrpc+udp sunrpc+unix";
    const CAPABILITIES: u64 = capability::ONEWAY
        | capability::TWOWAY
        | capability::LISTEN
        | capability::SYMMETRIC
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
            let address = Address::parse(&open.endpoint)?;
            let options = ClientOptions::of(&address)?;
            let object = called_back(&open, &address, options.callback)?;
            let stream = open_stream(&host, &address, &options, &open.limits).await?;
            let protocol = SunRpc::to(
                address.program,
                options,
                address.transport == Transport::Udp,
                object,
            );
            let link = LinkOptions {
                provider: Self::NAME,
                peer: open.endpoint.clone(),
                address: stream.peer_address(),
                asked: None,
                object: open.object,
                accepted: false,
                limits: limits(&open.limits, address.transport),
                end_reason: None,
            };
            Ok(MuxLink::open(host, Arc::new(protocol), stream, link))
        })
    }

    fn listen(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<SunRpcListener>, Err>> {
        let provider = self.clone();
        Box::pin(async move {
            let host = provider.host;
            let address = Address::parse(&open.endpoint)?;
            let has_port = !matches!(address.place, Place::Host(_, None));
            let options = ServerOptions::of(&address, has_port)?;
            let place = place(&host, &address).await?;
            let export = Export {
                object: open.object,
                sys: options.sys,
                duplicates: options.duplicates,
                one_way: one_way_procedures(open.interface),
            };
            let exported =
                provider
                    .ports
                    .export(host, place, address.program, export, &options, &open)?;
            let ports = &provider.ports;
            let listed = directory::list(host, ports, &exported, options.directory, &open).await;
            let listed = listed.inspect_err(|_| exported.abandon())?;
            Ok(Arc::new(SunRpcListener {
                host,
                endpoint: endpoint(&address.parts, &exported),
                exported,
                listed: Mutex::new(Listing::At(listed)),
            }))
        })
    }
}

/// The version that the peer calls the object of this end as: the one it is called as itself, unless the option says
/// otherwise.
fn called_back(
    open: &Open,
    address: &Address<'_>,
    callback: Option<Program>,
) -> Result<Option<(Program, Export)>, Err> {
    let wrong = |why: &str| Err(failure::endpoint(&open.endpoint, why));
    match open.object {
        0 if callback.is_some() => {
            wrong("it has the option callback, and there is no object to be called")
        }
        0 => Ok(None),
        _ if address.transport == Transport::Udp => {
            wrong("calls back need a connection, which sunrpc+udp has not")
        }
        object => {
            let program = callback.unwrap_or(address.program);
            Ok(Some((program, Export::plain(object))))
        }
    }
}

async fn open_stream(
    host: &Host,
    address: &Address<'_>,
    options: &ClientOptions,
    limits: &Limits,
) -> Result<Stream, Err> {
    let endpoint = address.parts.text;
    let limit = limits.connect_ns;
    let (name, port) = match &address.place {
        Place::Path(path) => {
            use std::os::unix::ffi::OsStrExt as _;
            let opening = connect::unix(host, endpoint, path.as_os_str().as_bytes());
            return connect::within(host, limit, endpoint, opening).await;
        }
        Place::Host(name, Some(port)) => (*name, *port),
        Place::Host(name, None) => {
            let way = match address.transport {
                Transport::Udp => lookup::Transport::Udp,
                _ => lookup::Transport::Tcp,
            };
            let port = lookup::find_port(host, endpoint, name, address.program, way, limit).await?;
            (*name, port)
        }
    };
    if address.transport == Transport::Tcp {
        return connect::tcp(host, endpoint, name, port, limit).await;
    }
    let resolving = connect::resolve(host, endpoint, name, port);
    let found = connect::within(host, limit, endpoint, resolving).await?;
    let first = first(endpoint, &found)?;
    datagram::connect(host, endpoint, first, options.waits)
}

fn first(endpoint: &str, found: &[SocketAddr]) -> Result<SocketAddr, Err> {
    let first = found.first().copied();
    first.ok_or_else(|| failure::endpoint(endpoint, "its host has no address"))
}

/// The limits of a link: a message fits a datagram where there are datagrams.
fn limits(given: &Limits, transport: Transport) -> Limits {
    let mut limits = *given;
    if transport == Transport::Udp {
        let most = (DATAGRAM_BYTES_MAX + MARK_BYTES) as u64;
        limits.message_bytes = limits.message_bytes.min(most);
    }
    limits
}

/// Where to listen; port 0 where the endpoint names none.
async fn place(host: &Host, address: &Address<'_>) -> Result<PortAddress, Err> {
    let endpoint = address.parts.text;
    match &address.place {
        Place::Path(path) => Ok(PortAddress::Unix(path.clone())),
        Place::Host(name, port) => {
            let port = port.unwrap_or_default();
            let found = connect::resolve(host, endpoint, name, port).await?;
            let first = first(endpoint, &found)?;
            Ok(match address.transport {
                Transport::Udp => PortAddress::Udp(first),
                _ => PortAddress::Tcp(first),
            })
        }
    }
}

/// The endpoint that peers can use.
fn endpoint(parts: &Parts<'_>, exported: &Exported) -> String {
    let Program { number, version } = exported.program;
    match &exported.port.address {
        PortAddress::Tcp(address) | PortAddress::Udp(address) => {
            format!("{}://{address}/{number}/{version}", parts.scheme)
        }
        PortAddress::Unix(_) => format!("{}:{}", parts.scheme, parts.path),
    }
}

/// An object exported on a port.
pub struct SunRpcListener {
    host: Host,
    exported: Exported,
    endpoint: String,
    /// Guards the state of taking it off; held for a poll of that.
    listed: Mutex<Listing>,
}

/// Whether the export can be asked for.
enum Listing {
    /// There, or nowhere.
    At(Option<Listed>),
    /// It is being taken off.
    Leaving(BoxFuture<()>),
}

impl SunRpcListener {
    fn listing(&self) -> MutexGuard<'_, Listing> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ready when nobody is told of the export any more.
    fn poll_unlisted(&self, waker: &AbiWaker) -> Poll<()> {
        let mut listing = self.listing();
        loop {
            match &mut *listing {
                Listing::At(listed) => match listed.take() {
                    None => return Poll::Ready(()),
                    Some(listed) => {
                        *listing = Listing::Leaving(Box::pin(listed.withdraw()));
                    }
                },
                Listing::Leaving(leaving) => {
                    let polled = waker
                        .with_std(|waker| leaving.as_mut().poll(&mut Context::from_waker(waker)));
                    if polled.is_pending() {
                        return Poll::Pending;
                    }
                    *listing = Listing::At(None);
                }
            }
        }
    }
}

impl Listener for SunRpcListener {
    fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        match self.poll_unlisted(waker) {
            Poll::Ready(()) => self.exported.poll_close(waker),
            Poll::Pending => Poll::Pending,
        }
    }

    fn abandon(&self) {
        match std::mem::replace(&mut *self.listing(), Listing::At(None)) {
            Listing::At(None) => {}
            Listing::At(Some(listed)) => self.host.spawn(listed.withdraw()),
            Listing::Leaving(leaving) => self.host.spawn(leaving),
        }
        self.exported.abandon();
    }
}

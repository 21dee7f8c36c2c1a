//! Opens links and listeners at rendezvous sockets.

use std::future::poll_fn;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rmix_msgpack_rpc::MsgpackRpc;
use rmix_provider::guest::{BoxFuture, Host, Io, Open, Provider};
use rmix_provider::listen::{Bound, MuxListener};
use rmix_provider::stream::Stream;
use rmix_provider::tables::{AbiWaker, Err, READ, capability, cause, kind};
use rmix_provider::{LinkOptions, MuxLink, connect, failure};
use rustix::fs::Mode;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, sockopt};

use crate::address::{Address, Terms};
use crate::channel::ShmChannel;
use crate::folder;
use crate::greeting::{self, Heard, Offer};
use crate::host;
use crate::look::Lookers;

/// The provider.
pub struct ShmProvider {
    host: Host,
    lookers: Arc<Lookers>,
}

impl Provider for ShmProvider {
    const NAME: &'static str = crate::NAME;
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SCHEMES: &'static str = "shm";
    const CAPABILITIES: u64 = capability::ONEWAY
        | capability::TWOWAY
        | capability::LISTEN
        | capability::SYMMETRIC
        | capability::FAULTS
        | capability::ORDERED
        | capability::CONCURRENT
        | capability::SELF_DESCRIBING;
    type Link = MuxLink<MsgpackRpc>;
    type Listener = MuxListener<MsgpackRpc>;

    fn new(host: Host) -> Result<Self, Err> {
        Ok(ShmProvider {
            host,
            lookers: Arc::new(Lookers::new()),
        })
    }

    fn connect(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<Self::Link>, Err>> {
        let (host, lookers) = (self.host, self.lookers.clone());
        Box::pin(async move {
            let address = Address::parse(&open.endpoint)?;
            let protocol = Arc::new(address.protocol());
            let meeting = meet(host, lookers, &open.endpoint, &address);
            let limit = open.limits.connect_ns;
            let channel = connect::within(&host, limit, &open.endpoint, meeting).await?;
            let options = LinkOptions {
                provider: Self::NAME,
                peer: open.endpoint.clone(),
                address: None,
                asked: None,
                object: open.object,
                accepted: false,
                limits: open.limits,
                end_reason: None,
            };
            Ok(MuxLink::open(
                host,
                protocol,
                Stream::channel(channel),
                options,
            ))
        })
    }

    fn listen(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<Self::Listener>, Err>> {
        let (host, lookers) = (self.host, self.lookers.clone());
        Box::pin(async move {
            let address = Address::parse(&open.endpoint)?;
            let path = folder::to_listen(&open.endpoint, &address)?;
            let protocol = Arc::new(address.protocol());
            let endpoint = host::with_boot_id(&open.endpoint, address.host.is_some());
            let terms = address.terms;
            let for_others = !terms.users.is_empty();
            let opener = move |host: &Host, socket: OwnedFd| {
                check_user(socket.as_fd(), &terms)?;
                let lookers = lookers.clone();
                let channel = ShmChannel::accepted(*host, lookers, socket, terms.clone())?;
                Ok(Stream::channel(channel))
            };
            let bound = Bound::unix(&open.endpoint, path.clone())?;
            if for_others {
                // Connecting takes the right to write to the file; who may is decided when somebody has.
                let mode = Mode::from_raw_mode(0o666);
                let changed = rustix::fs::chmod(&path, mode);
                changed.map_err(|errno| failure::listen(&open.endpoint, errno))?;
            }
            let bound = bound.with_opener(Arc::new(opener));
            MuxListener::start(
                host,
                Self::NAME,
                protocol,
                bound,
                endpoint,
                open.object,
                open.limits,
            )
        })
    }
}

/// Connects, checks whose process listens, and greets it.
async fn meet(
    host: Host,
    lookers: Arc<Lookers>,
    endpoint: &str,
    address: &Address,
) -> Result<ShmChannel, Err> {
    let refused = |errno| failure::connect(endpoint, errno);
    let here = host::boot_id();
    if let (Some(there), Some(here)) = (&address.host, &here)
        && there != here
    {
        let message = format!(
            "cannot connect to {endpoint}: it is on another host, or was before this one's last start"
        );
        return Err(Err::new(kind::RECONNECT, cause::CONNECT, message));
    }
    let path = folder::to_connect(endpoint, address)?;
    let socket = connected(&path).map_err(refused)?;
    check_user(socket.as_fd(), &address.terms)?;
    let (own_room, their_room) = rustix::net::socketpair(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        None,
    )
    .map_err(refused)?;
    let offer = Offer::new(address.terms.queue_bytes).map_err(refused)?;
    let segment = match offer.send(socket.as_fd(), Some(their_room)) {
        // It was quicker.
        Err(Errno::PIPE | Errno::CONNRESET) => return Err(closed_instead(endpoint)),
        sent => sent.map_err(refused)?,
    };
    let bell = host.register(socket)?;
    let heard = poll_fn(|cx| {
        let waker = AbiWaker::lend(cx.waker());
        bell.poll_io(READ, &waker, |fd| match greeting::receive(fd, false) {
            Heard::Nothing => Io::WouldBlock,
            heard => Io::Done(heard),
        })
    });
    match heard.await? {
        Heard::Said(said) => ShmChannel::connected(host, lookers, bell, own_room, segment, said),
        Heard::Wrong(why) => {
            let message =
                format!("cannot connect to {endpoint}: its listener's greeting is wrong: {why}");
            Err(Err::new(kind::PEER_BROKEN, cause::PROTOCOL, message))
        }
        Heard::Nothing | Heard::End => Err(closed_instead(endpoint)),
    }
}

fn closed_instead(endpoint: &str) -> Err {
    let message = format!(
        "cannot connect to {endpoint}: its listener closed the connection instead of greeting: it may serve another user or have no room"
    );
    Err::new(kind::RECONNECT, cause::CONNECT, message)
}

fn connected(path: &std::path::Path) -> Result<OwnedFd, Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::net::connect(&socket, &SocketAddrUnix::new(path)?)?;
    Ok(socket)
}

/// Whether the process at the other end is this user's, or one whose user is trusted.
fn check_user(socket: BorrowedFd<'_>, terms: &Terms) -> Result<(), Err> {
    let denied = |why: String| Err::new(kind::DENIED, cause::AUTHENTICATION, why);
    let peer = sockopt::socket_peercred(socket).map_err(|errno| {
        denied(format!(
            "the system does not say whose process it is: {}",
            failure::text(errno)
        ))
    })?;
    let user = peer.uid.as_raw();
    if user == rustix::process::geteuid().as_raw() || terms.users.contains(&user) {
        return Ok(());
    }
    Err(denied(format!(
        "process {} is of user {user}, who is not trusted: name the user in the option users",
        peer.pid
    )))
}

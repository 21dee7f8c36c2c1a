//! Registering a program with the rpcbind of this host, and taking it off again: over its local socket, which tells it who
//! registers; else over loopback, as old portmappers have it.
//!
//! An entry that stands in the way is taken off first: a server that was killed leaves its own behind. rpcbind lets nobody
//! take off another user's.

use rmix_provider::connect;
use rmix_provider::guest::Host;
use rmix_provider::tables::{Err, cause, kind};
use rmix_xdr::XdrError;

use super::RPCBIND_PORT;
use super::address::{Registered, from_universal};
use super::ask::{Ask, Question, Version, ask, unreadable, unsayable};
use super::exchange::{DatagramExchange, FIRST_WAIT_NS, LocalSocket, StreamExchange};
use super::messages::{Item, List, Mapping, Rpcb, procedure};
use crate::target::Program;

/// What was registered, to be taken off with [`Registration::withdraw`]. Dropping it leaves the entries behind.
#[must_use = "the entries stay until they are withdrawn"]
pub(crate) struct Registration {
    host: Host,
    program: Program,
    set: Vec<Registered>,
    /// Addresses that this rpcbind cannot hold.
    left_out: Vec<Registered>,
    limit_ns: u64,
}

/// Registers a program at all of `addresses` with this host's rpcbind, within `limit_ns`. Either everything that the
/// rpcbind can hold is registered, or nothing: a version 2 portmapper holds IPv4 only, and the rest is left out.
///
/// # Errors
/// `Reconnect` when there is no rpcbind; `Denied` when another user has registered the program; `Unsupported` when the
/// rpcbind can hold none of the addresses; what it refuses otherwise.
pub(crate) async fn register(
    host: &Host,
    program: Program,
    addresses: &[Registered],
    limit_ns: u64,
) -> Result<Registration, Err> {
    let (set, left_out) = visit(host, limit_ns, Errand::Set(program, addresses)).await?;
    Ok(Registration {
        host: *host,
        program,
        set,
        left_out,
        limit_ns,
    })
}

impl Registration {
    /// The addresses that this rpcbind cannot hold: it is a portmapper, which knows IPv4 only.
    pub(crate) fn left_out(&self) -> &[Registered] {
        &self.left_out
    }

    /// Takes off what was registered, within the time that registering had. Entries that somebody else has put in their
    /// place stay.
    ///
    /// # Errors
    /// There is no rpcbind any more, or it refuses. The entries may have stayed.
    pub(crate) async fn withdraw(self) -> Result<(), Err> {
        let errand = Errand::Unset(self.program, &self.set);
        visit(&self.host, self.limit_ns, errand).await.map(drop)
    }
}

/// What an rpcbind is visited for.
#[derive(Clone, Copy)]
enum Errand<'a> {
    Set(Program, &'a [Registered]),
    Unset(Program, &'a [Registered]),
}

/// What was registered, and what was left out.
type Outcome = (Vec<Registered>, Vec<Registered>);

impl Errand<'_> {
    async fn run<A: Ask>(self, rpcbind: &mut A) -> Result<Outcome, Err> {
        match self {
            Errand::Set(program, addresses) => set_all(rpcbind, program, addresses).await,
            Errand::Unset(program, set) => unset_own(rpcbind, program, set)
                .await
                .map(|()| (Vec::new(), Vec::new())),
        }
    }
}

/// Runs an errand with the first rpcbind of this host that is there.
async fn visit(host: &Host, limit_ns: u64, errand: Errand<'_>) -> Result<Outcome, Err> {
    const WHOM: &str = "the rpcbind of this host";
    let mut missing = Vec::new();
    for socket in LOCAL_SOCKETS {
        match StreamExchange::local(host, socket) {
            Ok(mut rpcbind) => {
                return connect::within(host, limit_ns, WHOM, errand.run(&mut rpcbind)).await;
            }
            Err(failure) => missing.push(failure),
        }
    }
    let until_ns = host.now_ns().saturating_add(limit_ns);
    match StreamExchange::tcp(host, OVER_TCP, LOOPBACK, RPCBIND_PORT, limit_ns).await {
        Ok(mut rpcbind) => {
            let left_ns = until_ns.saturating_sub(host.now_ns());
            return connect::within(host, left_ns, WHOM, errand.run(&mut rpcbind)).await;
        }
        Err(failure) => missing.push(failure),
    }
    let left_ns = until_ns.saturating_sub(host.now_ns());
    let asking = async {
        let address = (std::net::Ipv4Addr::LOCALHOST, RPCBIND_PORT).into();
        let mut rpcbind = DatagramExchange::open(host, OVER_UDP, address, FIRST_WAIT_NS)?;
        errand.run(&mut rpcbind).await
    };
    let outcome = connect::within(host, left_ns, WHOM, asking).await;
    outcome.map_err(|failure| {
        let nobody = failure.code != 0 && failure.cause == cause::CONNECT;
        if !nobody && failure.cause != cause::TIMEOUT {
            return failure;
        }
        missing.push(failure);
        nobody_there(&missing)
    })
}

fn nobody_there(missing: &[Err]) -> Err {
    let each: Vec<String> = missing.iter().map(|one| one.text().into_owned()).collect();
    let message = format!(
        "no rpcbind runs on this host, so a program cannot be registered: {}; start one, or let clients name the port in \
         their endpoint",
        each.join("; ")
    );
    Err::new(kind::RECONNECT, cause::CONNECT, message)
}

/// Registers a program at every address; what was registered is taken off again when one fails.
pub(super) async fn set_all<A: Ask>(
    rpcbind: &mut A,
    program: Program,
    addresses: &[Registered],
) -> Result<Outcome, Err> {
    let mut version = Version::NEWEST;
    let mut pass = set_each(rpcbind, &mut version, program, addresses).await?;
    if !pass.taken.is_empty() {
        for entry in &pass.taken {
            change(rpcbind, &mut version, procedure::UNSET, program, entry).await?;
        }
        // All of them again: in version 2, UNSET has taken off both TCP and UDP, and to set the same again is no change.
        pass = set_each(rpcbind, &mut version, program, addresses).await?;
    }
    if let Some(entry) = pass.taken.first() {
        take_off(rpcbind, version, program, &pass.set).await;
        let message = format!(
            "{} does not register program {} version {} over {} at {}: another user's registration stands, or it takes \
             none from here",
            rpcbind.whom(),
            program.number,
            program.version,
            entry.netid,
            entry.address
        );
        return Err(Err::new(kind::DENIED, cause::OTHER, message));
    }
    if pass.set.is_empty() && !pass.left_out.is_empty() {
        let message = format!(
            "{} has version 2 only, which holds tcp and udp over IPv4 and nothing else",
            rpcbind.whom()
        );
        return Err(Err::new(kind::UNSUPPORTED, cause::VERSION, message));
    }
    Ok((pass.set, pass.left_out))
}

/// What SET of each address came to.
#[derive(Default)]
struct Pass {
    set: Vec<Registered>,
    /// Something else is registered there.
    taken: Vec<Registered>,
    /// This rpcbind cannot hold such an address.
    left_out: Vec<Registered>,
}

async fn set_each<A: Ask>(
    rpcbind: &mut A,
    version: &mut Version,
    program: Program,
    addresses: &[Registered],
) -> Result<Pass, Err> {
    let mut pass = Pass::default();
    for entry in addresses {
        match change(rpcbind, version, procedure::SET, program, entry).await {
            Ok(Some(true)) => pass.set.push(entry.clone()),
            Ok(Some(false)) => pass.taken.push(entry.clone()),
            Ok(None) => pass.left_out.push(entry.clone()),
            Err(failure) => {
                take_off(rpcbind, *version, program, &pass.set).await;
                return Err(failure);
            }
        }
    }
    Ok(pass)
}

/// Takes off what was registered before something failed, as far as that is possible: that failure is the one to tell.
async fn take_off<A: Ask>(
    rpcbind: &mut A,
    mut version: Version,
    program: Program,
    set: &[Registered],
) {
    for entry in set {
        let _ = change(rpcbind, &mut version, procedure::UNSET, program, entry).await;
    }
}

/// Asks for SET or UNSET of one address; none when the rpcbind cannot hold such an address.
async fn change<A: Ask>(
    rpcbind: &mut A,
    version: &mut Version,
    procedure: u32,
    program: Program,
    entry: &Registered,
) -> Result<Option<bool>, Err> {
    let owner = rustix::process::geteuid().as_raw().to_string();
    // An address that version 2 cannot hold is asked for by the null procedure, which finds out the version.
    let question = |version: Version| {
        let arguments = if version.is_portmapper() {
            mapping(program, entry).map(|mapping| mapping.encode())
        } else {
            Some(rpcb(program, entry, &owner).encode())
        };
        match arguments {
            Some(arguments) => Ok(Question {
                procedure,
                arguments: arguments.map_err(unsayable)?,
            }),
            None => Ok(Question {
                procedure: procedure::NULL,
                arguments: Vec::new(),
            }),
        }
    };
    let results = ask(rpcbind, version, question).await?;
    if version.is_portmapper() && mapping(program, entry).is_none() {
        return Ok(None);
    }
    match bool::decode(&results) {
        Ok(done) => Ok(Some(done)),
        Err(why) => Err(unreadable(rpcbind.whom(), why)),
    }
}

/// Takes off the entries that are still as they were registered.
pub(super) async fn unset_own<A: Ask>(
    rpcbind: &mut A,
    program: Program,
    set: &[Registered],
) -> Result<(), Err> {
    let mut version = Version::NEWEST;
    let question = |_| {
        Ok(Question {
            procedure: procedure::DUMP,
            arguments: Vec::new(),
        })
    };
    let results = ask(rpcbind, &mut version, question).await?;
    let own = if version.is_portmapper() {
        own_mappings(&results, program, set)
    } else {
        own_entries(&results, program, set)
    };
    let own = own.map_err(|why| unreadable(rpcbind.whom(), why))?;
    let mut stayed = Vec::new();
    for entry in own {
        if change(rpcbind, &mut version, procedure::UNSET, program, entry).await? == Some(false) {
            stayed.push(entry.netid.name());
        }
    }
    if stayed.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{} does not take off program {} version {} over {}",
        rpcbind.whom(),
        program.number,
        program.version,
        stayed.join(", ")
    );
    Err(Err::new(kind::DENIED, cause::OTHER, message))
}

/// Those of `set` that are in the list that DUMP answers in versions 3 and 4.
fn own_entries<'a>(
    results: &[u8],
    program: Program,
    set: &'a [Registered],
) -> Result<Vec<&'a Registered>, XdrError> {
    let mut own = Vec::new();
    for listed in List::<Rpcb<'_>>::new(results) {
        let listed = listed?;
        if (listed.program, listed.version) == (program.number, program.version) {
            own.extend(set.iter().filter(|entry| {
                entry.netid.name() == listed.netid && entry.address == listed.address
            }));
        }
    }
    Ok(own)
}

/// The one of `set` to be taken off in version 2, which ignores the protocol: one UNSET takes off both TCP and UDP. So
/// none, when one of them is somebody else's.
fn own_mappings<'a>(
    results: &[u8],
    program: Program,
    set: &'a [Registered],
) -> Result<Vec<&'a Registered>, XdrError> {
    let mut own = None;
    let mut foreign = false;
    for listed in List::<Mapping>::new(results) {
        let listed = listed?;
        if (listed.program, listed.version) == (program.number, program.version) {
            let same = |entry: &&Registered| mapping(program, entry) == Some(listed);
            match set.iter().find(same) {
                Some(entry) => own = Some(entry),
                None => foreign = true,
            }
        }
    }
    Ok(own.filter(|_| !foreign).into_iter().collect())
}

fn rpcb<'a>(program: Program, entry: &'a Registered, owner: &'a str) -> Rpcb<'a> {
    Rpcb {
        program: program.number,
        version: program.version,
        netid: entry.netid.name(),
        address: &entry.address,
        owner,
    }
}

/// The entry as version 2 has it: IPv4 only, and the port alone.
fn mapping(program: Program, entry: &Registered) -> Option<Mapping> {
    let address = from_universal(&entry.address).ok()?;
    Some(Mapping {
        program: program.number,
        version: program.version,
        protocol: entry.netid.protocol().filter(|_| entry.netid.is_ipv4())?,
        port: u32::from(address.port()),
    })
}

/// Where rpcbind listens for this host's processes, in the order it is looked for.
const LOCAL_SOCKETS: [LocalSocket<'static>; 3] = [
    LocalSocket::Path("/run/rpcbind.sock"),
    LocalSocket::Path("/var/run/rpcbind.sock"),
    LocalSocket::Abstract("/run/rpcbind.sock"),
];

const LOOPBACK: &str = "127.0.0.1";
const OVER_TCP: &str = "an rpcbind at 127.0.0.1:111 (TCP)";
const OVER_UDP: &str = "an rpcbind at 127.0.0.1:111 (UDP)";

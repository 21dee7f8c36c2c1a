//! The port of a version of a program at a host, as the host's rpcbind knows it. Of its answer only the port is used: the
//! host that is connected to is the one that the user named, whatever address the answer has.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::Poll;

use rmix_provider::connect;
use rmix_provider::guest::Host;
use rmix_provider::tables::{AbiWaker, Err, cause, kind};

use super::RPCBIND_PORT;
use super::address::{Netid, from_universal};
use super::ask::{Ask, Question, Version, ask, unreadable, unsayable};
use super::exchange::{DatagramExchange, FIRST_WAIT_NS, StreamExchange};
use super::messages::{Item, Mapping, Rpcb, procedure};
use crate::target::Program;

/// How the program is to be reached; its rpcbind is asked in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// The port of `program` at the host `name`, asked of its rpcbind within `limit_ns`. `endpoint` is what the user wrote.
///
/// # Errors
/// `FixRequest` with cause `RESOLVE` when the name does not resolve; `Reconnect` with cause `CONNECT` when no rpcbind
/// answers or it does not know the program; what the rpcbind refuses otherwise. Nothing of the user's call was sent.
pub(crate) async fn find_port(
    host: &Host,
    endpoint: &str,
    name: &str,
    program: Program,
    transport: Transport,
    limit_ns: u64,
) -> Result<u16, Err> {
    let lookup = Lookup {
        endpoint,
        name,
        rpcbind_port: RPCBIND_PORT,
        program,
        transport,
        limit_ns,
    };
    lookup.run(host).await
}

/// A look-up and its circumstances.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lookup<'a> {
    pub(super) endpoint: &'a str,
    pub(super) name: &'a str,
    pub(super) rpcbind_port: u16,
    pub(super) program: Program,
    pub(super) transport: Transport,
    pub(super) limit_ns: u64,
}

impl Lookup<'_> {
    pub(super) async fn run(&self, host: &Host) -> Result<u16, Err> {
        let until_ns = host.now_ns().saturating_add(self.limit_ns);
        let (endpoint, name, port) = (self.endpoint, self.name, self.rpcbind_port);
        let resolving = connect::resolve(host, endpoint, name, port);
        let addresses = connect::within(host, self.limit_ns, endpoint, resolving).await?;
        let left_ns = until_ns.saturating_sub(host.now_ns());
        let whom = self.whom();
        let alone = addresses.len() == 1;
        let attempts = addresses.into_iter().map(|address| {
            // An address of several is named by itself; a name may say more than its address, such as an interface.
            let name = match alone {
                true => name.to_owned(),
                false => address.ip().to_string(),
            };
            self.attempt(host, name, address, until_ns)
        });
        let asking = async { first_of(host, attempts).await.map_err(|all| telling(&all)) };
        let found = connect::within(host, left_ns, &whom, asking).await;
        found.map_err(|failure| self.explain(failure))
    }

    fn whom(&self) -> String {
        format!("the rpcbind of {} (port {})", self.name, self.rpcbind_port)
    }

    /// Asks at one address. It is asked for its own family: of another one, rpcbind tells no wildcard address.
    async fn attempt(
        &self,
        host: &Host,
        name: String,
        address: SocketAddr,
        until_ns: u64,
    ) -> Result<u16, Err> {
        let (whom, port) = (self.whom(), self.rpcbind_port);
        match self.transport {
            Transport::Tcp => {
                let left_ns = until_ns.saturating_sub(host.now_ns());
                let mut rpcbind = StreamExchange::tcp(host, &whom, &name, port, left_ns).await?;
                port_of(&mut rpcbind, self.name, self.program, Netid::tcp(address)).await
            }
            Transport::Udp => {
                let mut rpcbind = DatagramExchange::open(host, &whom, address, FIRST_WAIT_NS)?;
                port_of(&mut rpcbind, self.name, self.program, Netid::udp(address)).await
            }
        }
    }

    /// Says what was wanted, and what to do when nobody can be asked.
    fn explain(&self, failure: Err) -> Err {
        let unreached = failure.code != 0 && failure.cause == cause::CONNECT;
        let silent = failure.cause == cause::TIMEOUT;
        if !unreached && !silent {
            return failure;
        }
        let message = format!(
            "{} has no port, and no rpcbind says which one it is: {}; the port may be written in the endpoint, after {}",
            self.endpoint,
            failure.text(),
            self.name
        );
        Err::new(failure.kind, failure.cause, message).with_code(failure.code)
    }
}

/// Runs attempts until one succeeds: each has a head start, then the next begins as well, or when one has failed.
///
/// # Errors
/// Those of all attempts, in the order they failed.
pub(super) async fn first_of<F: Future<Output = Result<u16, Err>>>(
    host: &Host,
    mut left: impl ExactSizeIterator<Item = F>,
) -> Result<u16, Vec<Err>> {
    let mut turns = host.timer();
    let mut turn_ns = 0;
    let mut running: Vec<Pin<Box<F>>> = Vec::new();
    let mut failures = Vec::new();
    poll_fn(|cx| {
        let waker = AbiWaker::lend(cx.waker());
        loop {
            let mut index = 0;
            while let Some(attempt) = running.get_mut(index) {
                match attempt.as_mut().poll(cx) {
                    Poll::Pending => index += 1,
                    Poll::Ready(Ok(port)) => return Poll::Ready(Ok(port)),
                    Poll::Ready(Err(failure)) => {
                        drop(running.remove(index));
                        failures.push(failure);
                        turn_ns = 0;
                    }
                }
            }
            let more = left.len() > 0;
            if !more && running.is_empty() {
                return Poll::Ready(Err(std::mem::take(&mut failures)));
            }
            if !more || turns.poll_until(turn_ns, &waker).is_pending() {
                return Poll::Pending;
            }
            running.extend(left.next().map(Box::pin));
            turn_ns = host.now_ns().saturating_add(HEAD_START_NS);
        }
    })
    .await
}

/// Of the failures of all addresses, the one that tells most: what an rpcbind said, rather than that there was none.
pub(super) fn telling(failures: &[Err]) -> Err {
    let said = failures.iter().find(|failure| failure.code == 0);
    match said.or(failures.last()) {
        Some(failure) => failure.clone(),
        None => Err::new(kind::RECONNECT, cause::CONNECT, "its host has no address"),
    }
}

/// Asks for the port of a program.
///
/// # Errors
/// `Reconnect` with cause `CONNECT` when it is not registered; those of [`ask`]; `PeerBroken` for an answer that cannot be
/// read.
pub(super) async fn port_of<A: Ask>(
    rpcbind: &mut A,
    name: &str,
    program: Program,
    netid: Netid,
) -> Result<u16, Err> {
    let mut version = Version::NEWEST;
    let question = |version| question(version, program, netid);
    let results = ask(rpcbind, &mut version, question).await?;
    let port = if version.is_portmapper() {
        port_in_mapping(&results)
    } else {
        port_in_address(&results)
    };
    match port.map_err(|why| unreadable(rpcbind.whom(), why))? {
        0 => {}
        port => return Ok(port),
    }
    let Program { number, version } = program;
    let message = format!(
        "{} does not know program {number} version {version} over {netid}: is its server running? `rpcinfo -p {name}` \
         lists what it knows",
        rpcbind.whom(),
    );
    Err(Err::new(kind::RECONNECT, cause::CONNECT, message))
}

fn question(version: Version, program: Program, netid: Netid) -> Result<Question, Err> {
    if !version.is_portmapper() {
        let wanted = Rpcb {
            program: program.number,
            version: program.version,
            netid: netid.name(),
            address: "",
            owner: "",
        };
        return Ok(Question {
            procedure: procedure::GETADDR,
            arguments: wanted.encode().map_err(unsayable)?,
        });
    }
    let wanted = Mapping {
        program: program.number,
        version: program.version,
        protocol: netid.protocol().unwrap_or_default(),
        port: 0,
    };
    Ok(Question {
        procedure: procedure::GETPORT,
        arguments: wanted.encode().map_err(unsayable)?,
    })
}

/// The port that GETADDR answers; 0 when the program is not registered. Which host it names does not matter.
fn port_in_address(results: &[u8]) -> Result<u16, String> {
    let text = <&str>::decode(results).map_err(|failure| failure.to_string())?;
    if text.is_empty() {
        return Ok(0);
    }
    match from_universal(text) {
        Ok(address) => Ok(address.port()),
        Err(why) => Err(format!("{text:?} is no universal address: {why}")),
    }
}

/// The port that GETPORT answers; 0 when the program is not registered.
fn port_in_mapping(results: &[u8]) -> Result<u16, String> {
    let port = u32::decode(results).map_err(|failure| failure.to_string())?;
    u16::try_from(port).map_err(|_| format!("{port} is no port"))
}

/// Time that an address has before the next one of the same name is asked as well, in nanoseconds.
const HEAD_START_NS: u64 = 250_000_000;

//! What the small rpcbind of this process answers, from a call and a table. Bound to no socket.
//!
//! Remote callers change nothing (SET and UNSET answer FALSE) and make it call nobody (CALLIT, BCAST and INDIRECT are
//! PROC_UNAVAIL). A datagram of a stranger, whose source may be forged, never gets an answer that is longer than it is:
//! in particular no DUMP.

use std::net::{IpAddr, SocketAddr};

use rmix_xdr::XdrError;

use super::RPCBIND_PROGRAM;
use super::address::{Netid, from_universal, to_universal};
use super::messages::{
    AddressEntry, Item, Mapping, Rpcb, VERSION_MAX, VERSION_MIN, encode_list, procedure,
};
use super::table::Table;
use crate::target::Program;
use crate::wire::{AcceptStatus, CallHeader, ReplyHeader, Xid};

/// How a call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Over a connection, whose peer's address is no forgery.
    Stream,
    /// In a datagram.
    Datagram,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    /// How the call came.
    pub(crate) way: Way,
    /// The caller's address; none for a local socket.
    pub(crate) address: Option<SocketAddr>,
    /// The address of this host that was called, if it is known: it stands in for a wildcard in what is answered.
    pub(crate) called: Option<IpAddr>,
}

impl Peer {
    fn may_be_forged(&self) -> bool {
        let local = self
            .address
            .is_none_or(|address| address.ip().to_canonical().is_loopback());
        self.way == Way::Datagram && !local
    }
}

/// The answer to a call: a status, and the results of a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// What became of the call.
    pub(crate) status: AcceptStatus,
    /// Results; empty unless the call succeeded.
    pub(crate) results: Vec<u8>,
}

impl Answer {
    fn status(status: AcceptStatus) -> Answer {
        Answer {
            status,
            results: Vec::new(),
        }
    }

    /// Appends the reply to the call with this XID, without a record mark.
    pub(crate) fn put(&self, xid: Xid, message: &mut Vec<u8>) {
        // It has an empty verifier, so its header cannot be too long.
        if ReplyHeader::accepted(xid, self.status)
            .encode(message)
            .is_ok()
        {
            message.extend_from_slice(&self.results);
        }
    }
}

/// Answers a call whose credential was accepted; `body` is what follows the header.
pub(crate) fn answer(table: &Table, call: &CallHeader<'_>, body: &[u8], from: &Peer) -> Answer {
    if call.program != RPCBIND_PROGRAM {
        return Answer::status(AcceptStatus::ProgUnavail);
    }
    let results = match (call.version, call.procedure) {
        (VERSION_MIN..=VERSION_MAX, procedure::NULL) => Ok(Some(Vec::new())),
        (VERSION_MIN, number) => portmapper(table, number, body),
        (VERSION_MIN..=VERSION_MAX, number) => rpcbind(table, call.version, number, body, from),
        _ => {
            let (low, high) = (VERSION_MIN, VERSION_MAX);
            return Answer::status(AcceptStatus::ProgMismatch { low, high });
        }
    };
    let results = match results {
        Ok(Some(results)) => results,
        Ok(None) => return Answer::status(AcceptStatus::ProcUnavail),
        Err(_) => return Answer::status(AcceptStatus::GarbageArgs),
    };
    if from.may_be_forged() && results.len() + REPLY_HEADER_BYTES > body.len() + CALL_HEADER_BYTES {
        return Answer::status(AcceptStatus::SystemErr);
    }
    Answer {
        status: AcceptStatus::Success,
        results,
    }
}

/// Results of a procedure; none when there is no such procedure.
type Results = Result<Option<Vec<u8>>, XdrError>;

fn portmapper(table: &Table, number: u32, body: &[u8]) -> Results {
    match number {
        procedure::SET | procedure::UNSET => {
            Mapping::decode(body)?;
            false.encode().map(Some)
        }
        procedure::GETPORT => {
            let wanted = Mapping::decode(body)?;
            let program = Program {
                number: wanted.program,
                version: wanted.version,
            };
            let netids = [Netid::Tcp, Netid::Udp];
            let netid = netids
                .into_iter()
                .find(|netid| netid.protocol() == Some(wanted.protocol));
            let address = netid.and_then(|netid| table.any(program, netid));
            port(address).encode().map(Some)
        }
        procedure::DUMP => {
            nothing(body)?;
            let mappings = table.entries().filter(|(_, netid, _)| netid.is_ipv4());
            let mappings = mappings.filter_map(|(program, netid, address)| {
                Some(Mapping {
                    program: program.number,
                    version: program.version,
                    protocol: netid.protocol()?,
                    port: port(Some(address)),
                })
            });
            encode_list(mappings).map(Some)
        }
        _ => Ok(None),
    }
}

fn rpcbind(table: &Table, version: u32, number: u32, body: &[u8], from: &Peer) -> Results {
    let is_newest = version == VERSION_MAX;
    match number {
        procedure::SET | procedure::UNSET => {
            Rpcb::decode(body)?;
            false.encode().map(Some)
        }
        procedure::GETADDR => {
            let (program, netid, hint) = wanted(body)?;
            let found = netid.and_then(|netid| table.any(program, netid));
            let address = found.map(|address| concrete(address, hint, from));
            address.as_deref().unwrap_or_default().encode().map(Some)
        }
        procedure::GETVERSADDR if is_newest => {
            let (program, netid, hint) = wanted(body)?;
            let found = netid.and_then(|netid| table.exact(program, netid));
            let address = found.map(|address| concrete(address, hint, from));
            address.as_deref().unwrap_or_default().encode().map(Some)
        }
        procedure::GETADDRLIST if is_newest => {
            let (program, _, hint) = wanted(body)?;
            address_list(table, program, hint, from).map(Some)
        }
        procedure::DUMP => {
            nothing(body)?;
            let entries = table.entries().map(|(program, netid, address)| Rpcb {
                program: program.number,
                version: program.version,
                netid: netid.name(),
                address,
                // A word, as rpcbind has it for those it does not know: rpcinfo prints it as a column.
                owner: "unknown",
            });
            encode_list(entries).map(Some)
        }
        _ => Ok(None),
    }
}

/// The program and netid that a call asks for, and the address that the caller used.
fn wanted(body: &[u8]) -> Result<(Program, Option<Netid>, &str), XdrError> {
    let wanted = Rpcb::decode(body)?;
    let program = Program {
        number: wanted.program,
        version: wanted.version,
    };
    Ok((program, Netid::named(wanted.netid), wanted.address))
}

fn nothing(body: &[u8]) -> Result<(), XdrError> {
    rmix_xdr::XdrDecoder::new(body).finish()
}

fn address_list(
    table: &Table,
    program: Program,
    hint: &str,
    from: &Peer,
) -> Result<Vec<u8>, XdrError> {
    let listed =
        |(_, netid, address): (Program, Netid, &str)| (netid, concrete(address, hint, from));
    let own = table.entries().filter(|(known, ..)| *known == program);
    let addresses: Vec<(Netid, String)> = own.map(listed).collect();
    encode_list(addresses.iter().map(|(netid, address)| {
        let (semantics, family, protocol) = match netid {
            Netid::Tcp => (STREAM_ORDERLY, "inet", "tcp"),
            Netid::Udp => (DATAGRAMS, "inet", "udp"),
            Netid::Tcp6 => (STREAM_ORDERLY, "inet6", "tcp"),
            Netid::Udp6 => (DATAGRAMS, "inet6", "udp"),
            Netid::Local => (STREAM_ORDERLY, "loopback", "-"),
        };
        AddressEntry {
            address,
            netid: netid.name(),
            semantics,
            family,
            protocol,
        }
    }))
}

/// The port of an address; 0 without one.
fn port(address: Option<&str>) -> u32 {
    let address = address.and_then(|address| from_universal(address).ok());
    address.map_or(0, |address| u32::from(address.port()))
}

/// An address that the caller can use: in place of a wildcard, the address of this host that was called, else the one the
/// caller says it used.
fn concrete(address: &str, hint: &str, from: &Peer) -> String {
    let Ok(bound) = from_universal(address) else {
        return address.to_owned();
    };
    if !bound.ip().is_unspecified() {
        return address.to_owned();
    }
    let hint = from_universal(hint).ok().map(|hint| hint.ip());
    let used = [from.called.map(|ip| ip.to_canonical()), hint];
    let ip = used
        .into_iter()
        .flatten()
        .find(|ip| ip.is_ipv4() == bound.is_ipv4() && !ip.is_unspecified());
    to_universal(SocketAddr::new(ip.unwrap_or(bound.ip()), bound.port()))
}

/// Semantics of a connection with an orderly end, in GETADDRLIST.
const STREAM_ORDERLY: u32 = 3;
/// Semantics of datagrams, in GETADDRLIST.
const DATAGRAMS: u32 = 1;

/// Least bytes of a call's header.
const CALL_HEADER_BYTES: usize = 40;
/// Bytes of an accepted reply's header.
const REPLY_HEADER_BYTES: usize = 24;

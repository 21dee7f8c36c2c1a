//! The system's rpcinfo: what an rpcbind knows, and whether a program answers. It reads what the
//! tool prints into rows, and judges nothing.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::error::PeerError;
use crate::namespace::Namespace;
use crate::peer::Peer;
use crate::process::{run, shown};

const LIMIT: Duration = Duration::from_secs(120);

/// A row of `rpcinfo -p`: version 2 of the protocol (DUMP of the portmapper).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortRow {
    /// The program's number.
    pub program: u32,
    /// The program's version.
    pub version: u32,
    /// `tcp` or `udp`.
    pub protocol: String,
    /// The port.
    pub port: u16,
    /// The program's name, if /etc/rpc has one.
    pub service: Option<String>,
}

/// A row of `rpcinfo -s`: versions 3 and 4 of the protocol, one row for each program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProgramRow {
    /// The program's number.
    pub program: u32,
    /// Its versions, in rpcinfo's order.
    pub versions: Vec<u32>,
    /// What it listens over, in rpcinfo's order.
    pub netids: Vec<String>,
    /// The program's name; `-` without one.
    pub service: String,
    /// Who registered it.
    pub owner: String,
}

/// A row of plain `rpcinfo`: versions 3 and 4 of the protocol, one row for each registration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressRow {
    /// The program's number.
    pub program: u32,
    /// The program's version.
    pub version: u32,
    /// What it listens over.
    pub netid: String,
    /// The universal address.
    pub address: String,
    /// The program's name; `-` without one.
    pub service: String,
    /// Who registered it.
    pub owner: String,
}

/// Runs rpcinfo, on this host or in a namespace.
#[derive(Clone, Debug, Default)]
pub struct Rpcinfo {
    namespace: Option<Arc<Namespace>>,
}

impl Rpcinfo {
    /// On this host.
    pub fn on_host() -> Self {
        Self::default()
    }

    /// In a namespace, where rpcbind can be asked.
    pub fn in_namespace(namespace: &Arc<Namespace>) -> Self {
        Self {
            namespace: Some(Arc::clone(namespace)),
        }
    }

    /// What `rpcinfo -p HOST` lists, without rpcbind itself (program 100000).
    ///
    /// # Errors
    ///
    /// When rpcinfo fails, and when what it prints is no such table.
    pub fn ports(&self, host: &str) -> Result<Vec<PortRow>, PeerError> {
        self.table(&["-p", host], |words| {
            let [program, version, protocol, port, rest @ ..] = words else {
                return None;
            };
            Some(PortRow {
                program: program.parse().ok()?,
                version: version.parse().ok()?,
                protocol: (*protocol).to_owned(),
                port: port.parse().ok()?,
                service: rest.first().map(ToString::to_string),
            })
        })
        .map(|rows| without(rows, |row| row.program))
    }

    /// What `rpcinfo -s HOST` lists, without rpcbind itself (program 100000).
    ///
    /// # Errors
    ///
    /// When rpcinfo fails, and when what it prints is no such table.
    pub fn programs(&self, host: &str) -> Result<Vec<ProgramRow>, PeerError> {
        self.table(&["-s", host], |words| {
            let [program, versions, netids, service, owner] = words else {
                return None;
            };
            let versions = versions.split(',').map(|version| version.parse().ok());
            Some(ProgramRow {
                program: program.parse().ok()?,
                versions: versions.collect::<Option<_>>()?,
                netids: netids.split(',').map(ToOwned::to_owned).collect(),
                service: (*service).to_owned(),
                owner: (*owner).to_owned(),
            })
        })
        .map(|rows| without(rows, |row| row.program))
    }

    /// What `rpcinfo HOST` lists, without rpcbind itself (program 100000). Without a host, rpcinfo
    /// asks over the local socket.
    ///
    /// # Errors
    ///
    /// When rpcinfo fails, and when what it prints is no such table.
    pub fn addresses(&self, host: Option<&str>) -> Result<Vec<AddressRow>, PeerError> {
        self.table(host.as_slice(), |words| {
            let [program, version, netid, address, service, owner] = words else {
                return None;
            };
            Some(AddressRow {
                program: program.parse().ok()?,
                version: version.parse().ok()?,
                netid: (*netid).to_owned(),
                address: (*address).to_owned(),
                service: (*service).to_owned(),
                owner: (*owner).to_owned(),
            })
        })
        .map(|rows| without(rows, |row| row.program))
    }

    /// The versions that answer to `rpcinfo -T NETID HOST PROGRAM [VERSION]`, which asks rpcbind for
    /// the address and then calls procedure 0. Without a version rpcinfo finds out which there are
    /// by calling version 0 and reading low and high of the mismatch.
    ///
    /// # Errors
    ///
    /// When rpcinfo fails, which it also does when any version between low and high does not
    /// answer; the error carries its words.
    pub fn ping(
        &self,
        netid: &str,
        host: &str,
        program: u32,
        version: Option<u32>,
    ) -> Result<Vec<u32>, PeerError> {
        self.answering(&["-T", netid, host], program, version)
    }

    /// Like `ping` at a universal address such as `127.0.0.1.8.1` (port 2049), without an rpcbind.
    ///
    /// # Errors
    ///
    /// When rpcinfo fails; the error carries its words.
    pub fn ping_at(
        &self,
        netid: &str,
        address: &str,
        program: u32,
        version: Option<u32>,
    ) -> Result<Vec<u32>, PeerError> {
        self.answering(&["-a", address, "-T", netid], program, version)
    }

    fn answering(
        &self,
        arguments: &[&str],
        program: u32,
        version: Option<u32>,
    ) -> Result<Vec<u32>, PeerError> {
        let mut command = self.command(arguments);
        command.arg(program.to_string());
        command.args(version.map(|version| version.to_string()));
        let lines = self.run(&mut command)?;
        let version = |line: &String| {
            let rest = line.strip_prefix(&format!("program {program} version "))?;
            rest.strip_suffix(" ready and waiting")?.parse().ok()
        };
        let versions = lines.iter().map(version).collect::<Option<Vec<_>>>();
        versions.ok_or_else(|| not_understood(&command, &lines))
    }

    /// The rows of a table, its heading left out.
    fn table<T>(
        &self,
        arguments: &[&str],
        row: impl Fn(&[&str]) -> Option<T>,
    ) -> Result<Vec<T>, PeerError> {
        let mut command = self.command(arguments);
        let lines = self.run(&mut command)?;
        let rows = lines.iter().skip(1).map(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            row(&words)
        });
        let rows = rows.collect::<Option<Vec<_>>>();
        rows.ok_or_else(|| not_understood(&command, &lines))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = match &self.namespace {
            Some(namespace) => namespace.command("rpcinfo"),
            None => Command::new("rpcinfo"),
        };
        command.args(arguments);
        command
    }

    fn run(&self, command: &mut Command) -> Result<Vec<String>, PeerError> {
        Peer::Rpcbind.require()?;
        Ok(run(command, LIMIT, &mut |_line| {})?)
    }
}

/// The universal address of an IPv4 address and port.
pub fn universal_address(host: &str, port: u16) -> String {
    format!("{host}.{}.{}", port >> 8, port & 0xff)
}

fn without<T>(mut rows: Vec<T>, program: impl Fn(&T) -> u32) -> Vec<T> {
    const RPCBIND: u32 = 100_000;
    rows.retain(|row| program(row) != RPCBIND);
    rows
}

fn not_understood(command: &Command, lines: &[String]) -> PeerError {
    PeerError::NotUnderstood {
        command: shown(command),
        output: lines.join("\n"),
    }
}

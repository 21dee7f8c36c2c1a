//! The system's etcd: one member, with a folder and an address of its own. It starts and stops it, and asks it nothing.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::error::PeerError;
use crate::peer::Peer;
use crate::process::{Line, Process};

const READY_LIMIT: Duration = Duration::from_secs(60);
const READY_POLL_INTERVAL: Duration = Duration::from_millis(20);

/// An etcd that began with nothing in it. Killed on drop, and its folder removed; killed also when the thread that
/// started it ends.
#[derive(Debug)]
pub struct Etcd {
    /// None while it is down.
    process: Option<Process>,
    clients: SocketAddr,
    peers: SocketAddr,
    folder: TempDir,
}

impl Etcd {
    /// Starts it at an address of the loopback network that no other process looks for ports at.
    ///
    /// # Errors
    ///
    /// When it is not installed, or does not listen within a minute.
    pub fn start() -> Result<Self, PeerError> {
        Peer::Etcd.require()?;
        let folder = TempDir::new().map_err(PeerError::file("a folder for etcd"))?;
        let [clients, peers] = free_ports(own_address())?;
        let mut etcd = Self {
            process: None,
            clients,
            peers,
            folder,
        };
        etcd.start_again()?;
        Ok(etcd)
    }

    /// Kills it, as by signal 9; what it holds stays.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again at the same address, with what it held.
    ///
    /// # Errors
    ///
    /// When it does not listen within a minute.
    pub fn start_again(&mut self) -> Result<(), PeerError> {
        self.process = None;
        let [client_url, peer_url] =
            [self.clients, self.peers].map(|address| format!("http://{address}"));
        // Ends with the thread that starts it, also when the whole test is given up.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "etcd", "--name", "one", "--data-dir"])
            .arg(self.folder.path().join("data"))
            .args(["--listen-client-urls", &client_url])
            .args(["--advertise-client-urls", &client_url])
            .args(["--listen-peer-urls", &peer_url])
            .args(["--initial-advertise-peer-urls", &peer_url])
            .args(["--initial-cluster", &format!("one={peer_url}")])
            // What is written need not outlive the host.
            .args(["--unsafe-no-fsync", "--log-level", "warn"])
            .stdin(Stdio::null());
        let process = Process::start(&mut command)?;
        self.process = Some(wait(process, self.clients)?);
        Ok(())
    }

    /// Where it listens for clients, as its clients want it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.clients)
    }

    /// The same without the scheme.
    pub fn address(&self) -> SocketAddr {
        self.clients
    }

    /// The end of what it wrote to its standard error so far.
    pub fn stderr(&self) -> String {
        self.process.as_ref().map_or(String::new(), Process::stderr)
    }
}

fn wait(mut process: Process, clients: SocketAddr) -> Result<Process, PeerError> {
    let deadline = Instant::now() + READY_LIMIT;
    while TcpStream::connect(clients).is_err() {
        if let Line::End = process.next_line(Instant::now() + READY_POLL_INTERVAL) {
            // Wait for the last words on its standard error.
            process.wait(deadline);
            return Err(PeerError::NotReady {
                command: process.shown().to_owned(),
                instead: None,
                stderr: process.stderr(),
            });
        }
        if Instant::now() >= deadline {
            return Err(process.timed_out(READY_LIMIT).into());
        }
    }
    process.ignore_lines();
    Ok(process)
}

/// Of this process: no other one looks for a free port there.
fn own_address() -> Ipv4Addr {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 64 | (high & 0x3f), middle, low)
}

/// Two different ones: both are held until both are known.
fn free_ports(address: Ipv4Addr) -> Result<[SocketAddr; 2], PeerError> {
    let failed = || PeerError::file(address.to_string());
    let bind = || TcpListener::bind((address, 0));
    let [first, second] = [bind().map_err(failed())?, bind().map_err(failed())?];
    Ok([
        first.local_addr().map_err(failed())?,
        second.local_addr().map_err(failed())?,
    ])
}

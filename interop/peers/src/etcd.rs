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

/// A running etcd with nothing in it. Killed on drop, and its folder removed.
#[derive(Debug)]
pub struct Etcd {
    process: Process,
    clients: SocketAddr,
    _folder: TempDir,
}

impl Etcd {
    /// Starts it at an address of the loopback network that no other test of this host has.
    ///
    /// # Errors
    ///
    /// When it is not installed, or does not listen within a minute.
    pub fn start() -> Result<Self, PeerError> {
        Peer::Etcd.require()?;
        let folder = TempDir::new().map_err(PeerError::file("a folder for etcd"))?;
        let [clients, peers] = free_ports(own_address())?;
        let [client_url, peer_url] = [clients, peers].map(|address| format!("http://{address}"));
        let mut command = Command::new("etcd");
        command
            .args(["--name", "one", "--data-dir"])
            .arg(folder.path().join("data"))
            .args(["--listen-client-urls", &client_url])
            .args(["--advertise-client-urls", &client_url])
            .args(["--listen-peer-urls", &peer_url])
            .args(["--initial-advertise-peer-urls", &peer_url])
            .args(["--initial-cluster", &format!("one={peer_url}")])
            // What is written need not outlive the host.
            .args(["--unsafe-no-fsync", "--log-level", "warn"])
            .stdin(Stdio::null());
        let mut etcd = Self {
            process: Process::start(&mut command)?,
            clients,
            _folder: folder,
        };
        etcd.wait()?;
        Ok(etcd)
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
        self.process.stderr()
    }

    fn wait(&mut self) -> Result<(), PeerError> {
        let deadline = Instant::now() + READY_LIMIT;
        while TcpStream::connect(self.clients).is_err() {
            if let Line::End = self.process.next_line(Instant::now() + READY_POLL_INTERVAL) {
                // Wait for the last words on its standard error.
                self.process.wait(deadline);
                return Err(PeerError::NotReady {
                    command: self.process.shown().to_owned(),
                    instead: None,
                    stderr: self.process.stderr(),
                });
            }
            if Instant::now() >= deadline {
                return Err(self.process.timed_out(READY_LIMIT).into());
            }
        }
        self.process.ignore_lines();
        Ok(())
    }
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

//! Listening sockets: bound, and their files removed when they close. Accepts nothing.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use rmix_abi::guest::Host;
use rmix_abi::tables::Err;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, sockopt};

use crate::failure;
use crate::stream::Stream;

/// Connections the kernel keeps for us until they are accepted.
const BACKLOG: i32 = 1024;
/// Makes the stream of a link from an accepted socket, or refuses the peer; never waits.
pub type Opener = Arc<dyn Fn(&Host, OwnedFd) -> Result<Stream, Err> + Send + Sync>;

/// A bound and listening socket.
pub struct Bound {
    pub(super) socket: OwnedFd,
    /// The file of a Unix socket.
    pub(super) file: Option<SocketFile>,
    pub(super) opener: Option<Opener>,
    /// The address peers can use; the real port for TCP.
    pub address: BoundAddress,
}

/// Where a [`Bound`] socket listens.
#[derive(Debug, Clone)]
pub enum BoundAddress {
    /// TCP.
    Tcp(SocketAddr),
    /// Unix; the file is removed when the listener closes.
    Unix(PathBuf),
}

impl Bound {
    /// Listens on a TCP address; port 0 takes a free one.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub fn tcp(endpoint: &str, address: SocketAddr) -> Result<Bound, Err> {
        let bind = || {
            let family = match address {
                SocketAddr::V4(_) => AddressFamily::INET,
                SocketAddr::V6(_) => AddressFamily::INET6,
            };
            let socket = listening_socket(family)?;
            sockopt::set_socket_reuseaddr(&socket, true)?;
            rustix::net::bind(&socket, &address)?;
            rustix::net::listen(&socket, BACKLOG)?;
            let real = SocketAddr::try_from(rustix::net::getsockname(&socket)?)?;
            Ok((socket, real))
        };
        let (socket, real) = bind().map_err(|errno| failure::listen(endpoint, errno))?;
        Ok(Bound {
            socket,
            file: None,
            opener: None,
            address: BoundAddress::Tcp(real),
        })
    }

    /// Listens on a Unix socket. A file nobody listens on is replaced; a living listener's is not.
    ///
    /// # Errors
    /// Another program listens there, or the path is not usable.
    pub fn unix(endpoint: &str, path: PathBuf) -> Result<Bound, Err> {
        let bind = || {
            let address = SocketAddrUnix::new(&path)?;
            let socket = listening_socket(AddressFamily::UNIX)?;
            match rustix::net::bind(&socket, &address) {
                Err(Errno::ADDRINUSE) => {
                    remove_dead_socket(&path, &address)?;
                    rustix::net::bind(&socket, &address)?;
                }
                bound => bound?,
            }
            let file = SocketFile::at(path.clone())?;
            rustix::net::listen(&socket, BACKLOG)?;
            Ok((socket, file))
        };
        let (socket, file) = bind().map_err(|errno| failure::listen(endpoint, errno))?;
        Ok(Bound {
            socket,
            file: Some(file),
            opener: None,
            address: BoundAddress::Unix(path),
        })
    }
}

impl Bound {
    /// Lets `opener` make the streams of what is accepted, where a connected socket is not the stream itself.
    pub fn with_opener(mut self, opener: Opener) -> Bound {
        self.opener = Some(opener);
        self
    }
}

fn listening_socket(family: AddressFamily) -> Result<OwnedFd, Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    rustix::net::socket_with(family, SocketType::STREAM, flags, None)
}

/// Removes the file of a Unix socket whose listener is gone; `ADDRINUSE` when one answers or it is no socket.
fn remove_dead_socket(path: &PathBuf, address: &SocketAddrUnix) -> Result<(), Errno> {
    let kind = rustix::fs::FileType::from_raw_mode(rustix::fs::lstat(path)?.st_mode);
    if kind != rustix::fs::FileType::Socket {
        return Err(Errno::ADDRINUSE);
    }
    let probe = listening_socket(AddressFamily::UNIX)?;
    match rustix::net::connect(&probe, address) {
        Err(Errno::CONNREFUSED) => rustix::fs::unlink(path),
        _ => Err(Errno::ADDRINUSE),
    }
}

/// The file of a Unix socket that listens; known by its number, as another socket may come to have the same path.
pub(super) struct SocketFile {
    path: PathBuf,
    device: u64,
    number: u64,
}

impl SocketFile {
    fn at(path: PathBuf) -> Result<SocketFile, Errno> {
        let found = rustix::fs::lstat(&path)?;
        Ok(SocketFile {
            path,
            device: found.st_dev,
            number: found.st_ino,
        })
    }

    /// Removes the file, unless it is gone or another one has its path. To be called while the socket still listens:
    /// later, somebody may take the file for a dead one's and replace it.
    pub(super) fn remove(&self) {
        let same = rustix::fs::lstat(&self.path)
            .is_ok_and(|found| (found.st_dev, found.st_ino) == (self.device, self.number));
        if same {
            // Somebody may have removed it before us.
            let _ = rustix::fs::unlink(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_removes_its_own_file_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let first = Bound::unix("a:socket", path.clone()).unwrap();
        // Moved rather than removed, so that its number is not given to the next.
        std::fs::rename(&path, folder.path().join("moved")).unwrap();
        let second = Bound::unix("a:socket", path.clone()).unwrap();
        first.file.unwrap().remove();
        assert!(path.exists(), "the second listener has lost its file");
        second.file.unwrap().remove();
        assert!(!path.exists());
    }
}

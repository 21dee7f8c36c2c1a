//! The served folder: opens what handles stand for, and never anything outside. Every path is opened relative to the
//! folder's descriptor with `openat2(2)`, which refuses symbolic links and `..` on the way, whatever is renamed meanwhile.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{Mode, OFlags, ResolveFlags, Stat, fstat, openat2};
use rustix::io::Errno;

use super::attributes::{identity, status};
use super::handles::{HANDLES_MAX, Handles, Node};
use crate::protocol::nfs3::{NfsFh3, Nfsstat3};

/// The largest READ that is answered in one piece.
pub const READ_MAX: u32 = 1024 * 1024;

/// The same for a server that is also reached by datagrams: its reply must fit one.
pub const READ_MAX_OF_DATAGRAMS: u32 = 32 * 1024;

/// One folder of this machine.
#[derive(Debug)]
pub struct Folder {
    root: OwnedFd,
    /// Guards the table of handles; nothing is opened while it is held.
    handles: Mutex<Handles>,
    read_max: u32,
}

/// A file that was found: it can be asked about, not read.
pub(super) struct Looked {
    pub(super) node: Node,
    pub(super) descriptor: OwnedFd,
    pub(super) stat: Stat,
}

impl Folder {
    /// Opens a folder to serve. A READ is answered with at most `read_max` octets.
    ///
    /// # Errors
    /// It is not there or no directory, or the kernel is older than Linux 5.6.
    pub fn open(path: &Path, read_max: u32) -> std::io::Result<Folder> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(path, flags, Mode::empty())?;
        // An old kernel is told of here, not at the first call.
        within(root.as_fd(), b".", OFlags::PATH)?;
        let mut run = [0; 8];
        rustix::rand::getrandom(&mut run, rustix::rand::GetRandomFlags::empty())?;
        let handles = Handles::new(
            u64::from_be_bytes(run),
            identity(&fstat(&root)?),
            HANDLES_MAX,
        );
        Ok(Folder {
            root,
            handles: Mutex::new(handles),
            read_max,
        })
    }

    /// The most octets that a READ is answered with.
    pub(super) fn read_max(&self) -> u32 {
        self.read_max
    }

    /// The handle of the folder itself.
    pub(super) fn root_handle(&self) -> NfsFh3 {
        self.lock().handle(Handles::ROOT)
    }

    pub(super) fn handle_of(&self, node: Node) -> NfsFh3 {
        self.lock().handle(node)
    }

    /// Finds what a handle stands for.
    ///
    /// # Errors
    /// STALE when it is gone or another file has its name, BADHANDLE when the server never gave the handle.
    pub(super) fn look(&self, handle: &NfsFh3) -> Result<Looked, Nfsstat3> {
        let node = self.lock().find(handle)?;
        self.look_at(node)
    }

    pub(super) fn look_at(&self, node: Node) -> Result<Looked, Nfsstat3> {
        let descriptor = self.open_node(node, OFlags::PATH)?;
        let stat = fstat(&descriptor).map_err(status)?;
        if self.lock().identity(node) != Some(identity(&stat)) {
            return Err(Nfsstat3::Nfs3errStale);
        }
        Ok(Looked {
            node,
            descriptor,
            stat,
        })
    }

    /// Opens what was found for reading: a regular file or a directory, and the same one still.
    pub(super) fn open_again(&self, looked: &Looked, flags: OFlags) -> Result<OwnedFd, Nfsstat3> {
        // Should a named pipe have come in its place, this does not wait for its other end.
        let flags = flags | OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        let descriptor = self.open_node(looked.node, flags)?;
        let stat = fstat(&descriptor).map_err(status)?;
        if identity(&stat) != identity(&looked.stat) {
            return Err(Nfsstat3::Nfs3errStale);
        }
        Ok(descriptor)
    }

    /// Finds a name in a directory.
    pub(super) fn look_up(&self, directory: &Looked, name: &[u8]) -> Result<Looked, Nfsstat3> {
        check_name(name)?;
        if name == b"." {
            return self.look_at(directory.node);
        }
        if name == b".." {
            let parent = self.lock().parent(directory.node);
            return self.look_at(parent);
        }
        let descriptor =
            within(directory.descriptor.as_fd(), name, OFlags::PATH).map_err(status)?;
        let stat = fstat(&descriptor).map_err(status)?;
        let node = self.lock().enter(directory.node, name, identity(&stat))?;
        Ok(Looked {
            node,
            descriptor,
            stat,
        })
    }

    fn open_node(&self, node: Node, flags: OFlags) -> Result<OwnedFd, Nfsstat3> {
        let path = self.lock().path(node);
        within(self.root.as_fd(), &path, flags).map_err(|errno| match errno {
            // The path was right when the handle was given.
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP => Nfsstat3::Nfs3errStale,
            errno => status(errno),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Handles> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a path below a directory. A symbolic link at its end is opened itself, with `OFlags::PATH` only.
fn within(
    directory: std::os::fd::BorrowedFd<'_>,
    path: &[u8],
    flags: OFlags,
) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    openat2(directory, path, flags, Mode::empty(), resolve)
}

/// One name, and no path.
// spec: RFC1813 s3.2
fn check_name(name: &[u8]) -> Result<(), Nfsstat3> {
    if name.len() > 255 {
        return Err(Nfsstat3::Nfs3errNametoolong);
    }
    if name.is_empty() || name.contains(&b'/') || name.contains(&0) {
        return Err(Nfsstat3::Nfs3errAcces);
    }
    Ok(())
}

//! MOUNT: what a server exports, and the file handle to start from. Nothing is mounted in the sense of the kernel.

use rmix::{Bounded, Runtime};

use super::error::{NfsError, shown};
use super::server::{Server, Transport};
use crate::protocol::mount::{MOUNT_PROGRAM, MountProgramV3Stub, Mountres3};
use crate::protocol::nfs3::{Fsinfo3args, Fsinfo3res, NfsFh3, NfsProgramV3Stub};

/// The largest piece that is asked for, over connections and as datagrams; a server may prefer smaller ones.
const PIECE_MAX: u32 = 1024 * 1024;
const DATAGRAM_PIECE_MAX: u32 = 32 * 1024;
/// What a listing's reply may be long.
const LISTING_MAX: u32 = 64 * 1024;
const DATAGRAM_LISTING_MAX: u32 = 16 * 1024;

/// A directory that a server exports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFolder {
    /// Its path on the server.
    pub path: Vec<u8>,
    /// The hosts or groups of hosts that may mount it; none: everybody.
    pub groups: Vec<Vec<u8>>,
}

/// What a server exports.
///
/// # Errors
/// It is not reached, or does not answer.
pub async fn exports(rmix: &Runtime, server: &Server) -> Result<Vec<ExportedFolder>, NfsError> {
    let mount = mount_program(rmix, server).await?;
    let listed = mount.mountproc3_export().await?;
    let folder = |node: crate::protocol::mount::Exportnode| ExportedFolder {
        path: node.ex_dir.0,
        groups: (node.ex_groups.into_iter())
            .map(|group| group.gr_name.0)
            .collect(),
    };
    Ok(listed.into_iter().map(folder).collect())
}

async fn mount_program(rmix: &Runtime, server: &Server) -> Result<MountProgramV3Stub, NfsError> {
    let mount = rmix.bind::<MountProgramV3Stub>(server.mount_endpoint());
    Ok(mount.timeout(server.timeout).await?)
}

/// A directory of a server, to walk and read from.
#[derive(Clone)]
pub struct Mount {
    pub(super) nfs: NfsProgramV3Stub,
    pub(super) root: NfsFh3,
    /// Its path on the server.
    pub(super) path: Vec<u8>,
    /// How much a READ asks for, and how long a READDIR's reply may be.
    pub(super) piece: u32,
    pub(super) listing: u32,
}

impl Mount {
    /// Mounts the export that a path is in, and gives the rest of the path.
    ///
    /// # Errors
    /// The server is not reached, or refuses.
    pub async fn of_path(
        rmix: &Runtime,
        server: &Server,
        path: &[u8],
    ) -> Result<(Mount, Vec<u8>), NfsError> {
        let exports = exports(rmix, server).await?;
        let inside = |export: &ExportedFolder| below(path, &export.path).map(<[u8]>::to_vec);
        let found = exports
            .iter()
            .filter_map(|export| Some((export, inside(export)?)))
            .max_by_key(|(export, _)| export.path.len());
        let Some((export, rest)) = found else {
            let known: Vec<_> = exports.iter().map(|export| shown(&export.path)).collect();
            let what = format!(
                "{} is in no export of {}; it has: {}",
                shown(path),
                server.host,
                known.join(", ")
            );
            return Err(NfsError::Url(what));
        };
        Ok((Mount::open(rmix, server, &export.path).await?, rest))
    }

    /// Mounts an exported directory.
    ///
    /// # Errors
    /// The server is not reached, or refuses.
    pub async fn open(rmix: &Runtime, server: &Server, path: &[u8]) -> Result<Mount, NfsError> {
        let what = || format!("mounting {}", shown(path));
        let mount = mount_program(rmix, server).await?;
        let root = match mount.mountproc3_mnt(Bounded(path.to_vec())).await? {
            Mountres3::Mnt3Ok(mounted) => mounted.fhandle.0,
            Mountres3::Default(status) => return Err(NfsError::refused(what(), status)),
        };
        let nfs = rmix.bind::<NfsProgramV3Stub>(server.nfs_endpoint());
        let nfs = nfs.timeout(server.timeout).await?;
        let root = NfsFh3 { data: root.into() };
        let fsroot = root.clone();
        let info = match nfs.nfsproc3_fsinfo(Fsinfo3args { fsroot }).await? {
            Fsinfo3res::Nfs3Ok(info) => info,
            Fsinfo3res::Default(status, _) => return Err(NfsError::refused(what(), status)),
        };
        let (piece_max, listing_max) = match server.transport {
            Transport::Tcp => (PIECE_MAX, LISTING_MAX),
            Transport::Udp => (DATAGRAM_PIECE_MAX, DATAGRAM_LISTING_MAX),
        };
        Ok(Mount {
            nfs,
            root,
            path: path.to_vec(),
            piece: info.rtpref.clamp(512, piece_max),
            listing: info.dtpref.clamp(4096, listing_max),
        })
    }
}

/// What is left of a path below a directory; nothing when it is not below it.
pub(super) fn below<'a>(path: &'a [u8], directory: &[u8]) -> Option<&'a [u8]> {
    let directory = directory.strip_suffix(b"/").unwrap_or(directory);
    let rest = path.strip_prefix(directory)?;
    (rest.is_empty() || rest.starts_with(b"/")).then_some(rest)
}

impl std::fmt::Debug for Mount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mount")
            .field("program", &MOUNT_PROGRAM)
            .field("path", &shown(&self.path))
            .field("piece", &self.piece)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_below_whole_names_only() {
        assert_eq!(below(b"/export/a", b"/export"), Some(&b"/a"[..]));
        assert_eq!(below(b"/export", b"/export"), Some(&b""[..]));
        assert_eq!(below(b"/exports/a", b"/export"), None);
        assert_eq!(below(b"/a", b"/"), Some(&b"/a"[..]));
    }
}

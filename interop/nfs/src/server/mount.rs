//! MOUNT as a remote object: hands out the folder's handle, and those of directories in it. It remembers no mounts.

use std::sync::Arc;

use rmix::List;
use rustix::fs::FileType;

use super::folder::Folder;
use super::nfs::aside;
use crate::protocol::mount::{
    Dirpath, Exportnode, Exports, MountProgramV3, Mountlist, Mountres3, Mountres3Ok, Mountstat3,
};
use crate::protocol::nfs3::{NfsFh3, Nfsstat3};
use crate::status;

/// AUTH_SYS and AUTH_NONE, which are the same here.
const FLAVORS: [i32; 2] = [1, 0];

/// The object of program 100005, version 3.
#[derive(Debug)]
pub struct MountServer {
    folder: Arc<Folder>,
    export: Vec<u8>,
}

impl MountServer {
    /// Exports a folder under a path, as `/export`.
    pub fn new(folder: Arc<Folder>, export: impl Into<Vec<u8>>) -> MountServer {
        let export = export.into();
        MountServer { folder, export }
    }

    /// The path of a directory below the export; nothing when it is not there.
    fn inside(&self, path: &[u8]) -> Option<Vec<u8>> {
        let export = self.export.strip_suffix(b"/").unwrap_or(&self.export);
        let rest = path.strip_prefix(export)?;
        (rest.is_empty() || rest.starts_with(b"/")).then(|| rest.to_vec())
    }
}

impl MountProgramV3 for MountServer {
    async fn mountproc3_mnt(&self, argument: Dirpath) -> Mountres3 {
        let Some(path) = self.inside(&argument) else {
            return Mountres3::Default(Mountstat3::Mnt3errNoent as i32);
        };
        match aside(&self.folder, move |folder| folder.directory(&path)).await {
            Ok(handle) => Mountres3::Mnt3Ok(Mountres3Ok {
                fhandle: handle.data,
                auth_flavors: FLAVORS.to_vec(),
            }),
            Err(refused) => Mountres3::Default(mount_status(refused) as i32),
        }
    }

    async fn mountproc3_dump(&self) -> Mountlist {
        List::default()
    }

    async fn mountproc3_umnt(&self, _argument: Dirpath) {}

    async fn mountproc3_umntall(&self) {}

    async fn mountproc3_export(&self) -> Exports {
        let everybody = List::default();
        List(vec![Exportnode {
            ex_dir: self.export.clone().into(),
            ex_groups: everybody,
        }])
    }
}

impl Folder {
    /// The handle of a directory by its path below the folder.
    fn directory(&self, path: &[u8]) -> Result<NfsFh3, Nfsstat3> {
        let mut here = self.look(&self.root_handle())?;
        let names = path.split(|octet| *octet == b'/');
        for name in names.filter(|name| !name.is_empty()) {
            here = self.look_up(&here, name)?;
            if here.file_type() != FileType::Directory {
                return Err(Nfsstat3::Nfs3errNotdir);
            }
        }
        Ok(self.handle_of(here.node))
    }
}

/// MOUNT's statuses are fewer.
fn mount_status(refused: Nfsstat3) -> Mountstat3 {
    let known = [
        Mountstat3::Mnt3errPerm,
        Mountstat3::Mnt3errNoent,
        Mountstat3::Mnt3errIo,
        Mountstat3::Mnt3errAcces,
        Mountstat3::Mnt3errNotdir,
        Mountstat3::Mnt3errInval,
        Mountstat3::Mnt3errNametoolong,
    ];
    let number = status::number(refused);
    let same = known.into_iter().find(|known| *known as i32 == number);
    same.unwrap_or(Mountstat3::Mnt3errServerfault)
}

//! Walking a path from the mounted directory, name by name, as an NFS client must: a server looks up one name at a time
//! and follows no symbolic link.

use super::error::{NfsError, shown};
use super::mount::{Mount, below};
use crate::protocol::nfs3::{
    Diropargs3, Fattr3, Ftype3, Getattr3args, Getattr3res, Lookup3args, Lookup3res, NfsFh3,
    PostOpAttr, Readlink3args, Readlink3res,
};

/// How many symbolic links are followed on one path, as by Linux.
const LINKS_MAX: usize = 40;

/// A file or directory that a path led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its handle.
    pub handle: NfsFh3,
    /// Its attributes.
    pub attributes: Fattr3,
}

impl Found {
    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.attributes.r#type == Ftype3::Nf3dir
    }
}

impl Mount {
    /// Finds a path below the mounted directory, and follows symbolic links within it.
    ///
    /// # Errors
    /// The server refuses or is not reached, or a link leads out of what is mounted.
    pub async fn find(&self, path: &[u8]) -> Result<Found, NfsError> {
        let root = Found {
            attributes: self.attributes(&self.root, "the mounted directory").await?,
            handle: self.root.clone(),
        };
        // The directories above, for `..`: the root's is the root.
        let mut above = Vec::new();
        let mut here = root.clone();
        let mut left = names_reversed(path);
        let mut links = 0;
        while let Some(name) = left.pop() {
            if name == b".." {
                here = above.pop().unwrap_or_else(|| root.clone());
                continue;
            }
            let found = self.look_up(&here.handle, &name).await?;
            if found.attributes.r#type != Ftype3::Nf3lnk {
                above.push(std::mem::replace(&mut here, found));
                continue;
            }
            links += 1;
            let target = self.link_target(&found.handle, &name).await?;
            let inside = match target.starts_with(b"/") {
                true => below(&target, &self.path),
                false => Some(target.as_slice()),
            };
            let Some(inside) = inside.filter(|_| links <= LINKS_MAX) else {
                let (name, target) = (shown(&name), shown(&target));
                let why = format!("the link {name} leads to {target}, which is not followed");
                return Err(NfsError::Url(why));
            };
            if target.starts_with(b"/") {
                above.clear();
                here = root.clone();
            }
            left.extend(names_reversed(inside));
        }
        Ok(here)
    }

    async fn attributes(&self, handle: &NfsFh3, what: &str) -> Result<Fattr3, NfsError> {
        let object = handle.clone();
        match self.nfs.nfsproc3_getattr(Getattr3args { object }).await? {
            Getattr3res::Nfs3Ok(found) => Ok(found.obj_attributes),
            Getattr3res::Default(status) => Err(NfsError::refused(what, status)),
        }
    }

    async fn look_up(&self, directory: &NfsFh3, name: &[u8]) -> Result<Found, NfsError> {
        let what = Diropargs3 {
            dir: directory.clone(),
            name: name.to_vec(),
        };
        let found = match self.nfs.nfsproc3_lookup(Lookup3args { what }).await? {
            Lookup3res::Nfs3Ok(found) => found,
            Lookup3res::Default(status, _) => return Err(NfsError::refused(shown(name), status)),
        };
        let attributes = match found.obj_attributes {
            PostOpAttr::True(attributes) => attributes,
            // A server need not give them here.
            PostOpAttr::False => self.attributes(&found.object, &shown(name)).await?,
        };
        Ok(Found {
            handle: found.object,
            attributes,
        })
    }

    async fn link_target(&self, handle: &NfsFh3, name: &[u8]) -> Result<Vec<u8>, NfsError> {
        let symlink = handle.clone();
        match self
            .nfs
            .nfsproc3_readlink(Readlink3args { symlink })
            .await?
        {
            Readlink3res::Nfs3Ok(found) => Ok(found.data),
            Readlink3res::Default(status, _) => Err(NfsError::refused(shown(name), status)),
        }
    }
}

/// The names of a path, the first one last.
fn names_reversed(path: &[u8]) -> Vec<Vec<u8>> {
    path.split(|octet| *octet == b'/')
        .filter(|name| !name.is_empty() && name != b".")
        .map(<[u8]>::to_vec)
        .rev()
        .collect()
}

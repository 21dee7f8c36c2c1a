//! The procedures that ask about one file, and READ. Each gives the protocol's result, or its status.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use rustix::fs::{FileType, OFlags};
use rustix::io::Errno;

use super::attributes::{attributes, status};
use super::folder::{Folder, Looked};
use crate::protocol::nfs3::{
    ACCESS3_EXECUTE, ACCESS3_LOOKUP, ACCESS3_READ, Access3resok, FSF3_HOMOGENEOUS, FSF3_SYMLINK,
    Fattr3, Fsinfo3resok, Fsstat3resok, Lookup3resok, NfsFh3, Nfsstat3, Nfstime3, Pathconf3resok,
    PostOpAttr, Read3resok, Readlink3resok,
};

impl Looked {
    pub(super) fn file_type(&self) -> FileType {
        FileType::from_raw_mode(self.stat.st_mode)
    }

    pub(super) fn attributes(&self) -> Fattr3 {
        attributes(&self.stat)
    }

    pub(super) fn post_op(&self) -> PostOpAttr {
        PostOpAttr::True(self.attributes())
    }
}

impl Folder {
    pub(super) fn getattr(&self, object: &NfsFh3) -> Result<Fattr3, Nfsstat3> {
        Ok(self.look(object)?.attributes())
    }

    pub(super) fn lookup(&self, directory: &NfsFh3, name: &[u8]) -> Result<Lookup3resok, Nfsstat3> {
        let directory = self.look(directory)?;
        if directory.file_type() != FileType::Directory {
            return Err(Nfsstat3::Nfs3errNotdir);
        }
        let found = self.look_up(&directory, name)?;
        Ok(Lookup3resok {
            object: self.handle_of(found.node),
            obj_attributes: found.post_op(),
            dir_attributes: directory.post_op(),
        })
    }

    /// What may be done is the same for everybody: all that does not change anything.
    pub(super) fn access(&self, object: &NfsFh3, asked: u32) -> Result<Access3resok, Nfsstat3> {
        let found = self.look(object)?;
        let executable = found.stat.st_mode & 0o111 != 0;
        let granted = match found.file_type() {
            FileType::Directory => ACCESS3_READ | ACCESS3_LOOKUP,
            FileType::RegularFile if executable => ACCESS3_READ | ACCESS3_EXECUTE,
            _ => ACCESS3_READ,
        };
        Ok(Access3resok {
            obj_attributes: found.post_op(),
            access: asked & granted,
        })
    }

    /// What is in a symbolic link. The server never follows one; where it leads is the client's business.
    pub(super) fn readlink(&self, link: &NfsFh3) -> Result<Readlink3resok, Nfsstat3> {
        let found = self.look(link)?;
        if found.file_type() != FileType::Symlink {
            return Err(Nfsstat3::Nfs3errInval);
        }
        let target = rustix::fs::readlinkat(&found.descriptor, "", Vec::new()).map_err(status)?;
        Ok(Readlink3resok {
            symlink_attributes: found.post_op(),
            data: target.into_bytes(),
        })
    }

    pub(super) fn read(
        &self,
        file: &NfsFh3,
        offset: u64,
        count: u32,
    ) -> Result<Read3resok, Nfsstat3> {
        let found = self.look(file)?;
        match found.file_type() {
            FileType::RegularFile => {}
            FileType::Directory => return Err(Nfsstat3::Nfs3errIsdir),
            _ => return Err(Nfsstat3::Nfs3errInval),
        }
        let file = File::from(self.open_again(&found, OFlags::empty())?);
        let stat = rustix::fs::fstat(&file).map_err(status)?;
        let size = attributes(&stat).size;
        let count = count.min(self.read_max());
        let data = read_at(&file, offset, count, size).map_err(|error| {
            let errno = error.raw_os_error().map(Errno::from_raw_os_error);
            errno.map_or(Nfsstat3::Nfs3errIo, status)
        })?;
        let given = u32::try_from(data.len()).map_err(|_| Nfsstat3::Nfs3errServerfault)?;
        Ok(Read3resok {
            file_attributes: PostOpAttr::True(attributes(&stat)),
            count: given,
            // Fewer than asked for: the file ends here, or was cut off meanwhile.
            eof: given < count || offset.saturating_add(u64::from(given)) >= size,
            data,
        })
    }

    pub(super) fn fsstat(&self, root: &NfsFh3) -> Result<Fsstat3resok, Nfsstat3> {
        let found = self.look(root)?;
        let system = rustix::fs::fstatvfs(&found.descriptor).map_err(status)?;
        let octets = |blocks: u64| blocks.saturating_mul(system.f_frsize);
        Ok(Fsstat3resok {
            obj_attributes: found.post_op(),
            tbytes: octets(system.f_blocks),
            fbytes: octets(system.f_bfree),
            abytes: octets(system.f_bavail),
            tfiles: system.f_files,
            ffiles: system.f_ffree,
            afiles: system.f_favail,
            invarsec: 0,
        })
    }

    pub(super) fn fsinfo(&self, root: &NfsFh3) -> Result<Fsinfo3resok, Nfsstat3> {
        let found = self.look(root)?;
        let most = self.read_max();
        Ok(Fsinfo3resok {
            obj_attributes: found.post_op(),
            rtmax: most,
            rtpref: most,
            rtmult: 4096,
            // Nothing is written; a client may still divide by these.
            wtmax: most,
            wtpref: most,
            wtmult: 4096,
            dtpref: most.min(64 * 1024),
            maxfilesize: i64::MAX.cast_unsigned(),
            time_delta: Nfstime3 {
                seconds: 0,
                nseconds: 1,
            },
            properties: FSF3_SYMLINK | FSF3_HOMOGENEOUS,
        })
    }

    pub(super) fn pathconf(&self, object: &NfsFh3) -> Result<Pathconf3resok, Nfsstat3> {
        let found = self.look(object)?;
        Ok(Pathconf3resok {
            obj_attributes: found.post_op(),
            linkmax: 1,
            name_max: 255,
            no_trunc: true,
            chown_restricted: true,
            case_insensitive: false,
            case_preserving: true,
        })
    }
}

/// At most `count` octets from there on, of a file that has `size`; fewer at its end.
fn read_at(file: &File, offset: u64, count: u32, size: u64) -> io::Result<Vec<u8>> {
    // Room for what is there only.
    let there = size.saturating_sub(offset).min(u64::from(count));
    let mut data = vec![0; usize::try_from(there).unwrap_or(0)];
    let mut filled = 0;
    while let Some(rest) = data.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + filled as u64) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    data.truncate(filled);
    Ok(data)
}

//! READDIR and READDIRPLUS. A cookie is the file system's own place in the directory (`d_off` of `getdents64(2)`), so that
//! the server keeps nothing between two calls, and a listing goes on where it was when files come and go.

use std::mem::MaybeUninit;

use rustix::fs::{OFlags, RawDir, SeekFrom};

use super::attributes::status;
use super::folder::{Folder, Looked};
use crate::protocol::nfs3::{
    Cookieverf3, Dirlist3, Dirlistplus3, Entry3, Entryplus3, Nfsstat3, PostOpAttr, PostOpFh3,
    Readdir3args, Readdir3resok, Readdirplus3args, Readdirplus3resok,
};

/// The longest listing that is given in one reply.
const REPLY_MAX: u32 = 64 * 1024;

/// XDR of the reply around its entries: status, attributes, verifier, end of the list, eof.
const AROUND: usize = 4 + 88 + 8 + 4 + 4;

/// XDR of an entry around its name: "another one", fileid, the name's length, cookie.
const ENTRY: usize = 4 + 8 + 4 + 8;

/// XDR of an entry's attributes and handle.
const PLUS: usize = 88 + 4 + 4 + 16;

impl Folder {
    pub(super) fn readdir(&self, asked: &Readdir3args) -> Result<Readdir3resok, Nfsstat3> {
        let directory = self.look(&asked.dir)?;
        let mut room = Room::new(asked.count, AROUND);
        let mut entries = Vec::new();
        let from = start(asked.cookie, &asked.cookieverf)?;
        let eof = self.walk(&directory, from, |entry| {
            if !room.take(ENTRY + padded(&entry.name)) {
                return Ok(false);
            }
            entries.push(entry);
            Ok(true)
        })?;
        check_not_too_small(entries.is_empty(), eof)?;
        Ok(Readdir3resok {
            dir_attributes: directory.post_op(),
            cookieverf: Cookieverf3::default(),
            reply: Dirlist3 {
                entries: entries.into(),
                eof,
            },
        })
    }

    pub(super) fn readdirplus(
        &self,
        asked: &Readdirplus3args,
    ) -> Result<Readdirplus3resok, Nfsstat3> {
        let directory = self.look(&asked.dir)?;
        let mut names = Room::new(asked.dircount, 0);
        let mut room = Room::new(asked.maxcount, AROUND);
        let mut entries = Vec::new();
        let from = start(asked.cookie, &asked.cookieverf)?;
        let eof = self.walk(&directory, from, |entry| {
            let size = ENTRY + padded(&entry.name);
            // A client that counts names only gets at least one of them.
            let enough = !names.take(size) && !entries.is_empty();
            if enough || !room.take(size + PLUS) {
                return Ok(false);
            }
            entries.push(self.plus(&directory, entry));
            Ok(true)
        })?;
        check_not_too_small(entries.is_empty(), eof)?;
        Ok(Readdirplus3resok {
            dir_attributes: directory.post_op(),
            cookieverf: Cookieverf3::default(),
            reply: Dirlistplus3 {
                entries: entries.into(),
                eof,
            },
        })
    }

    /// An entry with what is known of its file; without, when that is gone or may not be looked at.
    fn plus(&self, directory: &Looked, entry: Entry3) -> Entryplus3 {
        let (name_attributes, name_handle) = match self.look_up(directory, &entry.name) {
            Ok(found) => (found.post_op(), PostOpFh3::True(self.handle_of(found.node))),
            Err(_) => (PostOpAttr::False, PostOpFh3::False),
        };
        Entryplus3 {
            fileid: entry.fileid,
            name: entry.name,
            cookie: entry.cookie,
            name_attributes,
            name_handle,
        }
    }

    /// Gives entries to `each` until it wants no more; tells whether the directory's end was reached.
    fn walk(
        &self,
        directory: &Looked,
        from: u64,
        mut each: impl FnMut(Entry3) -> Result<bool, Nfsstat3>,
    ) -> Result<bool, Nfsstat3> {
        let descriptor = self.open_again(directory, OFlags::DIRECTORY)?;
        if from != 0 {
            // A place that the directory does not have is refused by the kernel.
            rustix::fs::seek(&descriptor, SeekFrom::Start(from))
                .map_err(|_| Nfsstat3::Nfs3errBadCookie)?;
        }
        let mut buffer = vec![MaybeUninit::uninit(); 32 * 1024];
        let mut raw = RawDir::new(&descriptor, &mut buffer);
        while let Some(entry) = raw.next() {
            let entry = entry.map_err(status)?;
            let found = Entry3 {
                fileid: entry.ino(),
                name: entry.file_name().to_bytes().to_vec(),
                cookie: entry.next_entry_cookie(),
            };
            if !each(found)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Where to go on. Cookies stay good, so the verifier is always zeros; another one is not from here.
// spec: RFC1813 s3.3.16
fn start(cookie: u64, verifier: &Cookieverf3) -> Result<u64, Nfsstat3> {
    match cookie == 0 || *verifier == Cookieverf3::default() {
        true => Ok(cookie),
        false => Err(Nfsstat3::Nfs3errBadCookie),
    }
}

/// A reply without an entry would make the client ask for ever.
fn check_not_too_small(is_empty: bool, eof: bool) -> Result<(), Nfsstat3> {
    match is_empty && !eof {
        true => Err(Nfsstat3::Nfs3errToosmall),
        false => Ok(()),
    }
}

/// A name's octets and the zeros behind them.
fn padded(name: &[u8]) -> usize {
    name.len().next_multiple_of(4)
}

/// How much may still be said.
struct Room(usize);

impl Room {
    fn new(asked: u32, around: usize) -> Room {
        let octets = usize::try_from(asked.min(REPLY_MAX)).unwrap_or(0);
        Room(octets.saturating_sub(around))
    }

    fn take(&mut self, octets: usize) -> bool {
        match self.0.checked_sub(octets) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }
}

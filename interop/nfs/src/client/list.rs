//! Listing a directory: READDIRPLUS again and again, each time from where the last reply ended; READDIR and LOOKUP at
//! servers that do not have it.

use super::error::NfsError;
use super::mount::Mount;
use super::walk::Found;
use crate::protocol::nfs3::{
    Cookie3, Cookieverf3, Fattr3, Ftype3, Nfsstat3, PostOpAttr, Readdir3args, Readdir3res,
    Readdirplus3args, Readdirplus3res,
};
use crate::status;

/// One name in a directory.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The name, as octets.
    pub name: Vec<u8>,
    /// The attributes, where the server gives them.
    pub attributes: Option<Fattr3>,
}

/// A reply in short: entries, the cookie of the last one, the verifier for the next call, and whether this is the end.
type Page = (Vec<Entry>, Option<Cookie3>, Cookieverf3, bool);

impl Mount {
    /// The names in a directory, without `.` and `..`, in the server's order.
    ///
    /// # Errors
    /// The server refuses, is not reached, or answers nonsense.
    pub async fn list(&self, directory: &Found) -> Result<Vec<Entry>, NfsError> {
        let mut entries = Vec::new();
        let mut from = (0, Cookieverf3::default());
        let mut with_attributes = true;
        loop {
            let page = match with_attributes {
                true => self.page_plus(directory, from).await?,
                false => Some(self.page(directory, from).await?),
            };
            let Some((found, last, verifier, is_end)) = page else {
                with_attributes = false;
                continue;
            };
            entries.extend(found.into_iter().filter(|entry| !is_dots(&entry.name)));
            if is_end {
                return Ok(entries);
            }
            let Some(cookie) = last.filter(|cookie| *cookie != from.0) else {
                let what = "a part of a listing gave nothing, and says that it is not the end";
                return Err(NfsError::Broken(what.to_owned()));
            };
            from = (cookie, verifier);
        }
    }

    /// One reply of READDIRPLUS; nothing when the server does not have it.
    async fn page_plus(
        &self,
        directory: &Found,
        (cookie, cookieverf): (Cookie3, Cookieverf3),
    ) -> Result<Option<Page>, NfsError> {
        let arguments = Readdirplus3args {
            dir: directory.handle.clone(),
            cookie,
            cookieverf,
            dircount: self.listing,
            maxcount: self.listing,
        };
        let found = match self.nfs.nfsproc3_readdirplus(arguments).await? {
            Readdirplus3res::Nfs3Ok(found) => found,
            Readdirplus3res::Default(refused, _)
                if refused == status::number(Nfsstat3::Nfs3errNotsupp) =>
            {
                return Ok(None);
            }
            Readdirplus3res::Default(status, _) => {
                return Err(NfsError::refused("listing", status));
            }
        };
        let last = found.reply.entries.last().map(|entry| entry.cookie);
        let entries = found.reply.entries.into_iter().map(|entry| Entry {
            name: entry.name,
            attributes: match entry.name_attributes {
                PostOpAttr::True(attributes) => Some(attributes),
                PostOpAttr::False => None,
            },
        });
        let (verifier, is_end) = (found.cookieverf, found.reply.eof);
        Ok(Some((entries.collect(), last, verifier, is_end)))
    }

    /// One reply of READDIR.
    async fn page(
        &self,
        directory: &Found,
        (cookie, cookieverf): (Cookie3, Cookieverf3),
    ) -> Result<Page, NfsError> {
        let arguments = Readdir3args {
            dir: directory.handle.clone(),
            cookie,
            cookieverf,
            count: self.listing,
        };
        let found = match self.nfs.nfsproc3_readdir(arguments).await? {
            Readdir3res::Nfs3Ok(found) => found,
            Readdir3res::Default(status, _) => return Err(NfsError::refused("listing", status)),
        };
        let last = found.reply.entries.last().map(|entry| entry.cookie);
        let entries = found.reply.entries.into_iter().map(|entry| Entry {
            name: entry.name,
            attributes: None,
        });
        Ok((entries.collect(), last, found.cookieverf, found.reply.eof))
    }
}

fn is_dots(name: &[u8]) -> bool {
    name == b"." || name == b".."
}

impl Entry {
    /// A line as `ls -l` writes it, in short: type and rights, size, name.
    pub fn line(&self) -> Vec<u8> {
        let (mode, size) = match &self.attributes {
            Some(attributes) => (rights(attributes), attributes.size.to_string()),
            None => ("?".repeat(10), "?".to_owned()),
        };
        let mut line = format!("{mode} {size:>12} ").into_bytes();
        line.extend_from_slice(&self.name);
        line
    }
}

/// `drwxr-xr-x`
fn rights(attributes: &Fattr3) -> String {
    let letter = match attributes.r#type {
        Ftype3::Nf3reg => '-',
        Ftype3::Nf3dir => 'd',
        Ftype3::Nf3blk => 'b',
        Ftype3::Nf3chr => 'c',
        Ftype3::Nf3lnk => 'l',
        Ftype3::Nf3sock => 's',
        Ftype3::Nf3fifo => 'p',
    };
    let bits = (0..9).rev().zip("rwxrwxrwx".chars());
    let rights = bits.map(|(bit, right)| match attributes.mode >> bit & 1 {
        1 => right,
        _ => '-',
    });
    std::iter::once(letter).chain(rights).collect()
}

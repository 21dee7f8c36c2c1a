//! File handles: what a client holds instead of a path. A handle is the number of this run of the server and the number of
//! an entry in this table, so that whoever makes one up gets an entry that was given to somebody, and never a path. Knows
//! names, and opens nothing.
//!
//! ```text
//!  0               8               16
//!  +---------------+---------------+
//!  | run           | node          |   both big-endian
//!  +---------------+---------------+
//! ```

use std::collections::HashMap;

use crate::protocol::nfs3::{NfsFh3, Nfsstat3};

/// How many handles a server gives. Beyond it, what was not looked up before is refused as SERVERFAULT. A handle takes
/// its name twice and about a hundred octets of memory.
pub const HANDLES_MAX: usize = 1_000_000;

/// A file's device and inode: they tell a file from another one that took its name. One that took both is taken for the
/// old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
}

/// The number of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Node(usize);

/// The table.
#[derive(Debug)]
pub(super) struct Handles {
    run: u64,
    max: usize,
    entries: Vec<Entry>,
    /// The entry that a name was last found to be.
    by_name: HashMap<(Node, Vec<u8>), Node>,
}

#[derive(Debug)]
struct Entry {
    /// The root is its own parent.
    parent: Node,
    name: Vec<u8>,
    identity: Identity,
}

impl Handles {
    /// A table with the root in it.
    pub(super) fn new(run: u64, root: Identity, max: usize) -> Handles {
        let root = Entry {
            parent: Handles::ROOT,
            name: Vec::new(),
            identity: root,
        };
        Handles {
            run,
            max,
            entries: vec![root],
            by_name: HashMap::new(),
        }
    }

    /// The served folder itself.
    pub(super) const ROOT: Node = Node(0);

    /// What a client's octets stand for.
    ///
    /// # Errors
    /// STALE of another run, BADHANDLE when no server gave them.
    pub(super) fn find(&self, handle: &NfsFh3) -> Result<Node, Nfsstat3> {
        let octets: &[u8; 16] = handle
            .data
            .as_slice()
            .try_into()
            .map_err(|_| Nfsstat3::Nfs3errBadhandle)?;
        let both = u128::from_be_bytes(*octets);
        if both >> 64 != u128::from(self.run) {
            return Err(Nfsstat3::Nfs3errStale);
        }
        let low = both & u128::from(u64::MAX);
        let node = usize::try_from(low).map_err(|_| Nfsstat3::Nfs3errBadhandle)?;
        match node < self.entries.len() {
            true => Ok(Node(node)),
            false => Err(Nfsstat3::Nfs3errBadhandle),
        }
    }

    /// What a client is given.
    pub(super) fn handle(&self, node: Node) -> NfsFh3 {
        let node = node.0 as u64;
        let octets = [self.run.to_be_bytes(), node.to_be_bytes()].concat();
        NfsFh3 {
            data: octets.into(),
        }
    }

    /// The entry of a name in a directory: the one it had, while it is the same file.
    ///
    /// # Errors
    /// SERVERFAULT when the table is full.
    pub(super) fn enter(
        &mut self,
        parent: Node,
        name: &[u8],
        identity: Identity,
    ) -> Result<Node, Nfsstat3> {
        let key = (parent, name.to_vec());
        let known = self.by_name.get(&key).copied();
        if let Some(node) = known.filter(|node| self.identity(*node) == Some(identity)) {
            return Ok(node);
        }
        if self.entries.len() >= self.max {
            return Err(Nfsstat3::Nfs3errServerfault);
        }
        let node = Node(self.entries.len());
        self.entries.push(Entry {
            parent,
            name: name.to_vec(),
            identity,
        });
        self.by_name.insert(key, node);
        Ok(node)
    }

    /// The file that a handle was given for.
    pub(super) fn identity(&self, node: Node) -> Option<Identity> {
        Some(self.entries.get(node.0)?.identity)
    }

    /// The directory it was found in; the root's is the root.
    pub(super) fn parent(&self, node: Node) -> Node {
        self.entries
            .get(node.0)
            .map_or(Handles::ROOT, |entry| entry.parent)
    }

    /// Its path below the root, `.` for the root.
    pub(super) fn path(&self, node: Node) -> Vec<u8> {
        let mut names = Vec::new();
        let mut here = node;
        while let Some(entry) = self.entries.get(here.0).filter(|_| here != Handles::ROOT) {
            names.push(entry.name.as_slice());
            here = entry.parent;
        }
        if names.is_empty() {
            return b".".to_vec();
        }
        names.reverse();
        names.join(&b'/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(inode: u64) -> Identity {
        Identity { device: 1, inode }
    }

    #[test]
    fn a_handle_stands_for_the_file_it_was_given_for() {
        let mut handles = Handles::new(7, file(1), 10);
        let a = handles.enter(Handles::ROOT, b"a", file(2)).expect("room");
        let b = handles.enter(a, b"b", file(3)).expect("room");
        assert_eq!(handles.find(&handles.handle(b)), Ok(b));
        assert_eq!(handles.path(b), b"a/b");
        assert_eq!(handles.path(Handles::ROOT), b".");
        assert_eq!((handles.parent(b), handles.parent(a)), (a, Handles::ROOT));
        assert_eq!(handles.enter(a, b"b", file(3)), Ok(b));
        let other = handles.enter(a, b"b", file(4)).expect("room");
        assert_ne!(other, b, "another file took the name");
    }

    #[test]
    fn made_up_handles_are_refused() {
        let handles = Handles::new(7, file(1), 10);
        let of = |octets: &[u8]| {
            handles.find(&NfsFh3 {
                data: octets.to_vec().into(),
            })
        };
        let good = handles.handle(Handles::ROOT);
        for length in 0..16 {
            let short = good.data.get(..length).expect("shorter");
            assert_eq!(of(short), Err(Nfsstat3::Nfs3errBadhandle), "{length}");
        }
        assert_eq!(of(&[0; 64]), Err(Nfsstat3::Nfs3errBadhandle));
        let number = |run: u64, node: u64| [run.to_be_bytes(), node.to_be_bytes()].concat();
        assert_eq!(of(&number(8, 0)), Err(Nfsstat3::Nfs3errStale));
        assert_eq!(of(&number(7, 1)), Err(Nfsstat3::Nfs3errBadhandle));
        assert_eq!(of(&number(7, u64::MAX)), Err(Nfsstat3::Nfs3errBadhandle));
        assert_eq!(of(&number(7, 0)), Ok(Handles::ROOT));
    }

    #[test]
    fn the_table_has_its_limit() {
        let mut handles = Handles::new(7, file(1), 2);
        let enter = |handles: &mut Handles, name: &[u8], inode| {
            handles.enter(Handles::ROOT, name, file(inode)).map(|_| ())
        };
        assert_eq!(enter(&mut handles, b"a", 2), Ok(()));
        let full = Err(Nfsstat3::Nfs3errServerfault);
        assert_eq!(enter(&mut handles, b"b", 3), full);
        assert_eq!(
            enter(&mut handles, b"a", 2),
            Ok(()),
            "known ones still work"
        );
    }
}

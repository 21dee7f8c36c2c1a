//! Programs and versions, and what is exported on one port.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::wire::AcceptStatus;

/// A version of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Program {
    /// Program number.
    pub number: u32,
    /// Version number.
    pub version: u32,
}

/// Whose AUTH_SYS credentials are accepted; they are claims, not proofs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SysAcceptance {
    /// Those of this host's processes.
    #[default]
    Local,
    /// Everybody's.
    Any,
    /// Nobody's.
    None,
}

/// An exported object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Export {
    /// The host's token for it.
    pub object: u64,
    /// Whose AUTH_SYS credentials it accepts.
    pub sys: SysAcceptance,
    /// Whether calls are looked for in the duplicate request cache.
    pub duplicates: bool,
}

impl Export {
    /// An object with the options that hold when none is given.
    pub fn plain(object: u64) -> Export {
        Export {
            object,
            sys: SysAcceptance::Local,
            duplicates: true,
        }
    }
}

/// What is exported on one port, by program and version.
#[derive(Debug, Default)]
pub struct Exports {
    /// Guards the table; held for a look-up or a change only.
    table: Mutex<BTreeMap<Program, Export>>,
}

impl Exports {
    fn with<R>(&self, f: impl FnOnce(&mut BTreeMap<Program, Export>) -> R) -> R {
        f(&mut self.table.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds an object; false when the version is taken.
    pub fn add(&self, program: Program, export: Export) -> bool {
        self.with(|table| {
            if table.contains_key(&program) {
                return false;
            }
            table.insert(program, export);
            true
        })
    }

    /// Removes an object; true when nothing is left.
    pub fn remove(&self, program: Program) -> bool {
        self.with(|table| {
            table.remove(&program);
            table.is_empty()
        })
    }

    /// The object of a version, or what the caller is told.
    ///
    /// # Errors
    /// The accept status for a program or version that is not here.
    // spec: RFC5531 s9
    pub fn find(&self, program: Program) -> Result<Export, AcceptStatus> {
        self.with(|table| {
            if let Some(export) = table.get(&program) {
                return Ok(*export);
            }
            let bound = |version| Program {
                number: program.number,
                version,
            };
            let mut versions = table
                .range(bound(0)..=bound(u32::MAX))
                .map(|(key, _)| key.version);
            let Some(low) = versions.next() else {
                return Err(AcceptStatus::ProgUnavail);
            };
            let high = versions.next_back().unwrap_or(low);
            Err(AcceptStatus::ProgMismatch { low, high })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(number: u32, version: u32) -> Program {
        Program { number, version }
    }

    #[test]
    fn mismatch_tells_the_true_bounds() {
        let exports = Exports::default();
        assert_eq!(exports.find(program(5, 1)), Err(AcceptStatus::ProgUnavail));
        assert!(exports.add(program(5, 2), Export::plain(20)));
        assert!(exports.add(program(5, 4), Export::plain(40)));
        assert!(exports.add(program(6, 9), Export::plain(90)));
        assert!(
            !exports.add(program(5, 4), Export::plain(41)),
            "the version is taken"
        );
        assert_eq!(exports.find(program(5, 4)), Ok(Export::plain(40)));
        let between = exports.find(program(5, 3));
        assert_eq!(between, Err(AcceptStatus::ProgMismatch { low: 2, high: 4 }));
        assert!(!exports.remove(program(5, 4)));
        let above = exports.find(program(5, 4));
        assert_eq!(above, Err(AcceptStatus::ProgMismatch { low: 2, high: 2 }));
        assert!(!exports.remove(program(5, 2)));
        assert!(exports.remove(program(6, 9)), "nothing is left");
    }
}

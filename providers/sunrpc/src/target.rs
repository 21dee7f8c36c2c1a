//! Programs and versions, and what is exported on one port.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rmix_abi::describe::InterfaceDesc;
use rmix_abi::tables::call_flags;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The host's token for it.
    pub object: u64,
    /// Whose AUTH_SYS credentials it accepts.
    pub sys: SysAcceptance,
    /// Whether calls are looked for in the duplicate request cache.
    pub duplicates: bool,
    /// Numbers of its one-way procedures, in order.
    pub one_way: Vec<u32>,
}

/// A procedure of an exported object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Called {
    /// The host's token for the object.
    pub object: u64,
    /// Whose AUTH_SYS credentials it accepts.
    pub sys: SysAcceptance,
    /// Whether calls are looked for in the duplicate request cache.
    pub duplicates: bool,
    /// Whether the procedure is one-way.
    pub one_way: bool,
}

impl Export {
    /// An object with the options that hold when none is given.
    pub fn plain(object: u64) -> Export {
        Export {
            object,
            sys: SysAcceptance::Local,
            duplicates: true,
            one_way: Vec::new(),
        }
    }

    fn called(&self, procedure: u32) -> Called {
        Called {
            object: self.object,
            sys: self.sys,
            duplicates: self.duplicates,
            one_way: self.one_way.binary_search(&procedure).is_ok(),
        }
    }
}

/// Numbers of the one-way procedures of an interface, in order; none of one that is not described.
pub(crate) fn one_way_procedures(interface: Option<&InterfaceDesc>) -> Vec<u32> {
    let methods = interface.map_or(&[][..], |interface| interface.methods());
    let one_way = methods
        .iter()
        .filter(|method| method.flags & call_flags::ONEWAY != 0);
    let mut numbers: Vec<u32> = one_way.map(|method| method.number).collect();
    numbers.sort_unstable();
    numbers
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

    /// The procedure of a version's object, or what the caller is told.
    ///
    /// # Errors
    /// The accept status for a program or version that is not here.
    // spec: RFC5531 s9
    pub fn find(&self, program: Program, procedure: u32) -> Result<Called, AcceptStatus> {
        self.with(|table| {
            if let Some(export) = table.get(&program) {
                return Ok(export.called(procedure));
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

    fn find(exports: &Exports, number: u32, version: u32) -> Result<u64, AcceptStatus> {
        let found = exports.find(program(number, version), 1);
        found.map(|called| called.object)
    }

    #[test]
    fn one_way_procedures_are_told_apart() {
        let exports = Exports::default();
        let export = Export {
            one_way: vec![3, 7],
            ..Export::plain(20)
        };
        assert!(exports.add(program(5, 2), export));
        let one_way = |procedure| {
            let found = exports.find(program(5, 2), procedure);
            found.unwrap().one_way
        };
        assert_eq!(
            [1, 3, 5, 7, 9].map(one_way),
            [false, true, false, true, false]
        );
    }

    #[test]
    fn mismatch_tells_the_true_bounds() {
        let exports = Exports::default();
        assert_eq!(find(&exports, 5, 1), Err(AcceptStatus::ProgUnavail));
        assert!(exports.add(program(5, 2), Export::plain(20)));
        assert!(exports.add(program(5, 4), Export::plain(40)));
        assert!(exports.add(program(6, 9), Export::plain(90)));
        assert!(
            !exports.add(program(5, 4), Export::plain(41)),
            "the version is taken"
        );
        assert_eq!(find(&exports, 5, 4), Ok(40));
        let between = find(&exports, 5, 3);
        assert_eq!(between, Err(AcceptStatus::ProgMismatch { low: 2, high: 4 }));
        assert!(!exports.remove(program(5, 4)));
        let above = find(&exports, 5, 4);
        assert_eq!(above, Err(AcceptStatus::ProgMismatch { low: 2, high: 2 }));
        assert!(!exports.remove(program(5, 2)));
        assert!(exports.remove(program(6, 9)), "nothing is left");
    }
}

//! Programs and versions: what an endpoint names, and what is exported on one port.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rmix_provider::endpoint::Parts;
use rmix_provider::failure;
use rmix_provider::tables::Err;

use crate::wire::AcceptStatus;

/// A version of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Program {
    /// Program number.
    pub number: u32,
    /// Version number.
    pub version: u32,
}

impl Program {
    /// Reads `/PROGRAM/VERSION` of an endpoint.
    ///
    /// # Errors
    /// `FixRequest` with what was expected.
    pub fn of(parts: &Parts<'_>) -> Result<Program, Err> {
        let wrong = || {
            failure::endpoint(
                parts.text,
                "it needs /PROGRAM/VERSION, two numbers, decimal or 0x…",
            )
        };
        let path = parts.path.strip_prefix('/').ok_or_else(wrong)?;
        let (program, version) = path.split_once('/').ok_or_else(wrong)?;
        Ok(Program {
            number: number(program).ok_or_else(wrong)?,
            version: number(version).ok_or_else(wrong)?,
        })
    }
}

fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        // `from_str_radix` takes a sign, an endpoint does not.
        Some(hex) if !hex.starts_with('+') => u32::from_str_radix(hex, 16).ok(),
        Some(_) => None,
        None if text.starts_with('+') => None,
        None => text.parse().ok(),
    }
}

/// What is exported on one port: object tokens by program and version.
#[derive(Debug, Default)]
pub struct Exports {
    /// Guards the table; held for a look-up or a change only.
    table: Mutex<BTreeMap<Program, u64>>,
}

impl Exports {
    fn with<R>(&self, f: impl FnOnce(&mut BTreeMap<Program, u64>) -> R) -> R {
        f(&mut self.table.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds an object; false when the version is taken.
    pub fn add(&self, program: Program, object: u64) -> bool {
        self.with(|table| {
            if table.contains_key(&program) {
                return false;
            }
            table.insert(program, object);
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
    pub fn find(&self, program: Program) -> Result<u64, AcceptStatus> {
        self.with(|table| {
            if let Some(object) = table.get(&program) {
                return Ok(*object);
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
    fn endpoints_name_program_and_version() {
        for text in ["a://h:1/536870978/1", "a://h:1/0x20000042/0x1"] {
            let parts = Parts::parse(text).unwrap();
            assert_eq!(Program::of(&parts).unwrap(), program(0x2000_0042, 1));
        }
        for text in [
            "a://h:1",
            "a://h:1/7",
            "a://h:1/x/1",
            "a://h:1/+7/1",
            "a://h:1/0x+7/1",
            "a://h:1/4294967296/1",
        ] {
            assert!(Program::of(&Parts::parse(text).unwrap()).is_err(), "{text}");
        }
    }

    #[test]
    fn mismatch_tells_the_true_bounds() {
        let exports = Exports::default();
        assert_eq!(exports.find(program(5, 1)), Err(AcceptStatus::ProgUnavail));
        assert!(exports.add(program(5, 2), 20));
        assert!(exports.add(program(5, 4), 40));
        assert!(exports.add(program(6, 9), 90));
        assert!(!exports.add(program(5, 4), 41), "the version is taken");
        assert_eq!(exports.find(program(5, 4)), Ok(40));
        let between = exports.find(program(5, 3));
        assert_eq!(between, Err(AcceptStatus::ProgMismatch { low: 2, high: 4 }));
        assert!(!exports.remove(program(5, 4)));
        let above = exports.find(program(5, 4));
        assert_eq!(above, Err(AcceptStatus::ProgMismatch { low: 2, high: 2 }));
        assert!(!exports.remove(program(5, 2)));
        assert!(exports.remove(program(6, 9)), "nothing is left");
    }
}

//! Programs, versions and procedures of a model (RFC 5531 s12).

use super::types::Type;
use crate::place::Place;

/// A program.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Program {
    /// Its name in the file.
    pub name: String,
    /// Its number.
    pub number: u32,
    /// Versions in the order they are written.
    pub versions: Vec<Version>,
    /// Where it is defined.
    pub place: Place,
}

/// A version of a program.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Version {
    /// Its name in the file.
    pub name: String,
    /// Its number.
    pub number: u32,
    /// Procedures in the order they are written.
    pub procedures: Vec<Procedure>,
    /// Where it is defined.
    pub place: Place,
}

/// A procedure.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Procedure {
    /// Its name in the file.
    pub name: String,
    /// Its number.
    pub number: u32,
    /// What it takes; none is `void`. Several travel one after the other, like a struct (`rpcgen -N`).
    pub arguments: Vec<Argument>,
    /// What it gives.
    pub result: Type,
    /// Where it is defined.
    pub place: Place,
}

/// An argument of a procedure.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Argument {
    /// Its name, if the file gives one.
    pub name: Option<String>,
    /// Its type.
    pub ty: Type,
}

impl Program {
    /// A version by its number.
    pub fn version(&self, number: u32) -> Option<&Version> {
        self.versions
            .iter()
            .find(|version| version.number == number)
    }
}

impl Version {
    /// A procedure by its name.
    pub fn procedure(&self, name: &str) -> Option<&Procedure> {
        self.procedures
            .iter()
            .find(|procedure| procedure.name == name)
    }

    /// A procedure by its number.
    pub fn procedure_numbered(&self, number: u32) -> Option<&Procedure> {
        let mut procedures = self.procedures.iter();
        procedures.find(|procedure| procedure.number == number)
    }
}

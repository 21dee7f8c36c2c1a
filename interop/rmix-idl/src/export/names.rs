//! Names as C and rpcgen take them: letters, digits and underscores, no keyword, none twice in the whole file.

use std::collections::BTreeSet;

use heck::ToShoutySnakeCase;

/// Names that are taken: C has one room for types, enumerators and numbers.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// A free name like this one, which is then taken.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        let wanted = identifier(wanted);
        let mut name = wanted.clone();
        let mut number: u64 = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        name
    }

    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.taken.contains(name)
    }
}

/// The name with what C does not allow replaced.
pub(super) fn identifier(name: &str) -> String {
    let mut identifier: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    if !identifier.starts_with(|first: char| first.is_ascii_alphabetic()) {
        identifier.insert_str(0, "x_");
    }
    if RESERVED.contains(&identifier.as_str()) {
        identifier.push('_');
    }
    identifier
}

/// The name in capitals; what is in capitals already stays.
pub(super) fn capitals(name: &str) -> String {
    let is_capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if name.chars().all(is_capital) {
        return identifier(name);
    }
    identifier(&name.to_shouty_snake_case())
}

/// Keywords of C and of the interface language, and names that the C headers of every program define.
const RESERVED: [&str; 67] = [
    "FALSE",
    "NULL",
    "TRUE",
    "XDR",
    "asm",
    "auto",
    "bool",
    "bool_t",
    "break",
    "caddr_t",
    "case",
    "char",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "enum_t",
    "errno",
    "extern",
    "false",
    "float",
    "for",
    "goto",
    "hyper",
    "if",
    "inline",
    "int",
    "linux",
    "long",
    "netobj",
    "opaque",
    "program",
    "quad",
    "quad_t",
    "quadruple",
    "register",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "string",
    "struct",
    "switch",
    "true",
    "typedef",
    "typeof",
    "u_char",
    "u_int",
    "u_long",
    "u_quad_t",
    "u_short",
    "union",
    "unix",
    "unsigned",
    "version",
    "void",
    "volatile",
    "while",
    "exit",
    "int32_t",
    "int64_t",
    "uint64_t",
];

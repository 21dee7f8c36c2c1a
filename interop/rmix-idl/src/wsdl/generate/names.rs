//! Rust names of what the files name, none twice.

use crate::generate::names::{TRAIT_SUFFIXES, Taken, camel};
use crate::wsdl::model::{Description, Interface, Kind, Style, TypeId};

/// Names of the items of one generated file.
pub(super) struct Names {
    taken: Taken,
    interfaces: Vec<String>,
    types: Vec<String>,
}

impl Names {
    pub(super) fn of(description: &Description) -> Names {
        let mut names = Names {
            taken: Taken::of(&TYPES_TAKEN),
            interfaces: Vec::new(),
            types: Vec::new(),
        };
        for interface in &description.interfaces {
            let wanted = camel(&identifier(&interface_name(description, interface)), "Port");
            let name = names.taken.take(&wanted, &TRAIT_SUFFIXES);
            names.interfaces.push(name);
        }
        for (_, def) in description.types() {
            let local = identifier(&def.name.local);
            let mut wanted = match def.kind {
                Kind::Derived { .. } => camel(&format!("Any_{local}"), "Type"),
                _ => camel(&local, "Type"),
            };
            if TYPES_TAKEN.contains(&wanted.as_str()) {
                wanted.push_str("Type");
            }
            let name = names.taken.take(&wanted, &[""]);
            names.types.push(name);
        }
        names
    }

    pub(super) fn interface(&self, index: usize) -> &str {
        self.interfaces.get(index).map_or("Port", String::as_str)
    }

    pub(super) fn ty(&self, id: TypeId) -> &str {
        self.types.get(id.0).map_or("Type", String::as_str)
    }

    /// A name for an item that no file names.
    pub(super) fn item(&mut self, wanted: &str) -> String {
        let wanted = camel(&identifier(wanted), "Type");
        self.taken.take(&wanted, &[""])
    }
}

/// A port type of two styles gives two traits.
fn interface_name(description: &Description, interface: &Interface) -> String {
    let first = description.find_interface(&interface.name.local);
    let is_first = first.is_none_or(|first| first.style == interface.style);
    let suffix = match interface.style {
        _ if is_first => "",
        Style::Rpc => "_rpc",
        Style::Encoded => "_encoded",
        Style::Wrapped | Style::Bare => "_document",
    };
    format!("{}{suffix}", interface.name.local)
}

/// A name of XML without characters that no name of Rust has.
pub(super) fn identifier(name: &str) -> String {
    let allowed = |c| match unicode_ident::is_xid_continue(c) {
        true => c,
        false => '_',
    };
    name.chars().map(allowed).collect()
}

/// Names that generated code refers to.
const TYPES_TAKEN: [&str; 14] = [
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Eq",
    "Hash",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "String",
    "Vec",
];

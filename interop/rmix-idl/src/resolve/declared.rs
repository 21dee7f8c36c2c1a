//! Which types a file defines, and the types of C headers that it may use without defining them.

use std::collections::BTreeMap;

use crate::error::IdlError;
use crate::model::{Type, TypeId};
use crate::parse::ast::{Declarator, Definition, Item, Specifier};

use super::duplicate;

/// Types by name.
pub(super) struct Declared<'a> {
    /// Definitions of types in order; the position is the id.
    pub(super) items: Vec<&'a Item>,
    ids: BTreeMap<&'a str, TypeId>,
}

impl<'a> Declared<'a> {
    pub(super) fn read(items: &'a [Item]) -> Result<Declared<'a>, IdlError> {
        let mut declared = Declared {
            items: Vec::new(),
            ids: BTreeMap::new(),
        };
        let others: BTreeMap<&str, ()> = items
            .iter()
            .filter(|item| is_type(&item.definition) && !names_itself(item))
            .map(|item| (item.name.text.as_str(), ()))
            .collect();
        for item in items {
            let name = item.name.text.as_str();
            // `typedef struct name name;` beside `struct name { … }` says nothing new.
            let is_repetition = names_itself(item) && others.contains_key(name);
            if !is_type(&item.definition) || is_repetition {
                continue;
            }
            let id = TypeId(u32::try_from(declared.items.len()).unwrap_or(u32::MAX));
            if let Some(first) = declared.ids.insert(name, id) {
                let first = usize::try_from(first.0).unwrap_or(usize::MAX);
                let place = declared.items.get(first).map(|first| &first.name.place);
                return Err(duplicate(&item.name, place.unwrap_or(&item.name.place)));
            }
            declared.items.push(item);
        }
        Ok(declared)
    }

    /// The type of this name.
    pub(super) fn find(&self, name: &str) -> Option<Type> {
        let own = self.ids.get(name).map(|id| Type::Named(*id));
        own.or_else(|| of_c_header(name))
    }

    pub(super) fn ids(&self) -> BTreeMap<String, TypeId> {
        let ids = self.ids.iter();
        ids.map(|(name, id)| ((*name).to_owned(), *id)).collect()
    }
}

fn is_type(definition: &Definition) -> bool {
    matches!(
        definition,
        Definition::Enum(_) | Definition::Struct(_) | Definition::Union(_) | Definition::Typedef(_)
    )
}

fn names_itself(item: &Item) -> bool {
    let Definition::Typedef(declaration) = &item.definition else {
        return false;
    };
    matches!(
        (&declaration.specifier, &declaration.declarator),
        (Specifier::Named(name), Declarator::Plain) if *name == item.name.text
    )
}

/// Types of `rpc/types.h`, `rpc/xdr.h` and `stdint.h`, whose XDR routines C programs have.
fn of_c_header(name: &str) -> Option<Type> {
    Some(match name {
        "bool_t" => Type::Bool,
        "enum_t" | "int32_t" => Type::Int,
        "int8_t" => Type::Char,
        "u_char" | "uint8_t" | "u_int8_t" => Type::UnsignedChar,
        "int16_t" => Type::Short,
        "u_short" | "ushort" | "uint16_t" | "u_int16_t" => Type::UnsignedShort,
        "u_int" | "uint" | "u_long" | "ulong" | "uint32_t" | "u_int32_t" => Type::UnsignedInt,
        "rpcprog_t" | "rpcvers_t" | "rpcproc_t" | "rpcprot_t" | "rpcport_t" => Type::UnsignedInt,
        "int64_t" | "quad_t" | "longlong_t" => Type::Hyper,
        "uint64_t" | "u_int64_t" | "u_quad_t" | "u_longlong_t" | "u_hyper" => Type::UnsignedHyper,
        "netobj" => Type::Opaque { max: Some(1024) },
        "des_block" => Type::FixedOpaque { length: 8 },
        _ => return None,
    })
}

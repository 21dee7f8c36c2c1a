//! The Rust type of a type of the model.

use super::Generator;
use super::Strings;
use crate::model::{Kind, Type, TypeId};

impl Generator<'_> {
    /// The type as it is written within `owner`, or outside all types.
    pub(super) fn rust_type(&self, owner: Option<TypeId>, ty: &Type) -> String {
        let bounded = |content: &str, max: &Option<u32>| match max {
            Some(max) => format!("rmix::Bounded<{content}, {max}>"),
            None => content.to_owned(),
        };
        match ty {
            Type::Void => "()".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Char => "i8".to_owned(),
            Type::UnsignedChar => "u8".to_owned(),
            Type::Short => "i16".to_owned(),
            Type::UnsignedShort => "u16".to_owned(),
            Type::Int => "i32".to_owned(),
            Type::UnsignedInt => "u32".to_owned(),
            Type::Hyper => "i64".to_owned(),
            Type::UnsignedHyper => "u64".to_owned(),
            Type::Float => "f32".to_owned(),
            Type::Double => "f64".to_owned(),
            Type::String { max } => match self.options.strings {
                Strings::Text => bounded("String", max),
                Strings::Octets => bounded("Vec<u8>", max),
            },
            Type::Opaque { max } => bounded("Vec<u8>", max),
            Type::FixedOpaque { length } => format!("rmix::Opaque<{length}>"),
            Type::Array { element, length } => {
                let element = self.element(owner, element);
                if *length <= SERDE_ARRAY_MAX {
                    format!("[{element}; {length}]")
                } else {
                    format!("rmix::Array<{element}, {length}>")
                }
            }
            Type::Sequence { element, max } => {
                bounded(&format!("Vec<{}>", self.element(owner, element)), max)
            }
            Type::Optional(target) if self.model.is_list_node(target) => {
                format!("rmix::List<{}>", self.item_name(target))
            }
            Type::Optional(target) => {
                let inner = self.rust_type(owner, target);
                match owner {
                    Some(owner) if self.model.needs_box(owner, target) => {
                        format!("Option<Box<{inner}>>")
                    }
                    _ => format!("Option<{inner}>"),
                }
            }
            Type::Named(id) => {
                let name = self.names.ty(*id);
                let def = self.model.type_def(*id);
                match &def.kind {
                    // A node that stands alone is an item, and the list of the items after it.
                    Kind::Struct(structure) if structure.is_list_node => {
                        format!("({name}, rmix::List<{name}>)")
                    }
                    _ => name.to_owned(),
                }
            }
        }
    }

    /// The type of an array's element. Octets in a sequence would be opaque data, which C's characters are not.
    fn element(&self, owner: Option<TypeId>, ty: &Type) -> String {
        match self.model.resolve(ty) {
            Type::UnsignedChar => "u32".to_owned(),
            _ => self.rust_type(owner, ty),
        }
    }

    /// The struct of one item of a list.
    fn item_name(&self, node: &Type) -> &str {
        match self.model.resolve_def(node) {
            Some((id, _)) => self.names.ty(id),
            None => "Item",
        }
    }
}

/// Longest array that serde carries.
const SERDE_ARRAY_MAX: u32 = 32;

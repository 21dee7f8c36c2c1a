//! Types as the interface language writes them, for people: descriptions, messages, help.

use super::{Model, Type};

impl Model {
    /// The declaration of `name` with this type, as it stands in a file: `string name<255>`. Without a name, the type
    /// alone.
    pub fn declaration(&self, ty: &Type, name: &str) -> String {
        let with = |word: &str, before: &str, after: &str| match name {
            "" if before.is_empty() => format!("{word}{after}"),
            _ => format!("{word} {before}{name}{after}")
                .trim_end()
                .to_owned(),
        };
        let bound = |max: &Option<u32>| match max {
            Some(max) => format!("<{max}>"),
            None => "<>".to_owned(),
        };
        match ty {
            Type::Void => "void".to_owned(),
            Type::Bool => with("bool", "", ""),
            Type::Char => with("char", "", ""),
            Type::UnsignedChar => with("unsigned char", "", ""),
            Type::Short => with("short", "", ""),
            Type::UnsignedShort => with("unsigned short", "", ""),
            Type::Int => with("int", "", ""),
            Type::UnsignedInt => with("unsigned int", "", ""),
            Type::Hyper => with("hyper", "", ""),
            Type::UnsignedHyper => with("unsigned hyper", "", ""),
            Type::Float => with("float", "", ""),
            Type::Double => with("double", "", ""),
            Type::String { max } => with("string", "", &bound(max)),
            Type::Opaque { max } => with("opaque", "", &bound(max)),
            Type::FixedOpaque { length } => with("opaque", "", &format!("[{length}]")),
            Type::Array { element, length } => {
                with(&self.declaration(element, ""), "", &format!("[{length}]"))
            }
            Type::Sequence { element, max } => {
                with(&self.declaration(element, ""), "", &bound(max))
            }
            Type::Optional(target) => with(&self.declaration(target, ""), "*", ""),
            Type::Named(id) => with(&self.type_def(*id).name, "", ""),
        }
    }
}

//! What WSDL and schema files describe, with everything looked up: interfaces with their operations, services, types. For
//! calls whose types are known at run time only, as for what is generated.

mod builtin;
mod graph;
mod operation;
mod types;

use std::sync::Arc;

pub use builtin::Builtin;
pub use operation::{Fault, Interface, Message, Operation, Port, Service, SoapVersion, Style};
pub use types::{
    Content, Documentation, EnumValue, Field, Form, Kind, Occurs, Type, TypeDef, TypeId,
};

use crate::wsdl::name::QName;

/// All that the files describe.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Description {
    /// The files that were read, in the order in which they were.
    pub files: Vec<String>,
    /// Port types that SOAP can call, one entry for each style of message.
    pub interfaces: Vec<Interface>,
    /// Services, with the addresses of their ports.
    pub services: Vec<Service>,
    /// Global elements that were asked for: those of a schema that is read alone.
    pub elements: Vec<Field>,
    pub(crate) types: Vec<TypeDef>,
}

impl Description {
    /// All types, in the order in which operations reach them.
    pub fn types(&self) -> impl Iterator<Item = (TypeId, &TypeDef)> {
        let types = self.types.iter().enumerate();
        types.map(|(index, def)| (TypeId(index), def))
    }

    /// A type.
    ///
    /// # Panics
    /// The id is that of another description.
    #[expect(
        clippy::indexing_slicing,
        reason = "ids are made with the types of the same description"
    )]
    pub fn type_def(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }

    /// The type of a name; the struct itself when derived types may stand in its place.
    pub fn find_type(&self, name: &QName) -> Option<(TypeId, &TypeDef)> {
        self.types().find(|(_, def)| {
            def.is_named && def.name == *name && !matches!(def.kind, Kind::Derived { .. })
        })
    }

    /// The interface of a port type's local name; the first one when it has operations of two styles.
    pub fn find_interface(&self, local: &str) -> Option<&Interface> {
        let mut interfaces = self.interfaces.iter();
        interfaces.find(|interface| &*interface.name.local == local)
    }

    /// What a simple type is in the end: a type of XML Schema itself, or a list of one; nothing for other types. An
    /// enumeration is what it restricts.
    pub fn simple<'a>(&'a self, ty: &'a Type) -> Option<Content> {
        let mut ty = ty;
        loop {
            match ty {
                Type::Builtin(builtin) => return Some(Content::One(*builtin)),
                Type::List(item) => {
                    return match self.simple(item)? {
                        Content::One(builtin) => Some(Content::List(builtin)),
                        Content::List(_) => None,
                    };
                }
                Type::Named(id) => match &self.type_def(*id).kind {
                    Kind::Alias(target) => ty = target,
                    Kind::Enumeration { base, .. } => return Some(Content::One(*base)),
                    _ => return None,
                },
            }
        }
    }

    /// The type behind names that are only other names for it.
    pub fn unaliased<'a>(&'a self, mut ty: &'a Type) -> &'a Type {
        while let Type::Named(id) = ty {
            match &self.type_def(*id).kind {
                Kind::Alias(target) => ty = target,
                _ => break,
            }
        }
        ty
    }
}

/// Text shared by what is made from the same declaration.
pub(crate) fn shared(text: &str) -> Documentation {
    Arc::from(text)
}

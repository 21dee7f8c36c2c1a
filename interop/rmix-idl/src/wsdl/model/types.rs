//! Types: structs, choices, derived types, enumerations.

use std::sync::Arc;

use super::builtin::Builtin;
use crate::place::Place;
use crate::wsdl::name::QName;

/// A text of the files, as it is written there; empty when there is none.
pub type Documentation = Arc<str>;

/// A type of a [`Description`](super::Description).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub(crate) usize);

/// The type of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// A type of XML Schema itself.
    Builtin(Builtin),
    /// A type of the description.
    Named(TypeId),
    /// A list in one text, its items parted by spaces.
    List(Box<Type>),
}

/// What a simple type is in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// One value.
    One(Builtin),
    /// A list of them.
    List(Builtin),
}

/// A definition of a type.
#[derive(Debug)]
#[non_exhaustive]
pub struct TypeDef {
    /// Its name; that of what it is the type of, with the path to it, when it has none.
    pub name: QName,
    /// Whether the files give it this name.
    pub is_named: bool,
    /// What the files say of it.
    pub documentation: Documentation,
    /// Sentences on what is not carried over.
    pub notes: Vec<String>,
    /// What it is.
    pub kind: Kind,
    /// Where it is defined.
    pub place: Place,
}

/// What a type is.
#[derive(Debug)]
#[non_exhaustive]
pub enum Kind {
    /// A complex type: attributes and elements, those of the extended type first.
    Struct {
        /// Its fields.
        fields: Vec<Field>,
        /// The type that it extends, when that is part of the description.
        base: Option<TypeId>,
        /// Whether only types that extend it may stand in documents.
        is_abstract: bool,
    },
    /// One of several elements.
    Choice {
        /// The elements; each occurs once.
        variants: Vec<Field>,
    },
    /// A struct, or one of those that extend it, told apart by `xsi:type`.
    Derived {
        /// The struct.
        base: TypeId,
        /// Those that extend it, directly or through others.
        derived: Vec<TypeId>,
    },
    /// One of several texts.
    Enumeration {
        /// The type whose lexical forms the texts are.
        base: Builtin,
        /// The texts.
        values: Vec<EnumValue>,
    },
    /// Another name of a simple type, whose values it may narrow.
    Alias(Type),
    /// An array of the SOAP encoding.
    Array {
        /// The name that its items have, which says nothing in encoded messages.
        name: Arc<str>,
        /// The type of its items.
        item: Type,
    },
}

/// A value of an enumeration.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EnumValue {
    /// The text in documents.
    pub value: String,
    /// What the files say of it.
    pub documentation: Documentation,
}

/// How often a field occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurs {
    /// Always.
    Once,
    /// It may be absent.
    Optional,
    /// Any number of times.
    Repeated,
}

/// How a field stands in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// As an element.
    Element,
    /// As an attribute.
    Attribute,
    /// As the text of the element.
    Text,
    /// As the element of the variant of a [`Kind::Choice`]; the field's own name does not stand there.
    Choice,
    /// As a header block.
    Header,
}

/// A field, argument, part or variant.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Field {
    /// Its name, with the namespace that it has in documents.
    pub name: QName,
    /// How it stands there.
    pub form: Form,
    /// Its type; of one occurrence.
    pub ty: Type,
    /// How often it occurs.
    pub occurs: Occurs,
    /// Whether an occurrence may be `xsi:nil`.
    pub nillable: bool,
    /// The value that an absent field stands for.
    pub default: Option<Documentation>,
    /// What the files say of it.
    pub documentation: Documentation,
    /// Where it is declared.
    pub place: Place,
}

//! An XML Schema as it is written.

use std::sync::Arc;

use crate::place::Place;
use crate::wsdl::name::QName;

/// A file or part of a file that a file refers to.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) place: Place,
    pub(crate) kind: ReferenceKind,
    pub(crate) location: Option<String>,
}

/// How a file refers to another.
#[derive(Debug, Clone)]
pub(crate) enum ReferenceKind {
    /// `wsdl:import` of a namespace.
    Definitions(Arc<str>),
    /// `xsd:import` of a namespace.
    Import(Arc<str>),
    /// `xsd:include`, into a namespace.
    Include(Arc<str>),
}

#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) namespace: Arc<str>,
    pub(crate) references: Vec<Reference>,
    pub(crate) types: Vec<TypeDecl>,
    pub(crate) elements: Vec<Element>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) groups: Vec<Group>,
    pub(crate) attribute_groups: Vec<AttributeGroup>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Occurs {
    pub(crate) min: u32,
    /// Nothing is `unbounded`.
    pub(crate) max: Option<u32>,
}

impl Occurs {
    pub(crate) const ONCE: Occurs = Occurs {
        min: 1,
        max: Some(1),
    };

    pub(crate) fn repeats(self) -> bool {
        self.max.is_none_or(|max| max > 1)
    }
}

#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) place: Place,
    pub(crate) documentation: String,
    /// With the namespace that it has in documents.
    pub(crate) name: QName,
    /// Whether the name is that of a global element.
    pub(crate) is_reference: bool,
    pub(crate) ty: Option<TypeUse>,
    pub(crate) occurs: Occurs,
    pub(crate) nillable: bool,
    pub(crate) is_abstract: bool,
    pub(crate) substitutes: Option<QName>,
    pub(crate) default: Option<String>,
    pub(crate) fixed: Option<String>,
}

#[derive(Debug)]
pub(crate) enum TypeUse {
    Named(QName),
    Inline(Box<TypeDecl>),
}

#[derive(Debug)]
pub(crate) struct TypeDecl {
    pub(crate) place: Place,
    pub(crate) documentation: String,
    /// The local part is empty for types without a name; the namespace is that of the schema.
    pub(crate) name: QName,
    pub(crate) kind: TypeKind,
}

#[derive(Debug)]
pub(crate) enum TypeKind {
    Simple(Simple),
    Complex(Complex),
}

#[derive(Debug)]
pub(crate) enum Simple {
    Restriction {
        base: Option<TypeUse>,
        values: Vec<Value>,
        /// Other facets, as documentation.
        facets: Vec<String>,
    },
    List(TypeUse),
    /// How many members it has: their values share the lexical form only.
    Union(Vec<TypeUse>),
}

#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) value: String,
    pub(crate) documentation: String,
}

#[derive(Debug, Default)]
pub(crate) struct Complex {
    pub(crate) is_abstract: bool,
    pub(crate) is_mixed: bool,
    pub(crate) derivation: Option<Derivation>,
    pub(crate) content: Option<Particle>,
    pub(crate) attributes: Vec<AttributeUse>,
}

#[derive(Debug)]
pub(crate) struct Derivation {
    pub(crate) place: Place,
    pub(crate) base: QName,
    pub(crate) is_extension: bool,
    pub(crate) is_simple: bool,
    /// Type that a restriction of simple content narrows to.
    pub(crate) narrowed: Option<Box<TypeDecl>>,
}

#[derive(Debug)]
pub(crate) enum AttributeUse {
    Attribute(Attribute),
    Group(QName, Place),
    Any,
}

#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) place: Place,
    pub(crate) documentation: String,
    /// With the namespace that it has in documents.
    pub(crate) name: QName,
    pub(crate) is_reference: bool,
    pub(crate) ty: Option<TypeUse>,
    pub(crate) presence: Presence,
    pub(crate) default: Option<String>,
    pub(crate) fixed: Option<String>,
    /// `wsdl:arrayType`: the name of the element's type, and what stands behind it.
    pub(crate) array_type: Option<(QName, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Optional,
    Required,
    Prohibited,
}

#[derive(Debug)]
pub(crate) struct Particle {
    pub(crate) place: Place,
    pub(crate) occurs: Occurs,
    pub(crate) kind: ParticleKind,
}

#[derive(Debug)]
pub(crate) enum ParticleKind {
    /// `sequence`, or `all`, whose order is free.
    Sequence(Vec<Particle>),
    Choice(Vec<Particle>),
    Element(Box<Element>),
    Group(QName),
    Any,
}

#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) place: Place,
    pub(crate) name: QName,
    pub(crate) content: Option<Particle>,
}

#[derive(Debug)]
pub(crate) struct AttributeGroup {
    pub(crate) place: Place,
    pub(crate) name: QName,
    pub(crate) attributes: Vec<AttributeUse>,
}

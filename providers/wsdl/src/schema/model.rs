//! What stands in an XML Schema, as far as interfaces need it.

use std::borrow::Cow;

use crate::names::{QName, XSD};

/// Everything of one namespace.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) namespace: Cow<'static, str>,
    pub(crate) elements: Vec<Element>,
    pub(crate) attributes: Vec<(Cow<'static, str>, Simple)>,
    pub(crate) types: Vec<(Cow<'static, str>, Definition)>,
}

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Definition {
    Complex(Complex),
    Simple(Simple),
}

/// An element, within a type or standing alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: Cow<'static, str>,
    pub(crate) qualified: bool,
    pub(crate) occurs: Occurs,
    pub(crate) nillable: bool,
    pub(crate) content: Content,
}

/// How often something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Occurs {
    pub(crate) min: u32,
    /// Absent without bound.
    pub(crate) max: Option<u32>,
}

/// What is in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// A type with a name.
    Named(QName),
    /// A type without one.
    Defined(Box<Definition>),
}

/// A type with elements or attributes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Complex {
    pub(crate) base: Base,
    /// Text of the element, until it has a name to be the base.
    pub(crate) text: Option<Simple>,
    pub(crate) particles: Vec<Particle>,
    pub(crate) attributes: Vec<Attribute>,
}

/// What a type is made from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Base {
    #[default]
    Nothing,
    /// A type with elements, which it extends.
    Type(QName),
    /// A simple type, or a type that has text: its attributes are added.
    Text(QName),
    /// An array of SOAP's encoding, of elements of this type.
    Array(QName),
}

/// What stands in a sequence or choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Particle {
    Element(Element),
    /// An element that is declared on its own, in another namespace.
    Reference(QName, Occurs),
    Choice(Vec<Particle>, Occurs),
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) required: bool,
    pub(crate) of: AttributeOf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AttributeOf {
    Local {
        name: Cow<'static, str>,
        qualified: bool,
        content: Simple,
    },
    /// Declared on its own, in another namespace.
    Reference(QName),
}

/// A type of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Simple {
    Named(QName),
    List(Box<Simple>),
    Enumeration(Vec<&'static str>),
    /// A type with a bound on its length, by the name of the facet.
    Bounded {
        base: QName,
        facet: &'static str,
        len: u32,
    },
}

impl Occurs {
    pub(crate) const ONCE: Occurs = Occurs {
        min: 1,
        max: Some(1),
    };
}

impl Complex {
    /// Whether an element of this name stands in it.
    pub(crate) fn has(&self, name: ElementName<'_>) -> bool {
        let mut names = self.particles.iter().flat_map(Particle::names);
        names.any(|other| other == name)
    }
}

/// Namespace of an element, absent for none and empty for that of the schema; and its name.
type ElementName<'a> = (Option<&'a str>, &'a str);

impl Particle {
    /// Names of its elements.
    pub(crate) fn names(&self) -> Box<dyn Iterator<Item = ElementName<'_>> + '_> {
        let one = |name| Box::new(std::iter::once(name));
        match self {
            Particle::Element(element) => {
                one((element.qualified.then_some(""), element.name.as_ref()))
            }
            Particle::Reference(name, _) => one((Some(name.namespace.as_ref()), &name.local)),
            Particle::Choice(particles, _) => Box::new(particles.iter().flat_map(Particle::names)),
        }
    }
}

impl Content {
    pub(crate) fn complex(complex: Complex) -> Content {
        Content::Defined(Box::new(Definition::Complex(complex)))
    }

    pub(crate) fn simple(simple: Simple) -> Content {
        match simple {
            Simple::Named(name) => Content::Named(name),
            other => Content::Defined(Box::new(Definition::Simple(other))),
        }
    }
}

/// A built-in type.
pub(crate) fn built_in(name: impl Into<Cow<'static, str>>) -> QName {
    QName::new(XSD, name)
}

//! Where each name is declared.

use std::collections::BTreeMap;

use crate::error::IdlError;
use crate::place::Place;
use crate::wsdl::load::Loaded;
use crate::wsdl::name::{self, QName};
use crate::wsdl::syntax::definitions::{Binding, Message, PortType};
use crate::wsdl::syntax::schema::{Attribute, AttributeGroup, Element, Group, TypeDecl, TypeKind};

/// All global declarations by their names.
pub(super) struct Index<'a> {
    pub(super) types: BTreeMap<&'a QName, &'a TypeDecl>,
    pub(super) elements: BTreeMap<&'a QName, &'a Element>,
    pub(super) attributes: BTreeMap<&'a QName, &'a Attribute>,
    pub(super) groups: BTreeMap<&'a QName, &'a Group>,
    pub(super) attribute_groups: BTreeMap<&'a QName, &'a AttributeGroup>,
    pub(super) messages: BTreeMap<&'a QName, &'a Message>,
    pub(super) port_types: BTreeMap<&'a QName, &'a PortType>,
    pub(super) bindings: BTreeMap<&'a QName, &'a Binding>,
    /// Complex types by the one that they extend, in the order of the files.
    pub(super) extensions: BTreeMap<&'a QName, Vec<&'a TypeDecl>>,
    /// Elements by the one that they may stand for, in the order of the files.
    pub(super) substitutes: BTreeMap<&'a QName, Vec<&'a Element>>,
}

impl<'a> Index<'a> {
    pub(super) fn of(loaded: &'a Loaded) -> Result<Index<'a>, IdlError> {
        let schemas = &loaded.schemas;
        let definitions = &loaded.definitions;
        let elements = schemas.iter().flat_map(|it| &it.elements);
        let attributes = schemas.iter().flat_map(|it| &it.attributes);
        let attribute_groups = schemas.iter().flat_map(|it| &it.attribute_groups);
        let messages = definitions.iter().flat_map(|it| &it.messages);
        let port_types = definitions.iter().flat_map(|it| &it.port_types);
        let bindings = definitions.iter().flat_map(|it| &it.bindings);
        let types = schemas.iter().flat_map(|it| &it.types);
        let groups = schemas.iter().flat_map(|it| &it.groups);
        let mut index = Index {
            types: unique(types, |it| (&it.name, &it.place))?,
            elements: unique(elements, |it| (&it.name, &it.place))?,
            attributes: unique(attributes, |it| (&it.name, &it.place))?,
            groups: unique(groups, |it| (&it.name, &it.place))?,
            attribute_groups: unique(attribute_groups, |it| (&it.name, &it.place))?,
            messages: unique(messages, |it| (&it.name, &it.place))?,
            port_types: unique(port_types, |it| (&it.name, &it.place))?,
            bindings: unique(bindings, |it| (&it.name, &it.place))?,
            extensions: BTreeMap::new(),
            substitutes: BTreeMap::new(),
        };
        for ty in schemas.iter().flat_map(|it| &it.types) {
            if let TypeKind::Complex(complex) = &ty.kind
                && let Some(derivation) = &complex.derivation
                && derivation.is_extension
            {
                let derived = index.extensions.entry(&derivation.base).or_default();
                derived.push(ty);
            }
        }
        for element in schemas.iter().flat_map(|it| &it.elements) {
            if let Some(head) = &element.substitutes {
                index.substitutes.entry(head).or_default().push(element);
            }
        }
        Ok(index)
    }
}

fn unique<'a, T: 'a>(
    items: impl Iterator<Item = &'a T>,
    key: impl Fn(&'a T) -> (&'a QName, &'a Place),
) -> Result<BTreeMap<&'a QName, &'a T>, IdlError> {
    let mut all: BTreeMap<&QName, &T> = BTreeMap::new();
    for item in items {
        let (name, place) = key(item);
        if let Some(first) = all.insert(name, item) {
            return Err(IdlError::Duplicate {
                place: place.clone(),
                name: name.to_string(),
                first: key(first).1.clone(),
            });
        }
    }
    Ok(all)
}

/// A name that is not declared.
pub(super) fn undefined(name: &QName, expected: &'static str, place: &Place) -> IdlError {
    let hint = match &*name.namespace {
        "" => "it is in no namespace; a prefix may be missing",
        namespace if name::is_known(namespace) => "its namespace has no such name",
        _ => "the schema that defines it may not be imported with its location",
    };
    IdlError::Undefined {
        place: place.clone(),
        name: name.to_string(),
        expected,
        hint: hint.to_owned(),
    }
}

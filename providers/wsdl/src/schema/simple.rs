//! Types of text: of attributes, of lists, and of elements without elements in them.

use rmix_abi::describe::{TypeDesc, field_flags, type_kind};

use super::build::Builder;
use super::model::{Simple, built_in};
use super::place::Place;
use super::shape::{Facets, sequence};
use crate::error::Error;
use crate::names::is_enumeration;

impl Builder {
    /// The type of a value that is text.
    pub(super) fn simple(
        &self,
        ty: &'static TypeDesc,
        facets: Facets,
        place: &Place,
    ) -> Result<Simple, Error> {
        if facets.has(field_flags::LIST) {
            let Some(element) = sequence(ty) else {
                return Err(place.unsupported(
                    "no sequence, but `list`",
                    "the facet stands on sequences and options of them",
                ));
            };
            let items = self.simple(element, facets.of_items(), place)?;
            return Ok(Simple::List(Box::new(items)));
        }
        match ty.xml().builtin() {
            "" => {}
            known if BUILT_IN.contains(&known) => return Ok(Simple::Named(built_in(known))),
            _ => {
                return Err(place.unsupported(
                    "called after a type that XML Schema does not have",
                    "name a built-in one",
                ));
            }
        }
        if let Some(simple) = primitive(ty, facets) {
            return Ok(simple);
        }
        if is_enumeration(ty) {
            return Ok(match self.names.get(ty) {
                Some(name) => Simple::Named(name.clone()),
                None => enumeration(ty),
            });
        }
        Err(place.unsupported(
            "no text, where only text can stand",
            "attributes, text and items of lists are numbers, strings, octets and enums without content",
        ))
    }
}

/// The strings of an enum without content.
pub(super) fn enumeration(ty: &TypeDesc) -> Simple {
    Simple::Enumeration(ty.variants().iter().map(|variant| variant.name()).collect())
}

/// The type of what is text in itself.
pub(super) fn primitive(ty: &TypeDesc, facets: Facets) -> Option<Simple> {
    let octets = if facets.has(field_flags::HEX) {
        "hexBinary"
    } else {
        "base64Binary"
    };
    let (base, facet, len) = match ty.kind {
        type_kind::BOOL => ("boolean", "", 0),
        type_kind::I8 => ("byte", "", 0),
        type_kind::I16 => ("short", "", 0),
        type_kind::I32 => ("int", "", 0),
        type_kind::I64 => ("long", "", 0),
        type_kind::I128 => ("integer", "", 0),
        type_kind::U8 => ("unsignedByte", "", 0),
        type_kind::U16 => ("unsignedShort", "", 0),
        type_kind::U32 => ("unsignedInt", "", 0),
        type_kind::U64 => ("unsignedLong", "", 0),
        type_kind::U128 => ("nonNegativeInteger", "", 0),
        type_kind::F32 => ("float", "", 0),
        type_kind::F64 => ("double", "", 0),
        type_kind::CHAR => ("string", "length", 1),
        // Octets are bounded here and characters there, of which there are no more.
        type_kind::STRING => ("string", "maxLength", ty.len),
        type_kind::BYTES => (octets, "maxLength", ty.len),
        type_kind::OPAQUE => (octets, "length", ty.len),
        _ => return None,
    };
    let base = built_in(base);
    if facet.is_empty() || (facet == "maxLength" && len == 0) {
        return Some(Simple::Named(base));
    }
    Some(Simple::Bounded { base, facet, len })
}

/// The built-in types of XML Schema 1.0 (Part 2, 3), without those of declarations (ENTITY, NOTATION, …).
const BUILT_IN: [&str; 41] = [
    "anySimpleType",
    "anyType",
    "anyURI",
    "base64Binary",
    "boolean",
    "byte",
    "date",
    "dateTime",
    "decimal",
    "double",
    "duration",
    "float",
    "gDay",
    "gMonth",
    "gMonthDay",
    "gYear",
    "gYearMonth",
    "hexBinary",
    "ID",
    "IDREF",
    "int",
    "integer",
    "language",
    "long",
    "Name",
    "NCName",
    "negativeInteger",
    "NMTOKEN",
    "nonNegativeInteger",
    "nonPositiveInteger",
    "normalizedString",
    "positiveInteger",
    "QName",
    "short",
    "string",
    "time",
    "token",
    "unsignedByte",
    "unsignedInt",
    "unsignedLong",
    "unsignedShort",
];

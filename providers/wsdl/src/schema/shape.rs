//! How often a value's element stands, whether it may be nil, and the type of each.

use rmix_abi::describe::{FieldXml, TypeDesc, field_flags, type_kind};

use super::model::Occurs;
use super::place::Place;
use crate::error::Error;

/// Facets of a value that count for its content.
#[derive(Clone, Copy)]
pub(crate) struct Facets {
    flags: u32,
    pub(crate) item: &'static str,
}

impl Facets {
    pub(crate) fn of(xml: &'static FieldXml) -> Facets {
        Facets {
            flags: xml.flags,
            item: xml.item(),
        }
    }

    pub(crate) fn has(self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// What also counts for the items of a sequence that stands in one element.
    pub(crate) fn of_items(self) -> Facets {
        Facets {
            flags: self.flags & field_flags::HEX,
            item: "",
        }
    }
}

/// A value's elements.
pub(crate) struct Shape {
    pub(crate) occurs: Occurs,
    pub(crate) nillable: bool,
    /// The type of each.
    pub(crate) ty: &'static TypeDesc,
}

impl Shape {
    pub(crate) fn of(
        ty: &'static TypeDesc,
        facets: Facets,
        is_encoded: bool,
        place: &Place,
    ) -> Result<Shape, Error> {
        let mut shape = Shape {
            occurs: Occurs::ONCE,
            nillable: false,
            ty,
        };
        shape.take_option(facets.has(field_flags::NILLABLE), is_encoded);
        let in_one = is_encoded || facets.has(field_flags::LIST | field_flags::WRAPPED);
        if !in_one {
            shape.take_sequence();
        }
        if optional(shape.ty).is_some() {
            return Err(place.unsupported(
                "an option of an option of an option",
                "two tell absent, nil and value apart",
            ));
        }
        Ok(shape)
    }

    fn take_option(&mut self, nillable: bool, is_encoded: bool) {
        let Some(inner) = optional(self.ty) else {
            return;
        };
        self.ty = inner;
        self.nillable = nillable || is_encoded;
        if !nillable {
            self.occurs.min = 0;
        }
        // Absent, nil and present.
        if let Some(inner) = optional(self.ty) {
            self.ty = inner;
            self.nillable = true;
            self.occurs.min = 0;
        }
    }

    fn take_sequence(&mut self) {
        let Some(element) = sequence(self.ty) else {
            return;
        };
        let len = self.ty.len;
        let is_array = self.ty.kind == type_kind::ARRAY;
        self.occurs = Occurs {
            min: if is_array && self.occurs.min > 0 {
                len
            } else {
                0
            },
            max: (is_array || len > 0).then_some(len),
        };
        self.ty = element;
        // An item cannot be absent.
        if let Some(inner) = optional(self.ty) {
            self.ty = inner;
            self.nillable = true;
        }
    }
}

/// What an option holds.
pub(crate) fn optional(ty: &TypeDesc) -> Option<&'static TypeDesc> {
    ty.element().filter(|_| ty.kind == type_kind::OPTION)
}

/// What a sequence or array holds.
pub(crate) fn sequence(ty: &TypeDesc) -> Option<&'static TypeDesc> {
    let is_sequence = matches!(ty.kind, type_kind::SEQ | type_kind::ARRAY | type_kind::LIST);
    ty.element().filter(|_| is_sequence)
}

//! Where a value is written.

use rmix_abi::describe::{FieldDesc, FieldXml, TypeDesc, VariantDesc, field_flags};

use crate::names::or;

/// How a value stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In an element of its own.
    Element,
    /// As an attribute of the element that is open.
    Attribute,
    /// As text of the element that is open.
    Text,
    /// As an item of a list.
    Item,
    /// As the fields of the element that is open already: several outputs, an enum's content.
    Open,
}

/// Where the next value is written, and what is described there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) form: Form,
    pub(super) namespace: &'static str,
    pub(super) name: &'static str,
    pub(super) ty: &'static TypeDesc,
    pub(super) xml: &'static FieldXml,
    /// Fields of a variant's content, which has no type of its own.
    pub(super) fields: Option<&'static [FieldDesc]>,
    /// The type's name goes along, though the message does not carry types.
    pub(super) typed: bool,
    /// Within an optional value already.
    pub(super) within: bool,
    /// One of a sequence: an absent value keeps its place.
    pub(super) item: bool,
    /// Namespace of variants' elements that say none.
    pub(super) variants: &'static str,
}

impl Place {
    /// An element.
    pub(super) fn element(
        namespace: &'static str,
        name: &'static str,
        ty: &'static TypeDesc,
        xml: &'static FieldXml,
    ) -> Place {
        Place {
            form: Form::Element,
            namespace,
            name,
            ty,
            xml,
            fields: None,
            typed: false,
            within: false,
            item: false,
            variants: "",
        }
    }

    /// A field.
    pub(super) fn field(field: &'static FieldDesc) -> Place {
        let xml = field.xml();
        let form = match xml {
            xml if xml.has(field_flags::ATTRIBUTE) => Form::Attribute,
            xml if xml.has(field_flags::TEXT) => Form::Text,
            _ => Form::Element,
        };
        Place {
            form,
            ..Place::element(xml.namespace(), field.xml_name(), field.ty(), xml)
        }
    }

    /// The same place, for a variant's element.
    pub(super) fn variant(self, variant: &'static VariantDesc) -> Place {
        let namespace = or(variant.xml().namespace(), self.variants);
        let ty = variant
            .fields()
            .first()
            .map_or(&super::types::UNIT, FieldDesc::ty);
        Place::element(namespace, variant.xml_name(), ty, variant.xml())
    }

    pub(super) fn has(&self, flags: u32) -> bool {
        self.xml.has(flags)
    }
}

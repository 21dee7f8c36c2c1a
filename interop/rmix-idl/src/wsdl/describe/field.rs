//! How XML writes a field, as the description of a Rust interface says it.

use rmix_abi::describe::{FieldXml, field_flags};

use super::forever;
use crate::wsdl::keys::document_name;
use crate::wsdl::model::{Builtin, Content, Description, Field, Form};

/// What its form says, and whether it may be nil.
pub(super) fn flags(field: &Field) -> u32 {
    let form = match field.form {
        Form::Element => 0,
        Form::Attribute => field_flags::ATTRIBUTE,
        Form::Text => field_flags::TEXT,
        Form::Choice => field_flags::CHOICE,
        Form::Header => field_flags::HEADER,
    };
    match field.nillable {
        true => form | field_flags::NILLABLE,
        false => form,
    }
}

/// What its content says: lists and hexadecimal digits.
pub(super) fn content(description: &Description, field: &Field) -> u32 {
    match description.simple(&field.ty) {
        Some(Content::List(Builtin::HexBinary)) => field_flags::LIST | field_flags::HEX,
        Some(Content::List(_)) => field_flags::LIST,
        Some(Content::One(Builtin::HexBinary)) => field_flags::HEX,
        Some(Content::One(_)) | None => 0,
    }
}

/// How XML writes a field that is known by this key, without content flags.
pub(super) fn xml(field: &Field, key: &str) -> &'static FieldXml {
    with(field, key, 0)
}

/// How XML writes a field that is known by this key, with these flags besides.
pub(super) fn with(field: &Field, key: &str, more: u32) -> &'static FieldXml {
    let namespace = match field.form {
        Form::Text | Form::Choice => "",
        Form::Element | Form::Attribute | Form::Header => forever(&field.name.namespace),
    };
    let name = document_name(field, key).map_or("", forever);
    let xml = FieldXml::new(flags(field) | more, namespace, "").with_name(name);
    Box::leak(Box::new(xml))
}

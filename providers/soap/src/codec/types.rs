//! Names of types on the wire, for `xsi:type` and `arrayType`, and questions about descriptions.

use rmix_abi::describe::{FieldXml, TypeDesc, VariantDesc, field_flags, type_kind};

use crate::names::{Interface, XSD};

/// Namespace and local name of a type; none for a type without a name.
pub(super) fn type_name<'a>(
    ty: &TypeDesc,
    xml: &FieldXml,
    interface: &'a Interface,
) -> Option<(&'a str, &'a str)> {
    if !ty.xml().builtin().is_empty() {
        return Some((XSD, ty.xml().builtin()));
    }
    let builtin = match ty.kind {
        type_kind::BOOL => "boolean",
        type_kind::I8 => "byte",
        type_kind::I16 => "short",
        type_kind::I32 => "int",
        type_kind::I64 => "long",
        type_kind::U8 => "unsignedByte",
        type_kind::U16 => "unsignedShort",
        type_kind::U32 => "unsignedInt",
        type_kind::U64 => "unsignedLong",
        type_kind::I128 | type_kind::U128 => "integer",
        type_kind::F32 => "float",
        type_kind::F64 => "double",
        type_kind::CHAR | type_kind::STRING => "string",
        type_kind::BYTES | type_kind::OPAQUE if xml.has(field_flags::HEX) => "hexBinary",
        type_kind::BYTES | type_kind::OPAQUE => "base64Binary",
        type_kind::OPTION => return type_name(ty.element()?, xml, interface),
        _ => return interface.type_name(ty),
    };
    Some((XSD, builtin))
}

/// The variant of this name; `guess` is where it likely is.
pub(super) fn variant(
    ty: &TypeDesc,
    name: &[u8],
    guess: usize,
) -> Option<(usize, &'static VariantDesc)> {
    let named = |variant: &&VariantDesc| variant.name().as_bytes() == name;
    if let Some(found) = ty.variants().get(guess).filter(named) {
        return Some((guess, found));
    }
    ty.variants()
        .iter()
        .enumerate()
        .find(|(_, variant)| variant.name().as_bytes() == name)
}

/// Whether it is a sequence that is written as elements or as a list.
pub(super) fn is_sequence(ty: &TypeDesc) -> bool {
    matches!(ty.kind, type_kind::SEQ | type_kind::LIST | type_kind::ARRAY)
}

/// The sequence that a value of this type is when it is there.
pub(super) fn sequence_within(ty: &'static TypeDesc) -> Option<&'static TypeDesc> {
    match ty.kind {
        type_kind::OPTION => ty.element().and_then(sequence_within),
        _ if is_sequence(ty) => Some(ty),
        _ => None,
    }
}

/// An element without a namespace.
pub(super) static PLAIN: FieldXml = FieldXml::PLAIN;
/// A variant's element in place of the field's.
pub(super) static CHOICE: FieldXml = FieldXml::new(field_flags::CHOICE, "", "");
/// The unit type, for what is not described.
pub(super) static UNIT: TypeDesc = TypeDesc::plain(type_kind::UNIT);

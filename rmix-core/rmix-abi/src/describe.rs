//! Static descriptions of interfaces, operations and types: what WSDL, `.x` files, reflection and formats that write
//! names ahead of values read. Made by `#[rmix::remote]` and `derive(rmix::Data)`.

mod data;
mod schema;
mod xml;

use crate::tables::Str;

pub use self::data::Data;
pub use self::schema::{Schema, TypeRef};
pub use self::xml::{FieldXml, MethodSoap, TypeXml, field_flags, method_flags, style, type_flags};

/// An interface: one `#[rmix::remote]` trait.
#[repr(C)]
#[derive(Debug)]
pub struct InterfaceDesc {
    /// Trait name.
    pub(crate) name: Str,
    /// Namespace URI, or absent.
    pub(crate) namespace: Str,
    /// ONC RPC program number, or 0.
    pub program: u32,
    /// ONC RPC version number, or 0.
    pub version: u32,
    /// First of `method_count` methods, in declaration order.
    pub(crate) methods: *const MethodDesc,
    /// Number of methods.
    pub(crate) method_count: usize,
    /// How SOAP carries calls: a number of [`style`].
    pub style: u32,
    /// Zero.
    pub(crate) reserved: u32,
}

/// An operation.
#[repr(C)]
#[derive(Debug)]
pub struct MethodDesc {
    /// Name on the wire.
    pub(crate) name: Str,
    /// Procedure number, or 0 when it has none.
    pub number: u32,
    /// Bits of `call_flags`.
    pub flags: u32,
    /// First of `argument_count` arguments; null in a dynamic call.
    pub(crate) arguments: *const FieldDesc,
    /// Number of arguments.
    pub(crate) argument_count: usize,
    /// Result, absent when nothing is described.
    pub(crate) result: Option<Schema>,
    /// Declared fault.
    pub(crate) fault: Option<Schema>,
    /// What SOAP has to know besides; null for nothing.
    pub(crate) soap: *const MethodSoap,
    /// The interface that it belongs to; null when only the operation is known.
    pub(crate) interface: *const InterfaceDesc,
}

/// An argument or field.
#[repr(C)]
#[derive(Debug)]
pub struct FieldDesc {
    /// Name on the wire; absent in tuples.
    pub(crate) name: Str,
    /// Its type.
    pub(crate) schema: Schema,
    /// How XML writes it; null for an element without a namespace.
    pub(crate) xml: *const FieldXml,
}

/// A variant of an enum.
#[repr(C)]
#[derive(Debug)]
pub struct VariantDesc {
    /// Name on the wire.
    pub(crate) name: Str,
    /// What stands on the wire in formats that number variants: the declared discriminant (an `i32` bit by bit) or the
    /// position in the declaration.
    pub index: u32,
    /// A number of `tables::shape`.
    pub shape: u32,
    /// Bits of [`variant_flags`].
    pub flags: u32,
    /// Zero.
    pub(crate) reserved: u32,
    /// First of `field_count` fields.
    pub(crate) fields: *const FieldDesc,
    /// Number of fields.
    pub(crate) field_count: usize,
    /// How XML writes it; null for an element in the interface's namespace.
    pub(crate) xml: *const FieldXml,
}

/// A type.
#[repr(C)]
#[derive(Debug)]
pub struct TypeDesc {
    /// A number of [`type_kind`].
    pub kind: u32,
    /// Length of a fixed array or of octets of fixed length; largest length of a string, octets or sequence, where 0 is no
    /// bound; else 0.
    pub len: u32,
    /// Name of a struct or enum.
    pub(crate) name: Str,
    /// Fields of a struct or tuple.
    pub(crate) fields: *const FieldDesc,
    /// Number of fields.
    pub(crate) field_count: usize,
    /// Variants of an enum.
    pub(crate) variants: *const VariantDesc,
    /// Number of variants.
    pub(crate) variant_count: usize,
    /// Element of an option, sequence, array or map.
    pub(crate) element: Option<Schema>,
    /// Key of a map.
    pub(crate) key: Option<Schema>,
    /// How XML Schema knows it; null for a type in the interface's namespace.
    pub(crate) xml: *const TypeXml,
}

macro_rules! share {
    ($($ty:ty),*) => { $(
        // SAFETY: descriptions are immutable and live for ever; their pointers lead to statics.
        unsafe impl Send for $ty {}
        // SAFETY: as above.
        unsafe impl Sync for $ty {}
    )* };
}
share!(InterfaceDesc, MethodDesc, FieldDesc, VariantDesc, TypeDesc);

/// Kinds of type; stable numbers.
pub mod type_kind {
    /// The unit value.
    pub const UNIT: u32 = 0;
    /// Truth value.
    pub const BOOL: u32 = 1;
    /// Integer.
    pub const I8: u32 = 2;
    /// Integer.
    pub const I16: u32 = 3;
    /// Integer.
    pub const I32: u32 = 4;
    /// Integer.
    pub const I64: u32 = 5;
    /// Integer.
    pub const I128: u32 = 6;
    /// Integer.
    pub const U8: u32 = 7;
    /// Integer.
    pub const U16: u32 = 8;
    /// Integer.
    pub const U32: u32 = 9;
    /// Integer.
    pub const U64: u32 = 10;
    /// Integer.
    pub const U128: u32 = 11;
    /// Single precision.
    pub const F32: u32 = 12;
    /// Double precision.
    pub const F64: u32 = 13;
    /// Unicode scalar value.
    pub const CHAR: u32 = 14;
    /// Text.
    pub const STRING: u32 = 15;
    /// Octets.
    pub const BYTES: u32 = 16;
    /// Optional value.
    pub const OPTION: u32 = 17;
    /// Sequence.
    pub const SEQ: u32 = 18;
    /// Array of fixed length.
    pub const ARRAY: u32 = 19;
    /// Map.
    pub const MAP: u32 = 20;
    /// Tuple.
    pub const TUPLE: u32 = 21;
    /// Struct.
    pub const STRUCT: u32 = 22;
    /// Enum.
    pub const ENUM: u32 = 23;
    /// Any value (self-describing formats only).
    pub const ANY: u32 = 24;
    /// Octets of fixed length.
    pub const OPAQUE: u32 = 25;
    /// Linked list: a sequence that RFC 4506 writes as a chain of optional elements.
    pub const LIST: u32 = 26;
}

/// What is said of a variant; stable bits.
pub mod variant_flags {
    /// The discriminant is declared, not the position.
    pub const DISCRIMINANT: u32 = 1;
    /// The default arm: it stands for every discriminant that no other variant has; its first field is that discriminant.
    pub const DEFAULT: u32 = 2;
}

impl InterfaceDesc {
    /// Describes an interface; for generated code.
    pub const fn new(
        name: &'static str,
        namespace: &'static str,
        program: u32,
        version: u32,
        methods: &'static [MethodDesc],
    ) -> InterfaceDesc {
        InterfaceDesc {
            name: Str::fixed(name),
            namespace: Str::fixed(namespace),
            program,
            version,
            methods: methods.as_ptr(),
            method_count: methods.len(),
            style: style::WRAPPED,
            reserved: 0,
        }
    }

    /// The same with a [`style`].
    pub const fn with_style(self, style: u32) -> InterfaceDesc {
        InterfaceDesc { style, ..self }
    }

    /// The interface's name.
    pub fn name(&self) -> &'static str {
        fixed(self.name)
    }

    /// The namespace, empty when none is given.
    pub fn namespace(&self) -> &'static str {
        fixed(self.namespace)
    }

    /// The operations, in declaration order.
    pub fn methods(&self) -> &'static [MethodDesc] {
        slice(self.methods, self.method_count)
    }
}

impl MethodDesc {
    /// Describes an operation; for generated code.
    pub const fn new(
        name: &'static str,
        number: u32,
        flags: u32,
        arguments: &'static [FieldDesc],
        result: Option<Schema>,
        fault: Option<Schema>,
    ) -> MethodDesc {
        MethodDesc {
            name: Str::fixed(name),
            number,
            flags,
            arguments: arguments.as_ptr(),
            argument_count: arguments.len(),
            result,
            fault,
            soap: std::ptr::null(),
            interface: std::ptr::null(),
        }
    }

    /// The same as part of an interface, which in turn lists it.
    pub const fn within(self, interface: &'static InterfaceDesc) -> MethodDesc {
        MethodDesc { interface, ..self }
    }

    /// The interface that it belongs to, when that is known.
    pub fn interface(&self) -> Option<&'static InterfaceDesc> {
        // SAFETY: descriptions hold what lives for ever.
        unsafe { self.interface.as_ref() }
    }

    /// The same with what SOAP has to know.
    pub const fn with_soap(self, soap: &'static MethodSoap) -> MethodDesc {
        MethodDesc { soap, ..self }
    }

    /// What SOAP has to know besides.
    pub fn soap(&self) -> Option<&'static MethodSoap> {
        // SAFETY: descriptions hold what lives for ever.
        unsafe { self.soap.as_ref() }
    }

    /// Describes an operation of which only name or number is known; `name` must outlive every call made with it.
    pub fn dynamic(name: &'static str, number: u32, flags: u32) -> MethodDesc {
        MethodDesc::new(name, number, flags, &[], None, None)
    }

    /// The operation's name.
    pub fn name(&self) -> &'static str {
        fixed(self.name)
    }

    /// The arguments.
    pub fn arguments(&self) -> &'static [FieldDesc] {
        slice(self.arguments, self.argument_count)
    }

    /// The result's type.
    pub fn result(&self) -> Option<&'static TypeDesc> {
        self.result.map(Schema::get)
    }

    /// Whether a fault is declared.
    pub fn has_fault(&self) -> bool {
        self.fault.is_some()
    }

    /// The declared fault's type.
    pub fn fault(&self) -> Option<&'static TypeDesc> {
        self.fault.map(Schema::get)
    }
}

impl FieldDesc {
    /// Describes a field; for generated code.
    pub const fn new(name: &'static str, schema: Schema) -> FieldDesc {
        FieldDesc {
            name: Str::fixed(name),
            schema,
            xml: std::ptr::null(),
        }
    }

    /// The same, as XML writes it.
    pub const fn with_xml(self, xml: &'static FieldXml) -> FieldDesc {
        FieldDesc { xml, ..self }
    }

    /// How XML writes it.
    pub fn xml(&self) -> &'static FieldXml {
        // SAFETY: descriptions hold what lives for ever.
        unsafe { self.xml.as_ref() }.unwrap_or(&FieldXml::PLAIN)
    }

    /// The field's name, empty in tuples.
    pub fn name(&self) -> &'static str {
        fixed(self.name)
    }

    /// Its local name in XML: the field's, unless another is given; empty in tuples.
    #[inline]
    pub fn xml_name(&self) -> &'static str {
        match self.xml().name() {
            "" => self.name(),
            given => given,
        }
    }

    /// The field's type.
    pub fn ty(&self) -> &'static TypeDesc {
        self.schema.get()
    }
}

impl VariantDesc {
    /// Describes a variant; for generated code.
    pub const fn new(
        name: &'static str,
        index: u32,
        shape: u32,
        fields: &'static [FieldDesc],
    ) -> VariantDesc {
        VariantDesc {
            name: Str::fixed(name),
            index,
            shape,
            flags: 0,
            reserved: 0,
            fields: fields.as_ptr(),
            field_count: fields.len(),
            xml: std::ptr::null(),
        }
    }

    /// The same, as XML writes it.
    pub const fn with_xml(self, xml: &'static FieldXml) -> VariantDesc {
        VariantDesc { xml, ..self }
    }

    /// How XML writes it.
    pub fn xml(&self) -> &'static FieldXml {
        // SAFETY: descriptions hold what lives for ever.
        unsafe { self.xml.as_ref() }.unwrap_or(&FieldXml::PLAIN)
    }

    /// Describes an arm of a union with declared discriminants; for generated code.
    pub const fn arm(
        name: &'static str,
        discriminant: i32,
        shape: u32,
        flags: u32,
        fields: &'static [FieldDesc],
    ) -> VariantDesc {
        VariantDesc {
            flags: variant_flags::DISCRIMINANT | flags,
            // Bit by bit, as the field's documentation says.
            ..VariantDesc::new(name, discriminant as u32, shape, fields)
        }
    }

    /// The variant's name.
    pub fn name(&self) -> &'static str {
        fixed(self.name)
    }

    /// Its local name in XML: the variant's, unless another is given.
    #[inline]
    pub fn xml_name(&self) -> &'static str {
        match self.xml().name() {
            "" => self.name(),
            given => given,
        }
    }

    /// The variant's fields.
    pub fn fields(&self) -> &'static [FieldDesc] {
        slice(self.fields, self.field_count)
    }
}

impl TypeDesc {
    /// A type without parts.
    pub const fn plain(kind: u32) -> TypeDesc {
        TypeDesc {
            kind,
            len: 0,
            name: Str::NONE,
            fields: std::ptr::null(),
            field_count: 0,
            variants: std::ptr::null(),
            variant_count: 0,
            element: None,
            key: None,
            xml: std::ptr::null(),
        }
    }

    /// The same, as XML Schema knows it.
    pub const fn with_xml(self, xml: &'static TypeXml) -> TypeDesc {
        TypeDesc { xml, ..self }
    }

    /// How XML Schema knows it.
    pub fn xml(&self) -> &'static TypeXml {
        // SAFETY: descriptions hold what lives for ever.
        unsafe { self.xml.as_ref() }.unwrap_or(&TypeXml::PLAIN)
    }

    /// The same with a length, or largest length.
    pub const fn with_len(self, len: u32) -> TypeDesc {
        TypeDesc { len, ..self }
    }

    /// An option, sequence, array or map.
    pub const fn container(kind: u32, len: u32, element: Schema, key: Option<Schema>) -> TypeDesc {
        TypeDesc {
            len,
            element: Some(element),
            key,
            ..TypeDesc::plain(kind)
        }
    }

    /// A struct or tuple.
    pub const fn structure(
        kind: u32,
        name: &'static str,
        fields: &'static [FieldDesc],
    ) -> TypeDesc {
        TypeDesc {
            name: Str::fixed(name),
            fields: fields.as_ptr(),
            field_count: fields.len(),
            ..TypeDesc::plain(kind)
        }
    }

    /// An enum.
    pub const fn enumeration(name: &'static str, variants: &'static [VariantDesc]) -> TypeDesc {
        TypeDesc {
            name: Str::fixed(name),
            variants: variants.as_ptr(),
            variant_count: variants.len(),
            ..TypeDesc::plain(type_kind::ENUM)
        }
    }

    /// Name of a struct or enum, else empty.
    pub fn name(&self) -> &'static str {
        fixed(self.name)
    }

    /// Fields of a struct or tuple.
    pub fn fields(&self) -> &'static [FieldDesc] {
        slice(self.fields, self.field_count)
    }

    /// Variants of an enum.
    pub fn variants(&self) -> &'static [VariantDesc] {
        slice(self.variants, self.variant_count)
    }

    /// Element of an option, sequence, array or map.
    pub fn element(&self) -> Option<&'static TypeDesc> {
        self.element.map(Schema::get)
    }

    /// Key of a map.
    pub fn key(&self) -> Option<&'static TypeDesc> {
        self.key.map(Schema::get)
    }
}

fn fixed<'a>(text: Str) -> &'a str {
    // SAFETY: descriptions hold text that lives for ever.
    std::str::from_utf8(unsafe { text.bytes() }).unwrap_or("")
}

fn slice<'a, T>(first: *const T, count: usize) -> &'a [T] {
    if first.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: descriptions hold arrays that live for ever.
    unsafe { std::slice::from_raw_parts(first, count) }
}

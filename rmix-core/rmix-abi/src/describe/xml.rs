//! What SOAP, WSDL and XML Schema have to know of an interface besides names and types. Other protocols pass it over.

use super::fixed;
use crate::tables::Str;

/// How SOAP carries the calls of an interface (WSDL 1.1, 3.3 to 3.5); stable numbers.
pub mod style {
    /// Document/literal, arguments as children of an element named after the operation.
    pub const WRAPPED: u32 = 0;
    /// Document/literal, the one argument is the body's child.
    pub const BARE: u32 = 1;
    /// RPC/literal.
    pub const RPC: u32 = 2;
    /// RPC/encoded (SOAP 1.1, section 5).
    pub const ENCODED: u32 = 3;
}

/// How a value is written; bits.
pub mod field_flags {
    /// As an attribute of the element around it.
    pub const ATTRIBUTE: u32 = 1;
    /// As the text of the element around it.
    pub const TEXT: u32 = 1 << 1;
    /// As `xs:list`: items separated by white space.
    pub const LIST: u32 = 1 << 2;
    /// Octets as `xs:hexBinary`, not `xs:base64Binary`.
    pub const HEX: u32 = 1 << 3;
    /// An absent value is an element with `xsi:nil`.
    pub const NILLABLE: u32 = 1 << 4;
    /// A sequence stands in one element, whose children are named by [`super::FieldXml::item`].
    pub const WRAPPED: u32 = 1 << 5;
    /// The variant's element stands in place of the field's.
    pub const CHOICE: u32 = 1 << 6;
    /// As a header block of the envelope.
    pub const HEADER: u32 = 1 << 7;
}

/// What is said of a type; bits.
pub mod type_flags {
    /// An enum whose variants are types told apart by `xsi:type`; the first is the base of the others.
    pub const DERIVED: u32 = 1;
}

/// What is said of an operation; bits.
pub mod method_flags {
    /// The result is a struct whose fields are the outputs.
    pub const OUTPUTS: u32 = 1;
}

/// How XML writes an argument, a field or a variant.
#[repr(C)]
#[derive(Debug)]
pub struct FieldXml {
    /// Bits of [`field_flags`].
    pub flags: u32,
    /// Zero.
    pub(crate) reserved: u32,
    /// Namespace of the element or attribute; absent for none (of a variant: the interface's).
    pub(crate) namespace: Str,
    /// Name of the items of a sequence that stands in one element.
    pub(crate) item: Str,
    /// Local name of the element or attribute; absent: the field's or variant's own.
    pub(crate) name: Str,
}

/// How XML Schema knows a type.
#[repr(C)]
#[derive(Debug)]
pub struct TypeXml {
    /// Bits of [`type_flags`].
    pub flags: u32,
    /// Zero.
    pub(crate) reserved: u32,
    /// Namespace of the type; absent for the interface's.
    pub(crate) namespace: Str,
    /// Name of the built-in type that it is (`dateTime`); absent when it is none.
    pub(crate) builtin: Str,
}

/// What SOAP has to know of an operation; what is absent follows from its name.
#[repr(C)]
#[derive(Debug)]
pub struct MethodSoap {
    /// Bits of [`method_flags`].
    pub flags: u32,
    /// Zero.
    pub(crate) reserved: u32,
    /// SOAPAction.
    pub(crate) action: Str,
    /// Name of the request's element; absent: the operation's.
    pub(crate) request: Str,
    /// Its namespace; absent: the interface's.
    pub(crate) request_namespace: Str,
    /// Name of the response's element; absent: the operation's with `Response`.
    pub(crate) response: Str,
    /// Its namespace; absent: the interface's.
    pub(crate) response_namespace: Str,
    /// Name of the result's element; absent: `return`.
    pub(crate) result: Str,
    /// Its namespace; absent: none.
    pub(crate) result_namespace: Str,
}

macro_rules! share {
    ($($ty:ty),*) => { $(
        // SAFETY: descriptions are immutable and live for ever; their pointers lead to statics.
        unsafe impl Send for $ty {}
        // SAFETY: as above.
        unsafe impl Sync for $ty {}
    )* };
}
share!(FieldXml, TypeXml, MethodSoap);

/// Text that may be absent: empty is absent.
const fn text(text: &'static str) -> Str {
    if text.is_empty() {
        return Str::NONE;
    }
    Str::fixed(text)
}

impl FieldXml {
    /// An element without a namespace.
    pub const PLAIN: FieldXml = FieldXml::new(0, "", "");

    /// Flags, namespace and name of the items; empty text is absent.
    pub const fn new(flags: u32, namespace: &'static str, item: &'static str) -> FieldXml {
        FieldXml {
            flags,
            reserved: 0,
            namespace: text(namespace),
            item: text(item),
            name: Str::NONE,
        }
    }

    /// The same with a local name that is not the field's own: two fields may differ by their namespaces only.
    pub const fn with_name(self, name: &'static str) -> FieldXml {
        FieldXml {
            name: text(name),
            ..self
        }
    }

    /// Whether all these bits of [`field_flags`] are set.
    pub const fn has(&self, flags: u32) -> bool {
        self.flags & flags == flags
    }

    /// The namespace, empty for none.
    pub fn namespace(&self) -> &'static str {
        fixed(self.namespace)
    }

    /// Name of the items, empty when they have none of their own.
    pub fn item(&self) -> &'static str {
        fixed(self.item)
    }

    /// Local name of the element or attribute, empty for the field's or variant's own.
    pub fn name(&self) -> &'static str {
        fixed(self.name)
    }
}

impl TypeXml {
    /// A type in the interface's namespace.
    pub const PLAIN: TypeXml = TypeXml::new(0, "");

    /// Flags and namespace; an empty one is the interface's.
    pub const fn new(flags: u32, namespace: &'static str) -> TypeXml {
        TypeXml {
            flags,
            reserved: 0,
            namespace: text(namespace),
            builtin: Str::NONE,
        }
    }

    /// A built-in type of XML Schema, by its local name.
    pub const fn built_in(name: &'static str) -> TypeXml {
        TypeXml {
            builtin: text(name),
            ..TypeXml::PLAIN
        }
    }

    /// Whether all these bits of [`type_flags`] are set.
    pub const fn has(&self, flags: u32) -> bool {
        self.flags & flags == flags
    }

    /// The namespace, empty for the interface's.
    pub fn namespace(&self) -> &'static str {
        fixed(self.namespace)
    }

    /// Local name of the built-in type, empty when it is none.
    pub fn builtin(&self) -> &'static str {
        fixed(self.builtin)
    }
}

impl MethodSoap {
    /// Everything follows from the operation's name.
    pub const PLAIN: MethodSoap = MethodSoap {
        flags: 0,
        reserved: 0,
        action: Str::NONE,
        request: Str::NONE,
        request_namespace: Str::NONE,
        response: Str::NONE,
        response_namespace: Str::NONE,
        result: Str::NONE,
        result_namespace: Str::NONE,
    };

    /// The same with bits of [`method_flags`].
    pub const fn with_flags(self, flags: u32) -> MethodSoap {
        MethodSoap { flags, ..self }
    }

    /// The same with a SOAPAction.
    pub const fn with_action(self, action: &'static str) -> MethodSoap {
        MethodSoap {
            action: text(action),
            ..self
        }
    }

    /// The same with the request element's name and namespace.
    pub const fn with_request(self, name: &'static str, namespace: &'static str) -> MethodSoap {
        MethodSoap {
            request: text(name),
            request_namespace: text(namespace),
            ..self
        }
    }

    /// The same with the response element's name and namespace.
    pub const fn with_response(self, name: &'static str, namespace: &'static str) -> MethodSoap {
        MethodSoap {
            response: text(name),
            response_namespace: text(namespace),
            ..self
        }
    }

    /// The same with the result element's name and namespace.
    pub const fn with_result(self, name: &'static str, namespace: &'static str) -> MethodSoap {
        MethodSoap {
            result: text(name),
            result_namespace: text(namespace),
            ..self
        }
    }

    /// SOAPAction, empty for none.
    pub fn action(&self) -> &'static str {
        fixed(self.action)
    }

    /// Name of the request's element, empty for the operation's.
    pub fn request(&self) -> &'static str {
        fixed(self.request)
    }

    /// Namespace of the request's element, empty for the interface's.
    pub fn request_namespace(&self) -> &'static str {
        fixed(self.request_namespace)
    }

    /// Name of the response's element, empty for the operation's with `Response`.
    pub fn response(&self) -> &'static str {
        fixed(self.response)
    }

    /// Namespace of the response's element, empty for the interface's.
    pub fn response_namespace(&self) -> &'static str {
        fixed(self.response_namespace)
    }

    /// Name of the result's element, empty for `return`.
    pub fn result(&self) -> &'static str {
        fixed(self.result)
    }

    /// Namespace of the result's element, empty for none.
    pub fn result_namespace(&self) -> &'static str {
        fixed(self.result_namespace)
    }
}

//! The types of XML Schema itself, and of the SOAP encoding, which has the same under the same names; and the remote
//! reference of WS-Addressing.

/// A type of XML Schema part 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Builtin {
    /// `anyType`: any content.
    AnyType,
    /// `string` and what restricts it; `anyURI`, `QName`, `NOTATION`; `gYear` and its kin; `anySimpleType`.
    String,
    /// `boolean`.
    Boolean,
    /// `byte`.
    Byte,
    /// `short`.
    Short,
    /// `int`.
    Int,
    /// `long`; `integer`, `nonPositiveInteger`, `negativeInteger` in 64 bits.
    Long,
    /// `unsignedByte`.
    UnsignedByte,
    /// `unsignedShort`.
    UnsignedShort,
    /// `unsignedInt`.
    UnsignedInt,
    /// `unsignedLong`; `nonNegativeInteger`, `positiveInteger` in 64 bits.
    UnsignedLong,
    /// `float`.
    Float,
    /// `double`.
    Double,
    /// `decimal`.
    Decimal,
    /// `dateTime`.
    DateTime,
    /// `date`.
    Date,
    /// `time`.
    Time,
    /// `duration`.
    Duration,
    /// `base64Binary`.
    Base64Binary,
    /// `hexBinary`.
    HexBinary,
    /// `EndpointReferenceType` of WS-Addressing 1.0.
    Reference,
}

impl Builtin {
    /// Its name in XML Schema, for those that several have (`integer`, `long`) the plainest.
    pub fn name(self) -> &'static str {
        match self {
            Builtin::AnyType => "anyType",
            Builtin::String => "string",
            Builtin::Boolean => "boolean",
            Builtin::Byte => "byte",
            Builtin::Short => "short",
            Builtin::Int => "int",
            Builtin::Long => "long",
            Builtin::UnsignedByte => "unsignedByte",
            Builtin::UnsignedShort => "unsignedShort",
            Builtin::UnsignedInt => "unsignedInt",
            Builtin::UnsignedLong => "unsignedLong",
            Builtin::Float => "float",
            Builtin::Double => "double",
            Builtin::Decimal => "decimal",
            Builtin::DateTime => "dateTime",
            Builtin::Date => "date",
            Builtin::Time => "time",
            Builtin::Duration => "duration",
            Builtin::Base64Binary => "base64Binary",
            Builtin::HexBinary => "hexBinary",
            Builtin::Reference => "EndpointReferenceType",
        }
    }

    /// The type of a local name; lists (`NMTOKENS`) are not among them.
    pub(crate) fn find(local: &str) -> Option<Builtin> {
        Some(match local {
            "anyType" | "ur-type" => Builtin::AnyType,
            "anySimpleType" | "string" | "normalizedString" | "token" | "language" | "Name"
            | "NCName" | "NMTOKEN" | "ID" | "IDREF" | "ENTITY" | "anyURI" | "QName"
            | "NOTATION" | "gYear" | "gYearMonth" | "gMonth" | "gMonthDay" | "gDay" => {
                Builtin::String
            }
            "boolean" => Builtin::Boolean,
            "byte" => Builtin::Byte,
            "short" => Builtin::Short,
            "int" => Builtin::Int,
            "long" | "integer" | "nonPositiveInteger" | "negativeInteger" => Builtin::Long,
            "unsignedByte" => Builtin::UnsignedByte,
            "unsignedShort" => Builtin::UnsignedShort,
            "unsignedInt" => Builtin::UnsignedInt,
            "unsignedLong" | "nonNegativeInteger" | "positiveInteger" => Builtin::UnsignedLong,
            "float" => Builtin::Float,
            "double" => Builtin::Double,
            "decimal" => Builtin::Decimal,
            "dateTime" => Builtin::DateTime,
            "date" => Builtin::Date,
            "time" => Builtin::Time,
            "duration" => Builtin::Duration,
            // The SOAP encoding has a name of its own for it.
            "base64Binary" | "base64" => Builtin::Base64Binary,
            "hexBinary" => Builtin::HexBinary,
            _ => return None,
        })
    }
}

//! An interface of style rpc/encoded with types of one name and namespace, described by hand.

use rmix_abi::describe::{
    Data, FieldDesc, InterfaceDesc, MethodDesc, Schema, TypeDesc, TypeXml, VariantDesc, style,
    type_flags, type_kind,
};
use rmix_abi::tables::shape;
use serde::{Deserialize, Serialize};

macro_rules! described {
    ($ty:ident, $name:literal, $($field:literal: $of:ty),+) => {
        impl Data for $ty {
            const SCHEMA: TypeDesc = TypeDesc::structure(
                type_kind::STRUCT,
                $name,
                const { &[$(FieldDesc::new($field, Schema::of::<$of>())),+] },
            );
        }
    };
}

/// The first of its name.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) struct Same {
    pub(super) a: i32,
}
described!(Same, "Same", "a": i32);

/// The second of the same name.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) struct Namesake {
    pub(super) b: String,
}
described!(Namesake, "Same", "b": String);

/// A base.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) struct Base {
    pub(super) a: i32,
}
described!(Base, "Base", "a": i32);

/// What extends it, by the same name.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) struct Extended {
    pub(super) a: i32,
    pub(super) b: i32,
}
described!(Extended, "Base", "a": i32, "b": i32);

/// One of both.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) enum Derived {
    Base(Base),
    Extended(Extended),
}

impl Data for Derived {
    const SCHEMA: TypeDesc = TypeDesc::enumeration(
        "Derived",
        const {
            &[
                VariantDesc::new("Base", 0, shape::NEWTYPE, &BASE),
                VariantDesc::new("Extended", 1, shape::NEWTYPE, &EXTENDED),
            ]
        },
    )
    .with_xml(const { &TypeXml::new(type_flags::DERIVED, "") });
}

static BASE: [FieldDesc; 1] = [FieldDesc::new("", Schema::of::<Base>())];
static EXTENDED: [FieldDesc; 1] = [FieldDesc::new("", Schema::of::<Extended>())];

macro_rules! take {
    ($name:literal, $ty:ty) => {
        MethodDesc::new(
            $name,
            0,
            0,
            const { &[FieldDesc::new("in", Schema::of::<$ty>())] },
            None,
            None,
        )
    };
}

static METHODS: [MethodDesc; 4] = [
    take!("first", Same),
    take!("second", Namesake),
    take!("many", Vec<Namesake>),
    take!("derived", Derived),
];

/// Style rpc/encoded.
pub(super) static NAMESAKES: InterfaceDesc =
    InterfaceDesc::new("N", "urn:t", 0, 0, &METHODS).with_style(style::ENCODED);

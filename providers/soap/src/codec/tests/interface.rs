//! An interface with one operation for each construct, described by hand.

use rmix_abi::describe::{
    Data, FieldDesc, FieldXml, InterfaceDesc, MethodDesc, MethodSoap, Schema, TypeDesc, TypeXml,
    VariantDesc, field_flags, method_flags, type_flags, type_kind,
};
use rmix_abi::tables::shape;
use serde::{Deserialize, Serialize};

macro_rules! described {
    ($ty:ident = $desc:expr) => {
        impl Data for $ty {
            const SCHEMA: TypeDesc = $desc;
        }
    };
}

/// Plain fields, one of each kind of occurrence.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
pub(super) struct Plain {
    pub(super) name: String,
    pub(super) count: i32,
    pub(super) maybe: Option<f64>,
    pub(super) many: Vec<String>,
}
described!(
    Plain = TypeDesc::structure(
        type_kind::STRUCT,
        "Plain",
        const {
            &[
                FieldDesc::new("name", Schema::of::<String>()),
                FieldDesc::new("count", Schema::of::<i32>()),
                FieldDesc::new("maybe", Schema::of::<Option<f64>>()),
                FieldDesc::new("many", Schema::of::<Vec<String>>()),
            ]
        }
    )
);

/// Attributes before and behind elements, a list, hexadecimal, nil, wrapped items.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
pub(super) struct Facets {
    pub(super) id: u32,
    pub(super) body: String,
    pub(super) label: Option<String>,
    pub(super) list: Vec<i32>,
    pub(super) words: Vec<String>,
    pub(super) hex: Vec<u8>,
    pub(super) nil: Option<Option<i32>>,
    pub(super) wrapped: Vec<Plain>,
    pub(super) numbers: Vec<f64>,
    pub(super) tail: Option<u8>,
}
described!(
    Facets = TypeDesc::structure(
        type_kind::STRUCT,
        "Facets",
        const {
            &[
                FieldDesc::new("id", Schema::of::<u32>())
                    .with_xml(const { &FieldXml::new(field_flags::ATTRIBUTE, "", "") }),
                FieldDesc::new("body", Schema::of::<String>())
                    .with_xml(const { &FieldXml::new(0, "urn:q", "") }),
                FieldDesc::new("label", Schema::of::<Option<String>>())
                    .with_xml(const { &FieldXml::new(field_flags::ATTRIBUTE, "urn:q", "") }),
                FieldDesc::new("list", Schema::of::<Vec<i32>>())
                    .with_xml(const { &FieldXml::new(field_flags::LIST, "", "") }),
                FieldDesc::new("words", Schema::of::<Vec<String>>()).with_xml(
                    const { &FieldXml::new(field_flags::LIST | field_flags::ATTRIBUTE, "", "") },
                ),
                FieldDesc::new("hex", Schema::of::<Vec<u8>>())
                    .with_xml(const { &FieldXml::new(field_flags::HEX, "", "") }),
                FieldDesc::new("nil", Schema::of::<Option<Option<i32>>>())
                    .with_xml(const { &FieldXml::new(field_flags::NILLABLE, "", "") }),
                FieldDesc::new("wrapped", Schema::of::<Vec<Plain>>())
                    .with_xml(const { &FieldXml::new(field_flags::WRAPPED, "", "one") }),
                FieldDesc::new("numbers", Schema::of::<Vec<f64>>())
                    .with_xml(const { &FieldXml::new(field_flags::WRAPPED, "urn:q", "n") }),
                FieldDesc::new("tail", Schema::of::<Option<u8>>())
                    .with_xml(const { &FieldXml::new(field_flags::ATTRIBUTE, "", "") }),
            ]
        }
    )
);

/// Simple content with an attribute.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) struct Price {
    pub(super) value: f64,
    pub(super) currency: String,
}
described!(
    Price = TypeDesc::structure(
        type_kind::STRUCT,
        "Price",
        const {
            &[
                FieldDesc::new("value", Schema::of::<f64>())
                    .with_xml(const { &FieldXml::new(field_flags::TEXT, "", "") }),
                FieldDesc::new("currency", Schema::of::<String>())
                    .with_xml(const { &FieldXml::new(field_flags::ATTRIBUTE, "", "") }),
            ]
        }
    )
);

/// An enumeration.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) enum Color {
    Red,
    #[serde(rename = "dark blue")]
    DarkBlue,
}
described!(
    Color = TypeDesc::enumeration(
        "Color",
        const {
            &[
                VariantDesc::new("Red", 0, shape::UNIT, &[]),
                VariantDesc::new("dark blue", 1, shape::UNIT, &[]),
            ]
        }
    )
);

/// Every shape of content.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) enum Either {
    Nothing,
    Number(i64),
    Plain(Plain),
    Pair(u8, String),
    Named { left: bool, right: Option<bool> },
}
described!(
    Either = TypeDesc::enumeration(
        "Either",
        const {
            &[
                VariantDesc::new("Nothing", 0, shape::UNIT, &[]),
                VariantDesc::new(
                    "Number",
                    1,
                    shape::NEWTYPE,
                    const { &[FieldDesc::new("", Schema::of::<i64>())] },
                ),
                VariantDesc::new(
                    "Plain",
                    2,
                    shape::NEWTYPE,
                    const { &[FieldDesc::new("", Schema::of::<Plain>())] },
                ),
                VariantDesc::new(
                    "Pair",
                    3,
                    shape::TUPLE,
                    const {
                        &[
                            FieldDesc::new("", Schema::of::<u8>()),
                            FieldDesc::new("", Schema::of::<String>()),
                        ]
                    },
                ),
                VariantDesc::new(
                    "Named",
                    4,
                    shape::STRUCT,
                    const {
                        &[
                            FieldDesc::new("left", Schema::of::<bool>()),
                            FieldDesc::new("right", Schema::of::<Option<bool>>()),
                        ]
                    },
                ),
            ]
        }
    )
);

/// A choice in place of a field, once and repeated.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) struct Choices {
    pub(super) first: String,
    pub(super) one: Either,
    pub(super) last: Option<i32>,
}
described!(
    Choices = TypeDesc::structure(
        type_kind::STRUCT,
        "Choices",
        const {
            &[
                FieldDesc::new("first", Schema::of::<String>()),
                FieldDesc::new("one", Schema::of::<Either>())
                    .with_xml(const { &FieldXml::new(field_flags::CHOICE, "", "") }),
                FieldDesc::new("last", Schema::of::<Option<i32>>()),
            ]
        }
    )
);

/// A choice that repeats.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) struct Repeated {
    pub(super) all: Vec<Either>,
}
described!(
    Repeated = TypeDesc::structure(
        type_kind::STRUCT,
        "Repeated",
        const {
            &[FieldDesc::new("all", Schema::of::<Vec<Either>>())
                .with_xml(const { &FieldXml::new(field_flags::CHOICE, "", "") })]
        }
    )
);

/// The base of a derivation.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub(super) name: String,
}
described!(
    Shape = TypeDesc::structure(
        type_kind::STRUCT,
        "Shape",
        const { &[FieldDesc::new("name", Schema::of::<String>()),] }
    )
);

/// What extends it.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) struct Circle {
    pub(super) name: String,
    pub(super) radius: f64,
}
described!(
    Circle = TypeDesc::structure(
        type_kind::STRUCT,
        "Circle",
        const {
            &[
                FieldDesc::new("name", Schema::of::<String>()),
                FieldDesc::new("radius", Schema::of::<f64>()),
            ]
        }
    )
    .with_xml(const { &TypeXml::new(0, "urn:q") })
);

/// Of a namespace that no element has.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) struct Distant {
    pub(super) name: String,
}
described!(
    Distant = TypeDesc::structure(
        type_kind::STRUCT,
        "Distant",
        const { &[FieldDesc::new("name", Schema::of::<String>()),] }
    )
    .with_xml(const { &TypeXml::new(0, "urn:d") })
);

/// Told apart by `xsi:type`.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) enum AnyShape {
    Shape(Shape),
    Circle(Circle),
}
described!(
    AnyShape = TypeDesc::enumeration(
        "AnyShape",
        const {
            &[
                VariantDesc::new(
                    "Shape",
                    0,
                    shape::NEWTYPE,
                    const { &[FieldDesc::new("", Schema::of::<Shape>())] },
                ),
                VariantDesc::new(
                    "Circle",
                    1,
                    shape::NEWTYPE,
                    const { &[FieldDesc::new("", Schema::of::<Circle>())] },
                ),
            ]
        }
    )
    .with_xml(const { &TypeXml::new(type_flags::DERIVED, "") })
);

/// Contains itself.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
pub(super) struct Tree {
    pub(super) value: i32,
    pub(super) children: Vec<Tree>,
}
described!(
    Tree = TypeDesc::structure(
        type_kind::STRUCT,
        "Tree",
        const {
            &[
                FieldDesc::new("value", Schema::of::<i32>()),
                FieldDesc::new("children", Schema::of::<Vec<Tree>>()),
            ]
        }
    )
);

/// Declared faults.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) enum Failure {
    NotFound,
    Invalid(Plain),
}
described!(
    Failure = TypeDesc::enumeration(
        "Failure",
        const {
            &[
                VariantDesc::new("NotFound", 0, shape::UNIT, &[]),
                VariantDesc::new(
                    "Invalid",
                    1,
                    shape::NEWTYPE,
                    const { &[FieldDesc::new("", Schema::of::<Plain>())] },
                )
                .with_xml(const { &FieldXml::new(0, "urn:q", "") }),
            ]
        }
    )
);

/// Several outputs, one of them a header block.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) struct Outputs {
    pub(super) sum: i32,
    pub(super) session: Option<String>,
    pub(super) rest: Vec<i32>,
}
described!(
    Outputs = TypeDesc::structure(
        type_kind::STRUCT,
        "Outputs",
        const {
            &[
                FieldDesc::new("sum", Schema::of::<i32>()),
                FieldDesc::new("session", Schema::of::<Option<String>>())
                    .with_xml(const { &FieldXml::new(field_flags::HEADER, "", "") }),
                FieldDesc::new("rest", Schema::of::<Vec<i32>>()),
            ]
        }
    )
);

macro_rules! echo {
    ($name:literal, $ty:ty) => {
        MethodDesc::new(
            $name,
            0,
            0,
            const { &[FieldDesc::new("in", Schema::of::<$ty>())] },
            Some(Schema::of::<$ty>()),
            Some(Schema::of::<Failure>()),
        )
    };
}

pub(super) static METHODS: [MethodDesc; 25] = [
    echo!("plain", Plain),
    echo!("facets", Facets),
    echo!("price", Price),
    echo!("color", Color),
    echo!("either", Either),
    echo!("choices", Choices),
    echo!("repeated", Repeated),
    echo!("shape", AnyShape),
    echo!("tree", Tree),
    echo!("i32", i32),
    echo!("f64", f64),
    echo!("bool", bool),
    echo!("string", String),
    echo!("char", char),
    echo!("i128", i128),
    echo!("bytes", Vec<u8>),
    echo!("f64s", Vec<f64>),
    echo!("strings", Vec<String>),
    echo!("maybe", Option<i32>),
    echo!("nothing", ()),
    echo!("array", [i16; 3]),
    echo!("pair", (i32, Vec<String>)),
    echo!("matrix", Vec<Vec<i32>>),
    echo!("distant", Vec<Distant>),
    MethodDesc::new("outputs", 0, 0, &[], Some(Schema::of::<Outputs>()), None)
        .with_soap(const { &MethodSoap::PLAIN.with_flags(method_flags::OUTPUTS) }),
];

/// Style wrapped.
pub(super) static WRAPPED: InterfaceDesc = InterfaceDesc::new("T", "urn:t", 0, 0, &METHODS);

/// Arguments of every kind of place: attribute of the wrapper, header block, elements.
const PLACES: [FieldDesc; 4] = [
    FieldDesc::new("body", Schema::of::<Vec<String>>()),
    FieldDesc::new("token", Schema::of::<Plain>())
        .with_xml(const { &FieldXml::new(field_flags::HEADER, "urn:q", "") }),
    FieldDesc::new("late", Schema::of::<i32>())
        .with_xml(const { &FieldXml::new(field_flags::ATTRIBUTE, "", "") }),
    FieldDesc::new("other", Schema::of::<Option<i32>>())
        .with_xml(const { &FieldXml::new(field_flags::HEADER, "", "") }),
];

static PLACES_METHODS: [MethodDesc; 1] = [MethodDesc::new("places", 0, 0, &PLACES, None, None)
    .with_soap(
        const {
            &MethodSoap::PLAIN
                .with_action("urn:t/places")
                .with_request("Places", "urn:r")
                .with_response("Placed", "urn:r")
        },
    )];

/// Arguments in several places.
pub(super) static PLACED: InterfaceDesc = InterfaceDesc::new("P", "urn:t", 0, 0, &PLACES_METHODS);

static BARE_METHODS: [MethodDesc; 4] = [
    MethodDesc::new(
        "put",
        0,
        0,
        const { &[FieldDesc::new("Order", Schema::of::<Plain>())] },
        Some(Schema::of::<Plain>()),
        None,
    )
    .with_soap(const { &MethodSoap::PLAIN.with_result("Receipt", "urn:q") }),
    MethodDesc::new("ping", 0, 0, &[], Some(Schema::of::<()>()), None),
    MethodDesc::new(
        "all",
        0,
        0,
        const {
            &[FieldDesc::new("All", Schema::of::<Vec<i32>>())
                .with_xml(const { &FieldXml::new(field_flags::WRAPPED, "urn:q", "n") })]
        },
        Some(Schema::of::<i32>()),
        None,
    ),
    MethodDesc::new(
        "maybe",
        0,
        0,
        const { &[FieldDesc::new("Maybe", Schema::of::<Option<i32>>())] },
        None,
        None,
    ),
];

/// Style bare.
pub(super) static BARE: InterfaceDesc = InterfaceDesc::new("B", "urn:t", 0, 0, &BARE_METHODS)
    .with_style(rmix_abi::describe::style::BARE);

/// Style rpc/literal.
pub(super) static RPC: InterfaceDesc =
    InterfaceDesc::new("R", "urn:t", 0, 0, &METHODS).with_style(rmix_abi::describe::style::RPC);

/// Style rpc/encoded.
pub(super) static ENCODED: InterfaceDesc =
    InterfaceDesc::new("E", "urn:t", 0, 0, &METHODS).with_style(rmix_abi::describe::style::ENCODED);

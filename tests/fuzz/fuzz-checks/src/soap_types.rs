//! Types with every facet that a description can have, and an interface with one operation for each of them, in the four
//! styles of SOAP. The interfaces of the foreign peers are here too, as the importer describes them.

use std::sync::{Arc, LazyLock};

use rmix::xsd::{Date, DateTime, Decimal, Duration, Time};
use rmix_abi::describe::{
    FieldDesc, FieldXml, InterfaceDesc, MethodDesc, MethodSoap, Schema, field_flags, method_flags,
    style,
};
use rmix_soap::names::Interface;
use serde::{Deserialize, Serialize};

/// One field of each occurrence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Plain {
    pub(crate) name: String,
    pub(crate) count: i32,
    pub(crate) maybe: Option<f64>,
    pub(crate) many: Vec<String>,
}

/// Attributes, lists, hexadecimal digits, nil, wrapped items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Facets {
    #[rmix(attribute)]
    pub(crate) id: u32,
    #[rmix(namespace = "urn:q")]
    pub(crate) body: String,
    #[rmix(attribute, namespace = "urn:q")]
    pub(crate) label: Option<String>,
    #[rmix(list)]
    pub(crate) list: Vec<i32>,
    #[rmix(list, attribute)]
    pub(crate) words: Vec<String>,
    #[rmix(hex)]
    pub(crate) hex: Vec<u8>,
    #[rmix(nillable)]
    pub(crate) nil: Option<Option<i32>>,
    #[rmix(wrapped = "one")]
    pub(crate) wrapped: Vec<Plain>,
    #[rmix(wrapped = "n", namespace = "urn:q")]
    pub(crate) numbers: Vec<f64>,
    #[rmix(attribute)]
    pub(crate) tail: Option<u8>,
}

/// Simple content with an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Price {
    #[rmix(text)]
    pub(crate) value: f32,
    #[rmix(attribute)]
    pub(crate) currency: String,
}

/// An enumeration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) enum Color {
    Red,
    #[serde(rename = "dark blue")]
    DarkBlue,
}

/// Every shape of content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) enum Either {
    Nothing,
    Number(i64),
    Plain(Plain),
    Pair(u8, String),
    Named { left: bool, right: Option<bool> },
}

/// A choice in place of a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Choices {
    pub(crate) first: String,
    #[rmix(choice)]
    pub(crate) one: Either,
    pub(crate) last: Option<i32>,
}

/// A choice that repeats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Repeated {
    #[rmix(choice)]
    pub(crate) all: Vec<Either>,
}

/// The base of a derivation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Shape {
    pub(crate) name: String,
}

/// What extends it, in another namespace, all fields of which are qualified.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
#[rmix(namespace = "urn:q")]
pub(crate) struct Circle {
    pub(crate) name: String,
    pub(crate) radius: f64,
}

/// Told apart by `xsi:type`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
#[rmix(xsi_type)]
pub(crate) enum AnyShape {
    Shape(Shape),
    Circle(Circle),
}

/// Contains itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Tree {
    pub(crate) value: i32,
    pub(crate) children: Vec<Tree>,
}

/// Every simple type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
#[rmix(namespace = "urn:s", qualified)]
pub(crate) struct Scalars {
    pub(crate) flag: bool,
    pub(crate) i8: i8,
    pub(crate) i64: i64,
    pub(crate) u16: u16,
    pub(crate) u64: u64,
    pub(crate) single: f32,
    pub(crate) double: f64,
    pub(crate) letter: char,
    pub(crate) text: String,
    pub(crate) octets: Vec<u8>,
    pub(crate) nothing: (),
}

/// The types of XML Schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Times {
    pub(crate) at: Option<DateTime>,
    pub(crate) on: Option<Date>,
    pub(crate) time: Option<Time>,
    pub(crate) lasts: Option<Duration>,
    pub(crate) costs: Option<Decimal>,
}

/// Declared faults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) enum Failure {
    NotFound,
    #[rmix(namespace = "urn:q")]
    Invalid(Plain),
    Odd(Facets),
}

/// Several outputs, one of them a header block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Outputs {
    pub(crate) sum: i32,
    #[rmix(header)]
    pub(crate) session: Option<String>,
    pub(crate) rest: Vec<i32>,
}

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

/// Takes and gives one value of each type, or fails.
static METHODS: [MethodDesc; 24] = [
    echo!("plain", Plain),
    echo!("facets", Facets),
    echo!("price", Price),
    echo!("color", Color),
    echo!("either", Either),
    echo!("choices", Choices),
    echo!("repeated", Repeated),
    echo!("shape", AnyShape),
    echo!("tree", Tree),
    echo!("scalars", Scalars),
    echo!("times", Times),
    echo!("i32", i32),
    echo!("f64", f64),
    echo!("string", String),
    echo!("octets", Vec<u8>),
    echo!("parts", Vec<Vec<u8>>),
    echo!("f64s", Vec<f64>),
    echo!("strings", Vec<String>),
    echo!("maybe", Option<i32>),
    echo!("nothing", ()),
    echo!("array", [i16; 3]),
    echo!("pair", (i32, Vec<String>)),
    MethodDesc::new(
        "places",
        0,
        0,
        &PLACES,
        Some(Schema::of::<Outputs>()),
        Some(Schema::of::<Failure>()),
    )
    .with_soap(const { &MethodSoap::PLAIN.with_flags(method_flags::OUTPUTS) }),
    MethodDesc::new("ping", 0, 0, &[], None, None),
];

/// Arguments of every kind of place.
const PLACES: [FieldDesc; 4] = [
    FieldDesc::new("body", Schema::of::<Vec<String>>()),
    FieldDesc::new("token", Schema::of::<Plain>())
        .with_xml(const { &FieldXml::new(field_flags::HEADER, "urn:q", "") }),
    FieldDesc::new("late", Schema::of::<Option<i32>>())
        .with_xml(const { &FieldXml::new(field_flags::ATTRIBUTE, "", "") }),
    FieldDesc::new("other", Schema::of::<Option<i32>>())
        .with_xml(const { &FieldXml::new(field_flags::HEADER, "", "") }),
];

static WRAPPED: InterfaceDesc = InterfaceDesc::new("T", "urn:t", 0, 0, &METHODS);
static RPC: InterfaceDesc = InterfaceDesc::new("R", "urn:r", 0, 0, &METHODS).with_style(style::RPC);
static ENCODED: InterfaceDesc =
    InterfaceDesc::new("E", "urn:e", 0, 0, &METHODS).with_style(style::ENCODED);
static BARE: InterfaceDesc =
    InterfaceDesc::new("B", "urn:b", 0, 0, &BARE_METHODS).with_style(style::BARE);

static BARE_METHODS: [MethodDesc; 4] = [
    MethodDesc::new(
        "put",
        0,
        0,
        const { &[FieldDesc::new("Order", Schema::of::<Facets>())] },
        Some(Schema::of::<Facets>()),
        Some(Schema::of::<Failure>()),
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

/// The interface above, by style.
pub(crate) struct Styles {
    pub(crate) wrapped: Arc<Interface>,
    pub(crate) rpc: Arc<Interface>,
    pub(crate) encoded: Arc<Interface>,
}

pub(crate) static STYLES: LazyLock<Styles> = LazyLock::new(|| Styles {
    wrapped: plan(&WRAPPED),
    rpc: plan(&RPC),
    encoded: plan(&ENCODED),
});

/// All interfaces: those above, and the foreign peers'.
pub(crate) static INTERFACES: LazyLock<Vec<Arc<Interface>>> = LazyLock::new(|| {
    let ours = [&WRAPPED, &RPC, &ENCODED, &BARE].map(plan);
    let theirs = [
        ("contract.wsdl", CONTRACT),
        ("rpc.wsdl", RPC_LITERAL),
        ("encoded.wsdl", RPC_ENCODED),
    ];
    let theirs = theirs.map(|(name, text)| plan(described(name, text)));
    ours.into_iter().chain(theirs).collect()
});

fn plan(desc: &'static InterfaceDesc) -> Arc<Interface> {
    Arc::new(Interface::plan(desc).expect("an interface that SOAP carries"))
}

fn described(name: &str, text: &str) -> &'static InterfaceDesc {
    let import = rmix_idl::wsdl::Import::text(name, text)
        .add_text("contract.xsd", CONTRACT_TYPES)
        .add_text("types.xsd", MORE_TYPES);
    let description = import.description().expect("a description of the peers");
    let interface = description.interfaces.first().expect("one port type");
    description.describe(interface)
}

const CONTRACT: &str = include_str!("../../../../interop/peers/soap/contract.wsdl");
const CONTRACT_TYPES: &str = include_str!("../../../../interop/peers/soap/contract.xsd");
const MORE_TYPES: &str = include_str!("../../../../interop/peers/soap/types.xsd");
const RPC_LITERAL: &str = include_str!("../../../../interop/peers/soap/rpc.wsdl");
const RPC_ENCODED: &str = include_str!("../../../../interop/peers/soap/encoded.wsdl");

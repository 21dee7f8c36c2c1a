//! An interface of the style wrapped with every facet, and every kind of type.

use rmix::generated::{Schema, TypeDesc, type_kind};
use rmix::xsd::{Date, DateTime, Decimal, Duration, Time};
use serde::{Deserialize, Serialize};

/// Octets of a fixed length, as `.x` files have them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Key(Vec<u8>);

impl rmix::Data for Key {
    const SCHEMA: TypeDesc = TypeDesc::plain(type_kind::OPAQUE).with_len(16);
}

/// At most three numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UpToThree(Vec<i16>);

impl rmix::Data for UpToThree {
    const SCHEMA: TypeDesc = TypeDesc::container(type_kind::SEQ, 3, Schema::of::<i16>(), None);
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) enum Colour {
    Red,
    #[serde(rename = "dark-green&\"blue\"")]
    DarkGreen,
}

/// Every primitive.
#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Numbers {
    truth: bool,
    i8: i8,
    i16: i16,
    i32: i32,
    i64: i64,
    i128: i128,
    u8: u8,
    u16: u16,
    u32: u32,
    u64: u64,
    u128: u128,
    f32: f32,
    f64: f64,
    letter: char,
    text: String,
    octets: Vec<u8>,
    #[rmix(hex)]
    hex: Vec<u8>,
    key: Key,
    when: DateTime,
    date: Date,
    time: Time,
    duration: Duration,
    decimal: Decimal,
    nothing: (),
    array: [i32; 3],
    bounded: UpToThree,
}

/// Attributes beside elements, elements of another namespace, every way to be absent, every way to be many.
#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
#[rmix(namespace = "urn:example:items", qualified)]
pub(crate) struct Item {
    #[rmix(attribute)]
    id: u32,
    #[rmix(attribute)]
    colour: Option<Colour>,
    #[rmix(attribute, list)]
    sizes: Option<Vec<u16>>,
    #[rmix(attribute, namespace = "urn:example:links")]
    href: Option<String>,
    name: String,
    #[rmix(unqualified)]
    plain: String,
    #[rmix(namespace = "urn:example:links")]
    link: Option<String>,
    maybe: Option<i32>,
    #[rmix(nillable)]
    nil: Option<i32>,
    #[rmix(nillable)]
    both: Option<Option<i32>>,
    tags: Vec<String>,
    #[rmix(wrapped = "note")]
    notes: Option<Vec<Option<String>>>,
    rows: Vec<Vec<i32>>,
    #[rmix(list)]
    marks: Vec<Colour>,
    #[rmix(wrapped = "digest", hex)]
    digests: Vec<Vec<u8>>,
    corner: (f64, f64),
    parts: Vec<Item>,
    numbers: Option<Numbers>,
}

/// Text with attributes.
#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Price {
    #[rmix(attribute)]
    currency: String,
    #[rmix(text)]
    amount: f64,
}

/// Text that is a list.
#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Weights {
    #[rmix(text, list)]
    all: Vec<f32>,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Pair(String, i32);

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) enum Payment {
    Cash,
    Card(Card),
    Transfer { iban: String, days: Option<u32> },
    Split(f64, f64),
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Card {
    number: String,
    holder: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) enum Contact {
    #[serde(rename = "email")]
    Email(String),
    #[serde(rename = "phone")]
    Phone(Vec<u32>),
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Order {
    items: Vec<Item>,
    price: Price,
    weights: Option<Weights>,
    pair: Option<Pair>,
    payment: Payment,
    #[rmix(choice)]
    contact: Option<Contact>,
    shape: Shape,
    page: Page<Card>,
    other: Page<Price>,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Page<T> {
    of: Vec<T>,
    next: Option<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Outline {
    #[rmix(attribute)]
    name: String,
    area: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Circle {
    #[rmix(attribute)]
    name: String,
    area: f64,
    radius: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
#[rmix(namespace = "urn:example:items")]
pub(crate) struct Polygon {
    #[rmix(attribute)]
    name: String,
    area: f64,
    #[rmix(attribute)]
    closed: bool,
    corners: Vec<(f64, f64)>,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
#[rmix(xsi_type)]
pub(crate) enum Shape {
    Outline(Outline),
    Circle(Circle),
    Polygon(Polygon),
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) enum ShopFault {
    SoldOut,
    NotFound(Missing),
    Refused {
        code: i32,
        why: Option<String>,
    },
    #[rmix(namespace = "urn:example:items")]
    Late(DateTime),
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Missing {
    id: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Session {
    token: String,
    #[rmix(attribute)]
    age: Option<u32>,
}

/// A result of several parts.
#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Counted {
    count: u32,
    #[rmix(namespace = "urn:example:items")]
    total: f64,
    #[rmix(header)]
    session: Session,
}

#[rmix::remote(namespace = "urn:example:shop")]
pub(crate) trait Shop {
    /// Everything at once.
    #[rmix(name = "PlaceOrder", soap(action = "urn:example:shop/PlaceOrder"))]
    async fn place_order(
        &self,
        #[rmix(header)] session: Session,
        #[rmix(header, namespace = "urn:example:head")] trace: Option<String>,
        order: Order,
        #[rmix(attribute)] urgent: Option<bool>,
        #[rmix(wrapped = "coupon")] coupons: Vec<String>,
    ) -> Result<u64, ShopFault>;

    #[rmix(soap(
        request = "FindRequest",
        response = "Found",
        response_namespace = "urn:example:items",
        result = "item",
        result_namespace = "urn:example:items"
    ))]
    async fn find(&self, id: u32) -> Result<Option<Item>, ShopFault>;

    #[rmix(soap(outputs))]
    async fn count(&self, #[rmix(choice)] by: Contact) -> Counted;

    async fn ping(&self);

    #[rmix(oneway)]
    async fn log(&self, line: String);
}

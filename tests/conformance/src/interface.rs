//! The interface that every provider must carry, and a stranger's idea of it. Declares operations and values only; what
//! they do is in `object`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Program number of both interfaces.
pub const PROGRAM: u32 = 0x2000_0077;
/// Version number of both interfaces.
pub const VERSION: u32 = 1;

/// Every kind of call, value and ending.
#[rmix::remote(
    namespace = "urn:rmix:conformance",
    sunrpc(program = 0x2000_0077, version = 1)
)]
pub trait Conformance {
    /// The sum.
    #[rmix(procedure = 1, idempotent)]
    async fn add(&self, left: i64, right: i64) -> i64;
    /// The quotient, or a declared fault.
    #[rmix(procedure = 2)]
    async fn divide(&self, dividend: i64, divisor: i64) -> Result<i64, Refusal>;
    /// The same value back.
    #[rmix(procedure = 3)]
    async fn echo(&self, sample: Sample) -> Sample;
    /// Appends to the log.
    #[rmix(procedure = 4, oneway)]
    async fn record(&self, value: i64);
    /// Appends to the log once a gate is open.
    #[rmix(procedure = 5, oneway)]
    async fn record_behind(&self, gate: u32, value: i64);
    /// Waits until the log has so many entries, and describes it.
    #[rmix(procedure = 6)]
    async fn recorded(&self, count: u64) -> Log;
    /// Waits until a gate is open.
    #[rmix(procedure = 7)]
    async fn pass(&self, gate: u32) -> u32;
    /// Opens a gate, for good.
    #[rmix(procedure = 8)]
    async fn open(&self, gate: u32);
    /// Waits until so many calls stand, or have stood, at a gate.
    #[rmix(procedure = 9)]
    async fn arrived(&self, gate: u32, count: u64);
    /// Panics.
    #[rmix(procedure = 10)]
    async fn panic(&self, after_waiting: bool) -> i64;
    /// Panics without anybody to tell.
    #[rmix(procedure = 11, oneway)]
    async fn panic_unheard(&self);
    /// Takes octets; their number.
    #[rmix(procedure = 12)]
    async fn take_octets(&self, octets: Vec<u8>) -> u64;
    /// Gives so many octets.
    #[rmix(procedure = 13)]
    async fn give_octets(&self, count: u64) -> Vec<u8>;
    /// Takes texts; their number.
    #[rmix(procedure = 14)]
    async fn take_texts(&self, texts: Vec<String>) -> u64;
    /// Gives so many texts.
    #[rmix(procedure = 15)]
    async fn give_texts(&self, count: u64) -> Vec<String>;
    /// Takes a nested value; its depth.
    #[rmix(procedure = 16)]
    async fn take_nest(&self, nest: Nest) -> u32;
    /// Gives a value of this depth.
    #[rmix(procedure = 17)]
    async fn give_nest(&self, depth: u32) -> Nest;
    /// Takes a value that no provider here can carry.
    #[rmix(procedure = 18)]
    async fn take_huge(&self, value: u128) -> i64;
    /// Gives a value that no provider here can carry.
    #[rmix(procedure = 19)]
    async fn give_huge(&self) -> u128;
    /// The process that serves the object.
    #[rmix(procedure = 20)]
    async fn process(&self) -> i32;
    /// How often [`Conformance::add`] ran.
    #[rmix(procedure = 21)]
    async fn additions(&self) -> u64;
    /// The sum of many numbers.
    #[rmix(procedure = 22)]
    async fn total(&self, numbers: Vec<f64>) -> f64;
    /// Appends octets' number to the log.
    #[rmix(procedure = 23, oneway)]
    async fn record_octets(&self, octets: Vec<u8>);
    /// Takes octets, and waits until a gate is open; their number.
    #[rmix(procedure = 24)]
    async fn hold_octets(&self, gate: u32, octets: Vec<u8>) -> u64;
}

/// Calls that [`Conformance`] does not have, or takes otherwise.
#[rmix::remote(name = "Conformance", sunrpc(program = 0x2000_0077, version = 1))]
pub trait Stranger {
    /// There is no such operation.
    #[rmix(procedure = 99)]
    async fn missing(&self) -> i64;
    /// It takes two integers.
    #[rmix(procedure = 1, name = "add")]
    async fn add_too_little(&self, left: bool) -> i64;
    /// Its result is an integer.
    #[rmix(procedure = 8, name = "open")]
    async fn open_for_text(&self, gate: u32) -> String;
}

/// A declared fault.
#[derive(rmix::Data, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The divisor is zero.
    DivisorIsZero,
    /// The quotient does not fit.
    TooLarge {
        /// What was to be divided.
        dividend: i64,
        /// By what.
        divisor: i64,
    },
}

/// What was recorded.
#[derive(rmix::Data, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Log {
    /// Number of entries.
    pub count: u64,
    /// Whether they are 0, 1, 2 and so on.
    pub counts_up: bool,
    /// The last ones, oldest first.
    pub last: Vec<i64>,
}

/// A value that contains values of its own kind.
#[derive(rmix::Data, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
pub struct Nest {
    /// What is inside.
    pub inner: Vec<Nest>,
}

impl Nest {
    /// A value of this depth; 1 has nothing inside.
    pub fn of_depth(depth: u32) -> Nest {
        let mut nest = Nest::default();
        for _ in 1..depth {
            nest = Nest { inner: vec![nest] };
        }
        nest
    }

    /// How deep it is.
    pub fn depth(&self) -> u32 {
        let mut depth = 1;
        let mut at = self;
        while let Some(inner) = at.inner.first() {
            depth += 1;
            at = inner;
        }
        depth
    }
}

/// One value of every shape that all providers carry.
#[derive(rmix::Data, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Sample {
    /// Truth values.
    pub truths: (bool, bool),
    /// Signed integers at their lower ends.
    pub signed: (i8, i16, i32, i64),
    /// Unsigned integers at their upper ends.
    pub unsigned: (u8, u16, u32, u64),
    /// Single precision.
    pub single: f32,
    /// Double precision.
    pub double: f64,
    /// A character beyond ASCII.
    pub letter: char,
    /// Text.
    pub text: String,
    /// No text.
    pub no_text: String,
    /// Octets of a length that wants padding.
    pub octets: Vec<u8>,
    /// Nothing.
    pub absent: Option<i32>,
    /// Something.
    pub present: Option<String>,
    /// Numbers that travel as a block.
    pub numbers: Vec<f64>,
    /// Values that do not.
    pub pairs: Vec<(i32, String)>,
    /// Nothing in it.
    pub none: Vec<i32>,
    /// An array of fixed length.
    pub three: [i32; 3],
    /// A map.
    pub map: BTreeMap<String, i64>,
    /// A map with keys that are no text.
    pub by_number: BTreeMap<u32, bool>,
    /// A variant of every shape.
    pub shapes: Vec<Shape>,
    /// A struct without fields.
    pub marker: Marker,
    /// A struct around one value.
    pub wrapped: Wrapped,
    /// The unit value.
    pub unit: (),
}

/// An enum with a variant of every shape.
#[derive(rmix::Data, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub enum Shape {
    /// Without content.
    Dot,
    /// With one value.
    Circle(f64),
    /// With two.
    Box(f64, f64),
    /// With names.
    Text {
        /// What is written.
        words: String,
        /// How large.
        size: Option<u16>,
    },
}

/// A struct without fields.
#[derive(rmix::Data, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Marker;

/// A struct around one value.
#[derive(rmix::Data, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Wrapped(pub i64);

impl Sample {
    /// Values at the ends of their ranges.
    pub fn extreme() -> Sample {
        Sample {
            truths: (true, false),
            signed: (i8::MIN, i16::MIN, i32::MIN, i64::MIN),
            unsigned: (u8::MAX, u16::MAX, u32::MAX, u64::MAX),
            single: -1.5e-30,
            double: f64::MIN_POSITIVE,
            letter: '\u{1d11e}',
            text: "Grüße, 世界".to_owned(),
            no_text: String::new(),
            octets: vec![0, 0xff, 0x80, 0x7f, 1],
            absent: None,
            present: Some("here".to_owned()),
            numbers: vec![0.0, -0.0, f64::INFINITY, 1.0 / 3.0],
            pairs: vec![(-1, "minus one".to_owned()), (2, String::new())],
            none: Vec::new(),
            three: [3, 2, 1],
            map: [("a".to_owned(), 1), ("b".to_owned(), -2)].into(),
            by_number: [(7, true), (u32::MAX, false)].into(),
            shapes: vec![
                Shape::Dot,
                Shape::Circle(2.5),
                Shape::Box(1.0, 2.0),
                Shape::Text {
                    words: "so".to_owned(),
                    size: Some(11),
                },
            ],
            marker: Marker,
            wrapped: Wrapped(-9),
            unit: (),
        }
    }
}

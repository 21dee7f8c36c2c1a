//! What is wrong with a value, in the boundary's words: class, rule, place and the numbers that
//! disagreed. Every rule is text that lives for ever; nothing is formatted here.

use rmix_abi::tables::{Dec, Fault, fault};
use rmp::Marker;

use crate::error::{Integer, ValueError};
use crate::head::{Head, Shape};

/// The sentences for "another type stands there", one for each type that may.
pub(super) struct Expected {
    nil: &'static str,
    bool: &'static str,
    integer: &'static str,
    float: &'static str,
    str: &'static str,
    bin: &'static str,
    array: &'static str,
    map: &'static str,
    ext: &'static str,
}

macro_rules! expected {
    ($($name:ident $what:literal;)*) => { $(
        pub(super) const $name: &Expected = &Expected {
            nil: concat!("nil stands where ", $what, " is expected; an Option would accept it"),
            bool: concat!("a boolean stands where ", $what, " is expected"),
            integer: concat!("an integer stands where ", $what, " is expected"),
            float: concat!("a float stands where ", $what, " is expected"),
            str: concat!("text stands where ", $what, " is expected"),
            bin: concat!("octets stand where ", $what, " is expected"),
            array: concat!("an array stands where ", $what, " is expected"),
            map: concat!("a map stands where ", $what, " is expected"),
            ext: concat!("an extension stands where ", $what, " is expected"),
        };
    )* };
}

expected! {
    BOOL "a boolean";
    INTEGER "an integer";
    FLOAT "a float";
    TEXT "text";
    OCTETS "a run of octets";
    UNIT "nil";
    SEQUENCE "a sequence";
    TUPLE "a tuple";
    MAP "a map";
    STRUCT "a struct (a map by field name, or an array)";
    KEY "a field name";
    VARIANT "an enum (a variant's name or index, or a map of one pair)";
}

impl Expected {
    fn found(&self, marker: u8) -> &'static str {
        if let Some(head) = Head::of(marker) {
            return match head.shape {
                Shape::Str => self.str,
                Shape::Bin => self.bin,
                Shape::Ext => self.ext,
                Shape::Array => self.array,
                Shape::Map => self.map,
            };
        }
        match Marker::from_u8(marker) {
            Marker::Null => self.nil,
            Marker::True | Marker::False => self.bool,
            Marker::F32 | Marker::F64 => self.float,
            _ => self.integer,
        }
    }
}

/// An integer type, for the faults of integers that do not fit it.
pub(super) struct IntegerType {
    misfit: &'static str,
    negative: &'static str,
    max: u64,
}

macro_rules! integer_types {
    ($($name:ident $type:ident;)*) => { $(
        pub(super) const $name: &IntegerType = &IntegerType {
            misfit: concat!("the integer does not fit ", stringify!($type)),
            negative: concat!("the negative integer does not fit ", stringify!($type)),
            // Lossless: no largest value is negative or longer than 64 bits.
            max: $type::MAX as u64,
        };
    )* };
}

integer_types! { I8 i8; I16 i16; I32 i32; I64 i64; U8 u8; U16 u16; U32 u32; U64 u64; }

/// Another type than `expected`, or nothing, stands at the next byte.
#[cold]
pub(super) fn mismatch(d: &Dec, expected: &Expected) -> Fault {
    let offset = d.offset();
    match d.rest().first() {
        None => early(offset, 1, 0),
        Some(&RESERVED) => reserved(offset),
        Some(&marker) => Fault::new(fault::MISMATCH, expected.found(marker)).at(offset),
    }
}

/// What a reader of a value of the type `expected` says, at the place it says.
#[cold]
pub(super) fn of_value(d: &Dec, error: ValueError, expected: &Expected) -> Fault {
    let at = |offset: usize| d.offset() + offset as u64;
    match error {
        ValueError::Truncated {
            offset,
            needed,
            available,
        } => early(at(offset), needed, available),
        ValueError::ReservedMarker { offset } => reserved(at(offset)),
        ValueError::WrongType { offset, marker, .. } => {
            Fault::new(fault::MISMATCH, expected.found(marker)).at(at(offset))
        }
        ValueError::IntegerRange { offset, found, .. } => misfit(at(offset), found, U64),
        ValueError::TooDeep {
            offset,
            declared,
            limit,
        } => Fault::new(fault::LIMIT, "depth")
            .declared(declared as u64)
            .limit(limit as u64)
            .at(at(offset)),
        ValueError::TooLong { length, .. } => too_long(length as u64),
    }
}

/// As [`of_value`], for a reader of integers of the type `wanted`.
#[cold]
pub(super) fn of_integer(d: &Dec, error: ValueError, wanted: &IntegerType) -> Fault {
    match error {
        ValueError::IntegerRange { offset, found, .. } => {
            misfit(d.offset() + offset as u64, found, wanted)
        }
        error => of_value(d, error, INTEGER),
    }
}

/// The integer `found` at `offset` does not fit `wanted`.
#[cold]
pub(super) fn misfit(offset: u64, found: Integer, wanted: &IntegerType) -> Fault {
    let found = match found {
        Integer::Signed(found) => u64::try_from(found).ok(),
        Integer::Unsigned(found) => Some(found),
    };
    let fault = match found {
        Some(found) => Fault::new(fault::MISMATCH, wanted.misfit).declared(found),
        None => Fault::new(fault::MISMATCH, wanted.negative),
    };
    fault.limit(wanted.max).at(offset)
}

/// A length as the format can declare it.
#[inline]
pub(super) fn length(length: u64) -> Result<u32, Fault> {
    u32::try_from(length).map_err(|_| too_long(length))
}

#[cold]
fn too_long(length: u64) -> Fault {
    Fault::new(fault::LIMIT, "MessagePack's lengths and counts")
        .declared(length)
        .limit(u32::MAX.into())
}

#[cold]
fn early(offset: u64, needed: usize, available: usize) -> Fault {
    Fault::new(fault::MALFORMED, "the value ends early")
        .declared(needed as u64)
        .limit(available as u64)
        .at(offset)
}

#[cold]
fn reserved(offset: u64) -> Fault {
    Fault::new(fault::MALFORMED, "the marker 0xc1 is reserved").at(offset)
}

const RESERVED: u8 = Marker::Reserved.to_u8();

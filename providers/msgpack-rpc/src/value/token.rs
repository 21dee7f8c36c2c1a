//! One step of a value: a scalar, a string, or the start of a container. The values in a container
//! are further tokens; this file does not read bytes.

/// What [`super::read_token`] found; complete on purpose, the format will not grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token<'a> {
    /// Nil.
    Nil,
    /// A boolean.
    Bool(bool),
    /// Any integer up to `i64::MAX`, in whatever encoding.
    Int(i64),
    /// Only an integer greater than `i64::MAX`.
    UInt(u64),
    /// A float of 32 bits.
    F32(f32),
    /// A float of 64 bits.
    F64(f64),
    /// A str, or the raw of old peers, which has the same markers: not necessarily UTF-8.
    Str(&'a [u8]),
    /// A bin.
    Bin(&'a [u8]),
    /// The start of an array of as many values.
    Array(u32),
    /// The start of a map of as many pairs, each a key value and then a value.
    Map(u32),
    /// An ext: its type and its data.
    Ext(i8, &'a [u8]),
}

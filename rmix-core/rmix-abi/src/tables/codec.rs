//! The codec tables: a value crosses as a stream of typed events, written into or read from one buffer.

use super::{Buf, Context, Fault, Holder, Status, Str};

/// Length of a sequence or map that is not known in advance.
pub const UNKNOWN: u64 = u64::MAX;

/// Kinds of primitive for the bulk functions, and of sequence elements; stable numbers.
pub mod prim {
    /// Not a primitive.
    pub const NONE: u32 = 0;
    /// Octets: a sequence of them is a byte string.
    pub const U8: u32 = 1;
    /// 8 bits, signed.
    pub const I8: u32 = 2;
    /// 16 bits, signed.
    pub const I16: u32 = 3;
    /// 16 bits.
    pub const U16: u32 = 4;
    /// 32 bits, signed.
    pub const I32: u32 = 5;
    /// 32 bits.
    pub const U32: u32 = 6;
    /// 64 bits, signed.
    pub const I64: u32 = 7;
    /// 64 bits.
    pub const U64: u32 = 8;
    /// Single precision.
    pub const F32: u32 = 9;
    /// Double precision.
    pub const F64: u32 = 10;
}

/// The fixed-width profile: what a codec promises so that the other side may read and write primitives itself.
pub mod profile {
    /// No promise: call the table for every primitive.
    pub const NONE: u32 = 0;
    /// Big-endian, units of four bytes, integers shorter than that widened, `bool` as 0 or 1 in four bytes, structs,
    /// tuples and fields add nothing: RFC 4506.
    pub const FIXED_BE4: u32 = 1;
}

/// Shapes of an enum variant's content; stable numbers.
pub mod shape {
    /// No content.
    pub const UNIT: u32 = 0;
    /// One value.
    pub const NEWTYPE: u32 = 1;
    /// Values by position.
    pub const TUPLE: u32 = 2;
    /// Values by name.
    pub const STRUCT: u32 = 3;
}

/// How a struct stands in the input.
pub mod layout {
    /// Values follow in declaration order.
    pub const POSITIONAL: u32 = 0;
    /// Each value is preceded by its name (`get_key`).
    pub const NAMED: u32 = 1;
}

/// Kinds of value a self-describing format finds (`get_any`); stable numbers.
pub mod any {
    /// Nothing.
    pub const NIL: u32 = 0;
    /// `bits` is 0 or 1.
    pub const BOOL: u32 = 1;
    /// `bits` is a two's complement 64-bit integer.
    pub const I64: u32 = 2;
    /// `bits` is an unsigned integer above `i64::MAX`.
    pub const U64: u32 = 3;
    /// `bits` (low half) is an IEEE 754 single.
    pub const F32: u32 = 4;
    /// `bits` is an IEEE 754 double.
    pub const F64: u32 = 5;
    /// `bytes` is text as sent, perhaps not UTF-8.
    pub const STR: u32 = 6;
    /// `bytes` are octets.
    pub const BYTES: u32 = 7;
    /// `bits` elements follow; close with `end_seq`.
    pub const SEQ: u32 = 8;
    /// `bits` pairs of key and value follow; close with `end_map`.
    pub const MAP: u32 = 9;
    /// `bits` is the extension's type, `bytes` its content.
    pub const EXT: u32 = 10;
}

/// A value found by `get_any`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Any {
    /// A number of [`any`].
    pub kind: u32,
    /// Zero.
    pub reserved: u32,
    /// Scalar or length, by kind.
    pub bits: u64,
    /// Text, octets or extension content, borrowed from the input.
    pub bytes: Str,
}

/// An encoder at work: the outgoing buffer with the protocol's header already in it, and the codec's table.
#[repr(C)]
pub struct Enc {
    /// What is written so far.
    pub buf: Buf,
    /// The codec.
    pub(crate) vt: *const EncVt,
    /// A number of [`profile`].
    pub profile: u32,
    /// Nesting that is still allowed; counted by the host.
    pub depth_left: u32,
    /// Largest length `buf` may reach.
    pub bytes_max: u64,
    /// The provider's own.
    pub state: [u64; 4],
    /// Filled when a function of the table returns `ERR`.
    pub fault: Fault,
    /// The provider's own, of any size; dropped with the encoder.
    pub(crate) context: Context,
}

// SAFETY: an encoder is used by one thread at a time and has no thread affinity; its table is shared and immutable.
unsafe impl Send for Enc {}

/// A decoder at work: the bytes of one value list, a position, and the codec's table.
#[repr(C)]
pub struct Dec {
    /// First byte of the body, for offsets in errors.
    pub(crate) start: *const u8,
    /// Next byte to read.
    pub(crate) p: *const u8,
    /// One past the last byte.
    pub(crate) end: *const u8,
    /// The codec.
    pub(crate) vt: *const DecVt,
    /// A number of [`profile`].
    pub profile: u32,
    /// Nesting that is still allowed; counted by the host.
    pub depth_left: u32,
    /// Elements, fields and strings still allowed; counted by the host.
    pub items_left: u64,
    /// The provider's own.
    pub state: [u64; 4],
    /// Filled when a function of the table returns `ERR`.
    pub fault: Fault,
    /// Keeps the bytes alive.
    pub(crate) holder: Holder,
    /// The provider's own, of any size; dropped with the decoder.
    pub(crate) context: Context,
}

// SAFETY: as for `Enc`; the bytes are kept alive and unwritten by the holder, which is `Send`.
unsafe impl Send for Dec {}

macro_rules! table {
    ($(#[$doc:meta])* $name:ident($this:ty) { $($(#[$fdoc:meta])* $field:ident($($arg:ident: $ty:ty),*);)* }) => {
        $(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy)]
        pub struct $name {
            /// `size_of` of this table on the side that filled it.
            pub size: usize,
            $($(#[$fdoc])* pub $field: Option<unsafe extern "C" fn(*mut $this, $($arg: $ty),*) -> Status>,)*
        }
    };
}

table! {
    /// What an encoder can do. A null entry means: not supported by the format (an error when used), except where its
    /// documentation says that it is then skipped.
    EncVt(Enc) {
        /// Truth value, 0 or 1.
        put_bool(value: u8);
        /// Integer.
        put_i8(value: i8);
        /// Integer.
        put_i16(value: i16);
        /// Integer.
        put_i32(value: i32);
        /// Integer.
        put_i64(value: i64);
        /// Integer.
        put_u8(value: u8);
        /// Integer.
        put_u16(value: u16);
        /// Integer.
        put_u32(value: u32);
        /// Integer.
        put_u64(value: u64);
        /// Integer of 128 bits in two halves.
        put_i128(low: u64, high: i64);
        /// Integer of 128 bits in two halves.
        put_u128(low: u64, high: u64);
        /// Single precision.
        put_f32(value: f32);
        /// Double precision.
        put_f64(value: f64);
        /// Unicode scalar value.
        put_char(value: u32);
        /// Text, UTF-8.
        put_str(value: Str);
        /// Octets.
        put_bytes(value: Str);
        /// Text as once received, perhaps not UTF-8.
        put_raw_str(value: Str);
        /// The unit value.
        put_unit();
        /// An absent optional value.
        put_none();
        /// A present optional value; the value follows.
        put_some();
        /// A sequence of `len` elements (or [`UNKNOWN`]) of kind `element` ([`prim`]); `token` goes back to `end_seq`.
        begin_seq(len: u64, element: u32, token: *mut u64);
        /// End of a sequence of `count` elements.
        end_seq(token: u64, element: u32, count: u64);
        /// `count` primitives of kind `element` at `values`, inside a sequence of that kind.
        put_prims(element: u32, values: *const u8, count: usize);
        /// Exactly `len` values by position. Skipped when null.
        begin_tuple(len: u64);
        /// Skipped when null.
        end_tuple();
        /// A map of `len` pairs (or [`UNKNOWN`]), keys and values in turn.
        begin_map(len: u64, token: *mut u64);
        /// End of a map of `count` pairs.
        end_map(token: u64, count: u64);
        /// A struct with `fields` fields. Skipped when null.
        begin_struct(name: Str, fields: u64);
        /// The next value is this field. Skipped when null.
        put_field(name: Str, index: u32);
        /// Skipped when null.
        end_struct();
        /// An enum variant, by index and name; content follows as its [`shape`] says (a tuple or struct opens with its
        /// own `begin`). The index is the position in the declaration or the declared discriminant, an `i32` bit by bit.
        begin_variant(name: Str, variant: Str, index: u32, shape: u32);
        /// Skipped when null.
        end_variant(shape: u32);
        /// A value of a type of the protocol's own.
        put_ext(kind: i64, value: Str);
        /// The next value is argument `index` of the call (0-based), or its result. Skipped when null.
        begin_argument(index: u32);
    }
}

table! {
    /// What a decoder can do. Null means as in [`EncVt`].
    DecVt(Dec) {
        /// Truth value, 0 or 1.
        get_bool(out: *mut u8);
        /// Integer; one that does not fit is a fault.
        get_i8(out: *mut i8);
        /// Integer.
        get_i16(out: *mut i16);
        /// Integer.
        get_i32(out: *mut i32);
        /// Integer.
        get_i64(out: *mut i64);
        /// Integer.
        get_u8(out: *mut u8);
        /// Integer.
        get_u16(out: *mut u16);
        /// Integer.
        get_u32(out: *mut u32);
        /// Integer.
        get_u64(out: *mut u64);
        /// Integer of 128 bits in two halves.
        get_i128(low: *mut u64, high: *mut i64);
        /// Integer of 128 bits in two halves.
        get_u128(low: *mut u64, high: *mut u64);
        /// Single precision.
        get_f32(out: *mut f32);
        /// Double precision.
        get_f64(out: *mut f64);
        /// Unicode scalar value; checked by the host.
        get_char(out: *mut u32);
        /// Text as sent, borrowed from the input; the host checks that it is UTF-8.
        get_str(out: *mut Str);
        /// Octets, borrowed from the input.
        get_bytes(out: *mut Str);
        /// The unit value.
        get_unit();
        /// 1 when a value follows, 0 when absent.
        get_option(out: *mut u8);
        /// A sequence; its length, or [`UNKNOWN`] when `more` tells.
        begin_seq(len: *mut u64);
        /// Whether another element or pair follows ([`UNKNOWN`] length only): `OK` or `END`.
        more();
        /// End of a sequence whose elements were read as kind `element`.
        end_seq(element: u32, count: u64);
        /// `count` primitives of kind `element` into `values`.
        get_prims(element: u32, values: *mut u8, count: usize);
        /// A tuple of `len` values.
        begin_tuple(len: u64);
        /// Skipped when null.
        end_tuple();
        /// A map; its number of pairs, or [`UNKNOWN`].
        begin_map(len: *mut u64);
        /// Skipped when null.
        end_map();
        /// A struct: its [`layout`] and number of values.
        begin_struct(name: Str, layout: *mut u32, len: *mut u64);
        /// The name before a value of a struct of layout `NAMED`, or [`UNKNOWN`] length's `END`.
        get_key(out: *mut Str);
        /// Skipped when null.
        end_struct();
        /// An enum variant: its name, or (`variant` absent) its index, an `i32` bit by bit where discriminants may be
        /// negative; and whether content stands in the input.
        begin_variant(name: Str, index: *mut u32, variant: *mut Str, content: *mut u8);
        /// Skipped when null.
        end_variant(shape: u32);
        /// The next value, whatever it is (self-describing formats).
        get_any(out: *mut Any);
        /// Skips one value (self-describing formats).
        skip();
        /// The next value is argument `index`. Skipped when null.
        begin_argument(index: u32);
        /// Everything was read: trailing bytes are a fault where the protocol forbids them.
        finish();
        /// After a fault: line and column, from 1, of a byte of the message, or of the place where the decoder is for 0.
        /// Null when messages have no lines.
        locate(offset: u64, line: *mut u32, column: *mut u32);
    }
}

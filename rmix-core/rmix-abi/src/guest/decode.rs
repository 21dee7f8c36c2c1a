//! The safe trait behind a decoder's table.

use super::panic::guard;
use super::{PrimsMut, Taken};
use crate::tables::{Any, Dec, DecVt, END, ERR, Fault, OK, Status, Str, fault};

/// Which of the optional events a decoder wants; the host skips the others.
#[derive(Debug, Clone, Copy, Default)]
pub struct DecodeHooks {
    /// `end_tuple`.
    pub tuple_ends: bool,
    /// `begin_struct` (else a struct's values follow by position) and `end_struct`.
    pub structs: bool,
    /// `end_map`.
    pub map_ends: bool,
    /// `end_variant`.
    pub variant_ends: bool,
    /// `argument`.
    pub arguments: bool,
    /// `any` and `skip`: the format describes itself.
    pub any: bool,
    /// `more`: lengths may be unknown.
    pub more: bool,
    /// `locate`: messages have lines.
    pub locate: bool,
}

fn unsupported<T>(rule: &'static str) -> Result<T, Fault> {
    Err(Fault::new(fault::UNSUPPORTED, rule))
}

/// How a struct was found: a number of [`crate::tables::layout`] and its number of values.
pub type StructHead = (u32, u64);

/// How a variant was found.
pub enum VariantHead<'a> {
    /// By position in the declaration.
    Index(u32),
    /// By name; whether content stands in the input.
    Name(Taken<'a>, bool),
}

/// A value found by [`Decode::any`].
pub struct AnyValue<'a> {
    /// A number of [`crate::tables::any`].
    pub kind: u32,
    /// Scalar or length.
    pub bits: u64,
    /// Text, octets or extension content.
    pub bytes: Taken<'a>,
}

/// A decoder: stateless functions over a [`Dec`], whose `state` words they may use.
#[expect(unused_variables, reason = "defaults ignore what they refuse")]
pub trait Decode: 'static {
    /// Optional events that are wanted.
    const HOOKS: DecodeHooks;
    /// A truth value.
    fn bool(d: &mut Dec) -> Result<bool, Fault>;
    /// An integer.
    fn i8(d: &mut Dec) -> Result<i8, Fault>;
    /// An integer.
    fn i16(d: &mut Dec) -> Result<i16, Fault>;
    /// An integer.
    fn i32(d: &mut Dec) -> Result<i32, Fault>;
    /// An integer.
    fn i64(d: &mut Dec) -> Result<i64, Fault>;
    /// An integer.
    fn u8(d: &mut Dec) -> Result<u8, Fault>;
    /// An integer.
    fn u16(d: &mut Dec) -> Result<u16, Fault>;
    /// An integer.
    fn u32(d: &mut Dec) -> Result<u32, Fault>;
    /// An integer.
    fn u64(d: &mut Dec) -> Result<u64, Fault>;
    /// An integer.
    fn i128(d: &mut Dec) -> Result<i128, Fault> {
        unsupported("128-bit integers cannot be carried by this protocol")
    }
    /// An integer.
    fn u128(d: &mut Dec) -> Result<u128, Fault> {
        unsupported("128-bit integers cannot be carried by this protocol")
    }
    /// A float.
    fn f32(d: &mut Dec) -> Result<f32, Fault>;
    /// A float.
    fn f64(d: &mut Dec) -> Result<f64, Fault>;
    /// A Unicode scalar value, not yet checked.
    fn char(d: &mut Dec) -> Result<u32, Fault>;
    /// Text, perhaps not UTF-8.
    fn str(d: &mut Dec) -> Result<Taken<'_>, Fault>;
    /// Octets.
    fn bytes(d: &mut Dec) -> Result<Taken<'_>, Fault>;
    /// The unit value.
    fn unit(d: &mut Dec) -> Result<(), Fault>;
    /// Whether an optional value is present.
    fn option(d: &mut Dec) -> Result<bool, Fault>;
    /// A sequence's length.
    fn begin_seq(d: &mut Dec) -> Result<u64, Fault>;
    /// Whether another element follows.
    fn more(d: &mut Dec) -> Result<bool, Fault> {
        Ok(false)
    }
    /// End of a sequence read as elements of a kind.
    fn end_seq(d: &mut Dec, element: u32, count: u64) -> Result<(), Fault>;
    /// Primitives inside a sequence.
    fn prims(d: &mut Dec, values: PrimsMut<'_>) -> Result<(), Fault>;
    /// A tuple of this length.
    fn begin_tuple(d: &mut Dec, len: u64) -> Result<(), Fault>;
    /// End of a tuple.
    fn end_tuple(d: &mut Dec) -> Result<(), Fault> {
        Ok(())
    }
    /// A map's number of pairs.
    fn begin_map(d: &mut Dec) -> Result<u64, Fault>;
    /// End of a map.
    fn end_map(d: &mut Dec) -> Result<(), Fault> {
        Ok(())
    }
    /// A struct.
    fn begin_struct(d: &mut Dec, name: &[u8]) -> Result<StructHead, Fault> {
        unsupported("structs")
    }
    /// The name before a value; [`Taken::NOTHING`] after the last one of a struct of unknown length.
    fn key(d: &mut Dec) -> Result<Taken<'_>, Fault> {
        unsupported("names before values")
    }
    /// End of a struct.
    fn end_struct(d: &mut Dec) -> Result<(), Fault> {
        Ok(())
    }
    /// A variant.
    fn begin_variant<'a>(d: &'a mut Dec, name: &[u8]) -> Result<VariantHead<'a>, Fault>;
    /// End of a variant.
    fn end_variant(d: &mut Dec, shape: u32) -> Result<(), Fault> {
        Ok(())
    }
    /// The next value, whatever it is.
    fn any(d: &mut Dec) -> Result<AnyValue<'_>, Fault> {
        unsupported("this protocol's values do not describe themselves")
    }
    /// Skips one value.
    fn skip(d: &mut Dec) -> Result<(), Fault> {
        unsupported("this protocol's values do not describe themselves")
    }
    /// The argument whose value follows.
    fn argument(d: &mut Dec, index: u32) -> Result<(), Fault> {
        Ok(())
    }
    /// Everything was read.
    fn finish(d: &mut Dec) -> Result<(), Fault>;
    /// Line and column, from 1, of a byte of the message, or of the place where the decoder is for 0. Asked after a fault.
    fn locate(d: &mut Dec, offset: u64) -> Option<(u32, u32)> {
        None
    }
}

/// Runs one decoder function with its result written to `out` or its fault into the decoder.
///
/// # Safety
/// `decoder` points to a decoder exclusively borrowed for the call.
unsafe fn run<'a, T>(
    decoder: *mut Dec,
    body: impl FnOnce(&'a mut Dec) -> Result<T, Fault>,
    out: impl FnOnce(T),
) -> Status {
    let panicked = Err(Fault::new(fault::PANIC, "the decoder panicked"));
    // SAFETY: the caller vouches for the pointer.
    let d = unsafe { &mut *decoder };
    let mut failure = match guard(panicked, || body(d)) {
        Ok(value) => {
            out(value);
            return OK;
        }
        Err(failure) => failure,
    };
    // SAFETY: as before; a failure borrows nothing, so the first borrow has ended.
    let d = unsafe { &mut *decoder };
    if failure.offset == 0 {
        failure.offset = d.offset();
    }
    d.fault = failure;
    ERR
}

macro_rules! scalars {
    ($($name:ident $method:ident $ty:ty),*) => { $(
        unsafe extern "C" fn $name<C: Decode>(d: *mut Dec, out: *mut $ty) -> Status {
            // SAFETY: the host passes its own decoder and room for the value.
            unsafe { run(d, C::$method, |value| *out = value) }
        }
    )* };
}
scalars!(
    get_i8 i8 i8, get_i16 i16 i16, get_i32 i32 i32, get_i64 i64 i64, get_u8 u8 u8, get_u16 u16 u16, get_u32 u32 u32,
    get_u64 u64 u64, get_f32 f32 f32, get_f64 f64 f64, get_char char u32, begin_seq begin_seq u64,
    begin_map begin_map u64
);

macro_rules! flags {
    ($($name:ident $method:ident),*) => { $(
        unsafe extern "C" fn $name<C: Decode>(d: *mut Dec, out: *mut u8) -> Status {
            // SAFETY: the host passes its own decoder and room for the value.
            unsafe { run(d, C::$method, |value| *out = u8::from(value)) }
        }
    )* };
}
flags!(get_bool bool, get_option option);

macro_rules! texts {
    ($($name:ident $method:ident),*) => { $(
        unsafe extern "C" fn $name<C: Decode>(d: *mut Dec, out: *mut Str) -> Status {
            // SAFETY: the host passes its own decoder and room for the value.
            unsafe { run(d, C::$method, |value| *out = value.0) }
        }
    )* };
}
texts!(get_str str, get_bytes bytes);

macro_rules! bare {
    ($($name:ident $method:ident ($($arg:ident: $ty:ty),*)),*) => { $(
        unsafe extern "C" fn $name<C: Decode>(d: *mut Dec $(, $arg: $ty)*) -> Status {
            // SAFETY: the host passes its own decoder.
            unsafe { run(d, |d| C::$method(d $(, $arg)*), |()| ()) }
        }
    )* };
}
bare!(
    get_unit unit (), end_seq end_seq (element: u32, count: u64), begin_tuple begin_tuple (len: u64),
    end_tuple end_tuple (), end_map end_map (), end_struct end_struct (), end_variant end_variant (shape: u32),
    skip skip (), begin_argument argument (index: u32), finish finish ()
);

unsafe extern "C" fn get_i128<C: Decode>(d: *mut Dec, low: *mut u64, high: *mut i64) -> Status {
    let out = |value: i128| {
        // SAFETY: the host passes room for both halves. Truncation splits the value in two.
        unsafe {
            *low = value as u64;
            *high = (value >> 64) as i64;
        }
    };
    // SAFETY: the host passes its own decoder.
    unsafe { run(d, C::i128, out) }
}
unsafe extern "C" fn get_u128<C: Decode>(d: *mut Dec, low: *mut u64, high: *mut u64) -> Status {
    let out = |value: u128| {
        // SAFETY: the host passes room for both halves. Truncation splits the value in two.
        unsafe {
            *low = value as u64;
            *high = (value >> 64) as u64;
        }
    };
    // SAFETY: the host passes its own decoder.
    unsafe { run(d, C::u128, out) }
}
unsafe extern "C" fn get_key<C: Decode>(d: *mut Dec, out: *mut Str) -> Status {
    let mut found = Str::NONE;
    // SAFETY: the host passes its own decoder.
    let status = unsafe { run(d, C::key, |value| found = value.0) };
    if status == OK && found.is_none() {
        return END;
    }
    // SAFETY: the host passes room for the name.
    unsafe { *out = found };
    status
}
unsafe extern "C" fn more<C: Decode>(d: *mut Dec) -> Status {
    let mut another = false;
    // SAFETY: the host passes its own decoder.
    let status = unsafe { run(d, C::more, |value| another = value) };
    if status == OK && !another {
        END
    } else {
        status
    }
}
unsafe extern "C" fn get_prims<C: Decode>(
    d: *mut Dec,
    element: u32,
    values: *mut u8,
    count: usize,
) -> Status {
    let body = |d: &mut Dec| {
        // SAFETY: the host passes `count` initialised values of the kind, exclusively borrowed for the call.
        match unsafe { PrimsMut::from_raw(element, values, count) } {
            Some(values) => C::prims(d, values),
            None => Ok(()),
        }
    };
    // SAFETY: the host passes its own decoder.
    unsafe { run(d, body, |()| ()) }
}
unsafe extern "C" fn begin_struct<C: Decode>(
    d: *mut Dec,
    name: Str,
    layout: *mut u32,
    len: *mut u64,
) -> Status {
    // SAFETY: the host passes its own decoder, a name borrowed for the call, and room for the results.
    unsafe {
        run(
            d,
            |d| C::begin_struct(d, name.bytes()),
            |head| {
                *layout = head.0;
                *len = head.1;
            },
        )
    }
}
unsafe extern "C" fn begin_variant<C: Decode>(
    d: *mut Dec,
    name: Str,
    index: *mut u32,
    variant: *mut Str,
    content: *mut u8,
) -> Status {
    let out = |head: VariantHead<'_>| {
        let (position, text, more) = match head {
            VariantHead::Index(position) => (position, Str::NONE, true),
            VariantHead::Name(text, more) => (0, text.0, more),
        };
        // SAFETY: the host passes room for the results.
        unsafe {
            *index = position;
            *variant = text;
            *content = u8::from(more);
        }
    };
    // SAFETY: the host passes its own decoder and a name borrowed for the call.
    unsafe { run(d, |d| C::begin_variant(d, name.bytes()), out) }
}
unsafe extern "C" fn get_any<C: Decode>(d: *mut Dec, out: *mut Any) -> Status {
    let write = |value: AnyValue<'_>| {
        let any = Any {
            kind: value.kind,
            reserved: 0,
            bits: value.bits,
            bytes: value.bytes.0,
        };
        // SAFETY: the host passes room for the value.
        unsafe { *out = any };
    };
    // SAFETY: the host passes its own decoder.
    unsafe { run(d, C::any, write) }
}

unsafe extern "C" fn locate<C: Decode>(
    d: *mut Dec,
    offset: u64,
    line: *mut u32,
    column: *mut u32,
) -> Status {
    // SAFETY: the host passes its own decoder.
    let d = unsafe { &mut *d };
    let Some(place) = guard(None, || C::locate(d, offset)) else {
        return ERR;
    };
    // SAFETY: the host passes room for both.
    unsafe {
        *line = place.0;
        *column = place.1;
    }
    OK
}

/// The table of a decoder.
pub const fn dec_table<C: Decode>() -> DecVt {
    let hooks = C::HOOKS;
    DecVt {
        size: size_of::<DecVt>(),
        get_bool: Some(get_bool::<C>),
        get_i8: Some(get_i8::<C>),
        get_i16: Some(get_i16::<C>),
        get_i32: Some(get_i32::<C>),
        get_i64: Some(get_i64::<C>),
        get_u8: Some(get_u8::<C>),
        get_u16: Some(get_u16::<C>),
        get_u32: Some(get_u32::<C>),
        get_u64: Some(get_u64::<C>),
        get_i128: Some(get_i128::<C>),
        get_u128: Some(get_u128::<C>),
        get_f32: Some(get_f32::<C>),
        get_f64: Some(get_f64::<C>),
        get_char: Some(get_char::<C>),
        get_str: Some(get_str::<C>),
        get_bytes: Some(get_bytes::<C>),
        get_unit: Some(get_unit::<C>),
        get_option: Some(get_option::<C>),
        begin_seq: Some(begin_seq::<C>),
        more: when(hooks.more, more::<C>),
        end_seq: Some(end_seq::<C>),
        get_prims: Some(get_prims::<C>),
        begin_tuple: Some(begin_tuple::<C>),
        end_tuple: when(hooks.tuple_ends, end_tuple::<C>),
        begin_map: Some(begin_map::<C>),
        end_map: when(hooks.map_ends, end_map::<C>),
        begin_struct: when(hooks.structs, begin_struct::<C>),
        get_key: when(hooks.structs, get_key::<C>),
        end_struct: when(hooks.structs, end_struct::<C>),
        begin_variant: Some(begin_variant::<C>),
        end_variant: when(hooks.variant_ends, end_variant::<C>),
        get_any: when(hooks.any, get_any::<C>),
        skip: when(hooks.any, skip::<C>),
        begin_argument: when(hooks.arguments, begin_argument::<C>),
        finish: Some(finish::<C>),
        locate: when(hooks.locate, locate::<C>),
    }
}

/// An event that is wanted, or is skipped.
const fn when<F: Copy>(wanted: bool, event: F) -> Option<F> {
    if wanted { Some(event) } else { None }
}

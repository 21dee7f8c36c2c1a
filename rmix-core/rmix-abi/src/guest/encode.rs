//! The safe trait behind an encoder's table.

use super::Prims;
use super::panic::guard;
use crate::tables::{ERR, Enc, EncVt, Fault, OK, Status, Str, fault};

type Done = Result<(), Fault>;

/// Which of the optional events an encoder wants; the host skips the others.
#[derive(Debug, Clone, Copy, Default)]
pub struct EncodeHooks {
    /// `begin_tuple` and `end_tuple`.
    pub tuples: bool,
    /// `begin_struct` and `end_struct`.
    pub structs: bool,
    /// `field`.
    pub fields: bool,
    /// `end_variant`.
    pub variant_ends: bool,
    /// `argument`.
    pub arguments: bool,
}

fn unsupported(rule: &'static str) -> Done {
    Err(Fault::new(fault::UNSUPPORTED, rule))
}

/// An encoder: stateless functions over an [`Enc`], whose `state` words they may use. What is not overridden is
/// refused as unsupported by the format, or ignored where it only marks structure.
#[expect(unused_variables, reason = "defaults ignore what they refuse")]
pub trait Encode: 'static {
    /// Optional events that are wanted.
    const HOOKS: EncodeHooks;
    /// A truth value.
    fn bool(e: &mut Enc, value: bool) -> Done;
    /// An integer.
    fn i8(e: &mut Enc, value: i8) -> Done;
    /// An integer.
    fn i16(e: &mut Enc, value: i16) -> Done;
    /// An integer.
    fn i32(e: &mut Enc, value: i32) -> Done;
    /// An integer.
    fn i64(e: &mut Enc, value: i64) -> Done;
    /// An integer.
    fn u8(e: &mut Enc, value: u8) -> Done;
    /// An integer.
    fn u16(e: &mut Enc, value: u16) -> Done;
    /// An integer.
    fn u32(e: &mut Enc, value: u32) -> Done;
    /// An integer.
    fn u64(e: &mut Enc, value: u64) -> Done;
    /// An integer.
    fn i128(e: &mut Enc, value: i128) -> Done {
        unsupported("128-bit integers cannot be carried by this protocol")
    }
    /// An integer.
    fn u128(e: &mut Enc, value: u128) -> Done {
        unsupported("128-bit integers cannot be carried by this protocol")
    }
    /// A float.
    fn f32(e: &mut Enc, value: f32) -> Done;
    /// A float.
    fn f64(e: &mut Enc, value: f64) -> Done;
    /// A Unicode scalar value.
    fn char(e: &mut Enc, value: u32) -> Done;
    /// Text.
    fn str(e: &mut Enc, value: &[u8]) -> Done;
    /// Octets.
    fn bytes(e: &mut Enc, value: &[u8]) -> Done;
    /// Text that may not be UTF-8.
    fn raw_str(e: &mut Enc, value: &[u8]) -> Done {
        unsupported("text that is not UTF-8 cannot be carried by this protocol")
    }
    /// The unit value.
    fn unit(e: &mut Enc) -> Done;
    /// An absent optional value.
    fn none(e: &mut Enc) -> Done;
    /// A present optional value; the value follows.
    fn some(e: &mut Enc) -> Done;
    /// A sequence; returns a token for `end_seq`.
    fn begin_seq(e: &mut Enc, len: u64, element: u32) -> Result<u64, Fault>;
    /// End of a sequence.
    fn end_seq(e: &mut Enc, token: u64, element: u32, count: u64) -> Done;
    /// Primitives inside a sequence of their kind.
    fn prims(e: &mut Enc, values: Prims<'_>) -> Done;
    /// A tuple.
    fn begin_tuple(e: &mut Enc, len: u64) -> Done {
        Ok(())
    }
    /// End of a tuple.
    fn end_tuple(e: &mut Enc) -> Done {
        Ok(())
    }
    /// A map; returns a token for `end_map`.
    fn begin_map(e: &mut Enc, len: u64) -> Result<u64, Fault>;
    /// End of a map.
    fn end_map(e: &mut Enc, token: u64, count: u64) -> Done;
    /// A struct.
    fn begin_struct(e: &mut Enc, name: &[u8], fields: u64) -> Done {
        Ok(())
    }
    /// The field whose value follows.
    fn field(e: &mut Enc, name: &[u8], index: u32) -> Done {
        Ok(())
    }
    /// End of a struct.
    fn end_struct(e: &mut Enc) -> Done {
        Ok(())
    }
    /// A variant; content follows by shape.
    fn begin_variant(e: &mut Enc, name: &[u8], variant: &[u8], index: u32, shape: u32) -> Done;
    /// End of a variant.
    fn end_variant(e: &mut Enc, shape: u32) -> Done {
        Ok(())
    }
    /// A value of a type of the protocol's own.
    fn ext(e: &mut Enc, kind: i64, value: &[u8]) -> Done {
        unsupported("extension values cannot be carried by this protocol")
    }
    /// The argument whose value follows.
    fn argument(e: &mut Enc, index: u32) -> Done {
        Ok(())
    }
}

/// Runs one encoder function with its fault written into the encoder.
///
/// # Safety
/// `e` points to an encoder exclusively borrowed for the call.
unsafe fn run(e: *mut Enc, body: impl FnOnce(&mut Enc) -> Done) -> Status {
    // SAFETY: the caller vouches for the pointer.
    let e = unsafe { &mut *e };
    let panicked = Err(Fault::new(fault::PANIC, "the encoder panicked"));
    let Err(mut failure) = guard(panicked, || body(e)) else {
        return OK;
    };
    if failure.offset == 0 {
        failure.offset = e.buf.len() as u64;
    }
    e.fault = failure;
    ERR
}

macro_rules! scalars {
    ($($name:ident $method:ident $ty:ty),*) => { $(
        unsafe extern "C" fn $name<C: Encode>(e: *mut Enc, value: $ty) -> Status {
            // SAFETY: the host passes its own encoder.
            unsafe { run(e, |e| C::$method(e, value)) }
        }
    )* };
}
scalars!(
    put_i8 i8 i8, put_i16 i16 i16, put_i32 i32 i32, put_i64 i64 i64, put_u8 u8 u8, put_u16 u16 u16, put_u32 u32 u32,
    put_u64 u64 u64, put_f32 f32 f32, put_f64 f64 f64, put_char char u32, begin_tuple begin_tuple u64,
    end_variant end_variant u32, begin_argument argument u32
);

macro_rules! bare {
    ($($name:ident $method:ident),*) => { $(
        unsafe extern "C" fn $name<C: Encode>(e: *mut Enc) -> Status {
            // SAFETY: the host passes its own encoder.
            unsafe { run(e, C::$method) }
        }
    )* };
}
bare!(put_unit unit, put_none none, put_some some, end_tuple end_tuple, end_struct end_struct);

macro_rules! texts {
    ($($name:ident $method:ident),*) => { $(
        unsafe extern "C" fn $name<C: Encode>(e: *mut Enc, value: Str) -> Status {
            // SAFETY: the host passes its own encoder and bytes borrowed for the call.
            unsafe { run(e, |e| C::$method(e, value.bytes())) }
        }
    )* };
}
texts!(put_str str, put_bytes bytes, put_raw_str raw_str);

unsafe extern "C" fn put_bool<C: Encode>(e: *mut Enc, value: u8) -> Status {
    // SAFETY: the host passes its own encoder.
    unsafe { run(e, |e| C::bool(e, value != 0)) }
}
unsafe extern "C" fn put_i128<C: Encode>(e: *mut Enc, low: u64, high: i64) -> Status {
    let value = (i128::from(high) << 64) | i128::from(low);
    // SAFETY: the host passes its own encoder.
    unsafe { run(e, |e| C::i128(e, value)) }
}
unsafe extern "C" fn put_u128<C: Encode>(e: *mut Enc, low: u64, high: u64) -> Status {
    let value = (u128::from(high) << 64) | u128::from(low);
    // SAFETY: the host passes its own encoder.
    unsafe { run(e, |e| C::u128(e, value)) }
}
unsafe extern "C" fn begin_seq<C: Encode>(
    e: *mut Enc,
    len: u64,
    element: u32,
    token: *mut u64,
) -> Status {
    // SAFETY: the host passes its own encoder and room for a token.
    unsafe {
        run(e, |e| {
            *token = C::begin_seq(e, len, element)?;
            Ok(())
        })
    }
}
unsafe extern "C" fn end_seq<C: Encode>(
    e: *mut Enc,
    token: u64,
    element: u32,
    count: u64,
) -> Status {
    // SAFETY: the host passes its own encoder.
    unsafe { run(e, |e| C::end_seq(e, token, element, count)) }
}
unsafe extern "C" fn put_prims<C: Encode>(
    e: *mut Enc,
    element: u32,
    values: *const u8,
    count: usize,
) -> Status {
    // SAFETY: the host passes its own encoder and `count` values of the kind, borrowed for the call.
    unsafe {
        run(e, |e| match Prims::from_raw(element, values, count) {
            Some(values) => C::prims(e, values),
            None => Ok(()),
        })
    }
}
unsafe extern "C" fn begin_map<C: Encode>(e: *mut Enc, len: u64, token: *mut u64) -> Status {
    // SAFETY: the host passes its own encoder and room for a token.
    unsafe {
        run(e, |e| {
            *token = C::begin_map(e, len)?;
            Ok(())
        })
    }
}
unsafe extern "C" fn end_map<C: Encode>(e: *mut Enc, token: u64, count: u64) -> Status {
    // SAFETY: the host passes its own encoder.
    unsafe { run(e, |e| C::end_map(e, token, count)) }
}
unsafe extern "C" fn begin_struct<C: Encode>(e: *mut Enc, name: Str, fields: u64) -> Status {
    // SAFETY: the host passes its own encoder and bytes borrowed for the call.
    unsafe { run(e, |e| C::begin_struct(e, name.bytes(), fields)) }
}
unsafe extern "C" fn put_field<C: Encode>(e: *mut Enc, name: Str, index: u32) -> Status {
    // SAFETY: as in `begin_struct`.
    unsafe { run(e, |e| C::field(e, name.bytes(), index)) }
}
unsafe extern "C" fn begin_variant<C: Encode>(
    e: *mut Enc,
    name: Str,
    variant: Str,
    index: u32,
    shape: u32,
) -> Status {
    // SAFETY: as in `begin_struct`.
    unsafe {
        run(e, |e| {
            C::begin_variant(e, name.bytes(), variant.bytes(), index, shape)
        })
    }
}
unsafe extern "C" fn put_ext<C: Encode>(e: *mut Enc, kind: i64, value: Str) -> Status {
    // SAFETY: as in `begin_struct`.
    unsafe { run(e, |e| C::ext(e, kind, value.bytes())) }
}

/// The table of an encoder.
pub const fn enc_table<C: Encode>() -> EncVt {
    let hooks = C::HOOKS;
    EncVt {
        size: size_of::<EncVt>(),
        put_bool: Some(put_bool::<C>),
        put_i8: Some(put_i8::<C>),
        put_i16: Some(put_i16::<C>),
        put_i32: Some(put_i32::<C>),
        put_i64: Some(put_i64::<C>),
        put_u8: Some(put_u8::<C>),
        put_u16: Some(put_u16::<C>),
        put_u32: Some(put_u32::<C>),
        put_u64: Some(put_u64::<C>),
        put_i128: Some(put_i128::<C>),
        put_u128: Some(put_u128::<C>),
        put_f32: Some(put_f32::<C>),
        put_f64: Some(put_f64::<C>),
        put_char: Some(put_char::<C>),
        put_str: Some(put_str::<C>),
        put_bytes: Some(put_bytes::<C>),
        put_raw_str: Some(put_raw_str::<C>),
        put_unit: Some(put_unit::<C>),
        put_none: Some(put_none::<C>),
        put_some: Some(put_some::<C>),
        begin_seq: Some(begin_seq::<C>),
        end_seq: Some(end_seq::<C>),
        put_prims: Some(put_prims::<C>),
        begin_tuple: if hooks.tuples {
            Some(begin_tuple::<C>)
        } else {
            None
        },
        end_tuple: if hooks.tuples {
            Some(end_tuple::<C>)
        } else {
            None
        },
        begin_map: Some(begin_map::<C>),
        end_map: Some(end_map::<C>),
        begin_struct: if hooks.structs {
            Some(begin_struct::<C>)
        } else {
            None
        },
        put_field: if hooks.fields {
            Some(put_field::<C>)
        } else {
            None
        },
        end_struct: if hooks.structs {
            Some(end_struct::<C>)
        } else {
            None
        },
        begin_variant: Some(begin_variant::<C>),
        end_variant: if hooks.variant_ends {
            Some(end_variant::<C>)
        } else {
            None
        },
        put_ext: Some(put_ext::<C>),
        begin_argument: if hooks.arguments {
            Some(begin_argument::<C>)
        } else {
            None
        },
    }
}

//! The layout hash: size, alignment and field offsets of every type that crosses, folded into one number, so that a
//! provider built against other structs is refused before any of its code runs.

use std::mem::{align_of, offset_of, size_of};

use crate::describe::*;
use crate::tables::*;

/// Hash of this build's tables at [`MINOR`].
pub const HASH: u64 = hash(TYPES);

/// What this side was built as, for the message that refuses a provider that does not fit.
pub const BUILD: &str = concat!(
    "rmix-abi ",
    env!("CARGO_PKG_VERSION"),
    ", ",
    env!("RMIX_BUILD_TARGET"),
    ", ",
    env!("RMIX_BUILD_RUSTC")
);

const fn fold(mut hash: u64, value: usize) -> u64 {
    // FNV-1a over the eight bytes of `value`.
    let bytes = (value as u64).to_le_bytes();
    let mut i = 0;
    while i < bytes.len() {
        hash ^= bytes[i] as u64;
        hash = hash.wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

/// One type that crosses: what the hash folds, and what the C header is checked against.
#[doc(hidden)]
#[derive(Debug)]
pub struct TypeLayout {
    /// Name in Rust; `Rmix` stands before it in C.
    pub name: &'static str,
    /// Size in bytes.
    pub size: usize,
    /// Alignment in bytes.
    pub align: usize,
    /// Name and offset of every field, in order.
    pub fields: &'static [(&'static str, usize)],
}

const fn hash(types: &[TypeLayout]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut i = 0;
    while i < types.len() {
        let ty = &types[i];
        hash = fold(fold(hash, ty.size), ty.align);
        let mut j = 0;
        while j < ty.fields.len() {
            hash = fold(hash, ty.fields[j].1);
            j += 1;
        }
        i += 1;
    }
    hash
}

macro_rules! types {
    ($($ty:ident { $($field:ident),* $(,)? })*) => {
        /// Every type that crosses, with every field: the one list behind [`HASH`] and the C header's test.
        #[doc(hidden)]
        pub const TYPES: &[TypeLayout] = &[$(TypeLayout {
            name: stringify!($ty),
            size: size_of::<$ty>(),
            align: align_of::<$ty>(),
            fields: &[$((stringify!($field), offset_of!($ty, $field))),*],
        }),*];
    };
}

types! {
    Str { p, n }
    Buf { p, len, cap, vt }
    BufVt { size, reserve, free }
    Holder { words, drop }
    Context { p, drop }
    Err { kind, cause, delivery, flags, code, message }
    Fault { rule, offset, declared, limit, flags, class }
    Limits { size, message_bytes, items, queued_bytes, connect_ns, handshake_ns, message_ns, idle_ns, depth, fragments,
        outstanding, connections, connections_per_peer, reserved }
    AbiWaker { words, vt }
    WakeVt { size, clone, wake_by_ref, drop }
    Any { kind, reserved, bits, bytes }
    Enc { buf, vt, profile, depth_left, bytes_max, state, fault, context }
    Dec { start, p, end, vt, profile, depth_left, items_left, state, fault, holder, context }
    EncVt { size, put_bool, put_i8, put_i16, put_i32, put_i64, put_u8, put_u16, put_u32, put_u64, put_i128, put_u128,
        put_f32, put_f64, put_char, put_str, put_bytes, put_raw_str, put_unit, put_none, put_some, begin_seq,
        end_seq, put_prims, begin_tuple, end_tuple, begin_map, end_map, begin_struct, put_field, end_struct,
        begin_variant, end_variant, put_ext, begin_argument }
    DecVt { size, get_bool, get_i8, get_i16, get_i32, get_i64, get_u8, get_u16, get_u32, get_u64, get_i128, get_u128,
        get_f32, get_f64, get_char, get_str, get_bytes, get_unit, get_option, begin_seq, more, end_seq, get_prims,
        begin_tuple, end_tuple, begin_map, end_map, begin_struct, get_key, end_struct, begin_variant, end_variant,
        get_any, skip, begin_argument, finish }
    CallOptions { size, deadline_ns }
    Reply { kind, reserved, dec }
    LinkVt { size, begin, submit, abort, poll_call, drop_call, poll_ready, poll_flush, poll_close, abandon, is_open,
        describe, release }
    ListenerVt { size, endpoint, poll_close, abandon, release }
    ServerCall { size, object, connection, method, number, flags, arguments, reserved, peer, claim, dec, responder }
    Responder { words, vt }
    ResponderVt { size, begin, submit, abort, refuse }
    HostVt { size, ctx, fd_register, fd_poll_io, fd_release, now_ns, timer_new, timer_poll, timer_release, spawn,
        spawn_blocking, dispatch, connection_closed, next_connection, log }
    ProviderEntry { magic, size, major, minor, layout, name, version, build, schemes, capabilities, init }
    ProviderVt { size, connect, listen, release }
    OpenRequest { size, endpoint, limits, object, interface }
    Opened { object, link, listener }
    Fut { p, vt }
    FutVt { size, poll, drop }
    InterfaceDesc { name, namespace, program, version, methods, method_count, style, reserved }
    MethodDesc { name, number, flags, arguments, argument_count, result, fault, soap, interface }
    TypeRef { get }
    FieldDesc { name, schema, xml }
    VariantDesc { name, index, shape, flags, reserved, fields, field_count, xml }
    TypeDesc { kind, len, name, fields, field_count, variants, variant_count, element, key, xml }
    FieldXml { flags, reserved, namespace, item, name }
    TypeXml { flags, reserved, namespace, builtin }
    MethodSoap { flags, reserved, action, request, request_namespace, response, response_namespace, result,
        result_namespace }
}

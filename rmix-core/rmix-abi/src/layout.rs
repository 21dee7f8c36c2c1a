//! The layout hash: size, alignment and field offsets of every type that crosses, folded into one number, so that a
//! provider built against other structs is refused before any of its code runs.

use std::mem::{align_of, offset_of, size_of};

use crate::describe::*;
use crate::tables::*;

/// Hash of this build's tables at [`MINOR`].
pub const HASH: u64 = hash();

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

macro_rules! fold_types {
    ($hash:ident; $($ty:ty { $($field:tt),* })*) => {
        $(
            $hash = fold($hash, size_of::<$ty>());
            $hash = fold($hash, align_of::<$ty>());
            $($hash = fold($hash, offset_of!($ty, $field));)*
        )*
    };
}

const fn hash() -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    fold_types! { hash;
        Str { p, n }
        Buf {}
        BufVt { size, reserve, free }
        Holder {}
        Err { kind, cause, delivery, flags, code, message }
        Fault { rule, offset, declared, limit, flags, class }
        Limits { size, message_bytes, items, queued_bytes, handshake_ns, message_ns, idle_ns, depth, fragments,
            outstanding, connections, connections_per_peer, reserved }
        AbiWaker {}
        WakeVt { size, clone, wake_by_ref, drop }
        Any { kind, reserved, bits, bytes }
        Enc { buf, vt, profile, depth_left, bytes_max, state, fault }
        Dec { start, p, end, vt, profile, depth_left, items_left, state, fault, holder }
        EncVt { size, put_bool, begin_argument }
        DecVt { size, get_bool, finish }
        CallOptions { size, deadline_ns }
        Reply { kind, reserved, dec }
        LinkVt { size, begin, submit, abort, poll_call, drop_call, poll_ready, poll_flush, poll_close, abandon, is_open,
            describe, release }
        ListenerVt { size, endpoint, poll_close, abandon, release }
        ServerCall { size, object, connection, method, number, flags, arguments, reserved, peer, dec, responder }
        Responder { words, vt }
        ResponderVt { size, begin, submit, abort, refuse }
        HostVt { size, ctx, fd_register, fd_poll_io, fd_release, now_ns, timer_new, timer_poll, timer_release, spawn,
            spawn_blocking, dispatch, connection_closed, next_connection, log }
        ProviderEntry { magic, size, major, minor, layout, name, version, build, schemes, capabilities, init }
        ProviderVt { size, connect, listen, release }
        OpenRequest { size, endpoint, limits, object }
        Opened { object, link, listener }
        Fut { p, vt }
        FutVt { size, poll, drop }
        InterfaceDesc { name, namespace, program, version, methods, method_count }
        MethodDesc { name, number, flags, arguments, argument_count, result, fault }
        FieldDesc { name, schema }
        VariantDesc { name, index, shape, fields, field_count }
        TypeDesc { kind, len, name, fields, field_count, variants, variant_count, element, key }
    }
    hash
}

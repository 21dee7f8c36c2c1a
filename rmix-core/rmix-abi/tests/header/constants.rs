//! Every number of the boundary with its name in the header; `header.rs` checks that none of the sources is missing.

use rmix_abi::describe::{field_flags, method_flags, style, type_flags, type_kind, variant_flags};
use rmix_abi::tables::{
    self, any, call_flags, capability, cause, delivery, fault, kind, layout, level, prim, profile,
    refusal, reply, shape,
};

macro_rules! constants {
    ($($prefix:literal, $module:ident => $($name:ident)+;)*) => {
        /// Name in the header, and value as 64 bits, negative ones in two's complement.
        pub(super) const ALL: &[(&str, u64)] = &[$($(
            (concat!("RMIX_", $prefix, stringify!($name)), $module::$name as u64),
        )+)*];
    };
}

constants! {
    "", tables => OK PENDING END FULL ERR UNKNOWN READ WRITE IO_WOULD_BLOCK IO_DRAINED MAJOR MINOR;
    "CALL_FLAGS_", call_flags => ONEWAY IDEMPOTENT FAULTS DRIVEN STARTED RETURNS;
    "REPLY_", reply => VALUE FAULT;
    "REFUSAL_", refusal => DONE NO_SUCH_OBJECT NO_SUCH_METHOD BAD_ARGUMENTS INTERNAL BUSY DENIED;
    "PRIM_", prim => NONE U8 I8 I16 U16 I32 U32 I64 U64 F32 F64;
    "PROFILE_", profile => NONE FIXED_BE4;
    "SHAPE_", shape => UNIT NEWTYPE TUPLE STRUCT;
    "LAYOUT_", layout => POSITIONAL NAMED;
    "ANY_", any => NIL BOOL I64 U64 F32 F64 STR BYTES SEQ MAP EXT;
    "KIND_", kind => RETRY RECONNECT FIX_REQUEST UNSUPPORTED DENIED PEER_BROKEN INTERNAL;
    "CAUSE_", cause => OTHER TIMEOUT CANCELLED CONNECT RESOLVE LINK_CLOSED IO PROTOCOL CODEC
        NO_SUCH_OBJECT NO_SUCH_METHOD BAD_ARGUMENTS REMOTE LIMIT PANIC SHUTDOWN ENDPOINT CHILD_EXITED AUTHENTICATION VERSION;
    "DELIVERY_", delivery => NOT_SENT MAYBE_EXECUTED EXECUTED;
    "FAULT_", fault => NONE MALFORMED MISMATCH UNSUPPORTED LIMIT PANIC;
    "LEVEL_", level => ERROR WARN INFO DEBUG;
    "CAPABILITY_", capability => ONEWAY TWOWAY LISTEN SYMMETRIC FAULTS ORDERED CONCURRENT SELF_DESCRIBING
        NUMBERED CANCEL DEADLINE;
    "TYPE_KIND_", type_kind => UNIT BOOL I8 I16 I32 I64 I128 U8 U16 U32 U64 U128 F32 F64 CHAR
        STRING BYTES OPTION SEQ ARRAY MAP TUPLE STRUCT ENUM ANY OPAQUE LIST;
    "VARIANT_FLAGS_", variant_flags => DISCRIMINANT DEFAULT;
    "STYLE_", style => WRAPPED BARE RPC ENCODED;
    "FIELD_FLAGS_", field_flags => ATTRIBUTE TEXT LIST HEX NILLABLE WRAPPED CHOICE HEADER;
    "TYPE_FLAGS_", type_flags => DERIVED REFERENCE;
    "METHOD_FLAGS_", method_flags => OUTPUTS;
}

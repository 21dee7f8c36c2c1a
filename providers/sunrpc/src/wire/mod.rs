//! ONC RPC on the wire (RFC 5531): record marking, call and reply headers, the AUTH_SYS credential.
//!
//! Pure functions and one state machine over bytes that somebody else read. Nothing here knows a
//! socket, a clock, a call table or what to do about a refused message: that is the session's.
//! Arguments and results stay opaque; a decoded header says where they start.

mod auth;
mod auth_sys;
mod call;
mod error;
mod message;
mod record;
mod reply;

#[cfg(test)]
mod tests;

pub use auth::{
    AUTH_BODY_BYTES_MAX, AUTH_DH, AUTH_NONE, AUTH_SHORT, AUTH_SYS, AUTH_TLS, AuthStatus,
    OpaqueAuth, RPCSEC_GSS,
};
pub use auth_sys::{AuthSys, GIDS_MAX, MACHINE_NAME_BYTES_MAX};
pub use call::{CallHeader, RPC_VERSION};
pub use error::{MessageError, RecordError};
pub use message::{Message, Xid};
pub use record::{
    FRAGMENT_BYTES_MAX, RECORD_MARK_BYTES, RecordLimits, RecordReader, begin_record, finish_record,
    record_mark, unmark_last,
};
pub use reply::{AcceptStatus, RejectStatus, ReplyHeader, ReplyStatus};

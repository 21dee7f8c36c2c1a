//! Why a record or a message header was refused, with the values that disagreed.
//!
//! No variant owns memory, and none decides what to do next: most mean that the peer is broken, but
//! a server may still answer a call whose credential is malformed, so the XID is kept wherever it
//! was read.

use std::error::Error;
use std::fmt;

use rmix_xdr::XdrError;

use super::message::Xid;

/// A broken rule of record marking, or an exceeded limit. The stream cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// A fragment's declared length takes its record beyond the limit; none of the fragment was
    /// taken.
    RecordTooLong {
        /// Number of the fragment within its record, from 1.
        fragment: u32,
        /// Bytes of the record in earlier fragments.
        assembled: usize,
        /// Declared length of this fragment.
        declared: u32,
        /// The limit on the record's bytes.
        limit: usize,
    },
    /// A record goes on after its last permitted fragment.
    TooManyFragments {
        /// The limit on fragments per record.
        limit: u32,
    },
    /// A record to be sent is longer than a fragment can be.
    FragmentTooLong {
        /// The record's length without its mark.
        length: usize,
    },
    /// A record to be sent has no room for its mark at the start.
    MarkMissing {
        /// The buffer's length.
        length: usize,
    },
}

impl fmt::Display for RecordError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::RecordTooLong {
                fragment,
                assembled,
                declared,
                limit,
            } => write!(
                out,
                "fragment {fragment} declares {declared} bytes after {assembled}: the record exceeds {limit} bytes"
            ),
            Self::TooManyFragments { limit } => {
                write!(out, "record has more than {limit} fragments")
            }
            Self::FragmentTooLong { length } => write!(
                out,
                "record of {length} bytes does not fit one fragment of at most {} bytes",
                super::FRAGMENT_BYTES_MAX
            ),
            Self::MarkMissing { length } => {
                write!(out, "buffer of {length} bytes has no record mark")
            }
        }
    }
}

impl Error for RecordError {}

/// A call or reply header that cannot be read. The variant says how far decoding came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageError {
    /// Not even an XID and a message type are there.
    Start {
        /// The broken rule.
        cause: XdrError,
    },
    /// The message type is neither CALL nor REPLY.
    MessageType {
        /// The message's XID.
        xid: Xid,
        /// The broken rule: an unknown discriminant.
        cause: XdrError,
    },
    /// A call's version, program or procedure numbers are cut short.
    Call {
        /// The call's XID.
        xid: Xid,
        /// The broken rule.
        cause: XdrError,
    },
    /// A call's credential is malformed or longer than permitted.
    Credential {
        /// The call's XID.
        xid: Xid,
        /// The broken rule.
        cause: XdrError,
    },
    /// A call's or reply's verifier is malformed or longer than permitted.
    Verifier {
        /// The message's XID.
        xid: Xid,
        /// The broken rule.
        cause: XdrError,
    },
    /// A reply's status is cut short, unknown, or followed by bytes that its status does not allow.
    Reply {
        /// The reply's XID.
        xid: Xid,
        /// The broken rule.
        cause: XdrError,
    },
}

impl MessageError {
    /// The XID of the refused message, where it could be read.
    #[must_use]
    pub const fn xid(&self) -> Option<Xid> {
        match *self {
            Self::Start { .. } => None,
            Self::MessageType { xid, .. }
            | Self::Call { xid, .. }
            | Self::Credential { xid, .. }
            | Self::Verifier { xid, .. }
            | Self::Reply { xid, .. } => Some(xid),
        }
    }

    /// The broken rule, with its offset in the message.
    #[must_use]
    pub const fn cause(&self) -> &XdrError {
        match self {
            Self::Start { cause }
            | Self::MessageType { cause, .. }
            | Self::Call { cause, .. }
            | Self::Credential { cause, .. }
            | Self::Verifier { cause, .. }
            | Self::Reply { cause, .. } => cause,
        }
    }
}

impl fmt::Display for MessageError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self {
            Self::Start { .. } => "start of a message",
            Self::MessageType { .. } => "message type",
            Self::Call { .. } => "call header",
            Self::Credential { .. } => "credential of a call",
            Self::Verifier { .. } => "verifier of a message",
            Self::Reply { .. } => "reply header",
        };
        match self.xid() {
            Some(xid) => write!(out, "{part} with XID {xid} refused"),
            None => write!(out, "{part} refused"),
        }
    }
}

impl Error for MessageError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.cause())
    }
}

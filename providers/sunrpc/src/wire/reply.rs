//! The header of a reply (RFC 5531 s9): accepted with a verifier and a status, or denied with a
//! reason.
//!
//! ```text
//! offset 0   XID                                0   XID
//!        4   message type 1 = REPLY             4   message type 1 = REPLY
//!        8   0 = MSG_ACCEPTED                   8   1 = MSG_DENIED
//!       12   verifier: flavor, length, body    12   reject status: 0 RPC_MISMATCH, 1 AUTH_ERROR
//!        …   accept status 0..5                16   lowest and highest RPC version, or one auth status
//!        …   results (SUCCESS), or lowest and highest version (PROG_MISMATCH), or nothing
//! ```
//! All numbers are four bytes, big-endian. Does not pair replies with calls and maps no status to
//! an error.

use rmix_xdr::{Sink, XdrDecoder, XdrEncoder, XdrError};

use super::auth::{AuthStatus, OpaqueAuth};
use super::error::MessageError;
use super::message::{REPLY, Xid};

/// The header of a reply. Complete on purpose: the wire has no further field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyHeader<'a> {
    /// The XID of the call that is answered.
    pub xid: Xid,
    /// What became of it.
    pub status: ReplyStatus<'a>,
}

/// What became of a call. Complete on purpose: the protocol has no third answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyStatus<'a> {
    /// The RPC version and the credential were accepted.
    Accepted {
        /// The server's verifier.
        verifier: OpaqueAuth<'a>,
        /// What the program made of the call.
        status: AcceptStatus,
    },
    /// The call was refused before any program saw it.
    Denied(RejectStatus),
}

/// Outcome of an accepted call. Complete on purpose: another number is a protocol error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptStatus {
    /// Executed; the results follow the header.
    Success,
    /// The program is not exported here.
    ProgUnavail,
    /// The program is here, but not in this version.
    ProgMismatch {
        /// Lowest version that is.
        low: u32,
        /// Highest version that is.
        high: u32,
    },
    /// The program has no such procedure.
    ProcUnavail,
    /// The arguments could not be decoded.
    GarbageArgs,
    /// The server failed, for example for want of memory.
    SystemErr,
}

/// Why a call was denied. Complete on purpose: another number is a protocol error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectStatus {
    /// The server does not speak the call's RPC version.
    RpcMismatch {
        /// Lowest RPC version that it speaks.
        low: u32,
        /// Highest RPC version that it speaks.
        high: u32,
    },
    /// The server refuses the caller's credential or verifier.
    AuthError(AuthStatus),
}

impl<'a> ReplyHeader<'a> {
    /// The header that precedes results, with an empty verifier.
    #[must_use]
    pub const fn success(xid: Xid) -> Self {
        Self::accepted(xid, AcceptStatus::Success)
    }

    /// An accepted reply with an empty verifier.
    #[must_use]
    pub const fn accepted(xid: Xid, status: AcceptStatus) -> Self {
        Self {
            xid,
            status: ReplyStatus::Accepted {
                verifier: OpaqueAuth::NONE,
                status,
            },
        }
    }

    /// A denied reply.
    #[must_use]
    pub const fn denied(xid: Xid, status: RejectStatus) -> Self {
        Self {
            xid,
            status: ReplyStatus::Denied(status),
        }
    }

    /// Appends the header; after [`AcceptStatus::Success`] the results follow by the caller, after
    /// others nothing may.
    ///
    /// # Errors
    /// [`XdrError::ValueTooLong`] for a verifier of more than 400 bytes; nothing was written.
    // spec: RFC5531 s9
    pub fn encode<S: Sink + ?Sized>(&self, sink: &mut S) -> Result<(), XdrError> {
        if let ReplyStatus::Accepted { verifier, .. } = &self.status {
            verifier.check()?;
        }
        let mut encoder = XdrEncoder::new(sink);
        match self.status {
            ReplyStatus::Accepted { verifier, status } => {
                encoder.words([self.xid.0, REPLY, MSG_ACCEPTED]);
                verifier.encode(&mut encoder)?;
                status.encode(&mut encoder);
            }
            ReplyStatus::Denied(status) => {
                encoder.words([self.xid.0, REPLY, MSG_DENIED]);
                status.encode(&mut encoder);
            }
        }
        Ok(())
    }

    /// Takes what follows the message type.
    // spec: RFC5531 s9
    pub(super) fn decode(xid: Xid, decoder: &mut XdrDecoder<'a>) -> Result<Self, MessageError> {
        let refused = |cause| MessageError::Reply { xid, cause };
        let offset = decoder.offset();
        let status = match decoder.u32().map_err(refused)? {
            MSG_ACCEPTED => ReplyStatus::Accepted {
                verifier: OpaqueAuth::decode(decoder)
                    .map_err(|cause| MessageError::Verifier { xid, cause })?,
                status: AcceptStatus::decode(decoder).map_err(refused)?,
            },
            MSG_DENIED => ReplyStatus::Denied(RejectStatus::decode(decoder).map_err(refused)?),
            other => return Err(refused(unknown(offset, other))),
        };
        let results_follow = matches!(
            status,
            ReplyStatus::Accepted {
                status: AcceptStatus::Success,
                ..
            }
        );
        if !results_follow {
            decoder.finish().map_err(refused)?;
        }
        Ok(Self { xid, status })
    }
}

impl AcceptStatus {
    fn encode<S: Sink + ?Sized>(self, encoder: &mut XdrEncoder<'_, S>) {
        match self {
            Self::Success => encoder.u32(SUCCESS),
            Self::ProgUnavail => encoder.u32(PROG_UNAVAIL),
            Self::ProgMismatch { low, high } => encoder.words([PROG_MISMATCH, low, high]),
            Self::ProcUnavail => encoder.u32(PROC_UNAVAIL),
            Self::GarbageArgs => encoder.u32(GARBAGE_ARGS),
            Self::SystemErr => encoder.u32(SYSTEM_ERR),
        }
    }

    fn decode(decoder: &mut XdrDecoder<'_>) -> Result<Self, XdrError> {
        let offset = decoder.offset();
        match decoder.u32()? {
            SUCCESS => Ok(Self::Success),
            PROG_UNAVAIL => Ok(Self::ProgUnavail),
            PROG_MISMATCH => {
                let [low, high] = decoder.words()?;
                Ok(Self::ProgMismatch { low, high })
            }
            PROC_UNAVAIL => Ok(Self::ProcUnavail),
            GARBAGE_ARGS => Ok(Self::GarbageArgs),
            SYSTEM_ERR => Ok(Self::SystemErr),
            other => Err(unknown(offset, other)),
        }
    }
}

impl RejectStatus {
    fn encode<S: Sink + ?Sized>(self, encoder: &mut XdrEncoder<'_, S>) {
        match self {
            Self::RpcMismatch { low, high } => encoder.words([RPC_MISMATCH, low, high]),
            Self::AuthError(status) => encoder.words([AUTH_ERROR, status.into()]),
        }
    }

    fn decode(decoder: &mut XdrDecoder<'_>) -> Result<Self, XdrError> {
        let offset = decoder.offset();
        match decoder.u32()? {
            RPC_MISMATCH => {
                let [low, high] = decoder.words()?;
                Ok(Self::RpcMismatch { low, high })
            }
            AUTH_ERROR => Ok(Self::AuthError(decoder.u32()?.into())),
            other => Err(unknown(offset, other)),
        }
    }
}

fn unknown(offset: usize, value: u32) -> XdrError {
    XdrError::UnknownDiscriminant {
        offset,
        value: value.cast_signed(),
    }
}

const MSG_ACCEPTED: u32 = 0;
const MSG_DENIED: u32 = 1;

const SUCCESS: u32 = 0;
const PROG_UNAVAIL: u32 = 1;
const PROG_MISMATCH: u32 = 2;
const PROC_UNAVAIL: u32 = 3;
const GARBAGE_ARGS: u32 = 4;
const SYSTEM_ERR: u32 = 5;

const RPC_MISMATCH: u32 = 0;
const AUTH_ERROR: u32 = 1;

//! A message of either direction: what the first two words say, then the call's or the reply's
//! header.
//!
//! Both directions come in on one connection when it carries reverse calls, so there is one decoder
//! for both. Arguments and results are not looked at; a call in another RPC version is recognised
//! and not read any further.

use std::fmt;

use rmix_xdr::{XdrDecoder, XdrError};

use super::call::{CallHeader, RPC_VERSION};
use super::error::MessageError;
use super::reply::ReplyHeader;

/// A transaction id: the number that pairs a reply with its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Xid(pub u32);

impl fmt::Display for Xid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:#010x}", self.0)
    }
}

/// A decoded header. Complete on purpose: other message types are errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A call in RPC version 2.
    Call {
        /// Its header.
        header: CallHeader<'a>,
        /// Where the arguments start.
        body_offset: usize,
    },
    /// A call in another RPC version, to be answered with RPC_MISMATCH; its layout beyond the
    /// version is unknown.
    CallOfOtherVersion {
        /// The XID to answer with.
        xid: Xid,
        /// The version that the caller speaks; not 2.
        rpc_version: u32,
    },
    /// A reply.
    Reply {
        /// Its header.
        header: ReplyHeader<'a>,
        /// Where the results start, if the call succeeded; otherwise the end of the message.
        body_offset: usize,
    },
}

impl<'a> Message<'a> {
    /// Decodes the header at the start of `record`: a record of a stream, or a datagram.
    ///
    /// # Errors
    /// [`MessageError`], with the XID where it was there. Nothing that is unreadable is answered by
    /// itself: the caller decides.
    // spec: RFC5531 s9
    pub fn decode(record: &'a [u8]) -> Result<Self, MessageError> {
        let mut decoder = XdrDecoder::new(record);
        let [xid, message_type] = decoder
            .words()
            .map_err(|cause| MessageError::Start { cause })?;
        let xid = Xid(xid);
        match message_type {
            CALL => Self::decode_call(xid, &mut decoder),
            REPLY => Ok(Self::Reply {
                header: ReplyHeader::decode(xid, &mut decoder)?,
                body_offset: decoder.offset(),
            }),
            other => Err(MessageError::MessageType {
                xid,
                cause: XdrError::UnknownDiscriminant {
                    offset: MESSAGE_TYPE_OFFSET,
                    value: other.cast_signed(),
                },
            }),
        }
    }

    /// The XID, whichever the direction.
    #[must_use]
    pub const fn xid(&self) -> Xid {
        match self {
            Self::Call { header, .. } => header.xid,
            Self::CallOfOtherVersion { xid, .. } => *xid,
            Self::Reply { header, .. } => header.xid,
        }
    }

    fn decode_call(xid: Xid, decoder: &mut XdrDecoder<'a>) -> Result<Self, MessageError> {
        let rpc_version = decoder
            .u32()
            .map_err(|cause| MessageError::Call { xid, cause })?;
        if rpc_version != RPC_VERSION {
            return Ok(Self::CallOfOtherVersion { xid, rpc_version });
        }
        Ok(Self::Call {
            header: CallHeader::decode(xid, decoder)?,
            body_offset: decoder.offset(),
        })
    }
}

/// Message type of a call.
pub(super) const CALL: u32 = 0;
/// Message type of a reply.
pub(super) const REPLY: u32 = 1;

const MESSAGE_TYPE_OFFSET: usize = 4;

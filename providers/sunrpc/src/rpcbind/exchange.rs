//! One call at a time to an rpcbind: over a stream (TCP, Unix socket) or in datagrams. Waits for ever: whoever calls sets
//! the time limit around it. Nothing blocks the thread.

mod datagram;
mod stream;

use std::hash::{BuildHasher, Hasher, RandomState};

use bytes::Bytes;
use rmix_provider::tables::Err;

pub(crate) use self::datagram::{DatagramExchange, FIRST_WAIT_NS};
pub(crate) use self::stream::{LocalSocket, StreamExchange};
use super::RPCBIND_PROGRAM;
use super::ask::{Answered, unreadable, unsayable};
use crate::wire::{AcceptStatus, CallHeader, Message, OpaqueAuth, ReplyHeader, ReplyStatus, Xid};

/// An XID that nobody else can guess, as far as the standard library's seeds go.
pub(crate) fn fresh_xid() -> Xid {
    let [_, _, _, _, word @ ..] = RandomState::new().build_hasher().finish().to_be_bytes();
    Xid(u32::from_be_bytes(word))
}

/// Appends a call without credential.
fn put_call(
    message: &mut Vec<u8>,
    xid: Xid,
    version: u32,
    procedure: u32,
    arguments: &[u8],
) -> Result<(), Err> {
    let header = CallHeader {
        xid,
        program: RPCBIND_PROGRAM,
        version,
        procedure,
        credential: OpaqueAuth::NONE,
        verifier: OpaqueAuth::NONE,
    };
    header.encode(message).map_err(unsayable)?;
    message.extend_from_slice(arguments);
    Ok(())
}

/// What a message says about the call with this XID; none for a message that is something else.
fn answer_to(xid: Xid, message: &Bytes, whom: &str) -> Result<Option<Answered>, Err> {
    let read = Message::decode(message).map_err(|failure| unreadable(whom, failure))?;
    let Message::Reply {
        header: ReplyHeader { xid: named, status },
        body_offset,
    } = read
    else {
        return Ok(None);
    };
    if named != xid {
        return Ok(None);
    }
    Ok(Some(match status {
        ReplyStatus::Accepted {
            status: AcceptStatus::Success,
            ..
        } => Answered::Success(message.slice(body_offset..)),
        ReplyStatus::Accepted { status, .. } => Answered::Accepted(status),
        ReplyStatus::Denied(status) => Answered::Denied(status),
    }))
}

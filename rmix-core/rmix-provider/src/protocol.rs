//! What a stream protocol has to say for itself; pure, without input or output.

use std::net::{IpAddr, SocketAddr};

use bytes::{Bytes, BytesMut};
use rmix_abi::describe::MethodDesc;
use rmix_abi::tables::{DecVt, Enc, EncVt, Err, Limits, cause, delivery, kind};

use crate::outbox::Outgoing;

/// A rule of the protocol that the peer broke: the link is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// One sentence: rule, place, limit.
    pub message: String,
    /// Whether a limit was exceeded, rather than the format broken.
    pub limit: bool,
}

impl Violation {
    /// The format was broken.
    pub fn format(message: impl Into<String>) -> Violation {
        Violation {
            message: message.into(),
            limit: false,
        }
    }

    /// A limit was exceeded.
    pub fn limit(message: impl Into<String>) -> Violation {
        Violation {
            message: message.into(),
            limit: true,
        }
    }

    /// As the error of the calls that were waiting.
    pub fn to_err(&self) -> Err {
        let cause = if self.limit {
            cause::LIMIT
        } else {
            cause::PROTOCOL
        };
        Err::new(kind::PEER_BROKEN, cause, self.message.clone()).delivered(delivery::MAYBE_EXECUTED)
    }
}

/// Cuts messages off a byte stream, incrementally.
pub trait Framer: Send + 'static {
    /// Splits the next whole message off the front of `input`, or `None` until more bytes are appended.
    ///
    /// # Errors
    /// The peer broke a rule; the stream is lost.
    fn next(&mut self, input: &mut BytesMut) -> Result<Option<Bytes>, Violation>;

    /// How many more bytes the message under way is known to need; a hint for the next read.
    fn needed(&self) -> usize;

    /// Whether no message is under way, given that `next` returned `None`.
    fn is_between_messages(&self, input: &BytesMut) -> bool {
        input.is_empty()
    }
}

/// What a reply's body is.
#[derive(Debug)]
pub enum ReplyKind {
    /// The result.
    Value(Bytes),
    /// A fault's value.
    Fault(Bytes),
    /// An error of the machinery, said by the peer.
    Refused(Err),
}

/// Where a message came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The peer's address and port; none for a process of this host that came through a file or a pipe.
    pub address: Option<SocketAddr>,
    /// The address of this host that the peer asked, where it is known.
    pub asked: Option<IpAddr>,
    /// Number of the connection, unique in this host.
    pub connection: u64,
    /// When it came, on the host's clock; one reading may stand for all that one read brought.
    pub now_ns: u64,
}

impl Origin {
    /// Whether the peer is a process of this host.
    pub fn is_local(&self) -> bool {
        self.address
            .is_none_or(|address| address.ip().to_canonical().is_loopback())
    }
}

/// An inbound call.
#[derive(Debug)]
pub struct Request {
    /// The peer's number for it; `None` for one-way calls.
    pub id: Option<u32>,
    /// The object, when the message tells; else the listener's or link's.
    pub object: Option<u64>,
    /// Method name; `None` when called by number.
    pub method: Option<MethodName>,
    /// Method number.
    pub number: u32,
    /// Number of arguments, when the format tells.
    pub count: Option<u32>,
    /// The arguments.
    pub body: Bytes,
    /// Who the caller says it is: a scheme and facts, `sys uid=1000 gid=100`, values percent-encoded.
    pub claim: Option<String>,
    /// Given back with [`Protocol::ended`]; 0 when the protocol does not want to know.
    pub token: u64,
}

/// The longest method name that is copied: to share a longer one with its message costs less.
const COPIED_NAME_BYTES_MAX: usize = 30;

/// A method's name as it came in a message, not necessarily text.
#[derive(Debug, Clone)]
pub struct MethodName(Name);

#[derive(Debug, Clone)]
enum Name {
    Copied {
        bytes: [u8; COPIED_NAME_BYTES_MAX],
        len: u8,
    },
    Shared(Bytes),
}

impl MethodName {
    /// The name that is this part of a message.
    ///
    /// # Panics
    /// When it is not a part of the message.
    pub fn of(message: &Bytes, name: &[u8]) -> MethodName {
        let mut bytes = [0; COPIED_NAME_BYTES_MAX];
        MethodName(
            match (bytes.get_mut(..name.len()), u8::try_from(name.len())) {
                (Some(copied), Ok(len)) => {
                    copied.copy_from_slice(name);
                    Name::Copied { bytes, len }
                }
                _ => Name::Shared(message.slice_ref(name)),
            },
        )
    }
}

impl std::ops::Deref for MethodName {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Name::Copied { bytes, len } => bytes.get(..usize::from(*len)).unwrap_or(bytes),
            Name::Shared(bytes) => bytes,
        }
    }
}

/// What a message is.
#[derive(Debug)]
pub enum Incoming {
    /// An answer to call `id` of ours.
    Reply(u32, ReplyKind),
    /// A call.
    Request(Request),
    /// Something the protocol answers by itself: the bytes to send.
    Answer(Vec<u8>),
    /// Something to pass over, with the reason.
    Ignore(&'static str),
}

/// A stream protocol.
pub trait Protocol: Send + Sync + 'static {
    /// Cuts messages off the stream.
    type Framer: Framer;

    /// A framer for a new connection.
    fn framer(&self, limits: &Limits) -> Self::Framer;

    /// The encoder's table and profile.
    fn encoder(&self) -> (&'static EncVt, u32);

    /// The decoder's table and profile.
    fn decoder(&self) -> (&'static DecVt, u32);

    /// The request id of a link's first call; the others count up from it. A protocol whose peers remember ids beyond a
    /// connection begins anywhere.
    fn first_id(&self) -> u32 {
        1
    }

    /// Writes the header of a call; the format decides whether a one-way call (by its flags) carries `id`.
    ///
    /// # Errors
    /// The protocol cannot carry such a call.
    fn begin_request(
        &self,
        id: u32,
        method: &MethodDesc,
        arguments: u32,
        flags: u32,
        enc: &mut Enc,
    ) -> Result<(), Err>;

    /// Completes a call that is encoded (patches a length, say).
    ///
    /// # Errors
    /// The message is too long for the protocol.
    fn finish_request(&self, enc: &mut Enc) -> Result<(), Err>;

    /// Writes the header of the reply to the peer's call `id`; `reply` is a number of `tables::reply`.
    ///
    /// # Errors
    /// The protocol cannot carry such a reply.
    fn begin_reply(&self, id: u32, reply: u32, flags: u32, enc: &mut Enc) -> Result<(), Err>;

    /// Completes a reply that is encoded.
    ///
    /// # Errors
    /// The message is too long for the protocol.
    fn finish_reply(&self, reply: u32, enc: &mut Enc) -> Result<(), Err>;

    /// The whole message that refuses the peer's call `id`: `refusal` is a number of `tables::refusal`; empty for none.
    fn refuse(&self, id: u32, refusal: u32, message: &str) -> Vec<u8>;

    /// Says what a message is.
    ///
    /// # Errors
    /// The peer broke a rule; the link is lost.
    fn classify(&self, from: &Origin, message: Bytes) -> Result<Incoming, Violation>;

    /// The inbound call of this token has ended with this answer (empty for none), which may be shared by keeping it.
    /// `repeatable`: it was not executed, or is idempotent, so that it may run again when the peer sends it again.
    fn ended(&self, token: u64, answer: &mut Outgoing, repeatable: bool) {
        let _ = (token, answer, repeatable);
    }

    /// Splits result and fault for a call with `flags`, where the format does not tell them apart by itself.
    ///
    /// # Errors
    /// The body is not what the flags promise.
    fn settle(&self, flags: u32, reply: ReplyKind) -> Result<ReplyKind, Err> {
        let _ = flags;
        Ok(reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_it_was_in_its_message_whatever_its_length() {
        let message = Bytes::from(vec![b'a'; 3 * COPIED_NAME_BYTES_MAX]);
        for len in 0..=2 * COPIED_NAME_BYTES_MAX {
            let part = &message[1..1 + len];
            let name = MethodName::of(&message, part);
            assert_eq!(&*name, part);
            let is_shared = std::ptr::eq(name.as_ptr(), part.as_ptr());
            assert_eq!(is_shared, len > COPIED_NAME_BYTES_MAX, "{len} bytes");
        }
    }
}

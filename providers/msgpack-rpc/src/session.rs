//! MessagePack-RPC as a protocol over any byte stream: what `rmix-provider` needs to match calls and replies. Both ends
//! may call. Opens nothing and moves no byte.
//!
//! An error of the machinery (no such method, say) is sent as the error value
//! `{"rmix_error": NAME, "message": TEXT}`, which other peers show as it is.

use std::ops::Range;

use bytes::{Buf as _, Bytes, BytesMut};
use rmix_abi::describe::MethodDesc;
use rmix_abi::guest::{dec_table, enc_table};
use rmix_abi::tables::{
    DecVt, Enc, EncVt, Err, Fault, Limits, call_flags, cause, delivery, kind, profile, refusal,
    reply,
};
use rmix_provider::{
    Framer, Incoming, MethodName, Origin, Protocol, ReplyKind, Request, Violation,
};

use crate::codec::{MsgpackArrayCodec, MsgpackCodec};
use crate::error::ScanError;
use crate::limits::ScanLimits;
use crate::message::{self, Incoming as Message};
use crate::scanner::MessageScanner;
use crate::sink::Sink;
use crate::value::{self, Token, read_token};

/// The protocol; structs are written as maps or as arrays, and read from either.
#[derive(Debug, Default)]
pub struct MsgpackRpc {
    /// Write structs as arrays of their fields.
    pub structs_as_arrays: bool,
}

/// Cuts messages off a stream.
pub struct MsgpackFramer(MessageScanner);

impl Framer for MsgpackFramer {
    fn next(&mut self, input: &mut BytesMut) -> Result<Option<Bytes>, Violation> {
        self.0.next(input).map_err(|failure| match failure {
            ScanError::ReservedMarker { .. } => Violation::format(failure.to_string()),
            _ => Violation::limit(failure.to_string()),
        })
    }

    fn needed(&self) -> usize {
        self.0.needed()
    }
}

impl Protocol for MsgpackRpc {
    type Framer = MsgpackFramer;

    fn framer(&self, limits: &Limits) -> MsgpackFramer {
        let capped = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
        MsgpackFramer(MessageScanner::new(ScanLimits {
            message_bytes_max: capped(limits.message_bytes),
            items_max: capped(limits.items),
            // The envelope and its params are two levels more than any value has.
            depth_max: capped(u64::from(limits.depth) + 2),
        }))
    }

    fn encoder(&self) -> (&'static EncVt, u32) {
        if self.structs_as_arrays {
            return (const { &enc_table::<MsgpackArrayCodec>() }, profile::NONE);
        }
        (const { &enc_table::<MsgpackCodec>() }, profile::NONE)
    }

    fn decoder(&self) -> (&'static DecVt, u32) {
        (const { &dec_table::<MsgpackCodec>() }, profile::NONE)
    }

    fn begin_request(
        &self,
        id: u32,
        method: &MethodDesc,
        arguments: u32,
        flags: u32,
        enc: &mut Enc,
    ) -> Result<(), Err> {
        let name = method.name();
        put_header(enc, |sink| {
            if flags & call_flags::ONEWAY != 0 {
                return message::write_notification_header(sink, name, arguments);
            }
            message::write_request_header(sink, id, name, arguments)
        })
    }

    fn finish_request(&self, _enc: &mut Enc) -> Result<(), Err> {
        Ok(())
    }

    fn begin_reply(&self, id: u32, reply_kind: u32, _flags: u32, enc: &mut Enc) -> Result<(), Err> {
        put_header(enc, |sink| {
            if reply_kind == reply::FAULT {
                message::write_error_header(sink, id);
            } else {
                message::write_result_header(sink, id);
            }
            Ok(())
        })
    }

    fn finish_reply(&self, reply_kind: u32, enc: &mut Enc) -> Result<(), Err> {
        if reply_kind != reply::FAULT {
            return Ok(());
        }
        put_header(enc, |sink| {
            message::write_error_end(sink);
            Ok(())
        })
    }

    fn refuse(&self, id: u32, reason: u32, text: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + text.len());
        if reason == refusal::DONE {
            message::write_result_header(&mut out, id);
            value::write_nil(&mut out);
            return out;
        }
        message::write_error_header(&mut out, id);
        value::write_map_header(&mut out, 2);
        let named = REFUSALS.iter().find(|row| row.number == reason);
        let name = named.map_or("internal", |row| row.name);
        let texts = [ERROR_KEY, name, MESSAGE_KEY, text];
        for text in texts {
            if value::write_str(&mut out, text).is_err() {
                value::write_nil(&mut out);
            }
        }
        message::write_error_end(&mut out);
        out
    }

    fn classify(&self, _from: &Origin, message: Bytes) -> Result<Incoming, Violation> {
        let decoded = Message::decode_scanned(&message).map_err(|failure| {
            // Sources do not cross the boundary, and the place is in the source.
            let source = std::error::Error::source(&failure);
            let why = source.map_or_else(String::new, |source| format!(": {source}"));
            Violation::format(format!("{failure}{why}"))
        })?;
        let (id, method, params, count) = match decoded {
            Message::Request {
                msgid,
                method,
                params,
                count,
            } => (Some(msgid), MethodName::of(&message, method), params, count),
            Message::Notification {
                method,
                params,
                count,
            } => (None, MethodName::of(&message, method), params, count),
            Message::Response {
                msgid,
                error: None,
                result,
            } => {
                let value = ReplyKind::Value(narrowed(message, result));
                return Ok(Incoming::Reply(msgid, value));
            }
            Message::Response {
                msgid,
                error: Some(error),
                ..
            } => {
                let error = narrowed(message, error);
                let kind = match refusal_of(&error) {
                    Some(refused) => ReplyKind::Refused(refused),
                    None => ReplyKind::Fault(error),
                };
                return Ok(Incoming::Reply(msgid, kind));
            }
        };
        Ok(Incoming::Request(Request {
            id,
            object: None,
            method: Some(method),
            number: 0,
            count: Some(count),
            body: narrowed(message, params),
            claim: None,
            token: 0,
        }))
    }
}

/// A part of a message, without counting who holds it.
fn narrowed(mut message: Bytes, part: Range<usize>) -> Bytes {
    message.truncate(part.end);
    message.advance(part.start.min(message.len()));
    message
}

const ERROR_KEY: &str = "rmix_error";
const MESSAGE_KEY: &str = "message";

/// A refusal by number and name, and what it means to the caller.
struct Refusal {
    number: u32,
    name: &'static str,
    kind: u32,
    cause: u32,
    delivery: u32,
}

const fn row(number: u32, name: &'static str, kind: u32, cause: u32, delivery: u32) -> Refusal {
    Refusal {
        number,
        name,
        kind,
        cause,
        delivery,
    }
}

const REFUSALS: [Refusal; 6] = [
    row(
        refusal::NO_SUCH_OBJECT,
        "no_such_object",
        kind::FIX_REQUEST,
        cause::NO_SUCH_OBJECT,
        delivery::NOT_SENT,
    ),
    row(
        refusal::NO_SUCH_METHOD,
        "no_such_method",
        kind::FIX_REQUEST,
        cause::NO_SUCH_METHOD,
        delivery::NOT_SENT,
    ),
    row(
        refusal::BAD_ARGUMENTS,
        "bad_arguments",
        kind::FIX_REQUEST,
        cause::BAD_ARGUMENTS,
        delivery::NOT_SENT,
    ),
    row(
        refusal::INTERNAL,
        "internal",
        kind::PEER_BROKEN,
        cause::REMOTE,
        delivery::EXECUTED,
    ),
    row(
        refusal::BUSY,
        "busy",
        kind::RETRY,
        cause::SHUTDOWN,
        delivery::NOT_SENT,
    ),
    row(
        refusal::DENIED,
        "denied",
        kind::DENIED,
        cause::AUTHENTICATION,
        delivery::NOT_SENT,
    ),
];

/// Reads an error value as an error of the machinery, when it is one.
fn refusal_of(error: &[u8]) -> Option<Err> {
    let mut rest = error;
    let mut next = || {
        let (token, used) = read_token(rest).ok()?;
        rest = rest.get(used..)?;
        Some(token)
    };
    let (Some(Token::Map(2)), Some(Token::Str(key)), Some(Token::Str(name))) =
        (next(), next(), next())
    else {
        return None;
    };
    let (Some(Token::Str(second)), Some(Token::Str(text))) = (next(), next()) else {
        return None;
    };
    if key != ERROR_KEY.as_bytes() || second != MESSAGE_KEY.as_bytes() {
        return None;
    }
    let known = REFUSALS.iter().find(|row| row.name.as_bytes() == name);
    let (kind, cause, status) = known.map_or(
        (kind::PEER_BROKEN, cause::REMOTE, delivery::MAYBE_EXECUTED),
        |row| (row.kind, row.cause, row.delivery),
    );
    let text = format!(
        "the peer refused the call: {}",
        String::from_utf8_lossy(text)
    );
    Some(Err::new(kind, cause, text).delivered(status))
}

/// Bounded writing of a header.
struct Header<'a> {
    enc: &'a mut Enc,
    result: Result<(), Fault>,
}

impl Sink for Header<'_> {
    fn put(&mut self, bytes: &[u8]) {
        if self.result.is_ok() {
            self.result = self.enc.put(bytes);
        }
    }
}

fn put_header(
    enc: &mut Enc,
    write: impl FnOnce(&mut Header<'_>) -> Result<(), crate::error::ValueError>,
) -> Result<(), Err> {
    let mut header = Header {
        enc,
        result: Ok(()),
    };
    let too_long = |why: String| {
        let message = format!("the call's header does not fit: {why}");
        Err::new(kind::FIX_REQUEST, cause::LIMIT, message)
    };
    write(&mut header).map_err(|failure| too_long(failure.to_string()))?;
    header
        .result
        .map_err(|_| too_long("message_bytes".to_owned()))
}

#[cfg(test)]
mod tests {
    const HERE: Origin = Origin {
        address: None,
        asked: None,
        connection: 1,
        now_ns: 0,
    };

    use super::*;

    fn reply_of(bytes: Vec<u8>) -> (u32, ReplyKind) {
        match MsgpackRpc::default().classify(&HERE, Bytes::from(bytes)) {
            Ok(Incoming::Reply(id, kind)) => (id, kind),
            other => panic!("not a reply: {other:?}"),
        }
    }

    #[test]
    fn every_refusal_comes_back_as_itself() {
        for row in &REFUSALS {
            let bytes = MsgpackRpc::default().refuse(9, row.number, "because");
            let (id, kind) = reply_of(bytes);
            assert_eq!(id, 9);
            let ReplyKind::Refused(failure) = kind else {
                panic!("{} is not refused", row.name);
            };
            assert_eq!(failure.cause, row.cause, "{}", row.name);
            assert_eq!(failure.delivery, row.delivery, "{}", row.name);
            assert!(failure.text().ends_with("because"));
        }
    }

    #[test]
    fn a_one_way_call_that_asked_for_an_answer_gets_nil() {
        let bytes = MsgpackRpc::default().refuse(3, refusal::DONE, "");
        assert!(matches!(reply_of(bytes), (3, ReplyKind::Value(body)) if body[..] == [0xc0]));
    }

    #[test]
    fn a_peer_s_own_error_stays_a_fault() {
        let (_, kind) = reply_of(vec![0x94, 1, 5, 0xa3, b'b', b'a', b'd', 0xc0]);
        assert!(matches!(kind, ReplyKind::Fault(body) if body[..] == [0xa3, b'b', b'a', b'd']));
    }

    #[test]
    fn a_broken_envelope_names_the_rule() {
        let broken = MsgpackRpc::default().classify(&HERE, Bytes::from_static(&[0x92, 0, 1]));
        assert!(!broken.unwrap_err().message.is_empty());
    }
}

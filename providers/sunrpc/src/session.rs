//! Sun RPC as a protocol over a byte stream: what a message means, what is answered without asking an object, and what a
//! reply's status says to the caller. Opens nothing and moves no byte.
//!
//! RFC 5531 has no faults of the application. An operation that declares one has the result
//! `union switch (int status) { case 0: result; case 1: fault; }`, the common idiom of C interfaces.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use rmix_abi::describe::MethodDesc;
use rmix_abi::guest::{dec_table, enc_table};
use rmix_abi::tables::{
    DecVt, Enc, EncVt, Err, Fault, Limits, call_flags, cause, delivery, kind, refusal, reply,
};
use rmix_provider::{Framer, Incoming, Protocol, ReplyKind, Request, Violation};
use rmix_xdr::Sink;

use crate::codec::XdrCodec;
use crate::target::{Exports, Program};
use crate::wire::{
    AUTH_NONE, AUTH_SYS, AcceptStatus, AuthStatus, AuthSys, CallHeader, Message, MessageError,
    OpaqueAuth, RPC_VERSION, RecordError, RecordLimits, RecordReader, RejectStatus, ReplyHeader,
    ReplyStatus, Xid, begin_record, finish_record,
};

/// Sun RPC on one link, or on all connections of one port.
#[derive(Debug)]
pub struct SunRpc {
    /// Program and version that calls go to; none on the server's side.
    pub target: Option<Program>,
    /// Body of the AUTH_SYS credential that calls carry; none for AUTH_NONE.
    pub credential: Option<Vec<u8>>,
    /// What is exported here.
    pub exports: Arc<Exports>,
}

/// Cuts records off a stream.
pub struct SunRpcFramer(RecordReader);

impl Framer for SunRpcFramer {
    fn next(&mut self, input: &mut BytesMut) -> Result<Option<Bytes>, Violation> {
        self.0.next(input).map_err(|failure| match failure {
            RecordError::RecordTooLong { .. } | RecordError::TooManyFragments { .. } => {
                Violation::limit(failure.to_string())
            }
            _ => Violation::format(failure.to_string()),
        })
    }

    fn needed(&self) -> usize {
        self.0.needed()
    }

    fn is_between_messages(&self, input: &BytesMut) -> bool {
        input.is_empty() && self.0.is_between_records()
    }
}

impl Protocol for SunRpc {
    type Framer = SunRpcFramer;

    fn framer(&self, limits: &Limits) -> SunRpcFramer {
        SunRpcFramer(RecordReader::new(RecordLimits {
            record_bytes_max: usize::try_from(limits.message_bytes).unwrap_or(usize::MAX),
            fragments_max: limits.fragments,
        }))
    }

    fn encoder(&self) -> (&'static EncVt, u32) {
        (const { &enc_table::<XdrCodec>() }, XdrCodec::PROFILE)
    }

    fn decoder(&self) -> (&'static DecVt, u32) {
        (const { &dec_table::<XdrCodec>() }, XdrCodec::PROFILE)
    }

    // spec: RFC5531 s9
    fn begin_request(
        &self,
        id: u32,
        method: &MethodDesc,
        _arguments: u32,
        _flags: u32,
        enc: &mut Enc,
    ) -> Result<(), Err> {
        let Some(target) = self.target else {
            let message = "this end of the link only answers: calls back are not supported yet";
            return Err(Err::new(kind::UNSUPPORTED, cause::OTHER, message));
        };
        if method.number == 0 {
            let message = format!("the operation {} has no procedure number", method.name());
            return Err(Err::new(kind::FIX_REQUEST, cause::NO_SUCH_METHOD, message));
        }
        let credential = match &self.credential {
            Some(body) => OpaqueAuth {
                flavor: AUTH_SYS,
                body,
            },
            None => OpaqueAuth::NONE,
        };
        let header = CallHeader {
            xid: Xid(id),
            program: target.number,
            version: target.version,
            procedure: method.number,
            credential,
            verifier: OpaqueAuth::NONE,
        };
        put(enc, |sink| {
            begin_record(sink);
            header.encode(sink).is_ok()
        })
    }

    fn finish_request(&self, enc: &mut Enc) -> Result<(), Err> {
        finish_record(enc.buf.as_mut_slice())
            .map_err(|failure| Err::new(kind::FIX_REQUEST, cause::LIMIT, failure.to_string()))
    }

    fn begin_reply(&self, id: u32, reply_kind: u32, flags: u32, enc: &mut Enc) -> Result<(), Err> {
        put(enc, |sink| {
            begin_record(sink);
            let written = ReplyHeader::success(Xid(id)).encode(sink).is_ok();
            if flags & call_flags::FAULTS != 0 {
                sink.put(&reply_kind.to_be_bytes());
            }
            written
        })
    }

    fn finish_reply(&self, _reply: u32, enc: &mut Enc) -> Result<(), Err> {
        self.finish_request(enc)
    }

    fn refuse(&self, id: u32, reason: u32, _message: &str) -> Vec<u8> {
        let xid = Xid(id);
        let header = match reason {
            // A one-way operation is never answered: its caller does not wait (batching).
            refusal::DONE => return Vec::new(),
            refusal::NO_SUCH_OBJECT => ReplyHeader::accepted(xid, AcceptStatus::ProgUnavail),
            refusal::NO_SUCH_METHOD => ReplyHeader::accepted(xid, AcceptStatus::ProcUnavail),
            refusal::BAD_ARGUMENTS => ReplyHeader::accepted(xid, AcceptStatus::GarbageArgs),
            refusal::DENIED => {
                ReplyHeader::denied(xid, RejectStatus::AuthError(AuthStatus::TooWeak))
            }
            _ => ReplyHeader::accepted(xid, AcceptStatus::SystemErr),
        };
        whole(&header)
    }

    fn classify(&self, message: Bytes) -> Result<Incoming, Violation> {
        match Message::decode(&message) {
            Ok(Message::Call {
                header,
                body_offset,
            }) => Ok(self.called(&header, message.slice(body_offset..))),
            // spec: RFC5531 s9
            Ok(Message::CallOfOtherVersion { xid, .. }) => {
                let status = RejectStatus::RpcMismatch {
                    low: RPC_VERSION,
                    high: RPC_VERSION,
                };
                Ok(Incoming::Answer(whole(&ReplyHeader::denied(xid, status))))
            }
            Ok(Message::Reply {
                header,
                body_offset,
            }) => Ok(replied(&header, message.slice(body_offset..))),
            Err(failure) => unreadable(&failure),
        }
    }

    fn settle(&self, flags: u32, found: ReplyKind) -> Result<ReplyKind, Err> {
        let ReplyKind::Value(body) = found else {
            return Ok(found);
        };
        if flags & call_flags::FAULTS == 0 {
            return Ok(ReplyKind::Value(body));
        }
        let status = body
            .first_chunk::<4>()
            .map(|word| u32::from_be_bytes(*word));
        let rest = body.slice(body.len().min(4)..);
        match status {
            Some(reply::VALUE) => Ok(ReplyKind::Value(rest)),
            Some(reply::FAULT) => Ok(ReplyKind::Fault(rest)),
            Some(other) => Err(broken(format!(
                "the result of an operation with a fault begins with {other}, not with 0 (result) or 1 (fault)"
            ))),
            None => Err(broken(
                "the result of an operation with a fault is empty".to_owned(),
            )),
        }
    }
}

impl SunRpc {
    /// A call: refused or answered here, or for an object.
    fn called(&self, header: &CallHeader<'_>, body: Bytes) -> Incoming {
        let xid = header.xid;
        if let Some(status) = refuse_credential(header) {
            let status = RejectStatus::AuthError(status);
            return Incoming::Answer(whole(&ReplyHeader::denied(xid, status)));
        }
        let program = Program {
            number: header.program,
            version: header.version,
        };
        let object = match self.exports.find(program) {
            Ok(object) => object,
            Err(status) => return Incoming::Answer(whole(&ReplyHeader::accepted(xid, status))),
        };
        // The null procedure takes nothing and always answers; rpcinfo asks it.
        if header.procedure == 0 {
            return Incoming::Answer(whole(&ReplyHeader::success(xid)));
        }
        Incoming::Request(Request {
            id: Some(xid.0),
            object: Some(object),
            method: None,
            number: header.procedure,
            count: None,
            body,
        })
    }
}

/// Why a call's credential is refused, if it is. AUTH_SYS is read and checked, but grants nothing: it is a claim.
// spec: RFC5531 s8
fn refuse_credential(header: &CallHeader<'_>) -> Option<AuthStatus> {
    match header.credential.flavor {
        AUTH_NONE => None,
        AUTH_SYS => AuthSys::decode(header.credential.body)
            .err()
            .map(|_| AuthStatus::BadCred),
        _ => Some(AuthStatus::RejectedCred),
    }
}

/// A message that cannot be read: a call whose credential or verifier is malformed is answered, anything else ends the
/// link.
fn unreadable(failure: &MessageError) -> Result<Incoming, Violation> {
    let status = match failure {
        MessageError::Credential { .. } => AuthStatus::BadCred,
        MessageError::Verifier { .. } => AuthStatus::BadVerf,
        _ => return Err(Violation::format(failure.to_string())),
    };
    let Some(xid) = failure.xid() else {
        return Err(Violation::format(failure.to_string()));
    };
    let status = RejectStatus::AuthError(status);
    Ok(Incoming::Answer(whole(&ReplyHeader::denied(xid, status))))
}

/// What a reply says to the caller.
fn replied(header: &ReplyHeader<'_>, body: Bytes) -> Incoming {
    let refused = |kind, cause, delivery, code: u32, message: String| {
        let failure = Err::new(kind, cause, message).delivered(delivery);
        ReplyKind::Refused(failure.with_code(i64::from(code)))
    };
    let found = match header.status {
        ReplyStatus::Accepted { status, .. } => match status {
            AcceptStatus::Success => ReplyKind::Value(body),
            AcceptStatus::ProgUnavail => refused(
                kind::FIX_REQUEST,
                cause::NO_SUCH_OBJECT,
                delivery::NOT_SENT,
                1,
                "the peer does not export this program (PROG_UNAVAIL)".to_owned(),
            ),
            AcceptStatus::ProgMismatch { low, high } => refused(
                kind::FIX_REQUEST,
                cause::VERSION,
                delivery::NOT_SENT,
                2,
                format!(
                    "the peer exports this program in versions {low} to {high} only (PROG_MISMATCH)"
                ),
            ),
            AcceptStatus::ProcUnavail => refused(
                kind::FIX_REQUEST,
                cause::NO_SUCH_METHOD,
                delivery::NOT_SENT,
                3,
                "the program has no such procedure (PROC_UNAVAIL)".to_owned(),
            ),
            AcceptStatus::GarbageArgs => refused(
                kind::FIX_REQUEST,
                cause::BAD_ARGUMENTS,
                delivery::NOT_SENT,
                4,
                "the peer cannot decode the arguments (GARBAGE_ARGS)".to_owned(),
            ),
            AcceptStatus::SystemErr => refused(
                kind::RETRY,
                cause::REMOTE,
                delivery::MAYBE_EXECUTED,
                5,
                "the peer failed (SYSTEM_ERR)".to_owned(),
            ),
        },
        ReplyStatus::Denied(RejectStatus::RpcMismatch { low, high }) => refused(
            kind::UNSUPPORTED,
            cause::VERSION,
            delivery::NOT_SENT,
            0,
            format!(
                "the peer speaks RPC versions {low} to {high}, not {RPC_VERSION} (RPC_MISMATCH)"
            ),
        ),
        ReplyStatus::Denied(RejectStatus::AuthError(status)) => refused(
            kind::DENIED,
            cause::AUTHENTICATION,
            delivery::NOT_SENT,
            status.into(),
            format!("the peer refuses the credential: {status:?} (AUTH_ERROR)"),
        ),
    };
    Incoming::Reply(header.xid.0, found)
}

fn broken(message: String) -> Err {
    Err::new(kind::PEER_BROKEN, cause::PROTOCOL, message).delivered(delivery::EXECUTED)
}

/// A record with nothing but a reply's header.
fn whole(header: &ReplyHeader<'_>) -> Vec<u8> {
    let mut record = Vec::with_capacity(32);
    begin_record(&mut record);
    let complete = header.encode(&mut record).is_ok() && finish_record(&mut record).is_ok();
    if complete { record } else { Vec::new() }
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

fn put(enc: &mut Enc, write: impl FnOnce(&mut Header<'_>) -> bool) -> Result<(), Err> {
    let mut header = Header {
        enc,
        result: Ok(()),
    };
    if write(&mut header) && header.result.is_ok() {
        return Ok(());
    }
    let message = "the header does not fit: message_bytes is too small, or the credential too long";
    Err(Err::new(kind::FIX_REQUEST, cause::LIMIT, message))
}

#[cfg(test)]
mod tests;

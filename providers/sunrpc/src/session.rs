//! Sun RPC as a protocol over a byte stream: what a message means, what is answered without asking an object, and what a
//! reply's status says to the caller. Opens nothing and moves no byte.
//!
//! RFC 5531 has no faults of the application. An operation that declares one has the result
//! `union switch (int status) { case 0: result; case 1: fault; }`, the common idiom of C interfaces.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Buf as _, Bytes, BytesMut};
use rmix_abi::describe::MethodDesc;
use rmix_abi::guest::{dec_table, enc_table};
use rmix_abi::tables::{
    DecVt, Enc, EncVt, Err, Fault, Limits, call_flags, cause, delivery, kind, refusal, reply,
};
use rmix_provider::{Framer, Incoming, Origin, Outgoing, Protocol, ReplyKind, Request, Violation};
use rmix_xdr::Sink;

use crate::codec::{Nul, XdrCodec};
use crate::duplicates::{CallKey, DuplicateCache, DuplicateLimits, Known, checksum};
use crate::options::ClientOptions;
use crate::rpcbind::responder::{self, Peer, Way};
use crate::rpcbind::table::Table;
use crate::target::{Called, Export, Exports, Program, SysAcceptance};
use crate::wire::{
    AUTH_NONE, AUTH_SYS, AcceptStatus, AuthStatus, AuthSys, CallHeader, Message, MessageError,
    OpaqueAuth, RPC_VERSION, RecordError, RecordLimits, RecordReader, RejectStatus, ReplyHeader,
    ReplyStatus, Xid, begin_record, finish_record, unmark_last,
};

/// Sun RPC on one link, or on all connections of one port.
pub struct SunRpc {
    /// Program and version that calls go to; none on the server's side.
    pub target: Option<Program>,
    /// Body of the AUTH_SYS credential that calls carry; none for AUTH_NONE.
    pub credential: Option<Vec<u8>>,
    /// Messages go in datagrams.
    pub datagrams: bool,
    /// What is done with a NUL in text.
    pub nul: Nul,
    /// Bytes behind a result are left alone.
    pub longer_results: bool,
    /// What is exported here.
    pub exports: Arc<Exports>,
    /// What was answered; none at a client.
    duplicates: Option<Duplicates>,
    /// What the small rpcbind knows, where this is its port.
    directory: Option<Arc<Mutex<Table>>>,
}

/// The duplicate request cache. Guards it; held for a look-up or a change only.
struct Duplicates(Mutex<DuplicateCache>);

impl Duplicates {
    fn lock(&self) -> MutexGuard<'_, DuplicateCache> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Word of an encoder's state that says that a call is one-way; the codec and the link use others.
const ONEWAY_WORD: usize = 2;

impl SunRpc {
    /// A port's.
    pub(crate) fn of_port(
        exports: Arc<Exports>,
        nul: Nul,
        datagrams: bool,
        limits: DuplicateLimits,
    ) -> SunRpc {
        SunRpc {
            nul,
            datagrams,
            duplicates: Some(Duplicates(Mutex::new(DuplicateCache::new(limits)))),
            ..SunRpc::without_cache(exports)
        }
    }

    /// A port's that remembers no answer.
    pub fn without_cache(exports: Arc<Exports>) -> SunRpc {
        SunRpc {
            target: None,
            credential: None,
            datagrams: false,
            nul: Nul::default(),
            longer_results: false,
            exports,
            duplicates: None,
            directory: None,
        }
    }

    /// A client's, whose peer may call back what is exported.
    pub(crate) fn to(
        target: Program,
        options: ClientOptions,
        datagrams: bool,
        exported: Option<(Program, Export)>,
    ) -> SunRpc {
        let exports = Exports::default();
        if let Some((program, export)) = exported {
            exports.add(program, export);
        }
        SunRpc {
            target: Some(target),
            credential: options.credential,
            datagrams,
            nul: options.nul,
            longer_results: options.longer_results,
            exports: Arc::new(exports),
            duplicates: None,
            directory: None,
        }
    }

    /// The small rpcbind's.
    pub(crate) fn of_directory(table: Arc<Mutex<Table>>, datagrams: bool) -> SunRpc {
        SunRpc {
            datagrams,
            directory: Some(table),
            ..SunRpc::without_cache(Arc::default())
        }
    }
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
        let table = match self.longer_results {
            true => const { &XdrCodec::LONGER_RESULTS },
            false => const { &dec_table::<XdrCodec>() },
        };
        (table, XdrCodec::PROFILE)
    }

    // Servers remember XIDs beyond a connection, and over UDP a guessed one would be an answer.
    fn first_id(&self) -> u32 {
        crate::rpcbind::exchange::fresh_xid().0
    }

    // spec: RFC5531 s9
    fn begin_request(
        &self,
        id: u32,
        method: &MethodDesc,
        _arguments: u32,
        flags: u32,
        enc: &mut Enc,
    ) -> Result<(), Err> {
        let Some(target) = self.target else {
            let message = "this end of the link only answers";
            return Err(Err::new(kind::UNSUPPORTED, cause::OTHER, message));
        };
        // The null procedure is called by its number alone; a method without a number has a name.
        if method.number == 0 && !method.name().is_empty() {
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
        self.nul.set(enc);
        if let Some(word) = enc.state.get_mut(ONEWAY_WORD) {
            *word = u64::from(flags & call_flags::ONEWAY != 0);
        }
        put(enc, |sink| {
            begin_record(sink);
            header.encode(sink).is_ok()
        })
    }

    fn finish_request(&self, enc: &mut Enc) -> Result<(), Err> {
        finish(enc)?;
        if self.datagrams && enc.state.get(ONEWAY_WORD) == Some(&1) {
            // The mark does not leave; it tells the sender that no answer is to be waited for.
            unmark_last(enc.buf.as_mut_slice());
        }
        Ok(())
    }

    fn begin_reply(&self, id: u32, reply_kind: u32, flags: u32, enc: &mut Enc) -> Result<(), Err> {
        self.nul.set(enc);
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
        finish(enc)
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

    fn ended(&self, token: u64, answer: &mut Outgoing, repeatable: bool) {
        if let Some(duplicates) = &self.duplicates {
            // Whoever sends one-way calls over a connection (batching) does not wait, and sends none of them again.
            let is_batched = !self.datagrams && answer.is_empty();
            let kept = (!repeatable && !is_batched).then_some(answer);
            duplicates.lock().ended(token, kept);
        }
    }

    fn classify(&self, from: &Origin, message: Bytes) -> Result<Incoming, Violation> {
        match Message::decode(&message) {
            Ok(Message::Call {
                header,
                body_offset,
            }) => {
                let arguments = message.get(body_offset..).unwrap_or_default();
                let mut incoming = self.called(from, &header, arguments);
                if let Incoming::Request(request) = &mut incoming {
                    let mut body = message;
                    body.advance(body_offset);
                    request.body = body;
                }
                Ok(incoming)
            }
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
            }) => {
                let xid = header.xid.0;
                let refused = refused(&header);
                let found = refused.unwrap_or_else(|| {
                    let mut body = message;
                    body.advance(body_offset);
                    ReplyKind::Value(body)
                });
                Ok(Incoming::Reply(xid, found))
            }
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
    /// A call: refused or answered here, or for an object; its arguments are still to be put in.
    fn called(&self, from: &Origin, header: &CallHeader<'_>, arguments: &[u8]) -> Incoming {
        let xid = header.xid;
        let program = Program {
            number: header.program,
            version: header.version,
        };
        if let Some(table) = &self.directory {
            return Incoming::Answer(self.directed(table, from, header, arguments));
        }
        let found = self.exports.find(program, header.procedure);
        let sys = found.map_or(SysAcceptance::Any, |called| called.sys);
        if let Some(status) = refuse_credential(header, from, sys) {
            let status = RejectStatus::AuthError(status);
            return Incoming::Answer(whole(&ReplyHeader::denied(xid, status)));
        }
        let called = match found {
            Ok(called) => called,
            Err(status) => return Incoming::Answer(whole(&ReplyHeader::accepted(xid, status))),
        };
        // The null procedure takes nothing and always answers; rpcinfo asks it.
        if header.procedure == 0 {
            return Incoming::Answer(whole(&ReplyHeader::success(xid)));
        }
        let token = match self.known(from, header, called, arguments) {
            None => 0,
            Some(Known::New(token)) => token,
            Some(Known::Running) => return Incoming::Ignore("a call came again while it runs"),
            Some(Known::Answered(answer)) => return Incoming::Answer(answer),
        };
        Incoming::Request(Request {
            id: Some(xid.0),
            object: Some(called.object),
            method: None,
            number: header.procedure,
            count: None,
            body: Bytes::new(),
            claim: claim(header),
            token,
        })
    }

    /// The small rpcbind's answer.
    fn directed(
        &self,
        table: &Mutex<Table>,
        from: &Origin,
        header: &CallHeader<'_>,
        arguments: &[u8],
    ) -> Vec<u8> {
        let peer = Peer {
            way: match self.datagrams {
                true => Way::Datagram,
                false => Way::Stream,
            },
            address: from.address,
            called: from.asked,
        };
        let table = table.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = responder::answer(&table, header, arguments, &peer);
        let mut record = Vec::new();
        begin_record(&mut record);
        answer.put(header.xid, &mut record);
        match finish_record(&mut record) {
            Ok(()) => record,
            Err(_) => Vec::new(),
        }
    }

    /// What the cache knows of a call; nothing when it is not asked.
    fn known(
        &self,
        from: &Origin,
        header: &CallHeader<'_>,
        called: Called,
        arguments: &[u8],
    ) -> Option<Known> {
        // Whoever sends one-way calls over a connection (batching) does not wait, and sends none of them again.
        let is_batched = called.one_way && !self.datagrams;
        let is_asked = called.duplicates && !is_batched;
        let duplicates = self.duplicates.as_ref().filter(|_| is_asked)?;
        let key = CallKey {
            peer: from.address,
            // An address stands for its peer, who may come back with it over another connection.
            connection: from.address.map_or(from.connection, |_| 0),
            xid: header.xid.0,
            program: header.program,
            version: header.version,
            procedure: header.procedure,
            length: header.credential.body.len() + arguments.len(),
            checksum: checksum(&header.credential, arguments),
        };
        Some(duplicates.lock().begin(key, from.now_ns))
    }
}

/// Why a call's credential is refused, if it is. AUTH_SYS grants nothing by itself: it is a claim, which the object may
/// look at; claims of other hosts are refused unless the export accepts them.
// spec: RFC5531 s8
fn refuse_credential(
    header: &CallHeader<'_>,
    from: &Origin,
    sys: SysAcceptance,
) -> Option<AuthStatus> {
    match header.credential.flavor {
        AUTH_NONE => None,
        AUTH_SYS if AuthSys::decode(header.credential.body).is_err() => Some(AuthStatus::BadCred),
        AUTH_SYS => match sys {
            SysAcceptance::Any => None,
            SysAcceptance::Local if from.is_local() => None,
            SysAcceptance::Local | SysAcceptance::None => Some(AuthStatus::TooWeak),
        },
        _ => Some(AuthStatus::RejectedCred),
    }
}

/// What an AUTH_SYS credential says of the caller.
// spec: RFC5531 sA
fn claim(header: &CallHeader<'_>) -> Option<String> {
    if header.credential.flavor != AUTH_SYS {
        return None;
    }
    let identity = AuthSys::decode(header.credential.body).ok()?;
    let mut told = format!("sys uid={} gid={} gids=", identity.uid(), identity.gid());
    for (position, gid) in identity.gids().iter().enumerate() {
        let comma = if position > 0 { "," } else { "" };
        let _ = write!(told, "{comma}{gid}");
    }
    told.push_str(" machine=");
    for octet in identity.machine_name().bytes() {
        match octet {
            b'!'..=b'~' if octet != b'%' => told.push(char::from(octet)),
            _ => {
                let _ = write!(told, "%{octet:02X}");
            }
        }
    }
    Some(told)
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

/// What a reply without a result says to the caller.
fn refused(header: &ReplyHeader<'_>) -> Option<ReplyKind> {
    let refused = |kind, cause, delivery, code: u32, message: String| {
        let failure = Err::new(kind, cause, message).delivered(delivery);
        Some(ReplyKind::Refused(failure.with_code(i64::from(code))))
    };
    match header.status {
        ReplyStatus::Accepted { status, .. } => match status {
            AcceptStatus::Success => None,
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
    }
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

fn finish(enc: &mut Enc) -> Result<(), Err> {
    finish_record(enc.buf.as_mut_slice())
        .map_err(|failure| Err::new(kind::FIX_REQUEST, cause::LIMIT, failure.to_string()))
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

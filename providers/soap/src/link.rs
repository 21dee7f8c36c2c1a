//! A link: calls as messages that are posted, each on a connection of its own while it waits for its answer; one-way calls
//! in a row on another.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use rmix_abi::describe::MethodDesc;
use rmix_provider::guest::{Begin, Host, Link};
use rmix_provider::tables::{
    AbiWaker, Buf, CallOptions, Dec, Enc, Err, Reply, call_flags, cause, delivery, kind, profile,
    reply,
};

use crate::addressing::{
    Addressing, MessageId, Properties, RequestHeaders, check_answer, describes_answer,
    is_addressing,
};
use crate::calls::{Call, Calls, Driver, Full, wake};
use crate::codec::{SoapCodec, Writing};
use crate::edge;
use crate::envelope::{
    Envelope, EnvelopeError, EnvelopeErrorKind, HeaderBlock, Version, begin_request, finish,
};
use crate::fault::{self, read_reply};
use crate::http::{Answer, HttpClient};
use crate::media::{self, Announced};
use crate::names::{Interface, Plans};
use crate::options::{self, Common};
use crate::provider::undescribed;
use crate::respond::unwritable;
use crate::security::{self, Credentials, Nonce, WSSE};

/// Word of an encoder's state in which the call's flags are kept.
const FLAGS_WORD: usize = 0;
/// Words in which the message's id is kept.
const ID_WORDS: [usize; 2] = [1, 2];
/// Characters of a peer's answer that an error shows.
const SHOWN: usize = 200;

/// A link to one service.
pub struct SoapLink {
    host: Host,
    client: HttpClient,
    plans: Arc<Plans>,
    version: Version,
    common: Common,
    said: Said,
    endpoint: String,
    /// Connections for calls that wait for an answer.
    connections: usize,
    /// Guards the calls that are on their way; held for moments.
    calls: Mutex<Calls>,
}

/// What the header of every request says.
pub(crate) struct Said {
    pub(crate) addressing: Addressing,
    pub(crate) addressed: Option<RequestHeaders>,
    pub(crate) credentials: Option<Credentials>,
}

impl SoapLink {
    pub(crate) fn new(
        host: Host,
        client: HttpClient,
        plans: Arc<Plans>,
        options: &options::Client,
        said: Said,
        endpoint: String,
    ) -> SoapLink {
        SoapLink {
            host,
            client,
            plans,
            version: options.version,
            common: options.common,
            said,
            endpoint,
            connections: usize::try_from(options.http.connections).unwrap_or(usize::MAX),
            calls: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_full(&self, calls: &Calls) -> bool {
        let outstanding = usize::try_from(self.common.limits.outstanding).unwrap_or(usize::MAX);
        calls.len() >= outstanding.max(1)
    }

    /// The same with what to do about it, where the peer does not take messages of this version of SOAP.
    fn hinted(&self, failure: Err) -> Err {
        if failure.code != i64::from(http::StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16()) {
            return failure;
        }
        let (spoken, other) = match self.version {
            Version::Soap11 => ("1.1", "1.2"),
            Version::Soap12 => ("1.2", "1.1"),
        };
        let message = format!(
            "{}; it was called by SOAP {spoken}, and may want {other}: the option version={other} of the endpoint",
            failure.text()
        );
        Err::new(failure.kind, failure.cause, message)
            .with_code(failure.code)
            .delivered(failure.delivery)
    }

    /// Those who wait for room that will not come.
    fn wake_waiters(&self) {
        let waiting = self.lock().waiters().take();
        wake(waiting);
    }

    fn planned(&self, method: &MethodDesc) -> Result<(Arc<Interface>, usize), Err> {
        let described = method.interface().ok_or_else(undescribed)?;
        let interface = self.plans.of(described).map_err(|why| {
            let message = format!("SOAP cannot carry the interface: {why}");
            Err::new(kind::UNSUPPORTED, cause::OTHER, message)
        })?;
        let mut methods = described.methods().iter();
        let place = methods.position(|known| std::ptr::eq(known, method));
        let place = place.or_else(|| interface.named(method.name()));
        Ok((interface, place.ok_or_else(undescribed)?))
    }

    fn read(&self, call: &Call, answer: Answer) -> Result<Reply, Err> {
        if answer.body.is_empty() {
            let message = format!("the peer answered with {} and nothing else", answer.status);
            return Err(broken(cause::PROTOCOL, message));
        }
        let media = match Announced::read(&answer.headers) {
            Ok(media) => media,
            Err(why) => return Err(unreadable(&answer, &why)),
        };
        let common = &self.common;
        let cut = media.cut(&answer.body, &common.mime);
        let cut = cut.map_err(|why| broken(cause::PROTOCOL, why))?;
        let charset = cut.charset.as_deref();
        let status = answer.status;
        let mut envelope = Envelope::read(answer.body, cut.envelope, charset, &common.xml)
            .map_err(|error| refused(&error))?;
        let (interface, place) = (&call.interface, call.place);
        envelope
            .check_understood(interface, place, false, |block| {
                self.said.understands(block)
            })
            .map_err(|error| refused(&error))?;
        let checked = self.said.check(&mut envelope, call.sent);
        checked.map_err(|why| broken(cause::PROTOCOL, why))?;
        let values = common.values();
        let found = read_reply(envelope, interface, place, cut.attachments, values)
            .map_err(|error| refused(&error))?;
        match found {
            fault::Reply::Value(dec) if status.is_success() => Ok(of(reply::VALUE, dec)),
            fault::Reply::Value(_) => {
                let message =
                    format!("the peer answered with {status} and an envelope without a fault");
                Err(broken(cause::PROTOCOL, message))
            }
            fault::Reply::Fault(dec) => Ok(of(reply::FAULT, dec)),
            fault::Reply::Refused(err) => Err(err),
        }
    }
}

impl Link for SoapLink {
    fn begin(&self, method: &MethodDesc, _arguments: u32, flags: u32) -> Result<Begin, Err> {
        let (interface, place) = self.planned(method)?;
        let oneway = flags & call_flags::ONEWAY != 0;
        let full = Full {
            calls: !oneway && self.is_full(&self.lock()),
            oneways: oneway && !self.client.has_room(),
        };
        if full != Full::default() {
            self.lock().waiters().refused(full);
            return Ok(Begin::Full);
        }
        let limit = self.common.limits.message_bytes;
        let mut enc = Enc::new(Buf::new(), SoapCodec::ENCODER, profile::NONE, limit);
        let parts = self.common.part_bytes_min;
        let (headers, id) = self.said.headers(&interface, method, flags)?;
        let begun = begin_request(&mut enc, &interface, place, self.version, &headers, parts);
        begun.map_err(|fault| unwritable(&fault))?;
        keep_id(&mut enc, id);
        if let Some(word) = enc.state.get_mut(FLAGS_WORD) {
            *word = u64::from(flags);
        }
        Ok(Begin::Ready(enc))
    }

    fn submit(&self, mut enc: Enc, _options: &CallOptions) -> Result<u64, Err> {
        let flags = enc.state.get(FLAGS_WORD).copied().unwrap_or_default();
        let flags = u32::try_from(flags).unwrap_or_default();
        let target = enc.kept::<Writing>().map(|writing| writing.target());
        let (interface, place) = target.ok_or_else(undescribed)?;
        let outgoing = finish(&mut enc).map_err(|fault| unwritable(&fault))?;
        let action = interface.operation(place).map_or("", |one| one.action());
        let sent = kept_id(&enc);
        let message = media::message(outgoing, enc.buf.into_vec(), action);
        if flags & call_flags::ONEWAY != 0 {
            let posted = self.client.post_oneway(message);
            posted.map_err(|failure| self.hinted(failure))?;
            return Ok(0);
        }
        let driver = match (flags & call_flags::STARTED, flags & call_flags::DRIVEN) {
            (0, 0) => Driver::Poller,
            (0, _) => Driver::Caller,
            _ => Driver::Task,
        };
        let exchange = self.client.post(message, driver == Driver::Caller)?;
        let call = Call::new(interface, place, sent, exchange);
        let added = self.lock().add(call, driver, self.connections);
        Calls::drive(self.host, added.1);
        Ok(added.0)
    }

    fn abort(&self, _enc: Enc) {}

    fn poll_call(&self, number: u64, waker: &AbiWaker) -> Poll<Result<Reply, Err>> {
        let call = self.lock().get(number);
        let Some(call) = call else {
            let message = "a call that has ended was asked for its answer";
            return Poll::Ready(Err(Err::new(kind::INTERNAL, cause::OTHER, message)));
        };
        let answered = call.poll(waker).map_err(|failure| self.hinted(failure));
        answered.map(|ended| ended.and_then(|answer| self.read(&call, answer)))
    }

    fn drop_call(&self, number: u64) {
        let removed = self.lock().remove(number);
        removed.settle();
    }

    fn poll_ready(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        let oneways = self.client.poll_ready(waker).is_pending();
        let mut calls = self.lock();
        // Under the lock, which whoever closes the link takes after he has done so.
        if !self.client.is_open() {
            return Poll::Ready(Err(rmix_provider::failure::closed_here()));
        }
        let full = Full {
            calls: self.is_full(&calls),
            oneways,
        };
        match calls.waiters().is_ready(waker, full) {
            true => Poll::Ready(Ok(())),
            false => Poll::Pending,
        }
    }

    fn poll_flush(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        let flushed = self.client.poll_flush(waker);
        flushed.map_err(|failure| self.hinted(failure))
    }

    fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        let is_news = self.client.is_open();
        let closed = self.client.poll_close(waker).map(Ok);
        if is_news {
            self.wake_waiters();
        }
        closed
    }

    fn abandon(&self) {
        self.client.abandon();
        self.wake_waiters();
    }

    fn is_open(&self) -> bool {
        self.client.is_open()
    }

    fn describe(&self) -> String {
        self.endpoint.clone()
    }
}

impl Said {
    /// The header blocks of one request, and its id.
    fn headers(
        &self,
        interface: &Interface,
        method: &MethodDesc,
        flags: u32,
    ) -> Result<(Vec<u8>, MessageId), Err> {
        let mut headers = Vec::new();
        let mut id = MessageId(0);
        if let Some(addressed) = &self.addressed {
            id = MessageId(edge::random()?);
            let action = rmix_wsdl::names::request_action(interface.desc(), method);
            let answered = flags & call_flags::ONEWAY == 0;
            addressed.put(&action, id, answered, &mut headers);
        }
        if let Some(credentials) = &self.credentials {
            let nonce = Nonce(edge::random()?.to_ne_bytes());
            let put = credentials.put(nonce, edge::now(), &mut headers);
            put.map_err(|fault| unwritable(&fault))?;
        }
        Ok((headers, id))
    }

    /// Whether the header block of an answer is read here. What only describes the answer asks nothing of this end, which
    /// knows by the connection what is answered: some peers write it, as what must be understood, though nobody asked them.
    fn understands(&self, block: &HeaderBlock) -> bool {
        let (namespace, local) = (block.namespace(), block.local());
        (self.addressed.is_some() && is_addressing(namespace))
            || (self.credentials.is_some() && namespace == WSSE)
            || describes_answer(namespace, local)
    }

    /// Checks the header of an answer.
    fn check(&self, envelope: &mut Envelope, sent: MessageId) -> Result<(), String> {
        if self.addressed.is_some() {
            let is_fault = envelope.is_fault();
            let found = Properties::read(envelope);
            check_answer(&found, self.addressing, sent, is_fault)?;
        }
        match &self.credentials {
            Some(credentials) => security::check_answer(envelope, credentials.skew, edge::now()),
            None => Ok(()),
        }
    }
}

fn keep_id(enc: &mut Enc, id: MessageId) {
    let halves = [id.0 >> 64, id.0 & u128::from(u64::MAX)];
    for (word, half) in ID_WORDS.into_iter().zip(halves) {
        if let Some(word) = enc.state.get_mut(word) {
            *word = u64::try_from(half).unwrap_or_default();
        }
    }
}

fn kept_id(enc: &Enc) -> MessageId {
    let [high, low] = ID_WORDS.map(|word| enc.state.get(word).copied().unwrap_or_default());
    MessageId(u128::from(high) << 64 | u128::from(low))
}

fn of(kind: u32, dec: Dec) -> Reply {
    Reply {
        kind,
        reserved: 0,
        dec,
    }
}

fn broken(cause: u32, message: String) -> Err {
    Err::new(kind::PEER_BROKEN, cause, message).delivered(delivery::MAYBE_EXECUTED)
}

fn refused(error: &EnvelopeError) -> Err {
    let cause = match error.kind {
        EnvelopeErrorKind::Limit => cause::LIMIT,
        EnvelopeErrorKind::VersionMismatch => cause::VERSION,
        EnvelopeErrorKind::Malformed | EnvelopeErrorKind::MustUnderstand => cause::PROTOCOL,
    };
    broken(
        cause,
        format!("the answer cannot be read: {}", error.message),
    )
}

/// An answer that is no envelope: a proxy's, or an error page.
fn unreadable(answer: &Answer, why: &str) -> Err {
    let text = String::from_utf8_lossy(&answer.body);
    let shown: String = text
        .chars()
        .take(SHOWN)
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect();
    let message = format!(
        "the peer answered with {} and no envelope: {why}; it begins {shown:?}",
        answer.status
    );
    broken(cause::PROTOCOL, message)
}

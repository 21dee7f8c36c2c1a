//! One connection of the test provider, the same at both ends: frames over a socket pair, no leader, every waiter reads.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use bytes::Bytes;
use rmix_abi::describe::MethodDesc;
use rmix_abi::guest::{
    Begin, CallFacts, Host, InboundCall, Io, Link, RegisteredFd, Respond, dec_table, enc_table,
};
use rmix_abi::tables::{
    AbiWaker, Buf, CallOptions, Dec, DecVt, Enc, EncVt, Err, Limits, READ, Reply, WRITE,
    call_flags, cause, delivery, kind, profile, refusal, reply,
};

use super::codec::Tagged;

static ENC: EncVt = enc_table::<Tagged>();
static DEC: DecVt = dec_table::<Tagged>();

const REQUEST: u8 = 0;
const ONEWAY: u8 = 1;
const VALUE: u8 = 2;
const FAULT: u8 = 3;
const REFUSED: u8 = 4;

pub(crate) struct Connection {
    host: Host,
    fd: RegisteredFd,
    limits: Limits,
    object: u64,
    number: u64,
    next: AtomicU64,
    up: AtomicBool,
    running: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    input: Vec<u8>,
    output: Vec<u8>,
    /// `None` until the reply is there.
    calls: HashMap<u64, Option<Result<Reply, Err>>>,
    wakers: Vec<AbiWaker>,
}

impl Connection {
    pub(crate) fn new(host: Host, fd: OwnedFd, limits: Limits, object: u64) -> Arc<Connection> {
        Arc::new(Connection {
            fd: host.register(fd).expect("the host takes every descriptor"),
            host,
            limits,
            object,
            number: host.next_connection(),
            next: AtomicU64::new(1),
            up: AtomicBool::new(true),
            running: AtomicUsize::new(0),
            state: Mutex::new(State::default()),
        })
    }

    pub(crate) fn wake_later(&self, waker: &AbiWaker) {
        self.state.lock().unwrap().wakers.push(waker.clone());
    }

    fn wake_all(&self) {
        let wakers = std::mem::take(&mut self.state.lock().unwrap().wakers);
        wakers.into_iter().for_each(AbiWaker::wake);
    }

    /// Writes what is queued.
    fn poll_write(&self, waker: &AbiWaker) -> Poll<()> {
        loop {
            let mut state = self.state.lock().unwrap();
            if state.output.is_empty() {
                return Poll::Ready(());
            }
            let output = std::mem::take(&mut state.output);
            drop(state);
            let polled = self
                .fd
                .poll_io(WRITE, waker, |fd| match rustix::io::write(fd, &output) {
                    Ok(written) => Io::Done(Ok(written)),
                    Err(rustix::io::Errno::AGAIN) => Io::WouldBlock,
                    Err(failure) => Io::Done(Err(failure)),
                });
            let written = match polled {
                Poll::Ready(Ok(Ok(written))) => written,
                Poll::Ready(_) => {
                    self.shut();
                    return Poll::Ready(());
                }
                Poll::Pending => 0,
            };
            let mut state = self.state.lock().unwrap();
            let added = std::mem::replace(&mut state.output, output[written..].to_vec());
            state.output.extend(added);
            if polled.is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// Reads and handles what is there.
    pub(crate) fn poll_read(self: &Arc<Self>, waker: &AbiWaker) -> Poll<()> {
        loop {
            if !self.open() {
                return Poll::Ready(());
            }
            let mut chunk = [0; 4096];
            let polled =
                self.fd
                    .poll_io(READ, waker, |fd| match rustix::io::read(fd, &mut chunk) {
                        Ok(read) => Io::Done(read),
                        Err(rustix::io::Errno::AGAIN) => Io::WouldBlock,
                        Err(_) => Io::Done(0),
                    });
            match polled {
                Poll::Ready(Ok(0) | Err(_)) => {
                    self.shut();
                    return Poll::Ready(());
                }
                Poll::Ready(Ok(read)) => {
                    self.state.lock().unwrap().input.extend(&chunk[..read]);
                    if self.handle_frames() {
                        return Poll::Ready(());
                    }
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Handles complete frames; whether a reply was among them.
    fn handle_frames(self: &Arc<Self>) -> bool {
        let mut replied = false;
        loop {
            let mut state = self.state.lock().unwrap();
            let Some(len) = state.input.first_chunk::<4>() else {
                break;
            };
            let len = u32::from_le_bytes(*len) as usize;
            if state.input.len() < 4 + len {
                break;
            }
            let frame: Vec<u8> = state.input.drain(..4 + len).skip(4).collect();
            drop(state);
            replied |= self.handle(Bytes::from(frame));
        }
        if replied {
            self.wake_all();
        }
        replied
    }

    fn dec(&self, body: Bytes) -> Dec {
        Dec::over(
            body,
            &DEC,
            profile::NONE,
            self.limits.depth,
            self.limits.items,
        )
    }

    fn handle(self: &Arc<Self>, frame: Bytes) -> bool {
        let what = frame[0];
        let id = u64::from_le_bytes(*frame[1..].first_chunk().unwrap());
        if what == REQUEST || what == ONEWAY {
            let count = u32::from_le_bytes(*frame[9..].first_chunk().unwrap());
            let name = usize::from(frame[13]);
            let responder = Responder {
                connection: self.clone(),
                id,
                state: if what == ONEWAY {
                    Answer::None
                } else {
                    Answer::Due
                },
            };
            self.running.fetch_add(1, Ordering::SeqCst);
            let dec = self.dec(frame.slice(14 + name..));
            let method = &frame[14..14 + name];
            let oneway = what == ONEWAY;
            self.host.dispatch(InboundCall::new(
                CallFacts {
                    object: self.object,
                    connection: self.number,
                    method: Some(method),
                    number: 0,
                    oneway,
                    arguments: Some(count),
                    peer: "test peer",
                    claim: None,
                },
                dec,
                responder,
            ));
            return false;
        }
        let result = match what {
            VALUE | FAULT => Ok(Reply {
                kind: if what == FAULT {
                    reply::FAULT
                } else {
                    reply::VALUE
                },
                reserved: 0,
                dec: self.dec(frame.slice(9..)),
            }),
            _ => {
                let text = String::from_utf8_lossy(&frame[10..]).into_owned();
                let not_run = |kind, cause| (kind, cause, delivery::NOT_SENT);
                let (kind, cause, status) = match u32::from(frame[9]) {
                    refusal::NO_SUCH_OBJECT => not_run(kind::FIX_REQUEST, cause::NO_SUCH_OBJECT),
                    refusal::NO_SUCH_METHOD => not_run(kind::FIX_REQUEST, cause::NO_SUCH_METHOD),
                    refusal::BAD_ARGUMENTS => not_run(kind::FIX_REQUEST, cause::BAD_ARGUMENTS),
                    refusal::BUSY => not_run(kind::RETRY, cause::LIMIT),
                    _ => (kind::FIX_REQUEST, cause::REMOTE, delivery::EXECUTED),
                };
                Err(Err::new(kind, cause, text).delivered(status))
            }
        };
        if let Some(slot) = self.state.lock().unwrap().calls.get_mut(&id) {
            *slot = Some(result);
        }
        true
    }

    fn send(&self, mut enc: Enc) {
        let len = enc.buf.len() as u32 - 4;
        enc.buf.as_mut_slice()[..4].copy_from_slice(&len.to_le_bytes());
        self.state.lock().unwrap().output.extend(enc.buf.as_slice());
    }

    fn frame(&self, what: u8, id: u64) -> Enc {
        let mut buf = Buf::new();
        buf.extend(&[0; 4]);
        buf.extend(&[what]);
        buf.extend(&id.to_le_bytes());
        Enc::new(buf, &ENC, profile::NONE, self.limits.message_bytes)
    }

    pub(crate) fn shut(&self) {
        self.up.store(false, Ordering::SeqCst);
        let _ = rustix::net::shutdown(self.fd.fd(), rustix::net::Shutdown::Both);
        self.wake_all();
    }

    pub(crate) fn open(&self) -> bool {
        self.up.load(Ordering::SeqCst)
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running.load(Ordering::SeqCst) > 0
    }

    fn closed() -> Err {
        Err::new(kind::RECONNECT, cause::LINK_CLOSED, "the link is closed")
    }
}

/// The client's view.
pub(crate) struct ClientLink(pub(crate) Arc<Connection>);

impl Link for ClientLink {
    fn begin(&self, method: &MethodDesc, arguments: u32, flags: u32) -> Result<Begin, Err> {
        if !self.0.open() {
            return Err(Connection::closed());
        }
        if self.0.state.lock().unwrap().calls.len() >= self.0.limits.outstanding as usize {
            return Ok(Begin::Full);
        }
        let oneway = flags & call_flags::ONEWAY != 0;
        let id = self.0.next.fetch_add(1, Ordering::SeqCst);
        let mut enc = self.0.frame(if oneway { ONEWAY } else { REQUEST }, id);
        enc.buf.extend(&arguments.to_le_bytes());
        enc.buf.extend(&[method.name().len() as u8]);
        enc.buf.extend(method.name().as_bytes());
        // Neither may be polled: then `submit` sees to it that it is sent.
        let unpolled = oneway || flags & call_flags::STARTED != 0;
        enc.state = [id, u64::from(oneway), u64::from(unpolled), 0];
        Ok(Begin::Ready(enc))
    }
    fn submit(&self, enc: Enc, _options: &CallOptions) -> Result<u64, Err> {
        let [id, oneway, unpolled, ..] = enc.state;
        if oneway == 0 {
            self.0.state.lock().unwrap().calls.insert(id, None);
        }
        self.0.send(enc);
        if unpolled != 0 {
            let connection = self.0.clone();
            self.0.host.spawn(std::future::poll_fn(move |cx| {
                connection.poll_write(&AbiWaker::lend(cx.waker()))
            }));
        }
        Ok(id)
    }
    fn abort(&self, enc: Enc) {
        drop(enc);
    }
    fn poll_call(&self, call: u64, waker: &AbiWaker) -> Poll<Result<Reply, Err>> {
        loop {
            let _ = self.0.poll_write(waker);
            let mut state = self.0.state.lock().unwrap();
            if let Some(done) = state.calls.get_mut(&call).and_then(Option::take) {
                return Poll::Ready(done);
            }
            if !self.0.open() {
                return Poll::Ready(Err(Connection::closed().delivered(delivery::MAYBE_EXECUTED)));
            }
            state.wakers.push(waker.clone());
            drop(state);
            if self.0.poll_read(waker).is_pending() {
                return Poll::Pending;
            }
        }
    }
    fn drop_call(&self, call: u64) {
        self.0.state.lock().unwrap().calls.remove(&call);
        self.0.wake_all();
    }
    fn poll_ready(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        if !self.0.open() {
            return Poll::Ready(Err(Connection::closed()));
        }
        let mut state = self.0.state.lock().unwrap();
        if state.calls.len() < self.0.limits.outstanding as usize {
            return Poll::Ready(Ok(()));
        }
        state.wakers.push(waker.clone());
        Poll::Pending
    }
    fn poll_flush(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        self.0.poll_write(waker).map(Ok)
    }
    fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        if !self.0.state.lock().unwrap().calls.is_empty() {
            self.0.wake_later(waker);
            return Poll::Pending;
        }
        self.0.shut();
        Poll::Ready(Ok(()))
    }
    fn abandon(&self) {
        self.0.shut();
    }
    fn is_open(&self) -> bool {
        self.0.open()
    }
    fn describe(&self) -> String {
        "the test peer".to_owned()
    }
}

enum Answer {
    Due,
    None,
    Given,
}

struct Responder {
    connection: Arc<Connection>,
    id: u64,
    state: Answer,
}

impl Responder {
    fn flush(&mut self) {
        self.state = Answer::Given;
        let connection = self.connection.clone();
        let host = self.connection.host;
        host.spawn(std::future::poll_fn(move |cx| {
            connection.poll_write(&AbiWaker::lend(cx.waker()))
        }));
    }
}

impl Respond for Responder {
    fn begin(&mut self, kind: u32, _flags: u32) -> Result<Enc, Err> {
        Ok(self
            .connection
            .frame(if kind == reply::FAULT { FAULT } else { VALUE }, self.id))
    }
    fn submit(&mut self, enc: Enc) -> Result<(), Err> {
        self.connection.send(enc);
        self.flush();
        Ok(())
    }
    fn abort(&mut self, enc: Enc) {
        drop(enc);
    }
    fn refuse(&mut self, refusal: u32, message: &str) {
        if matches!(self.state, Answer::None) {
            return;
        }
        let mut enc = self.connection.frame(REFUSED, self.id);
        enc.buf.extend(&[refusal as u8]);
        enc.buf.extend(message.as_bytes());
        self.connection.send(enc);
        self.flush();
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        if matches!(self.state, Answer::Due) {
            self.refuse(refusal::INTERNAL, "dropped unanswered");
        }
        self.connection.running.fetch_sub(1, Ordering::SeqCst);
        self.connection.wake_all();
    }
}

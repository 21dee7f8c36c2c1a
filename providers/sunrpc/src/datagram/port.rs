//! A UDP port that objects are exported on: receives calls, refuses or dispatches them, answers each from the address that
//! was asked.

use std::collections::HashMap;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use bytes::Bytes;
use rmix_provider::guest::{CallFacts, Host, InboundCall, Io, RegisteredFd, Respond};
use rmix_provider::tables::{
    AbiWaker, Buf, Dec, Enc, Err, Limits, READ, call_flags, cause, kind, refusal,
};
use rmix_provider::{Incoming, Origin, Outgoing, Protocol, Request, failure};
use rustix::io::Errno;

use super::socket::{self, Room, Route};
use super::{DATAGRAM_BYTES_MAX, MARK_BYTES};
use crate::session::SunRpc;

/// Datagrams received in one turn before other tasks get theirs.
const ROUNDS_MAX: u32 = 64;

/// A UDP port.
pub(crate) struct DatagramPort {
    shared: Arc<Serving>,
    /// The address peers can use.
    pub(crate) address: SocketAddr,
}

struct Serving {
    host: Host,
    provider: &'static str,
    protocol: Arc<SunRpc>,
    limits: Limits,
    address: SocketAddr,
    /// Guards what changes; held for moments, never across a call-out.
    state: Mutex<State>,
}

struct State {
    /// None once the port is closed, which frees its address.
    socket: Option<Arc<RegisteredFd>>,
    /// Calls that run.
    running: u32,
    /// Those of each host that has any, and of the one that is idle.
    peers: HashMap<IpAddr, Peer>,
    /// The host whose calls ended last: most calls come from the same host as the one before.
    idle: Option<IpAddr>,
    /// Memory of the last answer, for the next.
    spare: Vec<u8>,
    closing: bool,
    /// The receiving task has ended, and holds the socket no more.
    ended: bool,
    loop_waker: Option<AbiWaker>,
    close_waiters: Vec<AbiWaker>,
}

/// A host whose calls run. To the base library it is a connection: its one-way calls keep their order.
struct Peer {
    connection: u64,
    running: u32,
}

impl State {
    /// Takes a call in; its connection, or the limit that is reached.
    fn admit(&mut self, host: Host, peer: IpAddr, limits: &Limits) -> Result<u64, &'static str> {
        if self.closing {
            return Err("the port is being closed");
        }
        if self.running >= limits.connections {
            return Err(
                "the limit connections is reached, which for datagrams is of calls that run",
            );
        }
        let peer = self.peers.entry(peer).or_insert_with(|| Peer {
            connection: host.next_connection(),
            running: 0,
        });
        if peer.running >= limits.outstanding {
            return Err("the limit outstanding_calls is reached for its host");
        }
        peer.running += 1;
        self.running += 1;
        Ok(peer.connection)
    }

    /// A call has ended; the connection that ends, if one does: that of a host that has been idle the longest.
    fn leave(&mut self, peer: IpAddr) -> Option<u64> {
        self.running -= 1;
        let calls = self.peers.get_mut(&peer)?;
        calls.running -= 1;
        if calls.running > 0 {
            return None;
        }
        let before = self.idle.replace(peer).filter(|before| *before != peer)?;
        let known = self.peers.get(&before)?;
        match known.running {
            0 => self.peers.remove(&before).map(|peer| peer.connection),
            _ => None,
        }
    }

    /// All calls have ended: so does the last connection.
    fn leave_all(&mut self) -> Option<u64> {
        let idle = self.idle.take()?;
        self.peers.remove(&idle).map(|peer| peer.connection)
    }
}

impl DatagramPort {
    /// Binds and serves.
    ///
    /// # Errors
    /// The address is taken or not ours, or the reactor cannot take the socket.
    pub(crate) fn start(
        host: Host,
        provider: &'static str,
        protocol: Arc<SunRpc>,
        (endpoint, address): (&str, SocketAddr),
        limits: Limits,
    ) -> Result<Arc<DatagramPort>, Err> {
        let (socket, address) =
            socket::bind(address).map_err(|errno| failure::listen(endpoint, errno))?;
        let shared = Arc::new(Serving {
            host,
            provider,
            protocol,
            limits,
            address,
            state: Mutex::new(State {
                socket: Some(Arc::new(host.register(socket)?)),
                running: 0,
                peers: HashMap::new(),
                idle: None,
                spare: Vec::new(),
                closing: false,
                ended: false,
                loop_waker: None,
                close_waiters: Vec::new(),
            }),
        });
        host.spawn(receive_all(shared.clone()));
        Ok(Arc::new(DatagramPort { shared, address }))
    }

    /// Takes no more calls; those that run are answered.
    pub(crate) fn stop(&self) {
        self.close(false);
    }

    /// Takes no more calls, and answers none.
    pub(crate) fn abandon(&self) {
        self.close(true);
    }

    fn close(&self, at_once: bool) {
        let (waker, socket) = {
            let mut state = self.shared.lock();
            state.closing = true;
            let done = at_once || state.running == 0;
            let socket = if done { state.socket.take() } else { None };
            (state.loop_waker.take(), socket)
        };
        drop(socket);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Ready when the last call was answered.
    pub(crate) fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        self.stop();
        let mut state = self.shared.lock();
        if state.running == 0 && state.ended {
            return Poll::Ready(Ok(()));
        }
        state.close_waiters.push(waker.clone());
        Poll::Pending
    }
}

impl Serving {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The receiving task has ended.
    fn end(&self) {
        let (ended, waiters) = {
            let mut state = self.lock();
            state.ended = true;
            let ended = match state.running {
                0 => state.leave_all(),
                _ => None,
            };
            (ended, std::mem::take(&mut state.close_waiters))
        };
        self.close_connection(ended);
        for waiter in waiters {
            waiter.wake();
        }
    }

    fn close_connection(&self, ended: Option<u64>) {
        if let Some(connection) = ended {
            self.host.connection_closed(connection);
        }
    }

    /// Sends an answer, which has a record mark before it; an answer that is lost is asked for again.
    fn send(&self, answer: &[u8], route: &Route) {
        let Some(datagram) = answer.get(MARK_BYTES..).filter(|rest| !rest.is_empty()) else {
            return;
        };
        let Some(socket) = self.lock().socket.clone() else {
            return;
        };
        if let Err(errno) = socket::send(socket.fd(), datagram, route) {
            let message = format!(
                "an answer to {} was lost: {}",
                route.peer,
                failure::text(errno)
            );
            self.host.debug(self.provider, &message);
        }
    }

    /// Handles one datagram; what cannot be read is dropped, and nobody is told.
    fn handle(self: &Arc<Self>, datagram: Bytes, route: Route, peer: &str) {
        if datagram.len() as u64 > self.limits.message_bytes {
            let message = "a datagram was dropped: it is longer than message_bytes";
            return self.host.debug(self.provider, message);
        }
        let from = Origin {
            address: Some(route.peer),
            asked: route.asked,
            // The address says who it is.
            connection: 0,
            now_ns: self.host.now_ns(),
        };
        match self.protocol.classify(&from, datagram) {
            Ok(Incoming::Request(request)) => self.serve(request, route, peer),
            Ok(Incoming::Answer(answer)) => self.send(&answer, &route),
            Ok(Incoming::Ignore(why)) => self.host.debug(self.provider, why),
            Ok(Incoming::Reply(..)) => {
                let message = "a reply came to a listener and was dropped";
                self.host.debug(self.provider, message);
            }
            Err(violation) => self.host.debug(self.provider, &violation.message),
        }
    }

    fn serve(self: &Arc<Self>, request: Request, route: Route, peer: &str) {
        let admitted = self.lock().admit(self.host, route.peer.ip(), &self.limits);
        let connection = match admitted {
            Ok(connection) => connection,
            Err(why) => {
                let message = format!("a call of {peer} was dropped: {why}");
                self.host.debug(self.provider, &message);
                // The client sends it again.
                let mut none = Outgoing::from(Vec::new());
                return self.protocol.ended(request.token, &mut none, true);
            }
        };
        let responder = DatagramResponder(Box::new(Answering {
            port: self.clone(),
            xid: request.id.unwrap_or_default(),
            token: request.token,
            route,
            idempotent: false,
            answered: false,
        }));
        let (table, profile) = self.protocol.decoder();
        let decoder = Dec::over(
            request.body,
            table,
            profile,
            self.limits.depth,
            self.limits.items,
        );
        self.host.dispatch(InboundCall::new(
            CallFacts {
                object: request.object.unwrap_or_default(),
                connection,
                method: None,
                number: request.number,
                oneway: false,
                arguments: None,
                peer,
                claim: request.claim.as_deref(),
            },
            decoder,
            responder,
        ));
    }
}

/// Receives until the port is closed.
async fn receive_all(port: Arc<Serving>) {
    let mut room = Room::new(DATAGRAM_BYTES_MAX + 1);
    // The last peer and its name: most datagrams come from the one before.
    let mut last: Option<(SocketAddr, String)> = None;
    let mut rounds = 0;
    loop {
        let received = poll_fn(|cx| {
            let waker = AbiWaker::lend(cx.waker());
            let socket = {
                let mut state = port.lock();
                match state.socket.clone() {
                    Some(socket) if !state.closing => {
                        let known = state.loop_waker.as_ref();
                        if !known.is_some_and(|known| known.will_wake(&waker)) {
                            state.loop_waker = Some(waker.clone());
                        }
                        socket
                    }
                    _ => return Poll::Ready(None),
                }
            };
            rounds += 1;
            if rounds > ROUNDS_MAX {
                rounds = 0;
                waker.wake_by_ref();
                return Poll::Pending;
            }
            let polled = socket.poll_io(READ, &waker, |fd| {
                match socket::receive(fd, port.address, &mut room) {
                    Err(Errno::AGAIN) => Io::WouldBlock,
                    received => Io::Done(received),
                }
            });
            if polled.is_pending() {
                rounds = 0;
            }
            polled.map(|received| Some(received.unwrap_or(Err(Errno::IO))))
        });
        match received.await {
            None => return port.end(),
            Some(Ok((length, Some(route)))) => {
                let known = last.take().filter(|(address, _)| *address == route.peer);
                let (_, name) =
                    last.insert(known.unwrap_or_else(|| (route.peer, route.peer.to_string())));
                let datagram = Bytes::copy_from_slice(room.datagram(length));
                port.handle(datagram, route, name);
            }
            // Without an address nobody can be answered; an error here is that of an answer sent earlier.
            Some(Ok((_, None)) | Err(_)) => {}
        }
    }
}

/// The right to answer one call.
struct DatagramResponder(Box<Answering>);

struct Answering {
    port: Arc<Serving>,
    xid: u32,
    token: u64,
    route: Route,
    idempotent: bool,
    answered: bool,
}

impl Answering {
    /// Sends the answer, if there is one, remembers what may not be repeated, and ends the call.
    fn finish(&mut self, answer: Vec<u8>, executed: bool) {
        if std::mem::replace(&mut self.answered, true) {
            return;
        }
        self.port.send(&answer, &self.route);
        let repeatable = self.idempotent || !executed;
        let mut answer = Outgoing::from(answer);
        self.port
            .protocol
            .ended(self.token, &mut answer, repeatable);
        let (ended, waiters, socket) = {
            let mut state = self.port.lock();
            if let Some(memory) = answer.into_memory() {
                state.spare = memory;
            }
            let ended = [state.leave(self.route.peer.ip()), None];
            match (state.running, state.closing) {
                (0, true) => (
                    [ended[0], state.leave_all()],
                    std::mem::take(&mut state.close_waiters),
                    state.socket.take(),
                ),
                _ => (ended, Vec::new(), None),
            }
        };
        drop(socket);
        for connection in ended {
            self.port.close_connection(connection);
        }
        for waiter in waiters {
            waiter.wake();
        }
    }

    fn refuse(&mut self, reason: u32, message: &str) {
        let executed = matches!(reason, refusal::DONE | refusal::INTERNAL);
        let answer = self.port.protocol.refuse(self.xid, reason, message);
        self.finish(answer, executed);
    }
}

impl Respond for DatagramResponder {
    fn begin(&mut self, reply: u32, flags: u32) -> Result<Enc, Err> {
        let call = &mut self.0;
        call.idempotent = flags & call_flags::IDEMPOTENT != 0;
        let protocol = &call.port.protocol;
        let (table, profile) = protocol.encoder();
        let most = (DATAGRAM_BYTES_MAX + MARK_BYTES) as u64;
        let most = most.min(call.port.limits.message_bytes);
        let mut spare = std::mem::take(&mut call.port.lock().spare);
        spare.clear();
        let mut enc = Enc::new(Buf::from_vec(spare), table, profile, most);
        protocol.begin_reply(call.xid, reply, flags, &mut enc)?;
        Ok(enc)
    }

    fn submit(&mut self, mut enc: Enc) -> Result<(), Err> {
        if self.0.answered {
            let message = "the call was answered twice";
            return Err(Err::new(kind::INTERNAL, cause::OTHER, message));
        }
        if let Err(failure) = self.0.port.protocol.finish_reply(0, &mut enc) {
            self.refuse(refusal::INTERNAL, "the reply is too long for the protocol");
            return Err(failure);
        }
        self.0.finish(enc.buf.into_vec(), true);
        Ok(())
    }

    fn abort(&mut self, enc: Enc) {
        self.0.port.lock().spare = enc.buf.into_vec();
    }

    fn refuse(&mut self, reason: u32, message: &str) {
        self.0.refuse(reason, message);
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if !self.answered {
            self.refuse(refusal::INTERNAL, "the call ended without an answer");
        }
    }
}

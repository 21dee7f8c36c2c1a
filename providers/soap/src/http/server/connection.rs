//! One accepted connection, from its handshake to its end: drives hyper, sends what it wrote, and keeps the time limits.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use http_body::Body as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use rmix_provider::guest::{Host, Timer};
use rmix_provider::listen::AcceptedStream;
use rmix_provider::stream::Stream;
use rmix_provider::tables::AbiWaker;

use super::io::ServerIo;
use super::running::Requests;
use super::service::answer;
use super::watch::{Phase, Taking, Watch};
use super::{Peer, Server};
use crate::http::channel::Channel;

/// Read-ahead of hyper, in bytes, at least; heads have a limit of their own.
const BUFFER_MIN: usize = 64 << 10;
/// What a peer is heard out for after a last answer, in bytes, before the connection is closed: closing with bytes unread
/// resets it, and the answer may be lost.
const HEARD_BYTES_MAX: usize = 1 << 20;
/// And for how long, in nanoseconds.
const HEARD_NS: u64 = 1_000_000_000;
/// The last word to a peer whose request does not come.
const TOO_SLOW: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// What the requests of one connection share.
pub(super) struct Connection {
    pub(super) server: Arc<Server>,
    pub(super) peer: Arc<Peer>,
    pub(super) watch: Arc<Watch>,
    pub(super) io: ServerIo,
    pub(super) requests: Arc<Requests>,
    /// Whether a request was answered before all of it was read.
    pub(super) cut_short: AtomicBool,
}

/// Tells the host when a connection's calls have ended.
struct Closed(Host, u64);

impl Drop for Closed {
    fn drop(&mut self) {
        self.0.connection_closed(self.1);
    }
}

/// Serves a connection to its end.
pub(super) async fn serve(server: Arc<Server>, accepted: AcceptedStream) {
    let host = server.host;
    let number = host.next_connection();
    let _closed = Closed(host, number);
    let watch = Arc::new(Watch::new(host.now_ns()));
    let peer = Arc::new(Peer {
        connection: number,
        name: accepted.peer,
        address: accepted.address,
        asked: accepted.asked,
        secure: server.tls.is_some(),
    });
    let limits = server.limits;
    let provider = server.provider;
    let channel = match secured(&server, accepted.stream).await {
        Ok(channel) => channel,
        Err(why) => {
            let message = format!("{}: the TLS handshake failed: {why}", peer.name);
            return host.warn(provider, &message);
        }
    };
    let io = ServerIo::new(channel, watch.clone());
    let connection = Arc::new(Connection {
        io: io.clone(),
        requests: Arc::new(Requests::new(&limits)),
        watch: watch.clone(),
        peer: peer.clone(),
        cut_short: AtomicBool::new(false),
        server,
    });
    let service = service_fn(|request: http::Request<Incoming>| {
        // At once: it is asked for more only afterwards.
        io.begin_body(request.body().size_hint().exact());
        answer(connection.clone(), request)
    });
    let requests = http1::Builder::new()
        // A peer may say that it has said all, and still wait for the answer.
        .half_close(true)
        .writev(true)
        .max_headers(limits.header_fields)
        .max_header_size(limits.header_bytes)
        .max_buf_size(BUFFER_MIN.max(limits.header_bytes))
        .serve_connection(io.clone(), service);
    let mut requests = pin!(requests);
    let mut clock = Clock::new(&connection);
    let mut closing = false;
    let ended = poll_fn(|cx| {
        let waker = AbiWaker::lend(cx.waker());
        if !closing && accepted.ending.is_closing(&waker) {
            closing = true;
            requests.as_mut().graceful_shutdown();
        }
        drive(requests.as_mut(), &io, &mut clock, cx)
    });
    match ended.await {
        Ended::Whole if connection.cut_short.load(Ordering::Relaxed) => {}
        Ended::Whole => return,
        Ended::Failed(why) => host.debug(provider, &format!("{}: {why}", peer.name)),
        Ended::TooSlow(rule) => {
            let message = format!(
                "{} was too slow, the connection is closed: {rule}",
                peer.name
            );
            host.warn(provider, &message);
            return;
        }
        Ended::Idle => return,
    }
    hear_out(&host, &io).await;
}

/// How the connection came to its end.
enum Ended {
    /// As HTTP says.
    Whole,
    /// Input or output failed, or the peer broke a rule.
    Failed(String),
    /// A time limit passed.
    TooSlow(&'static str),
    /// Nobody wanted it any more.
    Idle,
}

/// Lets hyper do what it can, sends what it wrote, and looks at the clock.
fn drive<F: Future<Output = hyper::Result<()>>>(
    mut requests: Pin<&mut F>,
    io: &ServerIo,
    clock: &mut Clock<'_>,
    cx: &mut Context<'_>,
) -> Poll<Ended> {
    let waker = AbiWaker::lend(cx.waker());
    loop {
        let finished = requests.as_mut().poll(cx);
        let sent = io.poll_send(&waker);
        match (finished, sent) {
            (Poll::Ready(Ok(())), _) => return Poll::Ready(Ended::Whole),
            (Poll::Ready(Err(why)), _) => return Poll::Ready(Ended::Failed(cause(&why))),
            (Poll::Pending, Poll::Ready(Err(why))) => {
                return Poll::Ready(Ended::Failed(why.to_string()));
            }
            (Poll::Pending, _) => match clock.poll(io.blocked(), &waker) {
                Poll::Pending => return Poll::Pending,
                // The request is answered with 408, by whoever reads its body.
                Poll::Ready((Phase::Body, _)) => {}
                Poll::Ready((Phase::Head, rule)) => {
                    io.say(&waker, TOO_SLOW);
                    return Poll::Ready(Ended::TooSlow(rule));
                }
                Poll::Ready((Phase::Idle, _)) => return Poll::Ready(Ended::Idle),
                Poll::Ready((_, rule)) => return Poll::Ready(Ended::TooSlow(rule)),
            },
        }
    }
}

fn cause(failure: &hyper::Error) -> String {
    match std::error::Error::source(failure) {
        Some(source) => format!("{failure}: {source}"),
        None => failure.to_string(),
    }
}

/// The clock that a connection is held against.
struct Clock<'a> {
    connection: &'a Connection,
    timer: Timer,
    /// When the timer is set to; 0 when it is not.
    armed_ns: u64,
    taking: Taking,
}

impl Clock<'_> {
    fn new(connection: &Connection) -> Clock<'_> {
        Clock {
            timer: connection.server.host.timer(),
            connection,
            armed_ns: 0,
            taking: Taking::default(),
        }
    }

    /// Ready when a limit has passed. `blocked`: as [`ServerIo::blocked`] says.
    fn poll(
        &mut self,
        blocked: Option<(u64, u64)>,
        waker: &AbiWaker,
    ) -> Poll<(Phase, &'static str)> {
        let connection = self.connection;
        let host = connection.server.host;
        let limits = &connection.server.limits;
        loop {
            let now = host.now_ns();
            let unread = self.taking.deadline(now, blocked, limits);
            if let Some((deadline, rule)) = unread
                && now >= deadline
            {
                return Poll::Ready((Phase::Running, rule));
            }
            // Once it was too slow, its last answer is all that is still to come.
            let slow = match connection.watch.has_expired() {
                true => None,
                false => {
                    if let Some(expired) = connection.watch.check(now, limits) {
                        return Poll::Ready((expired.phase, expired.rule));
                    }
                    connection.watch.deadline(now, limits)
                }
            };
            let Some((next, _)) = unread.into_iter().chain(slow).min() else {
                return Poll::Pending;
            };
            // It goes off too early rather than being set anew for each request.
            if self.armed_ns == 0 || next < self.armed_ns {
                self.armed_ns = next;
            }
            if self.timer.poll_until(self.armed_ns, waker).is_pending() {
                return Poll::Pending;
            }
            self.armed_ns = 0;
        }
    }
}

/// The channel, after its handshake.
async fn secured(server: &Server, stream: Stream) -> io::Result<Channel> {
    let Some(config) = &server.tls else {
        return Ok(Channel::Plain(stream));
    };
    let tls = rustls::ServerConnection::new(config.clone()).map_err(io::Error::other)?;
    let mut channel = Channel::tls(stream, tls.into());
    let host = server.host;
    let deadline = host.now_ns().saturating_add(server.limits.handshake_ns);
    let mut timer = host.timer();
    poll_fn(|cx| {
        let waker = AbiWaker::lend(cx.waker());
        if let Poll::Ready(done) = channel.poll_handshake(&waker) {
            return Poll::Ready(done);
        }
        timer.poll_until(deadline, &waker).map(|()| {
            let rule = "it took too long (handshake_timeout)";
            Err(io::Error::new(io::ErrorKind::TimedOut, rule))
        })
    })
    .await?;
    Ok(channel)
}

/// Ends a connection so that its last answer arrives: what the peer still says is read, within bounds.
async fn hear_out(host: &Host, io: &ServerIo) {
    io.close_write();
    let deadline = host.now_ns().saturating_add(HEARD_NS);
    let mut timer = host.timer();
    let mut heard = 0;
    poll_fn(|cx| {
        let waker = AbiWaker::lend(cx.waker());
        loop {
            match io.poll_discard(&waker) {
                Poll::Pending => return timer.poll_until(deadline, &waker),
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(bytes)) => heard += bytes,
            }
            if heard > HEARD_BYTES_MAX {
                return Poll::Ready(());
            }
        }
    })
    .await;
}

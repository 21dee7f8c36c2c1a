//! From a request's head to its answer: what is refused before the handler sees it, reading the body, and waiting for the
//! answer.

use std::convert::Infallible;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT_ENCODING, ALLOW, CONNECTION, HOST};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, Version};
use http_body::Body as _;
use hyper::body::Incoming;

use super::connection::Connection;
use super::reply::{Reply, Response, Slot};
use super::watch::Phase;
use super::{Request, running::Running};
use crate::http::gzip::{self, Coding, GzipFault};
use crate::http::message::Body;

/// Why a request is answered without its handler. Whatever is left of it makes hyper close the connection.
#[derive(Debug)]
enum Refusal {
    Method(Method),
    Host(usize),
    Encoding,
    TooLong { limit: u64 },
    Gzip(GzipFault),
    TooSlow,
    Broken(hyper::Error),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Method(method) => {
                write!(f, "requests here are POST or GET, this one is {method}")
            }
            Refusal::Host(count) => write!(f, "the request has {count} Host fields instead of one"),
            Refusal::Encoding => write!(f, "bodies may be compressed with gzip and nothing else"),
            Refusal::TooLong { limit } => {
                write!(f, "the body is longer than {limit} bytes (message_bytes)")
            }
            Refusal::Gzip(fault) => fault.fmt(f),
            Refusal::TooSlow => write!(f, "the body came too slowly"),
            Refusal::Broken(why) => write!(f, "the body could not be read: {why}"),
        }
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Response {
        let status = match &refusal {
            Refusal::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::TooLong { .. }
            | Refusal::Gzip(GzipFault::Long { .. } | GzipFault::Bomb { .. }) => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Refusal::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Refusal::Host(_) | Refusal::Gzip(GzipFault::Broken) | Refusal::Broken(_) => {
                StatusCode::BAD_REQUEST
            }
        };
        let response = Response::text(status, refusal.to_string());
        match refusal {
            Refusal::Method(_) => response.with(ALLOW, HeaderValue::from_static("POST, GET")),
            Refusal::Encoding => response.with(ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
            Refusal::TooLong { .. } | Refusal::TooSlow | Refusal::Broken(_) => {
                response.with(CONNECTION, HeaderValue::from_static("close"))
            }
            _ => response,
        }
    }
}

/// Answers one request.
pub(super) async fn answer(
    connection: Arc<Connection>,
    request: http::Request<Incoming>,
) -> Result<http::Response<Body>, Infallible> {
    let response = match take(&connection, request).await {
        Ok((request, running)) => run(&connection, request, running).await,
        Err(refusal) => {
            if !matches!(refusal, Refusal::Gzip(_)) {
                connection.cut_short.store(true, Ordering::Relaxed);
            }
            Response::from(refusal)
        }
    };
    connection.io.end_request();
    Ok(response.into_http())
}

/// Lets the handler answer.
async fn run(connection: &Connection, request: Request, running: Running) -> Response {
    let server = &connection.server;
    let gzip = server.gzip && gzip::is_accepted(&request.head.headers);
    let slot = Arc::new(Slot::default());
    let reply = Reply::new(slot.clone(), gzip, running);
    server.handler.handle(request, reply);
    poll_fn(|cx| slot.poll(cx)).await
}

/// The whole request, and the right to run it.
async fn take(
    connection: &Connection,
    request: http::Request<Incoming>,
) -> Result<(Request, Running), Refusal> {
    let (head, body) = request.into_parts();
    check(&head)?;
    let body = match head.method == Method::POST {
        true => read(connection, &head, body).await?,
        false => Bytes::new(),
    };
    connection.watch.enter(Phase::Running);
    let running = poll_fn(|cx| connection.requests.poll_begin(body.len(), cx)).await;
    let peer = connection.peer.clone();
    Ok((Request { head, body, peer }, running))
}

fn check(head: &Parts) -> Result<(), Refusal> {
    if head.method != Method::POST && head.method != Method::GET {
        return Err(Refusal::Method(head.method.clone()));
    }
    let hosts = head.headers.get_all(HOST).iter().count();
    if hosts > 1 || hosts == 0 && head.version >= Version::HTTP_11 {
        return Err(Refusal::Host(hosts));
    }
    Ok(())
}

async fn read(connection: &Connection, head: &Parts, body: Incoming) -> Result<Bytes, Refusal> {
    let limits = &connection.server.limits;
    let limit = limits.message_bytes;
    let coding = Coding::of(&head.headers);
    if coding == Coding::Unknown {
        return Err(Refusal::Encoding);
    }
    if body.size_hint().lower() > limit {
        return Err(Refusal::TooLong { limit });
    }
    let packed = collect(connection, body, limit).await?;
    match coding {
        Coding::Gzip => gzip::decompress(&packed, limit, limits.gzip_ratio)
            .map(Bytes::from)
            .map_err(Refusal::Gzip),
        _ => Ok(packed),
    }
}

/// Reads a body to its end; one that came whole is not copied.
async fn collect(
    connection: &Connection,
    mut body: Incoming,
    limit: u64,
) -> Result<Bytes, Refusal> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    connection.watch.enter(Phase::Body);
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(part) = poll_fn(|cx| poll_part(connection, &mut body, cx)).await? {
        let length = (first.len() + whole.len() + part.len()) as u64;
        if length > limit {
            return Err(Refusal::TooLong { limit });
        }
        if first.is_empty() && whole.is_empty() {
            first = part;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&part);
        }
        if body.is_end_stream() {
            break;
        }
    }
    match whole.is_empty() {
        true => Ok(first),
        false => Ok(whole.freeze()),
    }
}

/// The next bytes of a body, none of them at its end.
fn poll_part(
    connection: &Connection,
    body: &mut Incoming,
    cx: &mut Context<'_>,
) -> Poll<Result<Option<Bytes>, Refusal>> {
    if connection.watch.has_expired() {
        return Poll::Ready(Err(Refusal::TooSlow));
    }
    loop {
        match Pin::new(&mut *body).poll_frame(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => return Poll::Ready(Ok(None)),
            Poll::Ready(Some(Err(why))) => return Poll::Ready(Err(Refusal::Broken(why))),
            Poll::Ready(Some(Ok(frame))) => {
                // Trailers say nothing that a message needs.
                if let Ok(part) = frame.into_data() {
                    return Poll::Ready(Ok(Some(part)));
                }
            }
        }
    }
}

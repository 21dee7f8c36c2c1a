//! The server: connections that are accepted, requests that a [`Handler`] answers. HTTP itself is hyper's.

mod connection;
mod feed;
mod io;
mod reply;
mod running;
mod service;
mod watch;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::request::Parts;
use rmix_provider::guest::{BoxFuture, Host};
use rmix_provider::listen::{AcceptedStream, Bound, EachListener, Serve};
use rmix_provider::tables::{AbiWaker, Err, Limits, cause, kind};
use rustls::ServerConfig;

use super::limits::HttpLimits;
use super::options::ServerOptions;
use super::tls;

pub(super) use self::reply::PRODUCT;
pub use self::reply::{Reply, Response};
pub use self::running::Running;

/// Answers requests.
pub trait Handler: Send + Sync + 'static {
    /// Takes one whole request, on the task of its connection: it is to return soon. `reply` may be answered in place,
    /// which is written at once, or later, from any thread.
    fn handle(&self, request: Request, reply: Reply);
}

/// A request: a POST with its body, decompressed, or a GET.
#[derive(Debug)]
#[non_exhaustive]
pub struct Request {
    /// Method, target, version and header fields.
    pub head: Parts,
    /// The body.
    pub body: Bytes,
    /// Who asks.
    pub peer: Arc<Peer>,
}

/// The other end of an accepted connection.
#[derive(Debug)]
#[non_exhaustive]
pub struct Peer {
    /// The connection's number, unique within the host.
    pub connection: u64,
    /// The peer, for people.
    pub name: String,
    /// Its address; none for a local process.
    pub address: Option<SocketAddr>,
    /// The address of this host that was asked.
    pub asked: Option<IpAddr>,
    /// Whether TLS is spoken.
    pub secure: bool,
}

/// What every connection of a listener knows.
struct Server {
    host: Host,
    provider: &'static str,
    handler: Arc<dyn Handler>,
    limits: HttpLimits,
    gzip: bool,
    tls: Option<Arc<ServerConfig>>,
}

impl Serve for Server {
    fn serve(self: &Arc<Self>, accepted: AcceptedStream) -> BoxFuture<()> {
        Box::pin(connection::serve(self.clone(), accepted))
    }
}

/// A listening socket whose requests a [`Handler`] answers.
pub struct HttpListener {
    listener: EachListener<Server>,
}

impl HttpListener {
    /// Starts accepting. `provider` is the provider's name, for the log.
    ///
    /// # Errors
    /// `FixRequest`: a certificate or key cannot be used. `Internal`: the reactor cannot take the socket.
    pub async fn start(
        host: Host,
        provider: &'static str,
        bound: Bound,
        secure: bool,
        options: &ServerOptions,
        limits: HttpLimits,
        handler: Arc<dyn Handler>,
    ) -> Result<HttpListener, Err> {
        let config = match secure {
            false => None,
            true => {
                let files = options.tls.clone();
                let read = host.blocking(move || tls::server_config(&files)).await;
                Some(read.unwrap_or_else(|| Err(stopped()))?)
            }
        };
        let server = Arc::new(Server {
            host,
            provider,
            handler,
            limits,
            gzip: options.gzip,
            tls: config,
        });
        let counted = Limits {
            connections: limits.connections,
            connections_per_peer: limits.connections_per_peer,
            ..Limits::default()
        };
        let listener = EachListener::start(host, provider, server, bound, counted)?;
        Ok(HttpListener { listener })
    }

    /// Accepts no more, and lets each connection end after the request that it is answering; ready when all have ended.
    pub fn poll_close(&self, waker: &AbiWaker) -> Poll<()> {
        self.listener.poll_close(waker)
    }

    /// Accepts no more, and drops the connections.
    pub fn abandon(&self) {
        self.listener.abandon();
    }
}

/// The host ended before it had done what it was asked for.
pub(crate) fn stopped() -> Err {
    let message = "the runtime was shut down";
    Err::new(kind::FIX_REQUEST, cause::SHUTDOWN, message)
}

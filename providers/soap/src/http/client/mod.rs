//! The client: posts messages over connections that are kept. A call that waits for its answer has a connection to itself
//! and is driven by whoever polls it; one-way messages have one of their own, and are pipelined
//! where the peer says that it takes them so.

mod connection;
mod exchange;
mod failure;
mod oneway;
mod pool;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use rmix_provider::endpoint::Parts;
use rmix_provider::guest::Host;
use rmix_provider::tables::{AbiWaker, Err, delivery};
use rmix_provider::{failure as failures, guest::BoxFuture};
use rustls::ClientConfig;

use self::connection::Connection;
use self::oneway::Oneways;
use self::pool::{Pool, Wake};
use self::wire::Template;
use super::limits::HttpLimits;
use super::message::Message;
use super::options::ClientOptions;
use super::{server, tls};

pub use self::exchange::Exchange;

/// Where messages are posted to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Target {
    /// The endpoint, for people.
    pub endpoint: String,
    /// Host name or address.
    pub name: String,
    /// TCP port.
    pub port: u16,
    /// `Host`: name and port, the port only when it is not the scheme's own.
    pub host: String,
    /// Path, beginning with a slash.
    pub path: String,
    /// Whether TLS is spoken.
    pub secure: bool,
}

impl Target {
    /// The target of an endpoint: its authority and path; a scheme that ends in `https` means TLS. Without a port it is 80,
    /// or 443.
    ///
    /// # Errors
    /// `FixRequest`: the endpoint has no host.
    pub fn new(endpoint: &Parts<'_>) -> Result<Target, Err> {
        let secure = endpoint.scheme.ends_with("https");
        let own = if secure { 443 } else { 80 };
        let (name, port) = match endpoint.authority {
            Some((name, port)) if !name.is_empty() => (name, port.unwrap_or(own)),
            _ => return Err(failures::endpoint(endpoint.text, "it needs a host")),
        };
        let shown = match name.contains(':') {
            true => format!("[{name}]"),
            false => name.to_owned(),
        };
        Ok(Target {
            endpoint: endpoint.text.to_owned(),
            name: name.to_owned(),
            port,
            host: match port == own {
                true => shown,
                false => format!("{shown}:{port}"),
            },
            path: match endpoint.path {
                "" => "/".to_owned(),
                path => path.to_owned(),
            },
            secure,
        })
    }
}

/// What a client's exchanges share.
struct Client {
    host: Host,
    provider: &'static str,
    target: Target,
    limits: HttpLimits,
    template: Template,
    tls: Option<Arc<ClientConfig>>,
    /// Guards the connections; held for moments, never together with `oneways`.
    pool: Mutex<Pool<Connection>>,
    oneways: Oneways,
}

impl Client {
    fn pool(&self) -> MutexGuard<'_, Pool<Connection>> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake_all(wake: Wake) {
    for waker in wake {
        waker.wake();
    }
}

/// A client of one endpoint.
pub struct HttpClient {
    client: Arc<Client>,
}

impl HttpClient {
    /// Opens a first connection. `provider` is the provider's name, for the log.
    ///
    /// # Errors
    /// The endpoint cannot be reached; certificates cannot be used or are not believed.
    pub async fn open(
        host: Host,
        provider: &'static str,
        target: Target,
        options: &ClientOptions,
        limits: HttpLimits,
    ) -> Result<HttpClient, Err> {
        let config = match target.secure {
            false => None,
            true => {
                let files = options.tls.clone();
                let read = host.blocking(move || tls::client_config(&files)).await;
                Some(read.unwrap_or_else(|| Err(server::stopped()))?)
            }
        };
        let client = Arc::new(Client {
            host,
            provider,
            template: Template::new(&target.host, &target.path, options.gzip)?,
            target,
            limits,
            tls: config,
            pool: Mutex::new(Pool::new(options.connections)),
            oneways: Oneways::default(),
        });
        // As an exchange of its own, so that it counts.
        let opening = client.pool().enter().unwrap_or_default();
        let _ = client.pool().acquire(opening);
        let connection = Connection::open(&client).await?;
        let (mut wake, _) = client
            .pool()
            .release(connection, host.now_ns(), limits.idle_ns);
        wake.append(&mut client.pool().leave(opening));
        wake_all(wake);
        Ok(HttpClient { client })
    }

    /// Begins to post a message; nothing is sent until the exchange is polled. `driven`: whoever polls it does so on a
    /// thread of its own until it ends.
    ///
    /// # Errors
    /// The client is closed, or the message has header fields that cannot be sent. Nothing was sent.
    pub fn post(&self, message: Message, driven: bool) -> Result<Exchange, Err> {
        let entered = self.client.pool().enter();
        let number =
            entered.ok_or_else(|| failures::closed_here().delivered(delivery::NOT_SENT))?;
        Exchange::new(self.client.clone(), number, message, driven)
    }

    /// Queues a one-way message behind those before it. Whether it arrived is not told, but for this: when one was lost or
    /// refused, the next of these calls, or [`HttpClient::poll_flush`], fails with the reason.
    ///
    /// # Errors
    /// The client is closed; an earlier message failed. This message was not sent.
    pub fn post_oneway(&self, message: Message) -> Result<(), Err> {
        if self.client.pool().is_closing() {
            return Err(failures::closed_here().delivered(delivery::NOT_SENT));
        }
        oneway::post(&self.client, message)
    }

    /// Whether a one-way message may be queued.
    pub fn has_room(&self) -> bool {
        self.client.oneways.has_room(&self.client.limits)
    }

    /// Ready when [`HttpClient::has_room`].
    pub fn poll_ready(&self, waker: &AbiWaker) -> Poll<()> {
        self.client.oneways.poll_ready(&self.client.limits, waker)
    }

    /// Ready when the kernel has all one-way messages that were posted before.
    pub fn poll_flush(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        self.client.oneways.poll_flush(waker)
    }

    /// Takes no more messages; ready when all exchanges have ended and all one-way messages were answered.
    pub fn poll_close(&self, waker: &AbiWaker) -> Poll<()> {
        let mut pool = self.client.pool();
        let idle = pool.close();
        let over = pool.is_over(waker);
        drop(pool);
        drop(idle);
        let sent = self.client.oneways.poll_close(waker);
        match over {
            true => sent,
            false => Poll::Pending,
        }
    }

    /// Closes all connections; what runs fails.
    pub fn abandon(&self) {
        let mut pool = self.client.pool();
        let idle = pool.close();
        let wake = pool.abandon();
        drop(pool);
        drop(idle);
        wake_all(wake);
        self.client.oneways.abandon();
    }

    /// Whether messages may be posted.
    pub fn is_open(&self) -> bool {
        !self.client.pool().is_closing()
    }
}

impl Drop for HttpClient {
    fn drop(&mut self) {
        self.abandon();
    }
}

/// A connection in the making.
type Opening = BoxFuture<Result<Connection, Err>>;

fn opening(client: &Arc<Client>) -> Opening {
    let client = client.clone();
    Box::pin(async move { Connection::open(&client).await })
}

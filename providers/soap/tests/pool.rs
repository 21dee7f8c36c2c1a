//! A client under test, and how its exchanges are driven.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;

use http::HeaderValue;
use rmix_provider::endpoint::Parts;
use rmix_provider::guest::Host;
use rmix_provider::tables::{AbiWaker, Err, Limits};
use rmix_soap::http::{
    Answer, Body, ClientOptions, Exchange, HttpClient, HttpLimits, Message, Target,
};

use crate::lent::{block_on, host};

/// A message for a server's handler.
pub(crate) fn message(body: impl Into<Body>) -> Message {
    Message {
        content_type: HeaderValue::from_static("text/xml; charset=utf-8"),
        fields: vec![(
            http::HeaderName::from_static("soapaction"),
            HeaderValue::from_static("\"\""),
        )],
        body: body.into(),
    }
}

/// Opens a client of an endpoint.
pub(crate) async fn open(
    endpoint: &str,
    change: impl FnOnce(&mut HttpLimits),
) -> Result<Arc<HttpClient>, Err> {
    open_of(host(), endpoint, change).await
}

/// Opens a client of an endpoint, for this host.
pub(crate) async fn open_of(
    host: Host,
    endpoint: &str,
    change: impl FnOnce(&mut HttpLimits),
) -> Result<Arc<HttpClient>, Err> {
    let parts = Parts::parse(endpoint)?;
    let mut limits = HttpLimits::new(&Limits::default(), &parts)?;
    change(&mut limits);
    let options = ClientOptions::new(&parts)?;
    let target = Target::new(&parts)?;
    let opened = HttpClient::open(host, "soap", target, &options, limits).await;
    opened.map(Arc::new)
}

/// Opens a client of a server's path, with options.
pub(crate) fn client(address: SocketAddr, path_and_options: &str) -> Arc<HttpClient> {
    client_with(address, path_and_options, |_| {})
}

pub(crate) fn client_with(
    address: SocketAddr,
    path_and_options: &str,
    change: impl FnOnce(&mut HttpLimits),
) -> Arc<HttpClient> {
    let endpoint = format!("soap+http://{address}{path_and_options}");
    block_on("opening a client", open(&endpoint, change))
        .unwrap_or_else(|failure| panic!("{}", failure.text()))
}

/// The answer of an exchange.
pub(crate) async fn answer(exchange: &mut Exchange) -> Result<Answer, Err> {
    poll_fn(|cx| exchange.poll(&AbiWaker::lend(cx.waker()))).await
}

/// Posts a message and waits for its answer, on a task.
pub(crate) fn call(client: &HttpClient, body: impl Into<Body>) -> Result<Answer, Err> {
    let mut exchange = client.post(message(body), false)?;
    block_on("a call", answer(&mut exchange))
}

/// Ready when the kernel has all one-way messages.
pub(crate) fn flush(client: &HttpClient) -> Result<(), Err> {
    let flushing = poll_fn(|cx| client.poll_flush(&AbiWaker::lend(cx.waker())));
    block_on("a flush", flushing)
}

/// Closes gracefully.
pub(crate) fn close(client: &HttpClient) {
    let closing = poll_fn(|cx| client.poll_close(&AbiWaker::lend(cx.waker())));
    block_on("a close", closing);
}

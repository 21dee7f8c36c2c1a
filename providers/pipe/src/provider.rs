//! Opens links and listeners over pipes.

use std::sync::Arc;

use rmix_msgpack_rpc::MsgpackRpc;
use rmix_provider::guest::{BoxFuture, Host, Open, Provider};
use rmix_provider::stream::Stream;
use rmix_provider::tables::{Err, capability};
use rmix_provider::{EndReason, LinkOptions, MuxLink, connect, failure};

use crate::child::Child;
use crate::fifo::{self, Pair};
use crate::inherited;
use crate::listener::PipeListener;

/// The provider.
pub struct PipeProvider {
    host: Host,
}

impl Provider for PipeProvider {
    const NAME: &'static str = crate::NAME;
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SCHEMES: &'static str = "pipe+exec pipe+fifo pipe+fd";
    const CAPABILITIES: u64 = capability::ONEWAY
        | capability::TWOWAY
        | capability::LISTEN
        | capability::SYMMETRIC
        | capability::FAULTS
        | capability::ORDERED
        | capability::CONCURRENT
        | capability::SELF_DESCRIBING;
    type Link = MuxLink<MsgpackRpc>;
    type Listener = PipeListener;

    fn new(host: Host) -> Result<Self, Err> {
        Ok(PipeProvider { host })
    }

    fn connect(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<Self::Link>, Err>> {
        let host = self.host;
        Box::pin(async move {
            let (scheme, rest) = split(&open.endpoint)?;
            match scheme {
                "pipe+exec" => {
                    let started = Child::start(host, &open.endpoint, rest)?;
                    let child = started.child;
                    let stream = match Stream::pipes(&host, started.read, started.write) {
                        Ok(stream) => stream,
                        Err(failure) => {
                            host.spawn(child.keep(|_| fifo::already()));
                            return Err(failure);
                        }
                    };
                    let link = link(host, stream, &open, Some(child.end_reason()));
                    // The keeper holds no link, so that closing it ends the child's input.
                    let watched = Arc::downgrade(&link);
                    host.spawn(child.keep(move |waker| match watched.upgrade() {
                        Some(link) => link.poll_ended(waker),
                        None => fifo::already(),
                    }));
                    Ok(link)
                }
                "pipe+fifo" => {
                    let pair = Pair::parse(&open.endpoint, rest)?;
                    let limit = open.limits.connect_ns;
                    let opening = open_fifos(&host, &open.endpoint, &pair);
                    let stream = connect::within(&host, limit, &open.endpoint, opening).await?;
                    Ok(link(host, stream, &open, None))
                }
                _ => {
                    let (read, write) = inherited::open(&open.endpoint, rest)?;
                    let stream = Stream::pipes(&host, read, write)?;
                    Ok(link(host, stream, &open, None))
                }
            }
        })
    }

    fn listen(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<PipeListener>, Err>> {
        let host = self.host;
        Box::pin(async move {
            let (scheme, rest) = split(&open.endpoint)?;
            match scheme {
                "pipe+exec" => Err(failure::endpoint(
                    &open.endpoint,
                    "an object cannot be exported by starting a command: bind to it and serve the object on the link",
                )),
                "pipe+fifo" => {
                    let pair = Pair::parse(&open.endpoint, rest)?;
                    pair.make(&open.endpoint)?;
                    Ok(PipeListener::fifos(host, pair, open))
                }
                _ => {
                    let (read, write) = inherited::open(&open.endpoint, rest)?;
                    let stream = Stream::pipes(&host, read, write)?;
                    Ok(PipeListener::single(host, stream, &open))
                }
            }
        })
    }
}

/// The scheme, and everything after the first colon. A command may hold any character, and may begin with two slashes that
/// no host follows, so nothing further is read here.
fn split(endpoint: &str) -> Result<(&str, &str), Err> {
    let parts = endpoint.split_once(':');
    parts.ok_or_else(|| failure::endpoint(endpoint, "it has no scheme"))
}

async fn open_fifos(host: &Host, endpoint: &str, pair: &Pair) -> Result<Stream, Err> {
    fifo::check_fifo(endpoint, &pair.calls)?;
    fifo::check_fifo(endpoint, &pair.answers)?;
    let read = fifo::open_read(endpoint, &pair.answers)?;
    let write = fifo::open_write(host, endpoint, &pair.calls).await?;
    Stream::pipes(host, read, write)
}

fn link(
    host: Host,
    stream: Stream,
    open: &Open,
    end_reason: Option<Box<dyn EndReason>>,
) -> Arc<MuxLink<MsgpackRpc>> {
    let options = LinkOptions {
        provider: crate::NAME,
        peer: open.endpoint.clone(),
        address: None,
        asked: None,
        object: open.object,
        accepted: false,
        limits: open.limits,
        end_reason,
    };
    MuxLink::open(host, Arc::default(), stream, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_not_read_as_a_host_and_a_port() {
        for command in ["//bin/tool", "//bin:tool --x", "//[ -f a:b ]", "a:b?c#d"] {
            let endpoint = format!("pipe+exec:{command}");
            assert_eq!(split(&endpoint).unwrap(), ("pipe+exec", command));
        }
        assert!(split("command").unwrap_err().text().contains("no scheme"));
    }
}

//! A server under test: what its handler does is said by the path.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, mpsc};

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};
use rmix_provider::endpoint::Parts;
use rmix_provider::listen::{Bound, BoundAddress};
use rmix_provider::tables::{AbiWaker, Limits};
use rmix_soap::http::{
    Handler, HttpLimits, HttpListener, Reply, Request, Response, Running, ServerOptions,
};

use crate::lent::host;

/// A request that a test answers when it wants to.
pub(crate) struct Held {
    pub(crate) body: Bytes,
    pub(crate) reply: Reply,
}

/// The handler: `/echo` answers with the body, `/fault` with 500, `/oneway` accepts, `/held` leaves it to the test, `/drop`
/// forgets it; the rest is 404. A GET of `?wsdl` is answered with the host that was asked.
pub(crate) struct Paths {
    held: Mutex<mpsc::Sender<Held>>,
    running: Mutex<mpsc::Sender<Running>>,
    /// Bodies of one-way requests, in the order they came.
    pub(crate) accepted: Mutex<Vec<Bytes>>,
}

impl Handler for Paths {
    fn handle(&self, request: Request, reply: Reply) {
        let target = (
            request.head.method.clone(),
            request.head.uri.path().to_owned(),
        );
        match (&target.0, &target.1[..]) {
            (&Method::POST, "/echo") => reply.send(echo(request)),
            (&Method::POST, "/fault") => {
                let fault = Response::text(StatusCode::INTERNAL_SERVER_ERROR, "a fault");
                reply.send(fault);
            }
            (&Method::POST, "/oneway") => {
                self.accepted.lock().unwrap().push(request.body);
                drop(reply.accept());
            }
            (&Method::POST, "/running") => {
                self.accepted.lock().unwrap().push(request.body);
                let running = reply.accept().expect("it was not answered before");
                let _ = self.running.lock().unwrap().send(running);
            }
            (&Method::POST, "/held") => {
                let body = request.body;
                let _ = self.held.lock().unwrap().send(Held { body, reply });
            }
            (&Method::POST, "/drop") => drop(reply),
            (&Method::GET, _) if request.head.uri.query() == Some("wsdl") => {
                let asked = request.head.headers.get("host").map(HeaderValue::to_str);
                let asked = asked.and_then(Result::ok).unwrap_or("nobody");
                reply.send(Response::text(StatusCode::OK, format!("asked {asked}")));
            }
            _ => reply.send(Response::text(StatusCode::NOT_FOUND, "nothing is here")),
        }
    }
}

fn echo(request: Request) -> Response {
    Response {
        content_type: request.head.headers.get("content-type").cloned(),
        body: request.body.into(),
        ..Response::new(StatusCode::OK)
    }
}

/// A server, and what tests see of it.
pub(crate) struct Served {
    pub(crate) listener: Arc<HttpListener>,
    pub(crate) address: SocketAddr,
    pub(crate) paths: Arc<Paths>,
    pub(crate) held: mpsc::Receiver<Held>,
    pub(crate) running: mpsc::Receiver<Running>,
}

impl Served {
    /// A server with default limits.
    pub(crate) fn start() -> Served {
        Served::with("", |_| {})
    }

    /// A server with these options of its endpoint, and limits.
    pub(crate) fn with(options: &str, change: impl FnOnce(&mut HttpLimits)) -> Served {
        let scheme = match options.contains("cert=") {
            true => "soap+https",
            false => "soap+http",
        };
        let endpoint = format!("{scheme}://127.0.0.1:0/?{options}");
        let parts = Parts::parse(&endpoint).unwrap();
        let mut limits = HttpLimits::new(&Limits::default(), &parts).unwrap();
        change(&mut limits);
        let options = ServerOptions::new(&parts).unwrap();
        let bound = Bound::tcp(&endpoint, "127.0.0.1:0".parse().unwrap()).unwrap();
        let BoundAddress::Tcp(address) = bound.address else {
            unreachable!("it was bound to TCP")
        };
        let (held, held_requests) = mpsc::channel();
        let (running, running_requests) = mpsc::channel();
        let paths = Arc::new(Paths {
            held: Mutex::new(held),
            running: Mutex::new(running),
            accepted: Mutex::default(),
        });
        let secure = scheme == "soap+https";
        let starting = HttpListener::start(
            host(),
            "soap",
            bound,
            secure,
            &options,
            limits,
            paths.clone(),
        );
        let listener = crate::lent::block_on("starting a server", starting)
            .unwrap_or_else(|failure| panic!("{}", failure.text()));
        Served {
            listener: Arc::new(listener),
            address,
            paths,
            held: held_requests,
            running: running_requests,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Closes gracefully.
    pub(crate) fn close(&self) {
        self.closer()();
    }

    /// Does so, from any thread.
    pub(crate) fn closer(&self) -> impl FnOnce() + Send + 'static {
        let listener = self.listener.clone();
        move || {
            let closing = poll_fn(|cx| listener.poll_close(&AbiWaker::lend(cx.waker())));
            crate::lent::block_on("closing a server", closing);
        }
    }
}

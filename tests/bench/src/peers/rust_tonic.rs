//! gRPC as tonic has it, over HTTP/2 without TLS: everything asynchronous on single-threaded tokio runtimes.

use std::cell::OnceCell;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status, Streaming};

use self::messages::{Count, Nothing, Number, Numbers, Octets};
use self::wire::bench_client::BenchClient;
use self::wire::bench_server::{Bench, BenchServer};
use crate::drive::{AsyncCalls, AsyncPosts};
use crate::error::BenchError;

/// More than the largest echo.
const MESSAGE_BYTES_MAX: usize = 64 << 20;
/// One-way messages between a caller and the task that writes them.
const POSTS_WAITING_MAX: usize = 1024;

/// The messages, as protoc would make them.
pub(crate) mod messages {
    /// No value.
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Nothing {}

    /// A block.
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Octets {
        #[prost(bytes = "vec", tag = "1")]
        pub(crate) octets: Vec<u8>,
    }

    /// Many numbers.
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Numbers {
        #[prost(double, repeated, tag = "1")]
        pub(crate) numbers: Vec<f64>,
    }

    /// One number.
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Number {
        #[prost(double, tag = "1")]
        pub(crate) number: f64,
    }

    /// How many.
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Count {
        #[prost(uint64, tag = "1")]
        pub(crate) count: u64,
    }
}

/// What tonic makes of the service in the build script.
#[allow(missing_docs, unreachable_pub, unused, clippy::all)]
mod wire {
    include!(concat!(env!("OUT_DIR"), "/bench.Bench.rs"));
}

#[derive(Default)]
struct Object {
    posts: AtomicU64,
}

#[tonic::async_trait]
impl Bench for Object {
    async fn null(&self, _: Request<Nothing>) -> Result<Response<Nothing>, Status> {
        Ok(Response::new(Nothing {}))
    }

    async fn echo(&self, request: Request<Octets>) -> Result<Response<Octets>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    async fn sum(&self, request: Request<Numbers>) -> Result<Response<Number>, Status> {
        let number = request.into_inner().numbers.iter().sum();
        Ok(Response::new(Number { number }))
    }

    async fn post(&self, request: Request<Streaming<Octets>>) -> Result<Response<Count>, Status> {
        let mut posts = request.into_inner();
        while posts.message().await?.is_some() {
            self.posts.fetch_add(1, Ordering::Relaxed);
        }
        self.count(Request::new(Nothing {})).await
    }

    async fn count(&self, _: Request<Nothing>) -> Result<Response<Count>, Status> {
        let count = self.posts.load(Ordering::Relaxed);
        Ok(Response::new(Count { count }))
    }
}

/// Serves until whoever started it is gone.
pub(crate) async fn serve() -> Result<(), BenchError> {
    let address = (Ipv4Addr::LOCALHOST, 0).into();
    let listening = BenchError::system("listening with tonic");
    let incoming = TcpIncoming::bind(address).map_err(&listening)?;
    println!("READY {}", incoming.local_addr().map_err(&listening)?);
    let service = BenchServer::from_arc(Arc::new(Object::default()))
        .max_decoding_message_size(MESSAGE_BYTES_MAX);
    let incoming = incoming.with_nodelay(Some(true));
    let served = Server::builder().add_service(service);
    let served = served.serve_with_incoming(incoming).await;
    served.map_err(BenchError::peer("tonic: serve"))
}

/// A client, and its stream of one-way messages once there is one.
#[derive(Clone)]
pub(crate) struct Client {
    calls: BenchClient<Channel>,
    posts: Rc<OnceCell<mpsc::Sender<Octets>>>,
}

/// Connects; only inside a tokio runtime.
pub(crate) async fn connect(address: &str) -> Result<Client, BenchError> {
    let failed = BenchError::peer("connecting with tonic");
    let endpoint = Endpoint::from_shared(format!("http://{address}")).map_err(&failed)?;
    let channel = endpoint.tcp_nodelay(true).connect().await.map_err(failed)?;
    let calls = BenchClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let posts = Rc::new(OnceCell::new());
    Ok(Client { calls, posts })
}

impl AsyncCalls for Client {
    async fn null(&self) -> Result<(), BenchError> {
        let answered = self.calls.clone().null(Nothing {}).await;
        answered.map(drop).map_err(BenchError::peer("tonic: null"))
    }

    async fn echo(&self, octets: Vec<u8>) -> Result<Vec<u8>, BenchError> {
        let answer = self.calls.clone().echo(Octets { octets }).await;
        let answer = answer.map_err(BenchError::peer("tonic: echo"))?;
        Ok(answer.into_inner().octets)
    }

    async fn sum(&self, numbers: Vec<f64>) -> Result<f64, BenchError> {
        let answer = self.calls.clone().sum(Numbers { numbers }).await;
        let answer = answer.map_err(BenchError::peer("tonic: sum"))?;
        Ok(answer.into_inner().number)
    }
}

/// As messages of one streaming call, the nearest that gRPC has.
impl AsyncPosts for Client {
    async fn post(&self, bytes: &[u8]) -> Result<(), BenchError> {
        let posts = self.posts.get_or_init(|| {
            let (posts_tx, mut posts_rx) = mpsc::channel(POSTS_WAITING_MAX);
            let stream = futures::stream::poll_fn(move |context| posts_rx.poll_recv(context));
            let mut calls = self.calls.clone();
            // Ends with the last clone of the client.
            tokio::task::spawn_local(async move { calls.post(stream).await });
            posts_tx
        });
        let octets = bytes.to_vec();
        let sent = posts.send(Octets { octets }).await;
        sent.map_err(BenchError::peer("tonic: post"))
    }

    async fn count(&self) -> Result<u64, BenchError> {
        let answer = self.calls.clone().count(Nothing {}).await;
        let answer = answer.map_err(BenchError::peer("tonic: count"))?;
        Ok(answer.into_inner().count)
    }
}

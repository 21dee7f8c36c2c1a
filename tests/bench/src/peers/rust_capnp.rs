//! Cap'n Proto RPC, its implementation in Rust, over TCP: asynchronous on single-threaded tokio runtimes, as it wants to be.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use capnp::message::ReaderOptions;
use capnp_rpc::RpcSystem;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::twoparty::VatNetwork;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

use self::bench_capnp::bench;
use crate::drive::{AsyncCalls, AsyncPosts};
use crate::error::BenchError;

/// What the schema compiler makes of `schema/bench.capnp`.
#[allow(
    missing_docs,
    unreachable_pub,
    unused,
    clippy::all,
    clippy::unimplemented
)]
mod bench_capnp {
    include!(concat!(env!("OUT_DIR"), "/bench_capnp.rs"));
}

/// What makes it is there, for the build script found it.
pub(crate) fn build(_folder: &Path) -> Result<PathBuf, BenchError> {
    Ok(PathBuf::new())
}

/// The object, one for all connections.
#[derive(Default)]
struct Object {
    posts: Cell<u64>,
}

impl bench::Server for Object {
    async fn null(
        self: Rc<Self>,
        _: bench::NullParams,
        _: bench::NullResults,
    ) -> capnp::Result<()> {
        Ok(())
    }

    async fn echo(
        self: Rc<Self>,
        parameters: bench::EchoParams,
        mut results: bench::EchoResults,
    ) -> capnp::Result<()> {
        let bytes = parameters.get()?.get_bytes()?;
        results.get().set_bytes(bytes);
        Ok(())
    }

    async fn sum(
        self: Rc<Self>,
        parameters: bench::SumParams,
        mut results: bench::SumResults,
    ) -> capnp::Result<()> {
        let sum = parameters.get()?.get_values()?.iter().sum();
        results.get().set_sum(sum);
        Ok(())
    }

    async fn post(self: Rc<Self>, _: bench::PostParams) -> capnp::Result<()> {
        self.posts.set(self.posts.get() + 1);
        Ok(())
    }

    async fn count(
        self: Rc<Self>,
        _: bench::CountParams,
        mut results: bench::CountResults,
    ) -> capnp::Result<()> {
        results.get().set_count(self.posts.get());
        Ok(())
    }
}

/// Messages as large as the largest echo, and as many as are read.
fn reading() -> ReaderOptions {
    let mut options = ReaderOptions::new();
    options.traversal_limit_in_words(None);
    options
}

fn network(stream: TcpStream, side: Side) -> Box<VatNetwork<impl futures::AsyncRead + Unpin>> {
    let (reader, writer) = stream.into_split();
    let writer = futures::io::BufWriter::new(writer.compat_write());
    let reader = futures::io::BufReader::new(reader.compat());
    Box::new(VatNetwork::new(reader, writer, side, reading()))
}

/// Serves until whoever started it is gone; only inside a local set.
pub(crate) async fn serve() -> Result<(), BenchError> {
    let listening = BenchError::system("listening with Cap'n Proto");
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(&listening)?;
    let object: bench::Client = capnp_rpc::new_client(Object::default());
    println!("READY {}", listener.local_addr().map_err(&listening)?);
    loop {
        let (stream, _) = listener.accept().await.map_err(&listening)?;
        stream.set_nodelay(true).map_err(&listening)?;
        let network = network(stream, Side::Server);
        let system = RpcSystem::new(network, Some(object.clone().client));
        // Ends with its connection.
        tokio::task::spawn_local(system);
    }
}

/// Connects; only inside a local set.
pub(crate) async fn connect(address: &str) -> Result<bench::Client, BenchError> {
    let connecting = BenchError::system("connecting with Cap'n Proto");
    let stream = TcpStream::connect(address).await.map_err(&connecting)?;
    stream.set_nodelay(true).map_err(&connecting)?;
    let mut system = RpcSystem::new(network(stream, Side::Client), None);
    let client = system.bootstrap(Side::Server);
    tokio::task::spawn_local(system);
    Ok(client)
}

fn failed(what: &'static str) -> impl Fn(capnp::Error) -> BenchError {
    BenchError::peer(what)
}

impl AsyncCalls for bench::Client {
    async fn null(&self) -> Result<(), BenchError> {
        let answered = self.null_request().send().promise.await;
        answered.map(drop).map_err(failed("Cap'n Proto: null"))
    }

    async fn echo(&self, bytes: Vec<u8>) -> Result<Vec<u8>, BenchError> {
        let failed = failed("Cap'n Proto: echo");
        let mut request = self.echo_request();
        request.get().set_bytes(&bytes);
        let answer = request.send().promise.await.map_err(&failed)?;
        let echoed = answer.get().and_then(|answer| answer.get_bytes());
        echoed.map(<[u8]>::to_vec).map_err(failed)
    }

    async fn sum(&self, values: Vec<f64>) -> Result<f64, BenchError> {
        let failed = failed("Cap'n Proto: sum");
        let mut request = self.sum_request();
        request.get().set_values(&values[..]).map_err(&failed)?;
        let answer = request.send().promise.await.map_err(&failed)?;
        answer.get().map(|answer| answer.get_sum()).map_err(failed)
    }
}

/// As a streaming call, which its flow control sends ahead of the answers.
impl AsyncPosts for bench::Client {
    async fn post(&self, bytes: &[u8]) -> Result<(), BenchError> {
        let mut request = self.post_request();
        request.get().set_bytes(bytes);
        request.send().await.map_err(failed("Cap'n Proto: post"))
    }

    async fn count(&self) -> Result<u64, BenchError> {
        let failed = failed("Cap'n Proto: count");
        let answer = self.count_request().send().promise.await.map_err(&failed)?;
        answer
            .get()
            .map(|answer| answer.get_count())
            .map_err(failed)
    }
}

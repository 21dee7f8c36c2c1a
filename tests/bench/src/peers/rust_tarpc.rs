//! tarpc over TCP with bincode, the Rust peer: everything asynchronous on single-threaded tokio runtimes.

use futures::StreamExt;
use tarpc::context;
use tarpc::server::{BaseChannel, Channel};
use tarpc::tokio_serde::formats::Bincode;

use crate::drive::AsyncCalls;
use crate::error::BenchError;

/// More than the largest echo.
const FRAME_BYTES_MAX: usize = 64 << 20;

/// What is measured.
#[tarpc::service]
pub(crate) trait Peer {
    /// Nothing.
    async fn null();
    /// The same bytes.
    async fn echo(bytes: Vec<u8>) -> Vec<u8>;
    /// The sum.
    async fn sum(values: Vec<f64>) -> f64;
}

#[derive(Clone)]
struct Object;

impl Peer for Object {
    async fn null(self, _context: context::Context) {}

    async fn echo(self, _context: context::Context, bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }

    async fn sum(self, _context: context::Context, values: Vec<f64>) -> f64 {
        values.iter().sum()
    }
}

/// Serves until whoever started it is gone; only inside a tokio runtime.
pub(crate) async fn serve() -> Result<(), BenchError> {
    let incoming = tarpc::serde_transport::tcp::listen(("127.0.0.1", 0), Bincode::default);
    let mut incoming = incoming
        .await
        .map_err(BenchError::system("listening with tarpc"))?;
    incoming.config_mut().max_frame_length(FRAME_BYTES_MAX);
    println!("READY {}", incoming.local_addr());
    while let Some(transport) = incoming.next().await {
        let Ok(transport) = transport else { continue };
        let requests = BaseChannel::with_defaults(transport).execute(Object.serve());
        tokio::spawn(requests.for_each(|answer| async {
            tokio::spawn(answer);
        }));
    }
    Ok(())
}

/// Connects; only inside a tokio runtime.
pub(crate) async fn connect(address: &str) -> Result<PeerClient, BenchError> {
    let mut transport = tarpc::serde_transport::tcp::connect(address, Bincode::default);
    transport.config_mut().max_frame_length(FRAME_BYTES_MAX);
    let transport = transport
        .await
        .map_err(BenchError::system("connecting with tarpc"))?;
    Ok(PeerClient::new(tarpc::client::Config::default(), transport).spawn())
}

fn failed(source: tarpc::client::RpcError) -> BenchError {
    BenchError::Tarpc { source }
}

impl AsyncCalls for PeerClient {
    async fn null(&self) -> Result<(), BenchError> {
        self.null(context::current()).await.map_err(failed)
    }

    async fn echo(&self, bytes: Vec<u8>) -> Result<Vec<u8>, BenchError> {
        self.echo(context::current(), bytes).await.map_err(failed)
    }

    async fn sum(&self, values: Vec<f64>) -> Result<f64, BenchError> {
        self.sum(context::current(), values).await.map_err(failed)
    }
}

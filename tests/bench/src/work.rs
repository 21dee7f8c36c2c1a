//! This program as a measured server or client.

use std::future::Future;

use tokio::task::LocalSet;

use crate::drive;
use crate::error::BenchError;
use crate::measure::Measure;
use crate::options::{Call, Serve};
use crate::peers::rust_iceoryx::{EVENT, SPIN};
use crate::peers::{CAPNP, IPC_CHANNEL, TARPC, TONIC};
use crate::peers::{ours, rust_capnp, rust_iceoryx, rust_ipc, rust_tarpc, rust_tonic};
use crate::place;

/// Serves a peer until whoever started this process is gone.
pub(crate) fn serve(work: &Serve) -> Result<(), BenchError> {
    place::pin(work.core)?;
    let peer = work.peer.as_str();
    if [TARPC, TONIC, CAPNP, IPC_CHANNEL, SPIN, EVENT].contains(&peer) {
        end_with_input();
    }
    match peer {
        TARPC => on_tokio(rust_tarpc::serve()),
        TONIC => on_tokio(rust_tonic::serve()),
        CAPNP => on_tokio(rust_capnp::serve()),
        IPC_CHANNEL => rust_ipc::serve(),
        SPIN | EVENT => rust_iceoryx::serve(peer, &work.folder),
        _ => ours::serve(work),
    }
}

/// Ends this process when whoever started it is gone: a blocked thread that costs nothing.
fn end_with_input() {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
}

/// Runs one measurement and reports it.
pub(crate) fn call(work: &Call) -> Result<(), BenchError> {
    place::pin(work.core)?;
    let measure = Measure::of_word(&work.measure).ok_or_else(|| BenchError::Unknown {
        word: work.measure.clone(),
    })?;
    let address = work.address.as_str();
    if let Measure::Links(links) = measure {
        return hold(links, work);
    }
    match work.peer.as_str() {
        TARPC => on_tokio(async {
            let client = rust_tarpc::connect(address).await?;
            drive::asynchronous(client, measure, work).await
        }),
        TONIC => on_tokio(async {
            let client = rust_tonic::connect(address).await?;
            drive::asynchronous_or_one_way(client, measure, work).await
        }),
        CAPNP => on_tokio(async {
            let client = rust_capnp::connect(address).await?;
            drive::asynchronous_or_one_way(client, measure, work).await
        }),
        IPC_CHANNEL => drive::synchronous(&rust_ipc::connect(address)?, measure, work),
        peer @ (SPIN | EVENT) => {
            let client = rust_iceoryx::connect(peer, address, &work.folder)?;
            match measure {
                Measure::InFlight(window) => drive::flights(&client, window, work),
                _ => drive::synchronous(&client, measure, work),
            }
        }
        _ => call_ours(measure, work),
    }
}

/// Holds links that do nothing.
fn hold(links: u32, work: &Call) -> Result<(), BenchError> {
    let address = work.address.as_str();
    match work.peer.as_str() {
        TARPC => on_tokio(drive::asynchronous_links(links, work, async || {
            rust_tarpc::connect(address).await
        })),
        TONIC => on_tokio(drive::asynchronous_links(links, work, async || {
            rust_tonic::connect(address).await
        })),
        CAPNP => on_tokio(drive::asynchronous_links(links, work, async || {
            rust_capnp::connect(address).await
        })),
        _ => drive::links(links, work, ours::binder(work)?),
    }
}

fn call_ours(measure: Measure, work: &Call) -> Result<(), BenchError> {
    let binding = BenchError::call("bind");
    if matches!(measure, Measure::NullAsync | Measure::InFlight(_)) {
        return on_tokio(async {
            let stub = ours::bind(work)?.await.map_err(binding)?;
            drive::asynchronous(stub, measure, work).await
        });
    }
    let stub = ours::bind(work)?.blocking().map_err(binding)?;
    drive::synchronous(&stub, measure, work)
}

/// Runs it on a runtime of this one thread.
fn on_tokio(work: impl Future<Output = Result<(), BenchError>>) -> Result<(), BenchError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(BenchError::system("tokio"))?;
    runtime.block_on(LocalSet::new().run_until(work))
}

//! This program as a measured server or client.

use crate::drive;
use crate::error::BenchError;
use crate::measure::Measure;
use crate::options::{Call, Serve};
use crate::peers::{ours, rust_ipc, rust_tarpc};
use crate::place;

/// Serves a peer until whoever started this process is gone.
pub(crate) fn serve(work: &Serve) -> Result<(), BenchError> {
    place::pin(work.core)?;
    match work.peer.as_str() {
        "tarpc" => {
            end_with_input();
            rust_tarpc::serve()
        }
        "ipc-channel" => {
            end_with_input();
            rust_ipc::serve()
        }
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
    if work.peer == "ipc-channel" {
        return drive::synchronous(&rust_ipc::connect(&work.address)?, measure, work);
    }
    let tarpc = work.peer == "tarpc";
    if !tarpc && !matches!(measure, Measure::NullAsync | Measure::InFlight(_)) {
        let stub = ours::bind(work)?
            .blocking()
            .map_err(BenchError::call("bind"))?;
        return drive::synchronous(&stub, measure, work);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(BenchError::system("tokio"))?;
    let local = tokio::task::LocalSet::new();
    runtime.block_on(local.run_until(async {
        if tarpc {
            let client = rust_tarpc::connect(&work.address).await?;
            return drive::asynchronous(client, measure, work).await;
        }
        let stub = ours::bind(work)?.await.map_err(BenchError::call("bind"))?;
        drive::asynchronous(stub, measure, work).await
    }))
}

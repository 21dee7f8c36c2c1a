//! This program as a measured server or client.

use crate::drive;
use crate::error::BenchError;
use crate::measure::Measure;
use crate::options::{Call, Serve};
use crate::peers::{ours, rust_tarpc};
use crate::place;

/// Serves a peer until whoever started this process is gone.
pub(crate) fn serve(work: &Serve) -> Result<(), BenchError> {
    place::pin(work.core)?;
    match work.peer.as_str() {
        "tarpc" => rust_tarpc::serve(),
        _ => ours::serve(work),
    }
}

/// Runs one measurement and reports it.
pub(crate) fn call(work: &Call) -> Result<(), BenchError> {
    place::pin(work.core)?;
    let measure = Measure::of_word(&work.measure).ok_or_else(|| BenchError::Unknown {
        word: work.measure.clone(),
    })?;
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

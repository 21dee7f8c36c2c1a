//! The calls themselves: synchronous on this thread, or many in flight as tasks of one thread.

use std::sync::Arc;
use std::time::Instant;

use rmix::{DynamicStub, Runtime, Value};
use tokio::task::JoinSet;

use crate::arguments::Bench;
use crate::connection::{CLOSE_BOUND, Loaded};
use crate::failure::Failure;
use crate::output;

use super::progress::Progress;
use super::tally::{Budget, Tally};
use super::{Measured, Repeated};

/// One call after the other, by the synchronous path.
pub(super) fn one_at_a_time(options: &Bench, arguments: &[Value]) -> Result<Measured, Failure> {
    let loaded = Loaded::undescribed(Runtime::builder(), &options.peer)?;
    let stub = loaded.runtime.dynamic(loaded.target);
    let stub = stub.timeout(options.timeout).blocking()?;
    let method = options.operation.method.as_str();
    let (budget, progress) = begin(options);
    let started = Instant::now();
    let mut tally = Tally::new();
    while budget.take() {
        let arguments = arguments.to_vec();
        let begun = Instant::now();
        if options.oneway {
            let outcome = stub.oneway_blocking(method, arguments);
            tally.oneway(&budget, begun.elapsed(), outcome);
        } else {
            let outcome = stub.call_blocking(method, arguments);
            tally.call(&budget, begun.elapsed(), outcome);
        }
    }
    if options.oneway
        && let Err(error) = stub.flush_blocking()
    {
        tally.failed(&budget, &error);
    }
    let measured = Measured::new(tally, started, &budget);
    drop((progress, stub));
    closed(loaded.runtime.shutdown_blocking(CLOSE_BOUND));
    Ok(measured)
}

/// So many calls at a time as `--concurrency` says, over one link, by the asynchronous path.
pub(super) fn in_flight(options: &Bench, arguments: Vec<Value>) -> Result<Measured, Failure> {
    let io = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|failure| Failure::Local(format!("no asynchronous runtime: {failure}")))?;
    let builder = Runtime::builder().handle(io.handle().clone());
    let loaded = Loaded::undescribed(builder, &options.peer)?;
    let repeated = Repeated {
        method: options.operation.method.clone(),
        arguments,
    };
    io.block_on(async {
        let stub = loaded.runtime.dynamic(loaded.target);
        let stub = stub.timeout(options.timeout).await?;
        let (budget, progress) = begin(options);
        let started = Instant::now();
        let mut callers = JoinSet::new();
        for _ in 0..options.concurrency {
            let caller = caller(
                stub.clone(),
                repeated.clone(),
                options.oneway,
                budget.clone(),
            );
            callers.spawn(caller);
        }
        let mut tally = Tally::new();
        while let Some(counted) = callers.join_next().await {
            let counted = counted.map_err(|failure| {
                Failure::Local(format!("a caller of the measurement ended: {failure}"))
            })?;
            tally.merge(counted);
        }
        if options.oneway
            && let Err(error) = stub.flush().await
        {
            tally.failed(&budget, &error);
        }
        let measured = Measured::new(tally, started, &budget);
        drop((progress, stub));
        closed(loaded.runtime.shutdown(CLOSE_BOUND).await);
        Ok(measured)
    })
}

async fn caller(stub: DynamicStub, call: Repeated, oneway: bool, budget: Arc<Budget>) -> Tally {
    let mut tally = Tally::new();
    let method = call.method.as_str();
    while budget.take() {
        let arguments = call.arguments.clone();
        let begun = Instant::now();
        if oneway {
            let outcome = stub.oneway(method, arguments).await;
            tally.oneway(&budget, begun.elapsed(), outcome);
        } else {
            let outcome = stub.call(method, arguments).await;
            tally.call(&budget, begun.elapsed(), outcome);
        }
    }
    tally
}

fn begin(options: &Bench) -> (Arc<Budget>, Progress) {
    let budget = Arc::new(Budget::new(options.calls, options.duration));
    let progress = Progress::start(&budget, options.calls, options.duration);
    (budget, progress)
}

fn closed(outcome: Result<(), rmix::Error>) {
    if let Err(error) = outcome {
        output::note(&format!("closing the link: {error}"));
    }
}

//! `rmix serve`: answers calls by a script, until it is told to end.

mod counter;
mod described;
mod line;
mod numbered;
mod responses;
mod script;

use std::process::ExitCode;
use std::sync::Arc;

use rmix::{Endpoint, Exported, Runtime, Skeleton};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::Serve;
use crate::connection::{self, CLOSE_BOUND};
use crate::failure::{self, Failure};
use crate::output;
use crate::wsdl::is_xml;

use counter::Counter;

/// An object, and where it is served.
struct Served {
    endpoint: String,
    skeleton: Arc<dyn Skeleton>,
}

/// Serves, and prints each call.
///
/// # Errors
/// The file, the script, an endpoint or a provider is wrong; an endpoint cannot be listened on.
pub(crate) fn run(options: &Serve) -> Result<ExitCode, Failure> {
    let counter = Arc::new(Counter::new(options.count));
    let is_described = is_xml(&options.idl);
    let served = match is_described {
        true => described::objects(options, &counter)?,
        false => numbered::objects(options, &counter)?,
    };
    let io = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|failure| Failure::Local(format!("no asynchronous runtime: {failure}")))?;
    let runtime = started(options, &served, is_described, &io)?;
    io.block_on(serve(options, &runtime, &counter, served))?;
    Ok(ExitCode::from(failure::OK))
}

/// A runtime with the providers that the endpoints name.
fn started(
    options: &Serve,
    served: &[Served],
    is_described: bool,
    io: &tokio::runtime::Runtime,
) -> Result<Runtime, Failure> {
    let builder = Runtime::builder().handle(io.handle().clone());
    let builder = connection::search_in(builder, &options.providers)?;
    let endpoints = served.iter().map(|one| {
        let text = &one.endpoint;
        Endpoint::parse(text)
            .map_err(|why| Failure::Usage(format!("{:?}: {why}", Endpoint::redacted(text))))
    });
    let endpoints: Vec<Endpoint> = endpoints.collect::<Result<_, _>>()?;
    let runtime = connection::with_providers(builder, &endpoints)?;
    // With names and types, every protocol can carry the calls.
    for provider in runtime.providers().iter().filter(|_| !is_described) {
        if !provider.capabilities.contains(&"numbered") {
            return Err(Failure::Usage(format!(
                "the protocol `{}` calls methods by name, and an interface file is for protocols that call procedures by \
                 number",
                provider.name
            )));
        }
    }
    Ok(runtime)
}

async fn serve(
    options: &Serve,
    runtime: &Runtime,
    counter: &Counter,
    served: Vec<Served>,
) -> Result<(), Failure> {
    let no_signals = |failure| Failure::Local(format!("signals cannot be waited for: {failure}"));
    let mut interrupted = signal(SignalKind::interrupt()).map_err(no_signals)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(no_signals)?;
    let mut exported: Vec<Exported> = Vec::new();
    for one in served {
        exported.push(runtime.export(one.skeleton, [&one.endpoint]).await?);
    }
    listening(options, &exported)?;
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
        () = counter.done() => {}
    }
    for exported in exported {
        if let Err(error) = exported.unexport_within(CLOSE_BOUND).await {
            output::note(&format!("closing an endpoint: {error}"));
        }
    }
    if let Err(error) = runtime.shutdown(CLOSE_BOUND).await {
        output::note(&format!("closing the links: {error}"));
    }
    Ok(())
}

/// Says where it listens, with real ports.
fn listening(options: &Serve, exported: &[Exported]) -> Result<(), Failure> {
    let endpoints = exported.iter().flat_map(Exported::endpoints);
    let endpoints: Vec<String> = endpoints.map(|endpoint| endpoint.to_string()).collect();
    match options.json {
        true => output::result(&json!({ "listening": endpoints }).to_string()),
        false => {
            let lines = endpoints.iter().map(|e| format!("listening on {e}"));
            output::result(&lines.collect::<Vec<_>>().join("\n"))
        }
    }
}

//! `rmix serve`: answers calls by a script, until it is told to end.

mod object;
mod script;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use rmix::{DynamicInterface, DynamicMethod, DynamicSkeleton, Endpoint, Exported, Runtime};
use rmix_idl::Model;
use rmix_idl::model::{Procedure, Program, Version};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::Serve;
use crate::connection::{self, CLOSE_BOUND};
use crate::failure::{self, Failure};
use crate::idl::{self, Target};
use crate::output;

use object::{Counter, Scripted};
use script::Script;

/// Serves, and prints each call.
///
/// # Errors
/// The file, the script, an endpoint or a provider is wrong; an endpoint cannot be listened on.
pub(crate) fn run(options: &Serve) -> Result<ExitCode, Failure> {
    // Results are written after the method has returned, so what they are made of lives as long as the command.
    let model: &'static Model = Box::leak(Box::new(idl::model(&options.idl, &options.source)?));
    let mut targets = Vec::new();
    for endpoint in &options.endpoints {
        targets.push(idl::target(model, endpoint)?);
    }
    let versions: Vec<_> = targets.iter().map(|t| (t.program, t.version)).collect();
    let script = Script::read(&options.responses, model, &versions)?;
    let script: &'static Script = Box::leak(Box::new(script));

    let io = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|failure| Failure::Local(format!("no asynchronous runtime: {failure}")))?;
    let runtime = started(options, &targets, &io)?;
    io.block_on(serve(options, &runtime, model, script, &targets))?;
    Ok(ExitCode::from(failure::OK))
}

/// A runtime with the providers that the endpoints name.
fn started(
    options: &Serve,
    targets: &[Target<'static>],
    io: &tokio::runtime::Runtime,
) -> Result<Runtime, Failure> {
    let builder = Runtime::builder().handle(io.handle().clone());
    let builder = connection::search_in(builder, &options.providers)?;
    let mut names: Vec<String> = Vec::new();
    for target in targets {
        let endpoint = Endpoint::parse(&target.endpoint)
            .map_err(|why| Failure::Usage(format!("{:?}: {why}", target.endpoint)))?;
        let name = endpoint.protocol().to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let runtime = builder.providers(&names.join(",")).build()?;
    for provider in runtime.providers() {
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
    model: &'static Model,
    script: &'static Script,
    targets: &[Target<'static>],
) -> Result<(), Failure> {
    let no_signals = |failure| Failure::Local(format!("signals cannot be waited for: {failure}"));
    let mut interrupted = signal(SignalKind::interrupt()).map_err(no_signals)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(no_signals)?;
    let counter = Arc::new(Counter::new(options.count));
    let mut interfaces: Vec<(u32, u32, DynamicInterface)> = Vec::new();
    let mut exported: Vec<Exported> = Vec::new();
    for target in targets {
        let (program, version) = (target.program, target.version);
        let key = (program.number, version.number);
        let known = interfaces.iter().find(|known| (known.0, known.1) == key);
        let interface = match known {
            Some(known) => known.2,
            None => {
                let interface = described(program, version);
                interfaces.push((key.0, key.1, interface));
                interface
            }
        };
        let scripted = Scripted {
            model,
            program,
            version,
            script,
            counter: counter.clone(),
            json: options.json,
        };
        let skeleton = DynamicSkeleton::new(interface, scripted);
        exported.push(runtime.export(skeleton, [&target.endpoint]).await?);
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

/// The procedures of a version that a script can answer: providers answer procedure 0 by themselves.
fn procedures(version: &Version) -> impl Iterator<Item = &Procedure> {
    let procedures = version.procedures.iter();
    procedures.filter(|procedure| procedure.number != 0)
}

fn described(program: &Program, version: &Version) -> DynamicInterface {
    let methods = procedures(version).map(|procedure| DynamicMethod {
        name: procedure.name.clone(),
        number: procedure.number,
        arguments: procedure.arguments.len(),
    });
    DynamicInterface::new(&program.name, program.number, version.number, methods)
}

/// The time of day, for lines about calls.
fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}

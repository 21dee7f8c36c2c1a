//! `rmix call`: one call, its result as JSON.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use rmix::generated::call_flags;
use rmix::{CallError, DynamicStub, MethodName, Runtime};
use rmix_idl::described::Described;
use rmix_idl::dynamic::{Seed, Typed};

use crate::arguments::Call;
use crate::connection::{self, Loaded};
use crate::failure::{self, Failure};
use crate::idl::{self, At, Shown};
use crate::wsdl::{Called, is_xml};
use crate::{json, output, wsdl};

/// Calls, and prints what comes back.
///
/// # Errors
/// Everything that is not a result.
pub(crate) fn run(options: &Call) -> Result<ExitCode, Failure> {
    let shown = match &options.idl {
        Some(file) if is_xml(file) => by_wsdl(options, file)?,
        Some(file) => by_file(options, file)?,
        None => by_protocol(options)?,
    };
    if let Some(shown) = shown {
        output::result(&shown)?;
    }
    Ok(ExitCode::from(failure::OK))
}

/// A call whose values say their types themselves; gives the result as JSON.
fn by_protocol(options: &Call) -> Result<Option<String>, Failure> {
    let started = Instant::now();
    let arguments = json::arguments(&options.operation.arguments)?;
    let method = options.operation.method.as_str();
    let loaded = Loaded::new(Runtime::builder(), &options.peer)?;
    let stub = loaded.runtime.dynamic(loaded.target);
    let stub = stub.timeout(options.timeout).blocking()?;
    let stub = stub.with_timeout(connection::left(options.timeout, started));
    let outcome = if options.oneway {
        stub.oneway_blocking(method, arguments)?;
        None
    } else {
        Some(stub.call_blocking(method, arguments)?)
    };
    end(options, started, &loaded.runtime, stub)?;
    Ok(outcome.map(|value| match options.json {
        true => json::compact(&value),
        false => json::pretty(&value),
    }))
}

/// A call whose types are those of an interface file; gives the result as JSON.
fn by_file(options: &Call, file: &Path) -> Result<Option<String>, Failure> {
    let started = Instant::now();
    idl::refuse_interface(options.interface.as_deref())?;
    let model = idl::model(file, &options.source)?;
    let mut target = idl::target(&model, &options.peer.endpoint)?;
    if let Some(identity) = &options.auth_sys {
        let separator = if target.endpoint.contains('?') {
            '&'
        } else {
            '?'
        };
        target
            .endpoint
            .push_str(&format!("{separator}{}", identity.0));
    }
    let procedure = idl::procedure(&model, &target, &options.operation.method)?;
    let given = json::arguments(&options.operation.arguments)?;
    let at = At::root("arguments");
    let values = idl::arguments(&model, procedure, &given, &at).map_err(Failure::Usage)?;
    let arguments: Vec<Typed<'_>> = procedure
        .arguments
        .iter()
        .zip(&values)
        .map(|(argument, value)| Typed {
            model: &model,
            ty: &argument.ty,
            value,
        })
        .collect();

    let providers = &options.peer.providers;
    let loaded = Loaded::by_file(Runtime::builder(), providers, &target.endpoint)?;
    let stub = loaded.runtime.dynamic(loaded.target).typed();
    let stub = stub.timeout(options.timeout).blocking()?;
    let stub = stub.with_timeout(connection::left(options.timeout, started));
    let method = match procedure.number {
        // The null procedure has no name for a protocol whose other procedures have numbers.
        0 => MethodName::Number(0),
        number => MethodName::from((procedure.name.as_str(), number)),
    };
    let (model, ty) = (&model, &procedure.result);
    let outcome = if options.oneway {
        stub.oneway_typed_blocking(method, &arguments)?;
        None
    } else {
        let seed = Seed { model, ty };
        Some(stub.call_typed_blocking(method, &arguments, seed)?)
    };
    end(options, started, &loaded.runtime, stub)?;
    Ok(outcome.map(|value| {
        let value = &value;
        json::text(&Shown { model, ty, value }, !options.json)
    }))
}

/// A call whose names and types are those of a WSDL; gives the result as JSON.
fn by_wsdl(options: &Call, file: &Path) -> Result<Option<String>, Failure> {
    let started = Instant::now();
    if options.auth_sys.is_some() {
        return Err(Failure::usage("--auth-sys is for calls by a .x file"));
    }
    let description = wsdl::import(file, &options.source)?.description()?;
    let called = Called {
        interface: options.interface.as_deref(),
        operation: &options.operation.method,
        arguments: options.operation.arguments.len(),
    };
    let method = wsdl::method(&description, &called, file)?;
    let given = wsdl::arguments(method, &options.operation.arguments)?;
    let described: Vec<Described<'_>> = method
        .arguments()
        .iter()
        .zip(&given)
        .map(|(argument, value)| Described {
            ty: argument.ty(),
            value: Some(value),
        })
        .collect();
    let peer = &options.peer;
    let loaded = Loaded::by_wsdl(Runtime::builder(), &peer.providers, &peer.endpoint)?;
    let stub = loaded.runtime.dynamic(loaded.target).typed();
    let stub = stub.timeout(options.timeout).blocking()?;
    let stub = stub.with_timeout(connection::left(options.timeout, started));
    let outcome = if options.oneway || method.flags & call_flags::ONEWAY != 0 {
        stub.oneway_described_blocking(method, &described)?;
        Ok(None)
    } else {
        let (result, fault) = (wsdl::seed(method.result()), wsdl::seed(method.fault()));
        stub.call_described_blocking(method, &described, result, fault)
            .map(Some)
    };
    end(options, started, &loaded.runtime, stub)?;
    match outcome {
        Ok(value) => Ok(value.map(|value| json::text(&value, !options.json))),
        Err(CallError::Fault(fault)) => Err(Failure::Declared(fault)),
        Err(CallError::Failed(error)) => Err(error.into()),
    }
}

/// Waits until what was sent is with the kernel, and closes the link.
fn end(
    options: &Call,
    started: Instant,
    runtime: &Runtime,
    stub: DynamicStub,
) -> Result<(), Failure> {
    if options.oneway {
        let stub = stub.with_timeout(connection::left(options.timeout, started));
        stub.flush_blocking()?;
    }
    drop(stub);
    // A child at the other end of a pipe gets the time to read what it was sent.
    if let Err(error) = runtime.shutdown_blocking(connection::CLOSE_BOUND) {
        output::note(&format!("closing the link: {error}"));
    }
    Ok(())
}

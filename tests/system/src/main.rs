//! The other process of system tests: a server that can be killed, a client that can be cheated, and a program that says
//! which providers it found. It decides nothing: what it prints is judged by the tests.
//!
//! ```text
//! rmix-system-peer serve-diverse TELL FOLDER ENDPOINT…
//!                                                   as `serve`, but exports `Diverse`: the version that each endpoint
//!                                                   ends with. Prints FAILED and why when it cannot.
//! rmix-system-peer serve TELL FOLDER ENDPOINT…      exports `Numbers`; TELL is a Unix socket it reports to, line by
//!                                                   line: READY PID ENDPOINT…, then HELD for each call of `hold`.
//!                                                   Ends when that connection ends.
//! rmix-system-peer call TELL FOLDER ENDPOINT SEED   calls `Numbers` in every way, for ever; see `storm.rs`.
//! rmix-system-peer victim FOLDER GOOD BAD MILLISECONDS
//!                                                   calls both endpoints; prints how that of BAD failed as JSON.
//! rmix-system-peer try FOLDER ENDPOINT              binds over shared memory and calls once; prints how that failed as JSON.
//! rmix-system-peer providers NAMES                  loads providers by name; prints their files as JSON.
//! ```

use std::error::Error;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rmix::{Exported, Runtime};
use rmix_system_tests::diverse::{DiverseProgramV1Skeleton, DiverseProgramV2Skeleton};
use rmix_system_tests::{Diverse, NumbersSkeleton, NumbersStub, Recorder, Seen, mixed};
use serde_json::json;

mod storm;

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["serve", tell, folder, endpoints @ ..] if !endpoints.is_empty() => {
            serve(tell, folder, endpoints)
        }
        ["serve-diverse", tell, folder, endpoints @ ..] if !endpoints.is_empty() => {
            serve_diverse(tell, folder, endpoints)
        }
        ["call", tell, folder, endpoint, seed] => storm::call(tell, folder, endpoint, seed),
        ["victim", folder, good, bad, milliseconds] => victim(folder, good, bad, milliseconds),
        ["try", folder, endpoint] => try_once(folder, endpoint),
        ["providers", names] => providers(names),
        _ => Err("usage: see the head of its source".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("rmix-system-peer: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Exports until the connection to the test ends.
fn serve(tell: &str, folder: &str, endpoints: &[&str]) -> Outcome {
    let mut line = UnixStream::connect(tell)?;
    let runtime = Runtime::builder()
        .provider_path(folder)
        .providers("msgpack,pipe,shm,sunrpc")
        .build()?;
    let held = line.try_clone()?;
    let object = Recorder::new(move || {
        // Without a listener the test is over.
        let _ = (&held).write_all(b"HELD\n");
    });
    let exported = runtime.export_blocking(NumbersSkeleton::new(object), endpoints)?;
    let real: Vec<String> = exported
        .endpoints()
        .iter()
        .map(ToString::to_string)
        .collect();
    line.write_all(format!("READY {} {}\n", std::process::id(), real.join(" ")).as_bytes())?;
    let mut nothing = [0; 64];
    while line.read(&mut nothing)? > 0 {}
    drop(exported);
    runtime.shutdown_blocking(Duration::from_secs(1))?;
    Ok(())
}

/// Exports both versions of the diverse program until the connection to the test ends.
fn serve_diverse(tell: &str, folder: &str, endpoints: &[&str]) -> Outcome {
    let mut line = UnixStream::connect(tell)?;
    let runtime = Runtime::builder()
        .provider_path(folder)
        .providers("sunrpc")
        .build()?;
    let object = Arc::new(Diverse::new());
    let mut exported = Vec::new();
    for endpoint in endpoints {
        let is_first = endpoint
            .split('?')
            .next()
            .is_some_and(|e| e.ends_with("/1"));
        let outcome = match is_first {
            true => {
                let skeleton = DiverseProgramV1Skeleton::from_arc(object.clone());
                runtime.export_blocking(skeleton, [*endpoint])
            }
            false => {
                let skeleton = DiverseProgramV2Skeleton::from_arc(object.clone());
                runtime.export_blocking(skeleton, [*endpoint])
            }
        };
        match outcome {
            Ok(one) => exported.push(one),
            Err(failure) => {
                line.write_all(format!("FAILED {failure}\n").as_bytes())?;
                return Ok(());
            }
        }
    }
    let real: Vec<String> = exported
        .iter()
        .flat_map(Exported::endpoints)
        .map(|endpoint| endpoint.to_string())
        .collect();
    line.write_all(format!("READY {} {}\n", std::process::id(), real.join(" ")).as_bytes())?;
    obey(line, &mut exported)?;
    // What is exported still is closed in order.
    runtime.shutdown_blocking(Duration::from_secs(20))?;
    Ok(())
}

/// Takes the last endpoint off whenever told so by a line, and returns when the connection ends.
fn obey(mut line: UnixStream, exported: &mut Vec<Exported>) -> Outcome {
    let tasks = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut told = [0; 1];
    while line.read(&mut told)? > 0 {
        if let Some(last) = exported.pop() {
            tasks.block_on(last.unexport())?;
            line.write_all(b"UNEXPORTED\n")?;
        }
    }
    Ok(())
}

/// Bytes of a message that the victim takes.
const MESSAGE_BYTES: u64 = 1024 * 1024;
/// Bytes it queues for a peer that does not read.
const QUEUED_BYTES: u64 = 256 * 1024;

/// A call of a hostile peer, while another call is under way on a link to an honest one.
fn victim(folder: &str, good: &str, bad: &str, milliseconds: &str) -> Outcome {
    let mut limits = rmix::Limits::default();
    limits.message_bytes = MESSAGE_BYTES;
    limits.queued_bytes = QUEUED_BYTES;
    let runtime = Runtime::builder()
        .provider_path(folder)
        .providers("msgpack,sunrpc")
        .limits(limits)
        .build()?;
    let good: NumbersStub = runtime
        .bind(good)
        .timeout(Duration::from_secs(60))
        .blocking()?;
    let bad: NumbersStub = runtime
        .bind(bad)
        .timeout(Duration::from_millis(milliseconds.parse()?))
        .blocking()?;
    let mut under_way = good.start().seen(1);
    if good.blocking().mix(1, 1)? != mixed(1, 1) {
        return Err("the honest peer lies".into());
    }
    let before = peak_kib()?;
    let failure = bad
        .blocking()
        .mix(2, 2)
        .err()
        .ok_or("the hostile peer was believed")?;
    let grown = peak_kib()? - before;
    good.blocking().put(0)?;
    let seen = under_way.wait(Duration::from_secs(60));
    let expected = Seen {
        count: 1,
        wrong: None,
    };
    let report = json!({
        "kind": failure.kind().name(),
        "cause": failure.cause().name(),
        "delivery": failure.delivery().name(),
        "message": failure.to_string(),
        "grown_kib": grown,
        "other_link_went_on": matches!(seen, Some(Ok(seen)) if seen == expected),
    });
    println!("{report}");
    Ok(())
}

/// The most memory this process has had, in KiB.
fn peak_kib() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(number
        .ok_or("no VmHWM in /proc/self/status")?
        .trim()
        .parse()?)
}

fn try_once(folder: &str, endpoint: &str) -> Outcome {
    let runtime = Runtime::builder()
        .provider_path(folder)
        .providers("shm")
        .build()?;
    let bound = runtime.bind::<NumbersStub>(endpoint).blocking();
    let outcome = bound.and_then(|stub| stub.blocking().mix(1, 1));
    let report = match outcome {
        Ok(answer) => json!({"right": answer == mixed(1, 1)}),
        Err(failure) => json!({
            "kind": failure.kind().name(),
            "delivery": failure.delivery().name(),
            "message": failure.to_string(),
        }),
    };
    println!("{report}");
    Ok(())
}

fn providers(names: &str) -> Outcome {
    let runtime = Runtime::builder().providers(names).build()?;
    let found = runtime.providers();
    let found = found
        .iter()
        .map(|info| json!({"name": info.name, "file": info.file}));
    println!("{}", found.collect::<serde_json::Value>());
    Ok(())
}

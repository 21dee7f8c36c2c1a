//! `cargo xtask ci`, the gate: fmt, tidy, clippy, doc, modelcheck, peers, etcd, fuzz, bench, test, stopping at the first
//! that fails. Edits nothing of the tree.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use super::test::{ETCD, ETCD_TARGET, Test};
use super::{bench_peers, peers};
use crate::cargo;
use crate::error::XtaskError;
use crate::tidy;
use crate::workspace::Workspace;

const BENCH: &str = "tests/bench/Cargo.toml";
const BENCH_TARGET: &str = "bench";
const FUZZ: &str = "tests/fuzz/Cargo.toml";
const FUZZ_TARGET: &str = "fuzz";
const MODELCHECK: &str = "tests/modelcheck/Cargo.toml";

/// Runs the gate. The last step's output ends it, so its closing line is the test runner's; how long the others took
/// stands before it.
pub(crate) fn run(workspace: &Workspace) -> Result<(), XtaskError> {
    let mut took = Took::default();
    let result = steps(workspace, &mut took);
    println!("== took {took}");
    result?;
    println!("== test");
    Test::default().run(workspace)
}

/// All steps but the last.
fn steps(workspace: &Workspace, took: &mut Took) -> Result<(), XtaskError> {
    took.step("fmt", || fmt(workspace))?;
    took.step("tidy", || tidy::run(workspace))?;
    took.step("clippy", || clippy(None))?;
    took.step("doc", doc)?;
    took.step("clippy of modelcheck", || {
        clippy(Some(&place(workspace, MODELCHECK)))
    })?;
    took.step("modelcheck", || modelcheck(workspace))?;
    // What the next ones need to build is installed with the peers.
    took.step("peers", || cargo::run(&mut peers::command("install")))?;
    took.step("peers of bench", bench_peers::install)?;
    took.step("clippy of etcd", || {
        clippy(Some(&outside(workspace, ETCD, ETCD_TARGET)))
    })?;
    took.step("clippy of fuzz", || fuzz(workspace))?;
    took.step("bench", || bench(workspace))?;
    took.step("bench, each peer once", || bench_smoke(workspace))
}

/// How long each step took, in their order.
#[derive(Default)]
struct Took(Vec<(&'static str, Duration)>);

impl Took {
    /// Runs one step between its name and its duration.
    fn step(
        &mut self,
        name: &'static str,
        run: impl FnOnce() -> Result<(), XtaskError>,
    ) -> Result<(), XtaskError> {
        println!("== {name}");
        let start = Instant::now();
        let result = run();
        let outcome = if result.is_ok() { "ok" } else { "FAILED" };
        let duration = start.elapsed();
        println!("== {name}: {outcome}, {:.1} s", duration.as_secs_f64());
        self.0.push((name, duration));
        result
    }
}

impl fmt::Display for Took {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Duration = self.0.iter().map(|(_, duration)| *duration).sum();
        write!(out, "{:.1} s", all.as_secs_f64())?;
        for (name, duration) in &self.0 {
            write!(out, "\n   {:>7.1} s  {name}", duration.as_secs_f64())?;
        }
        Ok(())
    }
}

/// The workspace, then the crates that are outside it on purpose.
fn fmt(workspace: &Workspace) -> Result<(), XtaskError> {
    cargo::run(cargo::cargo().args(["fmt", "--all", "--check"]))?;
    for outside in [ETCD, BENCH, FUZZ, MODELCHECK] {
        if workspace.root.join(outside).exists() {
            let mut fmt = cargo::cargo();
            fmt.args(["fmt", "--check", "--manifest-path"])
                .arg(workspace.root.join(outside));
            cargo::run(&mut fmt)?;
        }
    }
    Ok(())
}

/// Lints the workspace, or a crate outside it.
fn clippy(outside: Option<&[OsString]>) -> Result<(), XtaskError> {
    let mut clippy = cargo::cargo();
    clippy.args(["clippy", "--all-targets"]);
    match outside {
        None => clippy.arg("--workspace"),
        Some(place) => clippy.args(place),
    };
    cargo::run(clippy.args(["--", "-D", "warnings"]))
}

/// The fuzz targets. Linting needs the stable compiler only, and the engine's runtime: cargo builds that before it looks at
/// what uses it.
fn fuzz(workspace: &Workspace) -> Result<(), XtaskError> {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let found = cargo::output(Command::new(&compiler).arg("--version"));
    found.map_err(|source| XtaskError::NoCppCompiler {
        compiler,
        source: Box::new(source),
    })?;
    clippy(Some(&outside(workspace, FUZZ, FUZZ_TARGET)))
}

/// The benchmark, lest a change of the product break it unseen: that it builds, and its own tests. It measures nothing
/// here.
fn bench(workspace: &Workspace) -> Result<(), XtaskError> {
    let place = outside(workspace, BENCH, BENCH_TARGET);
    clippy(Some(&place))?;
    cargo::run(cargo::cargo().arg("test").args(place))
}

/// The benchmark's peers, lest they rot: each is built with its own tools and answers for a moment.
fn bench_smoke(workspace: &Workspace) -> Result<(), XtaskError> {
    let place = outside(workspace, BENCH, BENCH_TARGET);
    cargo::run(cargo::cargo().arg("run").args(place).args(["--", "smoke"]))
}

/// Cargo's options for a crate that nobody else has to build, in a folder of its own below the target folder.
fn outside(workspace: &Workspace, manifest: &str, target: &str) -> [OsString; 4] {
    let folder = workspace.target_folder.join(target);
    options(workspace, manifest, folder)
}

/// The same for a crate that builds no shared object, in the target folder itself.
fn place(workspace: &Workspace, manifest: &str) -> [OsString; 4] {
    options(workspace, manifest, workspace.target_folder.clone())
}

fn options(workspace: &Workspace, manifest: &str, target: PathBuf) -> [OsString; 4] {
    [
        "--manifest-path".into(),
        workspace.root.join(manifest).into(),
        "--target-dir".into(),
        target.into(),
    ]
}

/// Every schedule of small rings, and the mutants that the searches must notice; outside the
/// workspace, so that `cargo test` of a user does not build the checker.
fn modelcheck(workspace: &Workspace) -> Result<(), XtaskError> {
    let mut test = cargo::cargo();
    test.args(["test", "--release"])
        .args(place(workspace, MODELCHECK));
    cargo::run(&mut test)
}

fn doc() -> Result<(), XtaskError> {
    let mut doc = cargo::cargo();
    doc.env("RUSTDOCFLAGS", "-D warnings");
    cargo::run(doc.args(["doc", "--no-deps", "--workspace"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_told_with_its_time_and_the_last_may_fail() {
        let mut took = Took::default();
        took.step("one", || Ok(())).unwrap();
        let failure = took.step("two", || Err(XtaskError::Untidy { findings: 3 }));
        assert!(failure.is_err());
        took.0[0].1 = Duration::from_millis(1500);
        took.0[1].1 = Duration::from_millis(62_000);
        let told = "63.5 s\n       1.5 s  one\n      62.0 s  two";
        assert_eq!(took.to_string(), told);
    }
}

//! `cargo xtask ci`, the gate: fmt, tidy, clippy, doc, modelcheck, peers, etcd, bench, test, stopping at the first
//! that fails. Edits nothing of the tree.

use std::ffi::OsString;
use std::time::Instant;

use super::peers;
use super::test::{ETCD, ETCD_TARGET, Test};
use crate::cargo;
use crate::error::XtaskError;
use crate::tidy;
use crate::workspace::Workspace;

const BENCH: &str = "tests/bench/Cargo.toml";
const BENCH_TARGET: &str = "bench";

/// Runs the gate. The last step's output ends it, so its closing line is the test runner's.
pub(crate) fn run(workspace: &Workspace) -> Result<(), XtaskError> {
    step("fmt", || fmt(workspace))?;
    step("tidy", || tidy::run(workspace))?;
    step("clippy", || clippy(None))?;
    step("doc", doc)?;
    step("modelcheck", || modelcheck(workspace))?;
    // What its build needs is installed with the peers.
    step("peers", || cargo::run(&mut peers::command("install")))?;
    step("clippy of etcd", || {
        clippy(Some(&outside(workspace, ETCD, ETCD_TARGET)))
    })?;
    step("bench", || bench(workspace))?;
    println!("== test");
    Test::default().run(workspace)
}

/// Runs one step between its name and its duration.
fn step(name: &str, run: impl FnOnce() -> Result<(), XtaskError>) -> Result<(), XtaskError> {
    println!("== {name}");
    let start = Instant::now();
    let result = run();
    let outcome = if result.is_ok() { "ok" } else { "FAILED" };
    println!(
        "== {name}: {outcome}, {:.1} s",
        start.elapsed().as_secs_f64()
    );
    result
}

/// The workspace, then the crates that are outside it on purpose.
fn fmt(workspace: &Workspace) -> Result<(), XtaskError> {
    cargo::run(cargo::cargo().args(["fmt", "--all", "--check"]))?;
    for outside in [
        ETCD,
        BENCH,
        "tests/fuzz/Cargo.toml",
        "tests/modelcheck/Cargo.toml",
    ] {
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

/// The benchmark, lest a change of the product break it unseen: that it builds, and its own tests. It measures nothing
/// here.
fn bench(workspace: &Workspace) -> Result<(), XtaskError> {
    let place = outside(workspace, BENCH, BENCH_TARGET);
    clippy(Some(&place))?;
    cargo::run(cargo::cargo().arg("test").args(place))
}

/// Cargo's options for a crate that nobody else has to build, in a folder of its own below the target folder.
fn outside(workspace: &Workspace, manifest: &str, target: &str) -> [OsString; 4] {
    [
        "--manifest-path".into(),
        workspace.root.join(manifest).into(),
        "--target-dir".into(),
        workspace.target_folder.join(target).into(),
    ]
}

/// Every schedule of small rings, and the mutants that the searches must notice; outside the
/// workspace, so that `cargo test` of a user does not build the checker.
fn modelcheck(workspace: &Workspace) -> Result<(), XtaskError> {
    let mut test = cargo::cargo();
    test.args(["test", "--release", "--manifest-path"])
        .arg(workspace.root.join("tests/modelcheck/Cargo.toml"))
        .arg("--target-dir")
        .arg(&workspace.target_folder);
    cargo::run(&mut test)
}

fn doc() -> Result<(), XtaskError> {
    let mut doc = cargo::cargo();
    doc.env("RUSTDOCFLAGS", "-D warnings");
    cargo::run(doc.args(["doc", "--no-deps", "--workspace"]))
}

//! `cargo xtask ci`, the gate: fmt, tidy, clippy, doc, modelcheck, peers, etcd, test, stopping at the first that
//! fails. Edits nothing of the tree.

use std::time::Instant;

use super::peers;
use super::test::{ETCD, ETCD_TARGET, Test};
use crate::cargo;
use crate::error::XtaskError;
use crate::tidy;
use crate::workspace::Workspace;

/// Runs the gate. The last step's output ends it, so its closing line is the test runner's.
pub(crate) fn run(workspace: &Workspace) -> Result<(), XtaskError> {
    step("fmt", || fmt(workspace))?;
    step("tidy", || tidy::run(workspace))?;
    step("clippy", clippy)?;
    step("doc", doc)?;
    step("modelcheck", || modelcheck(workspace))?;
    // What its build needs is installed with the peers.
    step("peers", || cargo::run(&mut peers::command("install")))?;
    step("clippy of etcd", || clippy_of_etcd(workspace))?;
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
        "tests/bench/Cargo.toml",
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

fn clippy() -> Result<(), XtaskError> {
    let mut clippy = cargo::cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--"]);
    cargo::run(clippy.args(["-D", "warnings"]))
}

/// The crate that nobody else has to build.
fn clippy_of_etcd(workspace: &Workspace) -> Result<(), XtaskError> {
    let mut clippy = cargo::cargo();
    clippy
        .args(["clippy", "--all-targets", "--manifest-path"])
        .arg(workspace.root.join(ETCD))
        .arg("--target-dir")
        .arg(workspace.target_folder.join(ETCD_TARGET));
    cargo::run(clippy.args(["--", "-D", "warnings"]))
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

//! `cargo xtask bench`: benchmarks in release, from their own workspace, on the providers as shared
//! objects.

use clap::Args;

use super::build_providers;
use crate::cargo;
use crate::error::XtaskError;
use crate::workspace::Workspace;

/// Options of `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Bench {
    /// Fewer and shorter measurements, and none of peers in Java: some three minutes, says little about cost
    #[arg(long)]
    quick: bool,
    /// Further arguments of the benchmark itself, after `--`
    #[arg(last = true)]
    further: Vec<String>,
}

impl Bench {
    /// Builds the providers and runs the benchmark beside them.
    ///
    /// The benchmark is outside the workspace, so it is told to build into the same folder: shared
    /// objects are found beside the running program.
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<(), XtaskError> {
        cargo::run(build_providers(workspace, &[])?.arg("--release"))?;
        let mut bench = cargo::cargo();
        bench
            .args(["run", "--release", "--manifest-path"])
            .arg(workspace.root.join("tests/bench/Cargo.toml"))
            .arg("--target-dir")
            .arg(&workspace.target_folder)
            .arg("--");
        cargo::run(bench.args(self.arguments()))
    }

    /// What the benchmark is given.
    pub(crate) fn arguments(&self) -> Vec<&str> {
        let quick = self.quick.then_some("--quick");
        quick
            .into_iter()
            .chain(self.further.iter().map(String::as_str))
            .collect()
    }
}

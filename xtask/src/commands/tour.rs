//! `cargo xtask tour`: what a newcomer runs first.

use clap::Args;

use super::build_providers;
use crate::cargo;
use crate::error::XtaskError;
use crate::workspace::Workspace;

/// Options of `cargo xtask tour`.
#[derive(Args)]
pub(crate) struct Tour {
    /// Arguments of the tour itself; `cargo xtask tour -- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<String>,
}

impl Tour {
    /// Builds what the tour loads and starts, in the profile the tour is built in, then runs it.
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<(), XtaskError> {
        workspace.require("rmix-tour")?;
        cargo::run(build_providers(workspace, &["rmix-cli", "rmix-tour"])?.arg("-q"))?;
        let mut tour = cargo::cargo();
        tour.args(["run", "-q", "-p", "rmix-tour", "--"]);
        cargo::run(tour.args(&self.arguments))
    }
}

//! `cargo xtask test`: shared objects, peers, then every test; ends with the test runner's own
//! closing line.

use std::process::Command;

use clap::Args;

use super::{build_providers, peers};
use crate::cargo;
use crate::error::XtaskError;
use crate::workspace::Workspace;

/// Options of `cargo xtask test`.
#[derive(Args, Default)]
pub(crate) struct Test {
    /// Install no peers and leave out the tests that need one, saying which peers were left out
    #[arg(long)]
    no_peers: bool,
}

impl Test {
    /// Runs all of it; prints nothing after the test runner.
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<(), XtaskError> {
        cargo::run(&mut build_providers(workspace, &[])?)?;
        if self.no_peers {
            println!("left out because of --no-peers: every test that needs one of these peers");
            cargo::run(&mut peers::command("status"))?;
        } else {
            cargo::run(&mut peers::command("install"))?;
        }
        if !self.no_peers {
            cargo::run(&mut etcd_tests(workspace))?;
        }
        for mut command in self.test_commands() {
            cargo::run(&mut command)?;
        }
        Ok(())
    }

    /// The examples in the documentation come first, so that the closing line counts tests of a
    /// crate that has some. Example programs are built as programs: some tests start one.
    fn test_commands(&self) -> [Command; 3] {
        [
            "test --workspace --doc --no-fail-fast",
            "build --workspace --examples",
            "test --workspace --lib --bins --tests --no-fail-fast",
        ]
        .map(|arguments| {
            let mut command = cargo::cargo();
            command.args(arguments.split(' '));
            if self.no_peers {
                command.env(NO_PEERS, "1");
            } else {
                command.env_remove(NO_PEERS);
            }
            command
        })
    }
}

/// The tests of the crate that nobody else has to build: its build needs what is installed with the peers.
fn etcd_tests(workspace: &Workspace) -> Command {
    let mut command = cargo::cargo();
    command
        .args(["test", "--no-fail-fast", "--manifest-path"])
        .arg(workspace.root.join(ETCD))
        .arg("--target-dir")
        .arg(workspace.target_folder.join(ETCD_TARGET))
        .env_remove(NO_PEERS);
    command
}

/// Of the crate that is a workspace of its own because its build runs protoc.
pub(crate) const ETCD: &str = "harness-control/harness-etcd/Cargo.toml";

/// Its own: shared objects have no hash in their names, and those of two workspaces would replace one another.
pub(crate) const ETCD_TARGET: &str = "etcd";

/// Tells tests to leave out what needs a peer. Removed unless asked for: a full run must not leave
/// out anything because of a variable that was set once.
const NO_PEERS: &str = "RMIX_TEST_NO_PEERS";

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn check(no_peers: bool, value: Option<&str>) {
        for command in (Test { no_peers }).test_commands() {
            let variables: Vec<_> = command.get_envs().collect();
            assert_eq!(variables, [(OsStr::new(NO_PEERS), value.map(OsStr::new))]);
        }
    }

    #[test]
    fn peers_are_left_out_only_when_asked() {
        check(true, Some("1"));
        check(false, None);
    }
}

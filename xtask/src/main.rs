//! Commands for developers: tour, test, ci, tidy, bench, peers.
//!
//! Each command only starts other programs, mostly cargo, or reads the source tree; none edits a
//! file of the repository. Nothing here is part of the product, and no crate of the product is
//! imported.

mod cargo;
mod commands;
mod error;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::{bench, ci, peers, test, tour};
use error::XtaskError;
use workspace::Workspace;

/// Commands for developers of RMIX.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show what RMIX does: build the providers and the command `rmix`, then run the tour.
    #[command(
        after_help = "Examples:\n  cargo xtask tour\n  cargo xtask tour -- --help   options of the tour itself"
    )]
    Tour(tour::Tour),
    /// Run every test: build the providers, install missing peers, then test all crates.
    ///
    /// The shared objects of the providers are built first, because tests load them by name. Then
    /// the peers (foreign programs that tests talk to) are installed if they are missing, which
    /// needs root and a package registry. Then the examples in the documentation and all test
    /// targets run; the last line is the test runner's own.
    #[command(
        after_help = "Environment:\n  RMIX_TEST_NO_PEERS=1  set for the tests by --no-peers: tests that need a peer \
                      say so and pass\n\nExamples:\n  cargo xtask test\n  cargo xtask test --no-peers"
    )]
    Test(test::Test),
    /// The gate: fmt, tidy, clippy, doc (warnings denied), modelcheck, each peer of the benchmark once, then
    /// `cargo xtask test`.
    ///
    /// Prints each step and how long it took, all of them once more before the tests, and stops at the first that fails.
    /// It never edits files. Installs the peers of the tests and of the benchmark. Needs what `cargo xtask test` needs; an absent peer that cannot be installed fails
    /// the gate.
    Ci,
    /// Check the rules of the source tree that a machine can check.
    ///
    /// Prints one line `file:line: rule: message` for each finding, and fails if there is one. The
    /// rules: every .rs file opens with `//!`; files have at most 800 lines (tests excepted) and
    /// functions at most 70, where xtask/ratchet.txt may list older ones that may only shrink; no
    /// module named util, common, misc or helpers; no macros that mark unfinished work; no path
    /// attribute and no ignored test without a reason; code the compiler cannot check only in its
    /// rooms; crates import only what their level allows, inherit the workspace's lints and have
    /// one binary of integration tests; pure crates carry a clippy.toml, wire crates refuse to
    /// panic, and every provider mounts the conformance suite.
    #[command(after_help = "Example:\n  cargo xtask tidy")]
    Tidy,
    /// Run the benchmarks side by side with peers, in release, on the providers as shared objects.
    #[command(
        after_help = "Examples:\n  cargo xtask bench --quick\n  cargo xtask bench -- --help   options of the benchmark itself"
    )]
    Bench(bench::Bench),
    /// List the peers that tests talk to and whether they are installed, or install the missing
    /// ones.
    #[command(
        after_help = "Examples:\n  cargo xtask peers\n  cargo xtask peers --install\n  cargo xtask peers --bench"
    )]
    Peers(peers::Peers),
}

fn main() -> ExitCode {
    match run(&Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {}", error::with_causes(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<(), XtaskError> {
    let workspace = Workspace::load()?;
    match command {
        Command::Tour(tour) => tour.run(&workspace),
        Command::Test(test) => test.run(&workspace),
        Command::Ci => ci::run(&workspace),
        Command::Tidy => tidy::run(&workspace),
        Command::Bench(bench) => bench.run(&workspace),
        Command::Peers(peers) => peers.run(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_after_two_dashes_go_to_the_tour() {
        let arguments = Arguments::parse_from(["xtask", "tour", "--", "--help"]);
        let Command::Tour(tour) = arguments.command else {
            panic!("not a tour command");
        };
        assert_eq!(tour.arguments, ["--help"]);
    }

    #[test]
    fn arguments_after_two_dashes_go_to_the_benchmark() {
        let arguments =
            Arguments::parse_from(["xtask", "bench", "--quick", "--", "--rows", "sunrpc"]);
        let Command::Bench(bench) = arguments.command else {
            panic!("not a bench command");
        };
        assert_eq!(bench.arguments(), ["--quick", "--rows", "sunrpc"]);
    }
}

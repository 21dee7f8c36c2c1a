//! The command line: options of a run, and the hidden commands by which the benchmark starts itself as client and
//! server.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

/// Measures RMIX, raw transports and peers in one run, as ratios to the raw transport of the same round.
#[derive(Parser)]
#[command(
    name = "rmix-bench",
    version,
    about,
    after_help = "Examples:\n  cargo xtask bench --quick\n  cargo xtask bench -- --only sunrpc --syscalls\n  \
                  cargo xtask bench -- --only ring\n  \
                  cargo xtask bench -- --markdown tests/bench/RESULTS.md --readme README.md --json results.json\n  \
                  cargo xtask bench --quick -- --growth docs/speed\n  cargo xtask bench -- smoke   every peer is built and answers"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) work: Option<Work>,
    #[command(flatten)]
    pub(crate) options: Options,
}

/// Options of a run.
#[derive(Args)]
pub(crate) struct Options {
    /// Short measurements, some three minutes, which say little about small differences. Leaves out peers in Java,
    /// unless --only is given, for they take long to warm up
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only what contains all these words: of link, measure and placement
    #[arg(long, value_name = "WORDS", default_value = "")]
    pub(crate) only: String,
    /// Rounds; every figure is the median of all [default: 3, with --quick 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=99))]
    pub(crate) rounds: Option<u32>,
    /// How long one measurement lasts, in milliseconds [default: 300, with --quick 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(10..=60_000))]
    pub(crate) milliseconds: Option<u32>,
    /// Measure rates with both ends on one core also, not only latencies
    #[arg(long)]
    pub(crate) everywhere: bool,
    /// Count system calls per call of our links with strace
    #[arg(long)]
    pub(crate) syscalls: bool,
    /// Count what a call of our links costs beside time instead: system calls, waits, instructions, allocations, copies;
    /// with strace and valgrind, some ten minutes
    #[arg(long, conflicts_with_all = ["growth", "syscalls", "readme"])]
    pub(crate) costs: bool,
    /// Measure how cost grows with payload, calls in flight and clients instead, and write growth.tsv and drawings there
    #[arg(long, value_name = "DIR")]
    pub(crate) growth: Option<PathBuf>,
    /// Draw anew from the growth.tsv in that folder, without measuring
    #[arg(long, requires = "growth")]
    pub(crate) redraw: bool,
    /// The folder with the providers' shared objects [default: beside this program, else the workspace's target/release]
    #[arg(long, value_name = "DIR", env = "RMIX_BENCH_PROVIDERS")]
    pub(crate) providers: Option<PathBuf>,
    /// Write all figures of all rounds to a file as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write the figures of group communication to a file as tab-separated values
    #[arg(long, value_name = "FILE")]
    pub(crate) ring_tsv: Option<PathBuf>,
    /// Write the medians to a file as tab-separated values
    #[arg(long, value_name = "FILE")]
    pub(crate) tsv: Option<PathBuf>,
    /// Write the tables to a file as Markdown
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    /// Write the table of speed anew between its marks in a Markdown file
    #[arg(long, value_name = "FILE")]
    pub(crate) readme: Option<PathBuf>,
}

impl Options {
    /// How many rounds.
    pub(crate) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 2 } else { 3 })
    }

    /// How long one measurement lasts.
    pub(crate) fn duration(&self) -> Duration {
        let default = if self.quick { 30 } else { 300 };
        Duration::from_millis(u64::from(self.milliseconds.unwrap_or(default)))
    }
}

/// What this program does for itself.
#[derive(Subcommand)]
pub(crate) enum Work {
    /// Builds every peer, and has each answer for a moment; fails if one cannot. Needs no provider
    Smoke,
    /// Serves one peer until its standard input ends.
    #[command(hide = true)]
    Serve(Serve),
    /// Runs one measurement as its client.
    #[command(hide = true)]
    Call(Call),
    /// Runs a member of a control ring until its standard input ends.
    #[command(hide = true)]
    RingMember(RingMember),
}

/// A server in a process of its own.
#[derive(Args)]
pub(crate) struct Serve {
    /// The peer
    pub(crate) peer: String,
    /// The core to run on
    #[arg(long)]
    pub(crate) core: u32,
    /// The folder for sockets
    #[arg(long)]
    pub(crate) folder: PathBuf,
    /// The folder with the providers
    #[arg(long)]
    pub(crate) from: PathBuf,
}

/// A client in a process of its own.
#[derive(Args)]
pub(crate) struct Call {
    /// The peer
    pub(crate) peer: String,
    /// The measure
    pub(crate) measure: String,
    /// What the server said it listens on
    #[arg(long)]
    pub(crate) address: String,
    /// How long
    #[arg(long)]
    pub(crate) milliseconds: u64,
    /// The core to run on
    #[arg(long)]
    pub(crate) core: u32,
    /// The core for a server that is a child of this client
    #[arg(long)]
    pub(crate) server_core: u32,
    /// The server's process id; 0 when it is a child of this client
    #[arg(long)]
    pub(crate) server: u32,
    /// The folder for sockets
    #[arg(long)]
    pub(crate) folder: PathBuf,
    /// The folder with the providers
    #[arg(long)]
    pub(crate) from: PathBuf,
}

/// A member of a control ring in a process of its own.
#[derive(Args, Clone)]
pub(crate) struct RingMember {
    /// What its messages say who sent them
    #[arg(long)]
    pub(crate) origin: u32,
    /// Where to listen
    #[arg(long)]
    pub(crate) listen: Vec<String>,
    /// Whom to join; none: it founds the ring
    #[arg(long)]
    pub(crate) join: Vec<String>,
    /// Both ways round
    #[arg(long)]
    pub(crate) both_ways: bool,
    /// The folder with the providers
    #[arg(long)]
    pub(crate) from: PathBuf,
}

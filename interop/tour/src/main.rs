//! The tour: exports one object on several protocols at once, lets every real peer call it, and calls every real peer.
//!
//! Prints a table of what happened; exits with 1 when a row failed. `cargo xtask tour` builds what it needs and runs it.

mod called;
mod calling;
mod object;
mod peers;
mod report;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use crate::object::Station;
use crate::peers::Peers;
use crate::report::Report;

/// One Rust trait answers a C program, a Python program, a Java program and an editor, each in its own protocol, and
/// calls them.
#[derive(Parser)]
#[command(name = "tour", version)]
struct Options {
    /// Print the table as JSON.
    #[arg(long)]
    json: bool,
    /// Do not install missing peers: say what to install, and run the rest.
    #[arg(long)]
    no_install: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let mut report = Report::new(options.json);
    let peers = Peers::prepare(&mut report, !options.no_install);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(failure) => {
            eprintln!("the tour cannot start: {failure}");
            return ExitCode::from(3);
        }
    };
    runtime.block_on(walk(&mut report, peers));
    report.print();
    if report.all_well() {
        return ExitCode::SUCCESS;
    }
    ExitCode::FAILURE
}

async fn walk(report: &mut Report, peers: Peers) {
    let station = match Station::export(report).await {
        Ok(station) => station,
        Err(failure) => {
            report.failed("-", "-", "-", "export", &failure);
            return;
        }
    };
    let peers = Arc::new(peers);
    called::by_c(report, &station, &peers).await;
    called::by_python(report, &station, &peers).await;
    called::by_java(report, &station, &peers).await;
    calling::c(report, &station, &peers).await;
    calling::python(report, &station, &peers).await;
    calling::java(report, &station, &peers).await;
    calling::neovim(report, &station, &peers).await;
    station.close().await;
}

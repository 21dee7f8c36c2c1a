//! The peers of the tour: installed if they may be, built, or missing with the reason.

use std::path::{Path, PathBuf};

use rmix_peers::soap::JavaStation;
use rmix_peers::{CStation, Peer, PythonStation};

use crate::report::Report;

/// The peers that are there; for the others, what to do about it.
pub(crate) struct Peers {
    pub(crate) c: Result<CStation, String>,
    pub(crate) python: Result<PythonStation, String>,
    pub(crate) java: Result<JavaStation, String>,
    /// The command line that starts Neovim.
    pub(crate) neovim: Result<String, String>,
}

impl Peers {
    /// Looks for the peers, and installs what is missing when that is allowed and possible.
    pub(crate) fn prepare(report: &mut Report, install: bool) -> Peers {
        let missing = rmix_peers::status()
            .iter()
            .any(|status| !status.is_present());
        if missing && install {
            report.now("installing missing peers");
            if let Err(failure) = rmix_peers::install(&mut |line| report.now(line)) {
                report.now(failure.to_string());
            }
        }
        let folder = build_folder();
        Peers {
            c: present(Peer::CStation).and_then(|()| {
                report.now("building the C programs (rpcgen, cc)");
                rmix_peers::build_c(&folder.join("c-station"))
                    .map_err(|failure| failure.to_string())
            }),
            python: present(Peer::PythonStation).and_then(|()| {
                report.now("preparing the Python programs (aio-msgpack-rpc)");
                let prepared = PythonStation::prepare(&folder.join("python-station"));
                prepared.map_err(|failure| failure.to_string())
            }),
            java: present(Peer::JaxWs).and_then(|()| {
                report.now("building the Java programs (wsimport, javac)");
                let prepared = JavaStation::prepare(&folder.join("java-station"));
                prepared.map_err(|failure| failure.to_string())
            }),
            neovim: present(Peer::Neovim).map(|()| rmix_peers::nvim_command().join(" ")),
        }
    }
}

fn present(peer: Peer) -> Result<(), String> {
    let status = peer.status();
    if status.is_present() {
        return Ok(());
    }
    Err(status.to_string())
}

/// Beside the program's own build, so that a second run finds what the first has made.
fn build_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let folder = program.parent().unwrap_or(Path::new("/tmp"));
    folder.join("peers")
}

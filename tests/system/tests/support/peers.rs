//! The real peers: built once for all runs, or left out by name when that was asked for.

use std::error::Error;
use std::path::{Path, PathBuf};

use rmix_peers::{CStation, Peer, PythonStation};

/// Where all crates' tests keep what they build.
pub(crate) fn kept_peers() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers")
}

/// The C programs, unless tests of peers are left out.
pub(crate) fn c_station() -> Option<CStation> {
    there(Peer::CStation)?;
    Some(ok(rmix_peers::build_c(&kept_peers().join("c-station"))))
}

/// The Python programs, unless tests of peers are left out.
pub(crate) fn python_station() -> Option<PythonStation> {
    there(Peer::PythonStation)?;
    let folder = kept_peers().join("python-station");
    Some(ok(PythonStation::prepare(&folder)))
}

/// The command line of Neovim, unless tests of peers are left out.
pub(crate) fn neovim() -> Option<String> {
    there(Peer::Neovim)?;
    Some(rmix_peers::nvim_command().join(" "))
}

fn there(peer: Peer) -> Option<()> {
    if std::env::var_os("RMIX_TEST_NO_PEERS").is_some_and(|value| value == "1") {
        let test = std::thread::current();
        let test = test.name().unwrap_or("a test");
        println!(
            "left out: {test} needs {}, and RMIX_TEST_NO_PEERS=1 is set",
            peer.name()
        );
        return None;
    }
    let status = peer.status();
    assert!(status.is_present(), "{status}");
    Some(())
}

fn ok<T, E: Error>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        panic!("{text}")
    })
}

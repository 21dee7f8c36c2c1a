//! The real peers: built once for all runs, or left out by name when that was asked for.

use std::error::Error;
use std::path::{Path, PathBuf};

use rmix_peers::{CDiverse, CStation, Peer, PythonStation, XdrLibrary};

/// Where all crates' tests keep what they build.
pub(crate) fn kept_peers() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers")
}

/// The C programs, unless tests of peers are left out.
pub(crate) fn c_station() -> Option<CStation> {
    there(Peer::CStation)?;
    Some(ok(rmix_peers::build_c(&kept_peers().join("c-station"))))
}

/// The C programs of the diverse interface, unless tests of peers are left out.
pub(crate) fn c_diverse() -> Option<CDiverse> {
    there(Peer::CDiverse)?;
    let folder = kept_peers().join("c-diverse");
    Some(ok(rmix_peers::build_diverse(&folder)))
}

/// The oracle of XDR's bytes, unless tests of peers are left out.
pub(crate) fn xdr_library() -> Option<XdrLibrary> {
    there(Peer::XdrOracle)?;
    Some(ok(XdrLibrary::prepare(&kept_peers().join("xdr-library"))))
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

/// Nothing when tests of peers are left out.
pub(crate) fn there(peer: Peer) -> Option<()> {
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

/// The value, or a panic with the error and its causes.
pub(crate) fn ok<T, E: Error>(result: Result<T, E>) -> T {
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

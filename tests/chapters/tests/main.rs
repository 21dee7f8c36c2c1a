//! Every chapter of the documentation, run as it stands beside the programs that it talks to.

mod c_program;
mod java_service;

use std::path::{Path, PathBuf};

use rmix_peers::Peer;

/// Where the chapters' packages are built: one folder for all, since most of it is the same.
fn built() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("chapter")
}

fn require(peers: &[Peer]) {
    for peer in peers {
        let status = peer.status();
        assert!(status.is_present(), "{status}");
    }
}

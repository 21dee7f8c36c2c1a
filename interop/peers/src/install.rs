//! Installs the Debian packages that peers are missing. It touches nothing that is already there,
//! starts no service, and never asks for more rights than it has.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::time::Duration;

use crate::error::InstallError;
use crate::peer::{PeerStatus, install_command, program_is_there, status};
use crate::process;

const UPDATE_LIMIT: Duration = Duration::from_secs(300);
const INSTALL_LIMIT: Duration = Duration::from_secs(900);

/// Installs what the peers are missing, if anything, and tells `progress` what goes on.
///
/// # Errors
///
/// Without the rights of root or without apt-get, the error carries the command to run. When
/// apt-get fails, the error carries what it said.
///
/// # Blocking
///
/// For minutes, when there is something to install.
pub fn install(progress: &mut dyn FnMut(&str)) -> Result<(), InstallError> {
    let missing = missing_packages(&status());
    if missing.is_empty() {
        return Ok(());
    }
    let command = install_command(&missing);
    if !program_is_there("apt-get") {
        return Err(InstallError::NoAptGet { command });
    }
    if !is_root() {
        return Err(InstallError::NotRoot { command });
    }

    // The lists of some sources may be out of reach while what is needed is not: try anyway.
    let mut update = apt_get();
    if let Err(error) = process::run(update.arg("update"), UPDATE_LIMIT, progress) {
        progress(&format!("{error}; going on with the lists as they are"));
    }
    let mut install = apt_get();
    install
        .args(["install", "-y", "--no-install-recommends"])
        .args(&missing);
    process::run(&mut install, INSTALL_LIMIT, progress).map_err(InstallError::AptGet)?;

    let mut still_missing = status();
    still_missing.retain(|peer| !peer.is_present());
    if still_missing.is_empty() {
        return Ok(());
    }
    Err(InstallError::StillMissing(still_missing))
}

/// Every missing package once, in the order of the peers.
fn missing_packages(peers: &[PeerStatus]) -> Vec<&'static str> {
    let mut packages = Vec::new();
    for package in peers.iter().flat_map(PeerStatus::missing_packages) {
        if !packages.contains(package) {
            packages.push(*package);
        }
    }
    packages
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        // Another apt-get may be at work: wait for it, within our own limit.
        .args(["-q", "-o", "DPkg::Lock::Timeout=300"]);
    command
}

/// Files under /proc/self belong to the effective user.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|folder| folder.uid() == 0)
}

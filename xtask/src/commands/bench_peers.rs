//! `cargo xtask peers --bench`: what the benchmark's peers in C, C++ and Java need of Debian. Its peers in Rust are
//! dependencies of the benchmark itself.

use std::process::Command;

use crate::cargo;
use crate::error::XtaskError;

/// The packages, each with the peers that need it.
const PACKAGES: [(&str, &str); 20] = [
    ("gcc", "raw transports and all peers in C"),
    ("g++", "omniORB and ZeroC Ice"),
    ("libtirpc-dev", "libtirpc"),
    ("gsoap", "gSOAP"),
    ("libgsoap-dev", "gSOAP"),
    ("openjdk-17-jdk-headless", "JAX-WS and Java RMI"),
    ("jaxws", "JAX-WS"),
    ("libjaxws-java", "JAX-WS"),
    ("libactivation-java", "JAX-WS"),
    ("omniidl", "omniORB"),
    ("libomniorb4-dev", "omniORB"),
    ("zeroc-ice-compilers", "ZeroC Ice"),
    ("libzeroc-ice-dev", "ZeroC Ice"),
    ("capnproto", "Cap'n Proto RPC"),
    ("libcapnp-dev", "Cap'n Proto RPC"),
    ("corosync", "corosync's process groups"),
    ("libcpg-dev", "corosync's process groups"),
    ("iproute2", "networks of members of a ring"),
    ("strace", "counting system calls"),
    ("valgrind", "counting instructions, allocations and copies"),
];

/// Installs what is missing; needs root and a package registry when anything is.
pub(super) fn install() -> Result<(), XtaskError> {
    let missing = missing()?;
    if missing.is_empty() {
        println!("all that the benchmark's peers need is installed");
        return Ok(());
    }
    // The lists of some sources may be out of reach while what is needed is not: try anyway.
    if let Err(failure) = cargo::run(apt_get().arg("update")) {
        println!("{failure}; going on with the lists as they are");
    }
    cargo::run(
        apt_get()
            .args(["install", "-y", "--no-install-recommends"])
            .args(missing),
    )
}

/// What is not installed.
fn missing() -> Result<Vec<&'static str>, XtaskError> {
    let mut query = Command::new("dpkg-query");
    query.args(["-W", "-f", "${db:Status-Status} ${Package}\n", "*"]);
    let installed = cargo::output(&mut query)?;
    Ok(absent(&String::from_utf8_lossy(&installed)))
}

/// What lines `STATUS PACKAGE` do not say to be installed.
fn absent(lines: &str) -> Vec<&'static str> {
    let is_there = |name: &str| {
        let wanted = format!("installed {name}");
        lines.lines().any(|line| line == wanted)
    };
    let names = PACKAGES.iter().map(|(name, _)| *name);
    names.filter(|name| !is_there(name)).collect()
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

#[cfg(test)]
mod tests {
    use super::{PACKAGES, absent};

    #[test]
    fn only_what_is_not_installed_is_missing() {
        let all = PACKAGES.map(|(name, _)| format!("installed {name}\n"));
        assert_eq!(absent(&all.concat()), Vec::<&str>::new());
        let some = all
            .concat()
            .replace("installed gsoap\n", "not-installed gsoap\n");
        assert_eq!(absent(&some), ["gsoap"]);
        assert_eq!(absent("").len(), PACKAGES.len());
    }
}

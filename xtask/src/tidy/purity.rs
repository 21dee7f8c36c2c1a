//! Rule 15: a pure crate carries a clippy.toml that refuses clocks, threads and containers without
//! an order.

use super::finding::Finding;
use crate::workspace::Package;

pub(super) fn check(package: &Package) -> Vec<Finding> {
    if !PURE.contains(&package.name.as_str()) {
        return Vec::new();
    }
    let finding = |message: String| {
        let file = format!("{}/clippy.toml", package.folder);
        Finding::new(&file, 1, "purity", message)
    };
    let Some(clippy) = &package.clippy else {
        return vec![finding(format!(
            "{} is pure and needs this file to refuse {}",
            package.name,
            REFUSED.join(", ")
        ))];
    };
    let refuses = |path: &str| {
        clippy
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'))
            .any(|line| line.contains(path))
    };
    REFUSED
        .iter()
        .filter(|path| !refuses(path))
        .map(|path| finding(format!("{} is pure: refuse {path}", package.name)))
        .collect()
}

const PURE: [&str; 5] = [
    "harness-ring",
    "rmix-engine",
    "rmix-xdr",
    "rmix-msgpack-rpc",
    "rmix-wsdl",
];
/// The start of the paths that must be refused, as types or as functions of theirs.
const REFUSED: [&str; 5] = [
    "std::collections::HashMap",
    "std::collections::HashSet",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::thread::spawn",
];

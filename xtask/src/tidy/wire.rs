//! Rule 13: a crate that decodes what peers send denies, by lint attributes, what panics.

use super::Tree;
use super::finding::Finding;
use crate::workspace::Package;

pub(super) fn check(package: &Package, tree: &Tree) -> Option<Finding> {
    if !WIRE.contains(&package.name.as_str()) {
        return None;
    }
    let path = format!("{}/src/lib.rs", package.folder);
    let root = tree.file(&path)?;
    let missing: Vec<_> = PANICS
        .iter()
        .filter(|lint| !root.tokens.iter().any(|token| token.is_word(lint)))
        .map(|lint| format!("clippy::{lint}"))
        .collect();
    if missing.is_empty() {
        return None;
    }
    Some(Finding::new(
        &path,
        1,
        "wire-panic",
        format!(
            "a crate that decodes what peers send denies {}",
            missing.join(", ")
        ),
    ))
}

const WIRE: [&str; 12] = [
    "harness-control",
    "harness-ring",
    "rmix-engine",
    "rmix-provider",
    "rmix-xdr",
    "rmix-msgpack-rpc",
    "rmix-msgpack",
    "rmix-pipe",
    "rmix-shm",
    "rmix-shm-sys",
    "rmix-soap",
    "rmix-sunrpc",
];
const PANICS: [&str; 5] = [
    "unwrap_used",
    "expect_used",
    "indexing_slicing",
    "panic",
    "unreachable",
];

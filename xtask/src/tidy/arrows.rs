//! The arrows of DESIGN.md 2: which crates of ours each crate imports, and for pure crates which
//! others.
//!
//! What a crate imports for its tests only is free: tests are above everything.

use super::finding::Finding;
use crate::workspace::Package;

/// What one crate may import when it is built for users.
struct Arrows {
    name: &'static str,
    ours: Ours,
    others: Others,
}

enum Ours {
    Only(&'static [&'static str]),
    /// For crates that exist for tests and developers.
    Any,
}

enum Others {
    Only(&'static [&'static str]),
    Any,
}

pub(super) fn check(package: &Package, all: &[Package], manifest_text: &str) -> Vec<Finding> {
    let Some(arrows) = ARROWS.iter().find(|arrows| arrows.name == package.name) else {
        return vec![Finding::new(
            &package.manifest,
            1,
            "arrow",
            format!(
                "{} has no row in xtask/src/tidy/arrows.rs: say what it may import",
                package.name
            ),
        )];
    };
    let is_ours = |name: &str| all.iter().any(|package| package.name == name);
    package
        .dependencies
        .iter()
        .filter(|dependency| !dependency.for_development)
        .filter_map(|dependency| {
            let name = dependency.name.as_str();
            let allowed = if is_ours(name) {
                arrows.ours.refuse(name)
            } else {
                arrows.others.refuse(name)
            };
            let allowed = allowed?;
            Some(Finding::new(
                &package.manifest,
                line_of(manifest_text, name),
                "arrow",
                format!(
                    "{} may not import {name}; it may import {allowed}",
                    package.name
                ),
            ))
        })
        .collect()
}

impl Ours {
    /// What is allowed instead, when `name` is not.
    fn refuse(&self, name: &str) -> Option<String> {
        match self {
            Ours::Only(names) if !names.contains(&name) => Some(listed(names, "nothing of ours")),
            Ours::Only(_) | Ours::Any => None,
        }
    }
}

impl Others {
    fn refuse(&self, name: &str) -> Option<String> {
        match self {
            Others::Only(names) if !names.contains(&name) => {
                Some(listed(names, "nothing but the standard library"))
            }
            Others::Only(_) | Others::Any => None,
        }
    }
}

fn listed(names: &[&str], none: &str) -> String {
    if names.is_empty() {
        return none.to_owned();
    }
    names.join(", ")
}

/// Where a manifest names a dependency; its first line when it does not, as under another name.
fn line_of(manifest: &str, name: &str) -> usize {
    manifest
        .lines()
        .position(|line| {
            line.trim_start()
                .strip_prefix(name)
                .is_some_and(|after| after.starts_with(['.', ' ', '=']))
        })
        .map_or(1, |index| index + 1)
}

const fn product(name: &'static str, ours: &'static [&'static str]) -> Arrows {
    Arrows {
        name,
        ours: Ours::Only(ours),
        others: Others::Any,
    }
}

const fn pure(name: &'static str, others: &'static [&'static str]) -> Arrows {
    Arrows {
        name,
        ours: Ours::Only(&[]),
        others: Others::Only(others),
    }
}

const fn free(name: &'static str) -> Arrows {
    Arrows {
        name,
        ours: Ours::Any,
        others: Others::Any,
    }
}

/// By level: a crate imports crates of lower levels only.
const ARROWS: &[Arrows] = &[
    // Level 0.
    product("rmix-abi", &[]),
    product("rmix-macros", &[]),
    pure("rmix-engine", &[]),
    pure("harness-ring", &[]),
    pure("rmix-xdr", &["serde"]),
    // System calls for memory and futexes, and nothing else.
    pure("rmix-shm-sys", &["rustix"]),
    // Level 1.
    product("rmix-wsdl", &["rmix-abi"]),
    product("rmix-provider", &["rmix-abi"]),
    product("rmix", &["rmix-abi", "rmix-engine", "rmix-macros"]),
    // What two providers share: a protocol without its communication.
    product("rmix-msgpack-rpc", &["rmix-provider", "rmix-abi"]),
    // Level 2.
    product(
        "rmix-msgpack",
        &["rmix-provider", "rmix-abi", "rmix-msgpack-rpc"],
    ),
    product(
        "rmix-pipe",
        &["rmix-provider", "rmix-abi", "rmix-msgpack-rpc"],
    ),
    product("rmix-soap", &["rmix-provider", "rmix-abi", "rmix-wsdl"]),
    product(
        "rmix-shm",
        &[
            "rmix-provider",
            "rmix-abi",
            "rmix-msgpack-rpc",
            "rmix-shm-sys",
        ],
    ),
    product("rmix-sunrpc", &["rmix-provider", "rmix-abi", "rmix-xdr"]),
    product("rmix-conformance", &["rmix-provider", "rmix-abi", "rmix"]),
    // Level 3.
    product("rmix-cli", &["rmix", "rmix-idl", "rmix-wsdl"]),
    product("rmix-idl", &["rmix-abi"]),
    product("harness-control", &["harness-ring", "rmix"]),
    // Level 4.
    product("harness-conformance", &["harness-control", "harness-ring"]),
    product("harness-cli", &["harness-control", "harness-ring", "rmix"]),
    // For tests and developers.
    free("rmix-c-provider-tests"),
    free("rmix-chapters"),
    free("rmix-fuzz-checks"),
    free("rmix-growth"),
    free("rmix-nfs"),
    free("rmix-peers"),
    // The mutants of the model check build it anew, against what they pinned: nothing but the rings it runs.
    product("rmix-sim", &["harness-ring"]),
    free("rmix-system-tests"),
    free("rmix-tour"),
    product("xtask", &[]),
];

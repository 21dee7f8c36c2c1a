//! The tests of a crate: one binary of integration tests, and for a provider the conformance suite
//! in it.

use super::Tree;
use super::finding::Finding;
use crate::workspace::Package;

pub(super) fn check(package: &Package, tree: &Tree) -> Vec<Finding> {
    let finding = |rule, message: String| Finding::new(&package.manifest, 1, rule, message);
    let mut findings = Vec::new();
    if package.test_binaries > 1 {
        findings.push(finding(
            "test-binaries",
            format!(
                "{} binaries of integration tests, one is enough: make them modules of tests/main.rs",
                package.test_binaries
            ),
        ));
    }
    if package.is_provider() && !mounts_conformance(package, tree) {
        findings.push(finding(
            "conformance",
            format!(
                "nothing in {}/tests uses rmix_conformance: every provider mounts the contract's suite",
                package.folder
            ),
        ));
    }
    findings
}

fn mounts_conformance(package: &Package, tree: &Tree) -> bool {
    let tests = format!("{}/tests/", package.folder);
    tree.files
        .iter()
        .filter(|file| file.path.starts_with(&tests))
        .flat_map(|file| &file.tokens)
        .any(|token| token.is_word("rmix_conformance"))
}

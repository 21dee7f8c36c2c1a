//! `cargo xtask tidy`: the rules of the source tree that a machine can check, each in a file of its
//! own.
//!
//! The rules are pure functions from texts to findings; only `load` reads files. Nothing is ever
//! changed.

mod arrows;
mod attributes;
mod crate_tests;
mod finding;
mod header;
mod lints;
mod load;
mod modules;
mod purity;
mod scan;
mod size;
mod source;
mod wire;
mod words;

use crate::error::XtaskError;
use crate::workspace::{Package, Workspace};
use finding::Finding;
use source::SourceFile;

/// Everything the rules look at.
#[derive(Default)]
struct Tree {
    files: Vec<SourceFile>,
    packages: Vec<Package>,
    /// Path and text of each manifest, the root's first.
    manifests: Vec<(String, String)>,
    /// The text of `size::RATCHET`.
    ratchet: String,
}

/// Checks the tree and prints the findings, one a line.
pub(crate) fn run(workspace: &Workspace) -> Result<(), XtaskError> {
    let tree = load::tree(workspace)?;
    let findings = check(&tree);
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!(
            "tidy: {} files in {} crates, no findings",
            tree.files.len(),
            tree.packages.len()
        );
        return Ok(());
    }
    Err(XtaskError::Untidy {
        findings: findings.len(),
    })
}

/// Applies every rule; findings come in the order of their places.
fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        findings.extend(header::check(file));
        findings.extend(modules::check(file));
        findings.extend(attributes::check(file));
        findings.extend(words::check(file));
    }
    findings.extend(size::check(&tree.files, &tree.ratchet));
    for package in &tree.packages {
        findings.extend(arrows::check(
            package,
            &tree.packages,
            tree.text_of(&package.manifest),
        ));
        findings.extend(lints::check(package, tree));
        findings.extend(modules::check_crate(package));
        findings.extend(crate_tests::check(package, tree));
        findings.extend(purity::check(package));
        findings.extend(wire::check(package, tree));
    }
    findings.sort();
    findings
}

impl Tree {
    /// The text of a manifest; empty when there is none.
    fn text_of(&self, manifest: &str) -> &str {
        self.manifests
            .iter()
            .find(|(path, _)| path == manifest)
            .map_or("", |(_, text)| text)
    }

    /// The source file with this path.
    fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }
}

#[cfg(test)]
mod tests;

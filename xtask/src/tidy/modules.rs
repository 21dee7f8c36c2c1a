//! Rule 1: a module is named for its subject, and some names are for things without one; a crate is
//! named for its folder.

use super::finding::Finding;
use super::source::SourceFile;
use crate::workspace::Package;

pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    let finding = |line, name: &str| {
        Finding::new(
            &file.path,
            line,
            "module-name",
            format!("`{name}` names no subject: put each item where it belongs"),
        )
    };
    let in_path = file
        .path_words()
        .filter(|word| NAMELESS.contains(word))
        .map(|word| finding(1, word));
    let declared = file.tokens.windows(2).filter_map(|pair| {
        let name = pair[1].word().filter(|name| NAMELESS.contains(name))?;
        pair[0].is_word("mod").then(|| finding(pair[1].line, name))
    });
    in_path.chain(declared).collect()
}

pub(super) fn check_crate(package: &Package) -> Option<Finding> {
    let folder = package.folder.rsplit('/').next().unwrap_or_default();
    let named_for_folder = package.name == format!("rmix-{folder}")
        || package.name == format!("rmix-{folder}-tests")
        || (package.name == folder
            && (folder == "rmix"
                || folder == "xtask"
                || folder.starts_with("rmix-")
                || folder.starts_with("harness-")));
    if named_for_folder {
        return None;
    }
    Some(Finding::new(
        &package.manifest,
        1,
        "crate-name",
        format!(
            "{} in the folder {folder}: a crate is named rmix- or harness-, and for its folder",
            package.name
        ),
    ))
}

const NAMELESS: [&str; 7] = [
    "util",
    "utils",
    "common",
    "misc",
    "helper",
    "helpers",
    "utilities",
];

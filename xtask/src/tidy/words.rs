//! Words that may stand nowhere, or only in some rooms: unfinished work, and code the compiler
//! cannot check.

use super::finding::Finding;
use super::source::SourceFile;

pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    let mut findings = unfinished(file);
    if !is_room(&file.path) {
        findings.extend(unchecked(file));
    }
    findings
}

/// Whether a file may hold code the compiler cannot check: the two rooms, the exported symbol of a
/// plug-in, and sources that are meant not to compile.
fn is_room(path: &str) -> bool {
    ROOMS.iter().any(|room| path.starts_with(room))
        || path.ends_with("/plugin.rs")
        || path.contains("/tests/compile_fail/")
}

fn unfinished(file: &SourceFile) -> Vec<Finding> {
    file.tokens
        .windows(2)
        .filter(|pair| pair[1].is('!'))
        .filter_map(|pair| {
            let name = pair[0].word().filter(|name| UNFINISHED.contains(name))?;
            Some(Finding::new(
                &file.path,
                pair[0].line,
                "unfinished",
                format!("`{name}!` never lands"),
            ))
        })
        .collect()
}

/// Looks at the code, not at comments and messages, which may well speak of it.
fn unchecked(file: &SourceFile) -> Vec<Finding> {
    file.tokens
        .iter()
        .filter(|token| token.is_word(UNCHECKED))
        .map(|token| {
            Finding::new(
                &file.path,
                token.line,
                UNCHECKED,
                "such code stands only in rmix-abi, shm-sys and files named plugin.rs",
            )
        })
        .collect()
}

const ROOMS: [&str; 2] = ["rmix-core/rmix-abi/", "providers/shm-sys/"];
const UNFINISHED: [&str; 3] = ["todo", "dbg", "unimplemented"];
/// In two parts, because this file is not a room either.
pub(super) const UNCHECKED: &str = concat!("un", "safe");

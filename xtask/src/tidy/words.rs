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

/// Whether a file may hold code the compiler cannot check: the two rooms, and the exported symbol
/// of a plug-in.
fn is_room(path: &str) -> bool {
    ROOMS.iter().any(|room| path.starts_with(room)) || path.ends_with("/plugin.rs")
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

/// Looks at comments too, so that a search for the word finds the rooms and nothing else.
fn unchecked(file: &SourceFile) -> Vec<Finding> {
    let part_of_word = |character: char| character.is_alphanumeric() || character == '_';
    file.text
        .lines()
        .enumerate()
        .filter(|(_, line)| {
            line.split(|c| !part_of_word(c))
                .any(|word| word == UNCHECKED)
        })
        .map(|(index, _)| {
            Finding::new(
                &file.path,
                index + 1,
                UNCHECKED,
                "the word stands only in rmix-abi, shm-sys and files named plugin.rs",
            )
        })
        .collect()
}

const ROOMS: [&str; 2] = ["rmix-core/rmix-abi/", "providers/shm-sys/"];
const UNFINISHED: [&str; 3] = ["todo", "dbg", "unimplemented"];
/// In two parts, because this file is not a room either.
pub(super) const UNCHECKED: &str = concat!("un", "safe");

//! Rule 2: every file opens with a `//!` paragraph that says what it is.

use super::finding::Finding;
use super::source::SourceFile;

pub(super) fn check(file: &SourceFile) -> Option<Finding> {
    let opening = file.text.lines().next().unwrap_or_default();
    let says_something = opening
        .strip_prefix("//!")
        .is_some_and(|paragraph| !paragraph.trim().is_empty());
    if says_something {
        return None;
    }
    Some(Finding::new(
        &file.path,
        1,
        "header",
        "the first line is not a `//!` paragraph that says what the file is and what it does not do",
    ))
}

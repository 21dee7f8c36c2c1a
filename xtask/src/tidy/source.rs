//! One Rust file as the rules see it: path, text, tokens.

use super::scan::{self, Token};

/// A Rust file of the tree.
pub(super) struct SourceFile {
    /// Relative to the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// The text without comments and literals.
    pub(super) tokens: Vec<Token>,
}

impl SourceFile {
    pub(super) fn new(path: impl Into<String>, text: impl Into<String>) -> SourceFile {
        let text = text.into();
        SourceFile {
            path: path.into(),
            tokens: scan::tokens(&text),
            text,
        }
    }

    /// The folders of the path and, without its ending, the file.
    pub(super) fn path_words(&self) -> impl Iterator<Item = &str> {
        self.path
            .strip_suffix(".rs")
            .unwrap_or(&self.path)
            .split('/')
    }

    /// Whether users of the crate never run it.
    pub(super) fn is_test(&self) -> bool {
        self.path_words()
            .any(|word| matches!(word, "tests" | "benches" | "testdata"))
    }
}

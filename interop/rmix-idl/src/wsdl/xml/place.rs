//! Lines and columns of byte offsets that only grow.

use std::sync::Arc;

use crate::place::Place;

/// Where the walk is.
pub(super) struct Places<'a> {
    file: Arc<str>,
    text: &'a str,
    offset: usize,
    line: u32,
    column: u32,
}

impl<'a> Places<'a> {
    pub(super) fn new(file: Arc<str>, text: &'a str) -> Places<'a> {
        Places {
            file,
            text,
            offset: 0,
            line: 1,
            column: 1,
        }
    }

    /// The place of an offset, which is not before the last one that was asked for.
    pub(super) fn at(&mut self, offset: usize) -> Place {
        let passed = self.text.get(self.offset..offset).unwrap_or_default();
        for c in passed.chars() {
            if c == '\n' {
                self.line = self.line.saturating_add(1);
                self.column = 1;
            } else {
                self.column = self.column.saturating_add(1);
            }
        }
        self.offset += passed.len();
        Place {
            file: Arc::clone(&self.file),
            line: self.line,
            column: self.column,
        }
    }
}

//! Where a byte lies, for people.

/// Line and column, from 1, of a byte of a document; the column counts bytes.
pub fn line_and_column(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let line = memchr::memchr_iter(b'\n', before).count();
    let begin = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    (line + 1, before.len() - begin + 1)
}

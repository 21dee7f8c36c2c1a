//! What an interface file may cost. Every limit has a name, which the error carries.

/// Limits of an import. What is beyond one is refused with [`IdlError::Limit`](crate::IdlError::Limit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of all files together, includes counted each time they are read. Default 16 MiB.
    pub source_bytes_max: usize,
    /// How deep files may include each other; the first file is at depth 1. Default 32.
    pub include_depth_max: usize,
    /// How many files are read, the first one and repetitions counted. Default 1,024.
    pub files_max: usize,
    /// How deep conditionals, expressions of `#if` and inline type bodies may nest, each of its own. Default 64.
    pub nesting_max: usize,
    /// How many tokens macros may expand to. Default 1,000,000.
    pub expansion_max: usize,
    /// How many tokens are left after preprocessing. Default 1,000,000.
    pub tokens_max: usize,
    /// Characters of a name, number or quoted text. Default 1,024.
    pub word_length_max: usize,
    /// How many constants, types, programs, versions and procedures a file defines. Default 16,384.
    pub definitions_max: usize,
    /// Fields of a struct, members of an enum, arms and labels of a union. Default 16,384.
    pub members_max: usize,
    /// Arguments of a procedure. Default 16, which is what a method of an interface takes.
    pub arguments_max: usize,
    /// Bytes that the fixed parts of a type take on the wire. Default 16 MiB.
    pub fixed_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            source_bytes_max: 16 << 20,
            include_depth_max: 32,
            files_max: 1024,
            nesting_max: 64,
            expansion_max: 1_000_000,
            tokens_max: 1_000_000,
            word_length_max: 1024,
            definitions_max: 16_384,
            members_max: 16_384,
            arguments_max: 16,
            fixed_bytes_max: 16 << 20,
        }
    }
}

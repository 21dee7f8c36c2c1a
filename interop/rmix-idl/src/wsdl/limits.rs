//! What WSDL and schema files may cost. Every limit has a name, which the error carries.

/// Limits of an import. What is beyond one is refused with [`IdlError::Limit`](crate::IdlError::Limit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one file. Default 16 MiB.
    pub file_bytes_max: usize,
    /// Bytes of all files together, each counted as often as it is read. Default 64 MiB.
    pub total_bytes_max: usize,
    /// How many files are read; an included schema without a namespace counts once for each that it takes. Default 256.
    pub files_max: usize,
    /// How deep elements of a file may nest. Default 64.
    pub depth_max: usize,
    /// Attributes of an element, declarations of namespaces among them. Default 256.
    pub attributes_max: usize,
    /// Declarations of namespaces in scope at once. Default 1,024.
    pub namespaces_max: usize,
    /// Bytes of a name, prefix included, and of a namespace. Default 1,024.
    pub name_length_max: usize,
    /// Elements of all files together. Default 1,000,000.
    pub elements_max: usize,
    /// How many types the description has. Default 16,384.
    pub types_max: usize,
    /// Elements, groups and attributes of all types together, counted each time a group is referred to or a type is
    /// extended. Default 250,000.
    pub particles_max: usize,
    /// Fields of a struct. Default 4,096.
    pub members_max: usize,
    /// Operations of all port types together. Default 16,384.
    pub operations_max: usize,
    /// Parts of a message; headers of an input or output. Default 256.
    pub parts_max: usize,
    /// How deep groups, types that extend others, and simple types may lead from one to the next. Default 128.
    pub nesting_max: usize,
    /// Arguments of a method. Wrapped operations with more are bare, others are refused. Default 16, which is what a method
    /// of an interface takes.
    pub arguments_max: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            file_bytes_max: 16 << 20,
            total_bytes_max: 64 << 20,
            files_max: 256,
            depth_max: 64,
            attributes_max: 256,
            namespaces_max: 1024,
            name_length_max: 1024,
            elements_max: 1_000_000,
            types_max: 16_384,
            particles_max: 250_000,
            members_max: 4096,
            operations_max: 16_384,
            parts_max: 256,
            nesting_max: 128,
            arguments_max: 16,
        }
    }
}

//! Why a Rust interface cannot be written as an interface file.

/// What the language cannot say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The interface has no program number.
    #[error(
        "`{interface}` has no program number: give it `#[rmix::remote(sunrpc(program = N, version = N))]`"
    )]
    NoProgram {
        /// Name of the interface.
        interface: String,
    },
    /// A method has no procedure number.
    #[error("`{interface}.{method}` has no procedure number: give it `#[rmix(procedure = N)]`")]
    NoProcedure {
        /// Name of the interface.
        interface: String,
        /// Name of the method.
        method: String,
    },
    /// The interface has no method.
    #[error("`{interface}` has no method, and a version of a program has one at least")]
    NoMethods {
        /// Name of the interface.
        interface: String,
    },
    /// A type that XDR cannot carry.
    #[error("`{path}` is {what}, which XDR cannot carry: {instead}")]
    Unsupported {
        /// The way from the interface to the value: `Station.latest.place`.
        path: String,
        /// What stands there.
        what: &'static str,
        /// What to write instead.
        instead: &'static str,
    },
}

//! Faults of SOAP 1.1 (4.4) and 1.2 (part 1, 5.4): written for declared faults and refusals, and read.
//!
//! A refusal names no internals. What it refuses goes along as a detail entry `{urn:rmix:soap}refusal`, so that this
//! provider's client tells refusals apart where SOAP has one code for them; other clients pass it over.

mod read;
mod write;

#[cfg(test)]
mod tests;

pub use read::{Reply, read_reply};
pub(crate) use write::{FaultMessage, carried, close_declared, open_declared};
pub use write::{refuse, write_fault};

/// Who is to blame: the fault codes that both versions have. Complete on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCode {
    /// The envelope's version is not spoken.
    VersionMismatch,
    /// A header block is not understood.
    MustUnderstand,
    /// The sender: `Client`, in 1.2 `Sender`.
    Client,
    /// The receiver: `Server`, in 1.2 `Receiver`.
    Server,
}

/// Namespace of the detail entry that tells refusals apart.
pub(crate) const REFUSAL_NAMESPACE: &str = "urn:rmix:soap";
/// Namespace of the fault subcodes for calls in SOAP 1.2 (part 2, 4.4).
pub(crate) const RPC_1_2: &str = "http://www.w3.org/2003/05/soap-rpc";

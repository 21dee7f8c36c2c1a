//! WS-Security (OASIS 1.0 and 1.1), first stage: `UsernameToken` with the password or its digest, and `Timestamp`. No
//! signatures and no encryption of parts of a message; a block that must be understood and has them is refused.
//!
//! Knows no clock, no file and no source of chance: times, users and nonces come in as arguments.
//!
//! A password as text is as safe as the connection, so it goes over TLS alone unless that is allowed. A digest keeps the
//! password secret and a message from being sent twice, but is worth guessing at: it wants TLS, too. Neither says anything of
//! the body: only TLS does.

mod header;
mod moment;
mod nonces;
mod token;
mod users;
mod verify;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use header::{SecurityBlock, check_answer};
pub(crate) use moment::Moment;
pub(crate) use nonces::NonceTables;
pub(crate) use users::{FILE_BYTES_MAX, Secret, Users};
pub(crate) use verify::{Guard, Rules, SecurityFault};
pub(crate) use write::{Credentials, Nonce};

/// The namespace of `Security` and what stands in it.
pub(crate) const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// The namespace of times.
pub(crate) const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
/// What types of passwords begin with.
const TOKEN_PROFILE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0";
/// The encoding of nonces.
const BASE64: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// How a password is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PasswordKind {
    /// As it is.
    Text,
    /// As the SHA-1 digest of a nonce, a time and itself (UsernameToken profile, 3.1).
    Digest,
}

//! How the client fails: told by the server, by the machinery, or by this machine.

use std::io;

use crate::status;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NfsError {
    /// The URL is wrong: what is wrong with it.
    #[error("{0}")]
    Url(String),
    /// The server refused: what was asked, and the status it gave.
    #[error("{what}: {}", status::words(*.status))]
    Refused {
        /// What was asked of the server.
        what: String,
        /// The protocol's number.
        status: i32,
    },
    /// The server was not reached, or did not answer.
    #[error(transparent)]
    Call(#[from] rmix::Error),
    /// The server's answer makes no sense.
    #[error("{0}")]
    Broken(String),
    /// What was read could not be written here.
    #[error("the output cannot be written: {0}")]
    Output(#[source] io::Error),
}

impl NfsError {
    pub(super) fn refused(what: impl Into<String>, status: i32) -> NfsError {
        let what = what.into();
        NfsError::Refused { what, status }
    }
}

/// A path or name for people.
pub(super) fn shown(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

//! rpcbind (RFC 1833), which the older portmapper is version 2 of: which address serves a version of a program.
//!
//! | file | subject |
//! |---|---|
//! | `address` | netids and universal addresses |
//! | `messages` | arguments and results of versions 2, 3 and 4 |
//! | `ask` | one question to an rpcbind, and the way down from version 4 to 2 |
//! | `exchange` | one call over TCP, a Unix socket or UDP |
//! | `lookup` | the port of a program at a host |
//! | `register` | registering a program with this host's rpcbind, and taking it off again |
//! | `table`, `responder` | a small rpcbind for hosts without one |
//!
//! Never forwards a call (CALLIT, INDIRECT), and never connects to a host because an answer names it: of an answer, only
//! the port is used. Opens no listener: the responder is a function from a call to an answer.

pub(crate) mod address;
pub(crate) mod ask;
pub(crate) mod exchange;
pub(crate) mod lookup;
pub(crate) mod messages;
pub(crate) mod register;
pub(crate) mod responder;
pub(crate) mod table;

#[cfg(test)]
mod tests;

/// rpcbind's own program number.
// spec: RFC1833 s2.1
pub(crate) const RPCBIND_PROGRAM: u32 = 100_000;

/// Where rpcbind listens, TCP and UDP.
// spec: RFC1833 s2.1
pub(crate) const RPCBIND_PORT: u16 = 111;

//! Sun RPC over UDP (RFC 5531, 8): one message per datagram, without record marking. [`port`] serves, [`sender`] keeps what
//! a client has sent until it is answered, [`socket`] is the only place that knows control messages.

mod port;
mod sender;
mod socket;

pub(crate) use port::DatagramPort;
pub(crate) use sender::{Retransmission, connect};

/// Largest message in a datagram of UDP over IPv4, in bytes: 65,535 less the headers of IP and UDP.
pub(crate) const DATAGRAM_BYTES_MAX: usize = 65_507;

/// Bytes of the record mark that messages are encoded with, and datagrams do not have.
pub(crate) const MARK_BYTES: usize = 4;

//! The budget below all providers, as it crosses.

/// Limits a link or listener is opened with; the façade documents and checks them (one struct for all providers).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// `size_of::<Limits>()` of the side that filled it.
    pub size: usize,
    /// Largest message, in bytes, in either direction.
    pub message_bytes: u64,
    /// Elements, fields and strings in one message.
    pub items: u64,
    /// Bytes queued for sending on one link before callers wait.
    pub queued_bytes: u64,
    /// Time for finding a peer's addresses and connecting, in nanoseconds.
    pub connect_ns: u64,
    /// Time for a protocol's handshake, or an accepted connection's first message, in nanoseconds.
    pub handshake_ns: u64,
    /// Time from the first byte of a message to its last, in nanoseconds.
    pub message_ns: u64,
    /// Time an accepted connection may be silent with no call running, in nanoseconds.
    pub idle_ns: u64,
    /// Nesting depth of one value.
    pub depth: u32,
    /// Fragments of one record.
    pub fragments: u32,
    /// Calls running at once for one connection before it is no longer read; and calls a client may have outstanding.
    pub outstanding: u32,
    /// Connections of one listener.
    pub connections: u32,
    /// Connections of one listener from one peer address.
    pub connections_per_peer: u32,
    /// Reserved, zero.
    pub reserved: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            size: size_of::<Limits>(),
            message_bytes: 16 << 20,
            items: 100_000,
            queued_bytes: 4 << 20,
            connect_ns: 10_000_000_000,
            handshake_ns: 10_000_000_000,
            message_ns: 60_000_000_000,
            idle_ns: 300_000_000_000,
            depth: 64,
            fragments: 4096,
            outstanding: 100,
            connections: 1024,
            connections_per_peer: 64,
            reserved: 0,
        }
    }
}

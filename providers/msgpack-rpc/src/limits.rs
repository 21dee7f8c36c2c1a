//! The limits a scanner enforces. Only numbers and their meaning live here, no checking.

/// What one incoming message may cost; complete on purpose, so that it can be written as a literal.
///
/// Beyond a limit the message is refused with an error that names the rule, and the connection
/// cannot go on, because the end of the message is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanLimits {
    /// Bytes of one whole message. Default 1 MiB; [`ScanLimits::trusted`] has 16 MiB.
    ///
    /// Every declared length and count is charged against it as soon as its header is complete,
    /// before any of its bytes arrive: a string costs its length, and a container costs at least
    /// one byte for each element it declares (two for each pair of a map). So headers nested in
    /// each other cannot each claim "all that is left".
    pub message_bytes_max: usize,
    /// Containers and strings of one message: each array, map, str, bin and ext is one item.
    /// Default 100 000.
    ///
    /// Plain scalars (nil, bool, integers, floats) are *not* items; they are charged by bytes only.
    /// A scalar takes at least one byte on the wire and decodes to a value of fixed size, so the
    /// memory it causes per received byte is bounded without counting it, and an array of 125 000
    /// floats is one item. An empty string or container also takes one byte, but may decode to
    /// several words and a separate allocation, hence this budget.
    pub items_max: usize,
    /// Containers open at once, the envelope of the message included. Default 64.
    pub depth_max: usize,
}

impl ScanLimits {
    /// Limits for a peer that is trusted with larger messages: 16 MiB, otherwise as the default.
    pub const fn trusted() -> Self {
        Self {
            message_bytes_max: 16 * 1024 * 1024,
            ..DEFAULT
        }
    }
}

impl Default for ScanLimits {
    fn default() -> Self {
        DEFAULT
    }
}

const DEFAULT: ScanLimits = ScanLimits {
    message_bytes_max: 1024 * 1024,
    items_max: 100_000,
    depth_max: 64,
};

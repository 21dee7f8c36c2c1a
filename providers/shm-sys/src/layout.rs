//! What stands where in a segment.
//!
//! ```text
//!  offset  bytes  what                                              written            read by the peer
//!       0      8  magic                                             once, before       once, before it maps
//!       8      4  version of this layout                            the segment        anything, from the
//!      12      4  bytes of the queue, a power of two                leaves its         descriptor
//!      16      8  hash of this drawing                              owner
//!      24      8  generation: random, repeated in the greeting
//!      32      4  process number of the owner, for people
//!      36     28  zero
//!  ---- cache line ----
//!      64      4  produced: bytes the owner has written to its queue, counted modulo 2^32
//!  ---- two cache lines on: neighbours are fetched in pairs ----
//!     192      4  consumed: bytes the owner has read from its peer's queue
//!     320      4  reader: how the owner waits for bytes:  number of the sleep * 4 + kind
//!     448      4  writer: how the owner waits for room:   kind 0 awake, 1 on the futex of the peer's `produced`, 2 bell
//!  ---- page ----
//!    4096      n  the queue
//! ```
//!
//! Numbers have the byte order of the machine: both ends run on it. Every word has one writer, the segment's owner.

/// Says what the memory is.
pub const MAGIC: u64 = u64::from_le_bytes(*b"rmixshm\0");
/// Of this layout.
pub const VERSION: u32 = 1;
/// Bytes of the header that is checked before anything is mapped.
pub const HEADER_BYTES: usize = 64;
/// Where the queue begins, in bytes.
pub const QUEUE_OFFSET: usize = 4096;
/// The smallest queue, in bytes: a page.
pub const QUEUE_BYTES_MIN: u32 = 4096;
/// The largest queue, in bytes: 64 MiB. A peer may not make this process map more.
pub const QUEUE_BYTES_MAX: u32 = 64 << 20;

/// Where the owner says how much it has written.
pub const PRODUCED: usize = 64;
/// Where it says how much it has read.
pub const CONSUMED: usize = 192;
/// Where it says how it waits for bytes.
pub const READER: usize = 320;
/// Where it says how it waits for room.
pub const WRITER: usize = 448;

/// Hash of what this version's drawing says, so that a forgotten version number shows.
pub const LAYOUT_HASH: u64 = hash(&[
    MAGIC,
    VERSION as u64,
    HEADER_BYTES as u64,
    QUEUE_OFFSET as u64,
    PRODUCED as u64,
    CONSUMED as u64,
    READER as u64,
    WRITER as u64,
]);

/// FNV-1a over numbers.
const fn hash(numbers: &[u64]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut rest = numbers;
    while let [first, after @ ..] = rest {
        hash = (hash ^ *first).wrapping_mul(0x0000_0100_0000_01b3);
        rest = after;
    }
    hash
}

/// The part of a segment that never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Bytes of the queue.
    pub queue_bytes: u32,
    /// Random, repeated in the greeting that the descriptor came with.
    pub generation: u64,
    /// Process number of the owner in its own namespace; for people.
    pub process: u32,
}

/// Why a header was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderError {
    /// It is no segment.
    Magic(u64),
    /// It is another version's.
    Version(u32),
    /// The version is this one's, but not the drawing.
    Layout(u64),
    /// The queue is no power of two, or below or beyond the limits.
    Queue(u32),
}

impl std::fmt::Display for HeaderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            HeaderError::Magic(found) => {
                write!(f, "its magic number is {found:#x}, not {MAGIC:#x}")
            }
            HeaderError::Version(found) => {
                write!(f, "its layout is version {found}, not {VERSION}")
            }
            HeaderError::Layout(found) => write!(
                f,
                "the hash of its layout is {found:#x}, not {LAYOUT_HASH:#x}"
            ),
            HeaderError::Queue(found) => write!(
                f,
                "its queue has {found} bytes, which is no power of two from {QUEUE_BYTES_MIN} to {QUEUE_BYTES_MAX}"
            ),
        }
    }
}

impl std::error::Error for HeaderError {}

/// Whether a queue may have so many bytes.
pub fn is_queue_size(bytes: u32) -> bool {
    bytes.is_power_of_two() && (QUEUE_BYTES_MIN..=QUEUE_BYTES_MAX).contains(&bytes)
}

impl Header {
    /// As it stands in memory.
    pub fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let parts: [(usize, &[u8]); 6] = [
            (0, &MAGIC.to_ne_bytes()),
            (8, &VERSION.to_ne_bytes()),
            (12, &self.queue_bytes.to_ne_bytes()),
            (16, &LAYOUT_HASH.to_ne_bytes()),
            (24, &self.generation.to_ne_bytes()),
            (32, &self.process.to_ne_bytes()),
        ];
        for (offset, part) in parts {
            for (to, from) in bytes.iter_mut().skip(offset).zip(part) {
                *to = *from;
            }
        }
        bytes
    }

    /// Checks and reads.
    ///
    /// # Errors
    /// The first part that does not fit this layout.
    pub fn from_bytes(bytes: &[u8; HEADER_BYTES]) -> Result<Header, HeaderError> {
        let magic = u64::from_ne_bytes(part(bytes, 0));
        if magic != MAGIC {
            return Err(HeaderError::Magic(magic));
        }
        let version = u32::from_ne_bytes(part(bytes, 8));
        if version != VERSION {
            return Err(HeaderError::Version(version));
        }
        let layout = u64::from_ne_bytes(part(bytes, 16));
        if layout != LAYOUT_HASH {
            return Err(HeaderError::Layout(layout));
        }
        let queue_bytes = u32::from_ne_bytes(part(bytes, 12));
        if !is_queue_size(queue_bytes) {
            return Err(HeaderError::Queue(queue_bytes));
        }
        Ok(Header {
            queue_bytes,
            generation: u64::from_ne_bytes(part(bytes, 24)),
            process: u32::from_ne_bytes(part(bytes, 32)),
        })
    }
}

fn part<const N: usize>(bytes: &[u8; HEADER_BYTES], offset: usize) -> [u8; N] {
    let mut part = [0; N];
    for (to, from) in part.iter_mut().zip(bytes.iter().skip(offset)) {
        *to = *from;
    }
    part
}

/// Bytes of a whole segment.
pub fn segment_bytes(queue_bytes: u32) -> u64 {
    QUEUE_OFFSET as u64 + u64::from(queue_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header = Header {
        queue_bytes: QUEUE_BYTES_MIN,
        generation: 0x0102_0304_0506_0708,
        process: 77,
    };

    #[test]
    fn a_header_reads_back() {
        assert_eq!(Header::from_bytes(&HEADER.to_bytes()), Ok(HEADER));
    }

    #[test]
    fn each_wrong_part_is_named() {
        let wrong = |offset: usize| {
            let mut bytes = HEADER.to_bytes();
            bytes[offset] ^= 0x40;
            Header::from_bytes(&bytes).unwrap_err()
        };
        assert!(matches!(wrong(0), HeaderError::Magic(_)));
        assert!(matches!(wrong(8), HeaderError::Version(_)));
        assert!(matches!(wrong(16), HeaderError::Layout(_)));
        assert!(matches!(wrong(12), HeaderError::Queue(_)));
    }

    #[test]
    fn queue_sizes_at_and_beyond_the_limits() {
        for (bytes, fits) in [
            (0, false),
            (QUEUE_BYTES_MIN / 2, false),
            (QUEUE_BYTES_MIN - 1, false),
            (QUEUE_BYTES_MIN, true),
            (QUEUE_BYTES_MIN + 1, false),
            (QUEUE_BYTES_MAX, true),
            (QUEUE_BYTES_MAX + 1, false),
            (QUEUE_BYTES_MAX * 2, false),
            (u32::MAX, false),
        ] {
            assert_eq!(is_queue_size(bytes), fits, "{bytes}");
            let header = Header {
                queue_bytes: bytes,
                ..HEADER
            };
            assert_eq!(Header::from_bytes(&header.to_bytes()).is_ok(), fits);
        }
    }
}

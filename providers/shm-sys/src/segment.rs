//! Segments: made and sealed by their owner, checked and mapped read-only by the peer.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{MemfdFlags, SealFlags};
use rustix::io::Errno;

use crate::layout::{self, HEADER_BYTES, Header, HeaderError, is_queue_size, segment_bytes};
use crate::mapping::Mapping;

/// A segment of this process's own.
pub struct Segment {
    pub(crate) mapping: Mapping,
}

/// A peer's segment: sealed, so that it cannot shrink under the map, and mapped read-only.
pub struct Peer {
    pub(crate) mapping: Mapping,
}

/// Why a peer's descriptor was refused. Nothing was mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// It is no memory with seals, or the system failed.
    System(Errno),
    /// It is memory of another kind, huge pages say, which may be missing when it is touched.
    Kind(u64),
    /// It could shrink or grow under the map, or be unsealed.
    Seals(u32),
    /// Its header is not a segment's.
    Header(HeaderError),
    /// Its size is not what its header says, in bytes.
    Size {
        /// Of the memory.
        found: u64,
        /// By the header.
        expected: u64,
    },
    /// It is not the segment that the greeting announced.
    Generation,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refused::System(errno) => write!(f, "it is no sealed memory: {errno}"),
            Refused::Kind(found) => {
                write!(
                    f,
                    "it is memory of the file system {found:#x}, not of memfd"
                )
            }
            Refused::Seals(found) => write!(
                f,
                "its seals are {found:#x}, and shrink, grow and seal must be among them"
            ),
            Refused::Header(_) => write!(f, "its header is not a segment's"),
            Refused::Size { found, expected } => {
                write!(f, "it has {found} bytes, and {expected} by its header")
            }
            Refused::Generation => write!(f, "it is not the segment that was announced"),
        }
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Refused::System(errno) => Some(errno),
            Refused::Header(error) => Some(error),
            _ => None,
        }
    }
}

impl Segment {
    /// Makes a segment and the descriptor to give to the peer, which is of no use here afterwards.
    ///
    /// # Errors
    /// `INVAL` when `queue_bytes` is no power of two within the limits of [`layout`]; else what the system says.
    pub fn create(queue_bytes: u32, generation: u64) -> Result<(Segment, OwnedFd), Errno> {
        if !is_queue_size(queue_bytes) {
            return Err(Errno::INVAL);
        }
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let memory = rustix::fs::memfd_create("rmix-shm", flags)?;
        rustix::fs::ftruncate(&memory, segment_bytes(queue_bytes))?;
        let header = Header {
            queue_bytes,
            generation,
            process: std::process::id(),
        };
        let written = rustix::io::pwrite(&memory, &header.to_bytes(), 0)?;
        if written != HEADER_BYTES {
            return Err(Errno::IO);
        }
        // Mapped before the last seal: what is mapped stays writable, and nobody can map it so or write to it again.
        let mapping = Mapping::of(memory.as_fd(), queue_bytes, true)?;
        rustix::fs::fcntl_add_seals(&memory, REQUIRED | SealFlags::FUTURE_WRITE)?;
        Ok((Segment { mapping }, memory))
    }

    /// Bytes of its queue.
    pub fn queue_bytes(&self) -> u32 {
        self.mapping.queue_bytes()
    }
}

impl Peer {
    /// Checks the peer's descriptor and maps it. What is asked of it cannot wait, whatever it is a descriptor of.
    ///
    /// # Errors
    /// It is not the sealed segment with this generation.
    pub fn open(memory: BorrowedFd<'_>, generation: u64) -> Result<Peer, Refused> {
        // First, because it fails for everything that is not such memory: a file of a user's own file system would make
        // the next questions wait for that user.
        let seals = rustix::fs::fcntl_get_seals(memory).map_err(Refused::System)?;
        if !seals.contains(REQUIRED) {
            return Err(Refused::Seals(seals.bits()));
        }
        let system = rustix::fs::fstatfs(memory).map_err(Refused::System)?;
        let kind = u64::try_from(system.f_type).unwrap_or(u64::MAX);
        if kind != TMPFS {
            return Err(Refused::Kind(kind));
        }
        let mut bytes = [0; HEADER_BYTES];
        let read = rustix::io::pread(memory, &mut bytes, 0).map_err(Refused::System)?;
        let found = rustix::fs::fstat(memory).map_err(Refused::System)?.st_size;
        let found = u64::try_from(found).unwrap_or(0);
        if read != HEADER_BYTES {
            return Err(Refused::Size {
                found,
                expected: segment_bytes(layout::QUEUE_BYTES_MIN),
            });
        }
        let header = Header::from_bytes(&bytes).map_err(Refused::Header)?;
        let expected = segment_bytes(header.queue_bytes);
        if found != expected {
            return Err(Refused::Size { found, expected });
        }
        if header.generation != generation {
            return Err(Refused::Generation);
        }
        let mapping = Mapping::of(memory, header.queue_bytes, false).map_err(Refused::System)?;
        Ok(Peer { mapping })
    }
}

/// With these a segment stays as large as it is, for ever.
const REQUIRED: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::SEAL);
/// The file system of memfd.
const TMPFS: u64 = 0x0102_1994;

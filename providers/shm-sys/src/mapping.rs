//! Memory that another process sees as well: its words as atomics, its bytes by copy only.

use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering, fence};

use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags};

use crate::layout::QUEUE_OFFSET;
use crate::queue::Word;

/// A mapped segment of a known queue size; unmapped when dropped.
pub(crate) struct Mapping {
    base: NonNull<u8>,
    queue_bytes: u32,
    /// Whether this process may write here.
    writable: bool,
    /// Keeps memory that is not mapped but allocated, for tests under an interpreter that has no memfd.
    #[cfg(test)]
    allocated: Option<std::sync::Arc<tests::Allocation>>,
}

// SAFETY: the memory is reached through atomics and through copies by methods that say who may call them when.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps a segment whose size is sealed and was checked to be that of `queue_bytes`, a power of two.
    pub(crate) fn of(
        memory: BorrowedFd<'_>,
        queue_bytes: u32,
        writable: bool,
    ) -> Result<Mapping, Errno> {
        let protection = match writable {
            true => ProtFlags::READ | ProtFlags::WRITE,
            false => ProtFlags::READ,
        };
        let bytes = QUEUE_OFFSET + queue_bytes as usize;
        let anywhere = std::ptr::null_mut();
        // SAFETY: a new mapping at an address of the kernel's choice disturbs nothing that exists.
        let mapped =
            unsafe { rustix::mm::mmap(anywhere, bytes, protection, MapFlags::SHARED, memory, 0) };
        Ok(Mapping {
            base: NonNull::new(mapped?.cast()).ok_or(Errno::NOMEM)?,
            queue_bytes,
            writable,
            #[cfg(test)]
            allocated: None,
        })
    }

    /// Bytes of the queue.
    pub(crate) fn queue_bytes(&self) -> u32 {
        self.queue_bytes
    }

    /// The word at one of the offsets of the layout.
    pub(crate) fn word(&self, offset: usize) -> Shared<'_> {
        assert!(
            offset < QUEUE_OFFSET && offset.is_multiple_of(4),
            "words stand before the queue"
        );
        // SAFETY: within the mapping, aligned, and mapped as long as the borrow; other processes access it as a word, too.
        Shared(unsafe { AtomicU32::from_ptr(self.base.as_ptr().add(offset).cast()) })
    }

    /// Copies into the queue from `offset` on, and on from its beginning when its end is reached.
    ///
    /// To be called by the producer only, for bytes that are the producer's: free, and not published.
    pub(crate) fn copy_in(&self, offset: u32, bytes: &[u8]) {
        assert!(
            self.writable && offset < self.queue_bytes,
            "the queue is ours"
        );
        assert!(
            bytes.len() <= self.queue_bytes as usize,
            "no more than the queue holds"
        );
        let first = bytes.len().min((self.queue_bytes - offset) as usize);
        let (before, after) = bytes.split_at(first);
        // SAFETY: within the mapping, as asserted. The peer reads these bytes only after they were published, if it
        // obeys the rules; if it does not, it reads anything, which is its own affair.
        unsafe {
            let queue = self.base.as_ptr().add(QUEUE_OFFSET);
            copy(before.as_ptr(), queue.add(offset as usize), first);
            copy(after.as_ptr(), queue, after.len());
        }
    }

    /// Copies out of the queue, from `offset` on, and on from its beginning when its end is reached; fills `room`.
    ///
    /// To be called by the consumer only, for bytes that were published and not released.
    pub(crate) fn copy_out<'a>(
        &self,
        offset: u32,
        room: &'a mut [MaybeUninit<u8>],
    ) -> &'a mut [u8] {
        assert!(offset < self.queue_bytes, "within the queue");
        assert!(
            room.len() <= self.queue_bytes as usize,
            "no more than the queue holds"
        );
        let first = room.len().min((self.queue_bytes - offset) as usize);
        let to = room.as_mut_ptr().cast::<u8>();
        // SAFETY: within the mapping and the room, as asserted. A peer that breaks the rules may change the bytes
        // meanwhile: then the copy holds any bytes, and it is the copy that is checked and used.
        unsafe {
            let queue = self.base.as_ptr().add(QUEUE_OFFSET);
            copy(queue.add(offset as usize), to, first);
            copy(queue, to.add(first), room.len() - first);
        }
        // SAFETY: every byte was written above.
        unsafe { room.assume_init_mut() }
    }
}

/// Longer runs of bytes are copied in pieces of so many. For longer ones the C library uses an instruction (`rep movsb`)
/// that takes fifteen times as long on some processors where the target lies up to 16 bytes behind the source, counted
/// within a page: measured, 64 KiB in 19 µs instead of 1.3.
const PIECE_BYTES: usize = 2048;

/// Copies `bytes` bytes.
///
/// # Safety
/// As for `std::ptr::copy_nonoverlapping`.
unsafe fn copy(from: *const u8, to: *mut u8, bytes: usize) {
    let mut done = 0;
    while done < bytes {
        let piece = PIECE_BYTES.min(bytes - done);
        // SAFETY: within both runs, as the caller vouches.
        unsafe { std::ptr::copy_nonoverlapping(from.add(done), to.add(done), piece) };
        done += piece;
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        #[cfg(test)]
        if self.allocated.is_some() {
            return;
        }
        let bytes = QUEUE_OFFSET + self.queue_bytes as usize;
        // SAFETY: mapped by `of` with this size, and no borrow of it is left. That it cannot be unmapped would mean that it
        // is not mapped.
        let _ = unsafe { rustix::mm::munmap(self.base.as_ptr().cast(), bytes) };
    }
}

/// A word in shared memory.
pub(crate) struct Shared<'a>(&'a AtomicU32);

impl Shared<'_> {
    /// For the futex.
    pub(crate) fn atomic(&self) -> &AtomicU32 {
        self.0
    }
}

impl Word for Shared<'_> {
    fn load(&self) -> u32 {
        // A relaxed load and a fence: the only atomic load that is promised to work where one may not write.
        let value = self.0.load(Ordering::Relaxed);
        fence(Ordering::Acquire);
        value
    }

    fn store(&self, value: u32) {
        self.0.store(value, Ordering::Release);
    }

    fn fence() {
        fence(Ordering::SeqCst);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::alloc::{Layout, alloc_zeroed, dealloc};
    use std::sync::Arc;

    use super::*;

    /// Memory of this process that stands for a segment.
    pub(crate) struct Allocation(NonNull<u8>, Layout);

    // SAFETY: it is only kept and freed.
    unsafe impl Send for Allocation {}
    // SAFETY: as above.
    unsafe impl Sync for Allocation {}

    impl Drop for Allocation {
        fn drop(&mut self) {
            // SAFETY: allocated below with this layout.
            unsafe { dealloc(self.0.as_ptr(), self.1) };
        }
    }

    /// Two views of the same memory: the owner's and the peer's.
    pub(crate) fn allocated(queue_bytes: u32) -> (Mapping, Mapping) {
        let layout = Layout::from_size_align(QUEUE_OFFSET + queue_bytes as usize, 4096).unwrap();
        // SAFETY: the layout is not empty.
        let base = NonNull::new(unsafe { alloc_zeroed(layout) }).unwrap();
        let memory = Arc::new(Allocation(base, layout));
        let view = |writable| Mapping {
            base,
            queue_bytes,
            writable,
            allocated: Some(memory.clone()),
        };
        (view(true), view(false))
    }
}

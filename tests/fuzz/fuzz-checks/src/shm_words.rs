//! A peer that writes anything to its segment at any moment between two operations of ours: each operation fails, or moves
//! no more than a queue holds, and what was read is what the peer's bytes were.

use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};

use rmix_shm_sys::layout::{
    CONSUMED, Header, PRODUCED, QUEUE_BYTES_MIN, QUEUE_OFFSET, READER, WRITER, segment_bytes,
};
use rmix_shm_sys::queue::Sleep;
use rmix_shm_sys::{Peer, Segment, join};
use rustix::fs::{MemfdFlags, SealFlags};

const SIZE: usize = QUEUE_BYTES_MIN as usize;

/// The peer's memory, sealed as it must be, and written to through its descriptor.
fn memory() -> OwnedFd {
    let memory =
        rustix::fs::memfd_create("fuzz", MemfdFlags::ALLOW_SEALING).expect("this host has memory");
    rustix::fs::ftruncate(&memory, segment_bytes(QUEUE_BYTES_MIN)).expect("it is ours");
    let header = Header {
        queue_bytes: QUEUE_BYTES_MIN,
        generation: 1,
        process: 0,
    };
    put(&memory, 0, &header.to_bytes());
    let seals = SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
    rustix::fs::fcntl_add_seals(&memory, seals).expect("it may be sealed");
    memory
}

fn put(memory: &OwnedFd, offset: usize, bytes: &[u8]) {
    let offset = u64::try_from(offset).expect("a segment is small");
    let written = rustix::io::pwrite(memory, bytes, offset);
    assert_eq!(written, Ok(bytes.len()), "it is not sealed against writing");
}

/// Runs the bytes as a script: an operation, and for some of them the four bytes of a number.
///
/// # Panics
/// An operation moved more than a queue holds, or read other bytes than were there.
pub fn check_shm_words(script: &[u8]) {
    let memory = memory();
    let peer = Peer::open(memory.as_fd(), 1).expect("it is as it must be");
    let (own, _descriptor) = Segment::create(QUEUE_BYTES_MIN, 2).expect("this host has memory");
    let (mut writer, mut reader, _alarm) = join(own, peer);
    let mut room = vec![MaybeUninit::uninit(); 2 * SIZE];
    let block = vec![1; 2 * SIZE];
    let mut filler = 0;
    let mut rest = script.iter().copied();
    while let Some(operation) = rest.next() {
        let mut number = || {
            let mut bytes = [0; 4];
            bytes
                .iter_mut()
                .for_each(|byte| *byte = rest.next().unwrap_or(0));
            u32::from_le_bytes(bytes)
        };
        match operation % 10 {
            place @ 0..=3 => {
                let word = [PRODUCED, CONSUMED, READER, WRITER][usize::from(place)];
                put(&memory, word, &number().to_ne_bytes());
            }
            4 => {
                filler = operation;
                put(&memory, QUEUE_OFFSET, &[filler; SIZE]);
            }
            5 => {
                let wanted = number() as usize % room.len();
                if let Ok(filled) = reader.read(&mut room[..wanted]) {
                    assert!(filled.len() <= SIZE.min(wanted));
                    assert!(filled.iter().all(|byte| *byte == filler));
                }
            }
            6 => {
                let wanted = number() as usize % block.len();
                let written = writer.write(&block[..wanted]).unwrap_or(0);
                assert!(written <= SIZE.min(wanted));
            }
            7 => {
                // Broken or not, it sleeps or not: nobody is asked here to wait.
                let _ = (reader.fall_asleep(Sleep::Bell), reader.has_news());
            }
            8 => drop(writer.fall_asleep()),
            _ => {
                let _ = (reader.wake(), writer.wake(), reader.is_empty());
                reader.wake_up();
                writer.wake_up();
            }
        }
    }
}

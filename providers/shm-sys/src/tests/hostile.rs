//! A peer that writes anything to its words: each operation fails or moves no more than the queue holds.

use std::mem::MaybeUninit;
use std::sync::Arc;

use crate::layout::{CONSUMED, PRODUCED, QUEUE_BYTES_MIN, READER, WRITER};
use crate::mapping::Mapping;
use crate::mapping::tests::allocated;
use crate::queue::{Broken, Sleep, Word as _};
use crate::{Peer, Reader, Segment, Writer, join};

/// This end of a link, and the peer's segment to scribble on.
fn victim() -> (Writer, Reader, Arc<Mapping>) {
    let (own, _) = allocated(QUEUE_BYTES_MIN);
    let (scribbled, seen) = allocated(QUEUE_BYTES_MIN);
    let (writer, reader, _) = join(Segment { mapping: own }, Peer { mapping: seen });
    (writer, reader, Arc::new(scribbled))
}

#[test]
fn a_position_beyond_the_queue_breaks_the_link_and_one_at_its_end_does_not() {
    let size = QUEUE_BYTES_MIN;
    for produced in [0, 1, size, size + 1, u32::MAX, 1 << 31] {
        let (_, mut reader, peer) = victim();
        peer.word(PRODUCED).store(produced);
        let mut room = vec![MaybeUninit::uninit(); 3 * size as usize];
        let read = reader.read(&mut room).map(|filled| filled.len());
        match produced <= size {
            true => assert_eq!(read, Ok(produced as usize)),
            false => assert!(matches!(read, Err(Broken::Produced { .. })), "{produced}"),
        }
        assert_eq!(reader.is_empty().is_err(), produced > size);
    }
}

#[test]
fn a_consumer_that_has_read_what_was_not_written_breaks_the_link() {
    let size = QUEUE_BYTES_MIN;
    let block = vec![0; size as usize];
    for (consumed, fits) in [
        (0, true),
        (size, true),
        (size + 1, false),
        (u32::MAX, false),
    ] {
        let (mut writer, _, peer) = victim();
        assert_eq!(writer.write(&block), Ok(block.len()));
        peer.word(CONSUMED).store(consumed);
        let wrote = writer.write(&block);
        match fits {
            true => assert_eq!(wrote, Ok(consumed as usize)),
            false => assert!(matches!(wrote, Err(Broken::Consumed { .. })), "{consumed}"),
        }
        let (mut writer, _, peer) = victim();
        assert_eq!(writer.write(&block), Ok(block.len()));
        peer.word(CONSUMED).store(consumed);
        assert_eq!(writer.fall_asleep().is_err(), !fits);
    }
}

#[test]
fn words_of_no_meaning_wake_nobody() {
    let (mut writer, mut reader, peer) = victim();
    peer.word(READER).store(3);
    peer.word(WRITER).store(u32::MAX);
    writer.write(&[1]).unwrap();
    assert!(!writer.wake());
    assert!(!reader.wake());
}

#[test]
fn a_position_that_goes_back_is_found_out() {
    let (_, mut reader, peer) = victim();
    peer.word(PRODUCED).store(10);
    let mut room = [MaybeUninit::uninit(); 16];
    assert_eq!(reader.read(&mut room).unwrap().len(), 10);
    peer.word(PRODUCED).store(9);
    assert!(reader.fall_asleep(Sleep::Bell).is_err());
    assert!(reader.read(&mut room).is_err());
}

#[test]
fn a_scribbling_thread_costs_nothing_but_the_link() {
    let rounds = if cfg!(miri) { 300 } else { 300_000 };
    let (mut writer, mut reader, peer) = victim();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut state = 0x9e37_79b9_u32;
            for _ in 0..rounds {
                for offset in [PRODUCED, CONSUMED, READER, WRITER] {
                    // xorshift: any numbers will do.
                    state ^= state << 13;
                    state ^= state >> 17;
                    state ^= state << 5;
                    let small = state & (2 * QUEUE_BYTES_MIN - 1);
                    peer.word(offset)
                        .store(if state & 1 << 31 == 0 { small } else { state });
                }
            }
        });
        let size = QUEUE_BYTES_MIN as usize;
        let mut room = vec![MaybeUninit::uninit(); 2 * size];
        let block = vec![1; 2 * size];
        for _ in 0..rounds {
            // Broken or not: no panic, and never more than the queue holds.
            let read = reader.read(&mut room).map_or(0, |filled| filled.len());
            let wrote = writer.write(&block).unwrap_or(0);
            assert!(read <= size && wrote <= size);
            let _ = reader.fall_asleep(Sleep::Bell);
            let _ = (writer.fall_asleep(), writer.wake(), reader.wake());
            reader.wake_up();
            writer.wake_up();
        }
    });
}

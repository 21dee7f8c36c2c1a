//! Bytes through the queues, alone and with two threads.

use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Duration;

use crate::layout::QUEUE_BYTES_MIN;
use crate::mapping::tests::allocated;
use crate::queue::Sleep;
use crate::{Alarm, Peer, Reader, Segment, Writer, join};

/// Both ends of a link, in memory of this process, so that an interpreter can run them.
pub(super) fn pair(bytes: u32) -> [(Writer, Reader, Alarm); 2] {
    let (own, seen) = allocated(bytes);
    let (other_own, other_seen) = allocated(bytes);
    [
        join(
            Segment { mapping: own },
            Peer {
                mapping: other_seen,
            },
        ),
        join(Segment { mapping: other_own }, Peer { mapping: seen }),
    ]
}

/// Reads once into room of so many bytes.
pub(super) fn read(reader: &mut Reader, room: usize) -> Vec<u8> {
    let mut room = vec![MaybeUninit::uninit(); room];
    reader.read(&mut room).unwrap().to_vec()
}

#[test]
fn bytes_pass_in_order_around_the_end_of_the_queue() {
    let [(mut writer, ..), (_, mut reader, _)] = pair(QUEUE_BYTES_MIN);
    let message: Vec<u8> = (0..=255).cycle().take(1500).collect();
    for _ in 0..10 {
        assert_eq!(writer.write(&message), Ok(1500));
        assert_eq!(read(&mut reader, 700), message[..700]);
        assert_eq!(read(&mut reader, 7000), message[700..]);
        assert!(reader.is_empty().unwrap());
    }
}

#[test]
fn a_full_queue_takes_what_fits_and_no_more() {
    let [(mut writer, ..), (_, mut reader, _)] = pair(QUEUE_BYTES_MIN);
    let long = vec![7; QUEUE_BYTES_MIN as usize + 1];
    assert_eq!(writer.write(&long), Ok(QUEUE_BYTES_MIN as usize));
    assert_eq!(writer.write(&long), Ok(0));
    assert_eq!(read(&mut reader, 1), [7]);
    assert_eq!(writer.write(&long), Ok(1));
    assert_eq!(writer.write(&long), Ok(0));
}

#[test]
fn an_empty_write_and_an_empty_read_are_nothing() {
    let [(mut writer, ..), (_, mut reader, _)] = pair(QUEUE_BYTES_MIN);
    assert_eq!(writer.write(&[]), Ok(0));
    assert!(read(&mut reader, 100).is_empty());
    assert_eq!(writer.write(&[1]), Ok(1));
    assert!(read(&mut reader, 0).is_empty());
    assert_eq!(read(&mut reader, 1), [1]);
}

#[test]
fn a_sleeping_reader_is_rung_for_once_in_each_sleep() {
    let [(mut writer, ..), (_, mut reader, _)] = pair(QUEUE_BYTES_MIN);
    assert!(!writer.wake(), "nobody sleeps");
    assert_eq!(reader.fall_asleep(Sleep::Bell), Ok(true));
    writer.write(&[1]).unwrap();
    assert!(writer.wake());
    writer.write(&[2]).unwrap();
    assert!(!writer.wake(), "it was rung for");
    reader.wake_up();
    assert_eq!(read(&mut reader, 9), [1, 2]);
    assert!(!writer.wake(), "it is awake");
    assert_eq!(reader.fall_asleep(Sleep::Bell), Ok(true));
    writer.write(&[3]).unwrap();
    assert!(writer.wake(), "it sleeps again");
}

#[test]
fn a_reader_that_has_something_to_read_does_not_fall_asleep() {
    let [(mut writer, ..), (_, mut reader, _)] = pair(QUEUE_BYTES_MIN);
    writer.write(&[1]).unwrap();
    assert_eq!(reader.fall_asleep(Sleep::Bell), Ok(false));
    assert!(!writer.wake());
}

#[test]
fn a_writer_that_waits_for_room_is_rung_for_when_half_of_it_is_free() {
    let [(mut writer, ..), (_, mut reader, _)] = pair(QUEUE_BYTES_MIN);
    let half = QUEUE_BYTES_MIN as usize / 2;
    writer.write(&vec![0; half * 2]).unwrap();
    assert_eq!(writer.fall_asleep(), Ok(true));
    read(&mut reader, half - 1);
    assert!(!reader.wake());
    read(&mut reader, 1);
    assert!(reader.wake());
    assert!(!reader.wake());
    assert_eq!(writer.fall_asleep(), Ok(false), "there is room");
}

#[test]
fn two_threads_pass_every_byte_in_both_directions() {
    let total: usize = if cfg!(miri) { 20_000 } else { 20_000_000 };
    let [near, far] = pair(QUEUE_BYTES_MIN);
    let run = move |(mut writer, mut reader, _alarm): (Writer, Reader, Alarm)| {
        let (mut sent, mut received) = (0_usize, 0_usize);
        let mut room = [MaybeUninit::uninit(); 3000];
        while sent < total || received < total {
            let block: Vec<u8> = (sent..total.min(sent + 1000)).map(|at| at as u8).collect();
            sent += writer.write(&block).unwrap();
            let filled = reader.read(&mut room).unwrap();
            for byte in filled {
                assert_eq!(*byte, received as u8);
                received += 1;
            }
            std::thread::yield_now();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(move || run(near));
        scope.spawn(move || run(far));
    });
}

#[test]
#[cfg_attr(miri, ignore = "the interpreter has no futex on such memory")]
fn a_reader_on_the_futex_wakes_for_every_write() {
    let [(mut writer, ..), (_, mut reader, _)] = super::sealing::real_pair();
    let rounds = 20_000_u32;
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for round in 0..rounds {
                while writer.write(&round.to_ne_bytes()).unwrap() == 0 {
                    std::thread::yield_now();
                }
                assert!(!writer.wake(), "it sleeps on the futex");
            }
        });
        let mut seen = 0;
        while seen < rounds {
            if reader.fall_asleep(Sleep::Futex).unwrap() {
                reader.wait(Duration::from_secs(3600));
                reader.wake_up();
            }
            for word in read(&mut reader, 4096).chunks(4) {
                assert_eq!(word, seen.to_ne_bytes());
                seen += 1;
            }
        }
    });
}

#[test]
#[cfg_attr(miri, ignore = "the interpreter has no futex on such memory")]
fn an_alarm_wakes_a_reader_whenever_it_goes_off() {
    for _ in 0..2_000 {
        let [_far, (_, mut reader, alarm)] = super::sealing::real_pair();
        let alarm = Arc::new(alarm);
        let other = alarm.clone();
        std::thread::scope(|scope| {
            scope.spawn(move || other.go_off());
            let slept = reader.fall_asleep(Sleep::Futex).unwrap();
            assert!(slept, "nothing was written");
            if !alarm.has_gone_off() {
                reader.wait(Duration::from_secs(3600));
            }
            reader.wake_up();
        });
    }
}

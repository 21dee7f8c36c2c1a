//! Record marking: splitting, reassembly, limits, marks of records to be sent.

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::wire::{
    FRAGMENT_BYTES_MAX, RECORD_MARK_BYTES, RecordError, RecordLimits, RecordReader, begin_record,
    finish_record, record_mark,
};

const LAST: u32 = 0x8000_0000;

/// Ten bytes a record, three fragments.
const SMALL: RecordLimits = RecordLimits {
    record_bytes_max: 10,
    fragments_max: 3,
};

/// A fragment: its mark and its bytes.
fn fragment(last: bool, bytes: &[u8]) -> Vec<u8> {
    let mark = u32::try_from(bytes.len()).unwrap() | if last { LAST } else { 0 };
    [&mark.to_be_bytes(), bytes].concat()
}

/// Everything that a fresh reader finds in `stream` when it arrives at once.
fn read_all(limits: RecordLimits, stream: &[u8]) -> Result<Vec<Bytes>, RecordError> {
    let mut reader = RecordReader::new(limits);
    let mut input = BytesMut::from(stream);
    let mut records = Vec::new();
    while let Some(record) = reader.next(&mut input)? {
        records.push(record);
    }
    Ok(records)
}

/// Everything that a fresh reader finds in `stream` when it arrives in pieces of the given sizes,
/// then the rest.
fn read_pieces(stream: &[u8], sizes: &[usize]) -> Result<Vec<Bytes>, RecordError> {
    let mut reader = RecordReader::new(RecordLimits::default());
    let mut input = BytesMut::new();
    let mut records = Vec::new();
    let mut rest = stream;
    for size in sizes.iter().copied().chain([stream.len()]) {
        let (piece, after) = rest.split_at(size.min(rest.len()));
        input.extend_from_slice(piece);
        rest = after;
        while let Some(record) = reader.next(&mut input)? {
            records.push(record);
        }
    }
    assert!(input.is_empty() && reader.is_between_records());
    Ok(records)
}

#[test]
fn single_fragment_record_is_not_copied() {
    let mut input = BytesMut::from(&fragment(true, b"abcd")[..]);
    let bytes_at = input[RECORD_MARK_BYTES..].as_ptr();
    let mut reader = RecordReader::new(SMALL);
    let record = reader.next(&mut input).unwrap().unwrap();
    assert_eq!(record, &b"abcd"[..]);
    assert_eq!(record.as_ptr(), bytes_at);
}

#[test]
fn last_fragment_after_empty_ones_is_not_copied() {
    let stream = [fragment(false, b""), fragment(true, b"abcd")].concat();
    let mut input = BytesMut::from(&stream[..]);
    let bytes_at = input[2 * RECORD_MARK_BYTES..].as_ptr();
    let mut reader = RecordReader::new(SMALL);
    let record = reader.next(&mut input).unwrap().unwrap();
    assert_eq!(record, &b"abcd"[..]);
    assert_eq!(record.as_ptr(), bytes_at);
}

#[test]
fn fragments_are_joined_in_order() {
    let stream = [
        fragment(false, b"abc"),
        fragment(false, b""),
        fragment(true, b"de"),
    ]
    .concat();
    assert_eq!(read_all(SMALL, &stream).unwrap(), ["abcde"]);
}

#[test]
fn empty_last_fragment_ends_its_record() {
    let stream = [fragment(false, b"abc"), fragment(true, b"")].concat();
    assert_eq!(read_all(SMALL, &stream).unwrap(), ["abc"]);
    assert_eq!(read_all(SMALL, &fragment(true, b"")).unwrap(), [""]);
}

#[test]
fn several_records_in_one_buffer_come_out_one_by_one() {
    let stream = [
        fragment(true, b"one"),
        fragment(false, b"tw"),
        fragment(true, b"o"),
        fragment(true, b""),
        fragment(true, b"three"),
        vec![0x80, 0],
    ]
    .concat();
    let mut reader = RecordReader::new(SMALL);
    let mut input = BytesMut::from(&stream[..]);
    for expected in ["one", "two", "", "three"] {
        assert_eq!(reader.next(&mut input).unwrap().unwrap(), expected);
    }
    assert_eq!(reader.next(&mut input), Ok(None));
    assert_eq!((&input[..], reader.needed()), (&[0x80, 0][..], 2));
}

#[test]
fn needed_follows_the_mark_and_the_bytes() {
    let mut reader = RecordReader::new(SMALL);
    let mut input = BytesMut::new();
    let mut needed_after = |bytes: &[u8]| {
        input.extend_from_slice(bytes);
        let complete = reader.next(&mut input).unwrap().is_some();
        (complete, reader.needed(), input.len())
    };
    assert_eq!(needed_after(&[]), (false, 4, 0));
    assert_eq!(needed_after(&[0, 0, 0]), (false, 1, 3));
    assert_eq!(needed_after(&[3]), (false, 3, 0));
    assert_eq!(needed_after(b"ab"), (false, 1, 2));
    assert_eq!(needed_after(b"c\x80\0"), (false, 2, 5));
    assert_eq!(needed_after(&[0, 2]), (false, 2, 7));
    assert_eq!(needed_after(b"d"), (false, 1, 8));
    assert_eq!(needed_after(b"e\x80\0\0\x02z"), (true, 0, 5));
    assert_eq!(needed_after(&[]), (false, 1, 1));
    assert_eq!(needed_after(b"z"), (true, 4, 0));
}

#[test]
fn record_at_the_limit_passes_and_one_byte_more_is_refused_by_its_mark() {
    let at_limit = [fragment(false, b"0123"), fragment(true, b"456789")].concat();
    assert_eq!(read_all(SMALL, &at_limit).unwrap(), ["0123456789"]);
    assert_eq!(
        read_all(SMALL, &fragment(true, b"0123456789")).unwrap(),
        ["0123456789"]
    );
    let marks_only = [fragment(false, b"0123"), (LAST | 7).to_be_bytes().to_vec()].concat();
    assert_eq!(
        read_all(SMALL, &marks_only),
        Err(RecordError::RecordTooLong {
            fragment: 2,
            assembled: 4,
            declared: 7,
            limit: 10
        })
    );
}

#[test]
fn declared_length_is_checked_at_its_edges() {
    for declared in [11, FRAGMENT_BYTES_MAX] {
        for last in [0, LAST] {
            let expected = RecordError::RecordTooLong {
                fragment: 1,
                assembled: 0,
                declared,
                limit: 10,
            };
            let mark = (declared | last).to_be_bytes();
            assert_eq!(read_all(SMALL, &mark), Err(expected));
        }
    }
    for declared in [0, 10] {
        assert!(read_all(SMALL, &u32::to_be_bytes(declared)).is_ok());
    }
}

#[test]
fn largest_fragment_reserves_no_input_before_it_arrives() {
    let limits = RecordLimits {
        record_bytes_max: usize::MAX,
        fragments_max: 3,
    };
    for mark in [FRAGMENT_BYTES_MAX, LAST | FRAGMENT_BYTES_MAX] {
        let mut reader = RecordReader::new(limits);
        let mut input = BytesMut::from(&mark.to_be_bytes()[..]);
        input.extend_from_slice(b"abc");
        assert_eq!(reader.next(&mut input), Ok(None));
        assert_eq!(reader.needed(), 0x7fff_fffc);
        assert!(input.capacity() < 1 << 16);
    }
}

#[test]
fn fragments_at_the_limit_pass_and_one_more_is_refused() {
    let empty = fragment(false, b"");
    let last = fragment(true, b"x");
    let three = [&empty[..], &empty, &last].concat();
    let four = [&empty[..], &empty, &empty, &last].concat();
    assert_eq!(read_all(SMALL, &three).unwrap(), ["x"]);
    assert_eq!(
        read_all(SMALL, &four),
        Err(RecordError::TooManyFragments { limit: 3 })
    );
}

#[test]
fn fragment_limit_counts_per_record() {
    let record = [fragment(false, b"a"), fragment(true, b"b")].concat();
    assert_eq!(read_all(SMALL, &record.repeat(3)).unwrap(), ["ab"; 3]);
}

#[test]
fn fragment_limit_of_zero_permits_single_fragments() {
    let limits = RecordLimits {
        record_bytes_max: 1,
        fragments_max: 0,
    };
    assert_eq!(read_all(limits, &fragment(true, b"a")).unwrap(), ["a"]);
    assert_eq!(
        read_all(limits, &fragment(false, b"").repeat(2)),
        Err(RecordError::TooManyFragments { limit: 1 })
    );
}

#[test]
fn refused_stream_stays_refused() {
    let mut reader = RecordReader::new(SMALL);
    let mut input = BytesMut::from(&(LAST | 11).to_be_bytes()[..]);
    let failure = reader.next(&mut input).unwrap_err();
    let mut sound = BytesMut::from(&fragment(true, b"a")[..]);
    assert_eq!(reader.next(&mut sound), Err(failure));
    assert_eq!(reader.needed(), 0);
}

#[test]
fn default_limits_admit_one_mebibyte_in_small_fragments() {
    let mut stream = Vec::new();
    for _ in 0..262 {
        stream.extend_from_slice(&fragment(false, &[7; 3_996]));
    }
    stream.extend_from_slice(&fragment(true, &[7; 1_624]));
    let records = read_all(RecordLimits::default(), &stream).unwrap();
    assert_eq!(records, [vec![7; 1 << 20]]);
}

#[test]
fn stream_that_ends_inside_a_record_is_told_from_one_that_ends_between() {
    let stream = [fragment(false, b"ab"), fragment(true, b"cd")].concat();
    for length in 0..stream.len() {
        let mut reader = RecordReader::new(SMALL);
        let mut input = BytesMut::from(&stream[..length]);
        assert_eq!(reader.next(&mut input), Ok(None));
        let ended_properly = reader.is_between_records() && input.is_empty();
        assert_eq!(ended_properly, length == 0, "after {length} bytes");
    }
}

#[test]
fn every_bit_flip_of_a_mark_changes_what_is_read() {
    let stream = [
        fragment(false, b"ab"),
        fragment(true, b"cd"),
        fragment(true, b"efgh"),
    ]
    .concat();
    let original = read_all(SMALL, &stream);
    for bit in 0..stream.len() * 8 {
        let mut damaged = stream.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(read_all(SMALL, &damaged), original, "bit {bit}");
    }
}

#[test]
fn mark_of_a_sent_record_has_the_last_fragment_bit() {
    let mut record = Vec::new();
    begin_record(&mut record);
    record.extend_from_slice(b"hello");
    assert_eq!(finish_record(&mut record), Ok(()));
    assert_eq!(record, b"\x80\0\0\x05hello");
}

#[test]
fn sent_record_beyond_31_bits_is_refused() {
    assert_eq!(record_mark(0x7fff_ffff), Ok([0xff; 4]));
    for length in [0x8000_0000, 0xffff_ffff, 0x1_0000_0000] {
        assert_eq!(
            record_mark(length),
            Err(RecordError::FragmentTooLong { length })
        );
    }
}

#[test]
fn buffer_without_room_for_a_mark_is_refused() {
    let mut buffer = [1, 2, 3];
    assert_eq!(
        finish_record(&mut buffer),
        Err(RecordError::MarkMissing { length: 3 })
    );
    assert_eq!(buffer, [1, 2, 3]);
}

#[test]
fn refusals_say_what_and_the_limit() {
    let failure = read_all(SMALL, &(LAST | 11).to_be_bytes()).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "fragment 1 declares 11 bytes after 0: the record exceeds 10 bytes"
    );
}

proptest! {
    #[test]
    fn records_come_back_however_they_are_cut(
        records in vec(vec(vec(any::<u8>(), 0..40), 1..6), 1..8),
        sizes in vec(0..30_usize, 0..60),
    ) {
        let mut stream = Vec::new();
        for record in &records {
            for (index, bytes) in record.iter().enumerate() {
                stream.extend_from_slice(&fragment(index + 1 == record.len(), bytes));
            }
        }
        let expected: Vec<Vec<u8>> = records.iter().map(|record| record.concat()).collect();
        prop_assert_eq!(read_pieces(&stream, &sizes).unwrap(), expected);
    }

    #[test]
    fn arbitrary_streams_never_yield_a_record_beyond_the_limit(
        stream in vec(prop_oneof![6 => Just(0_u8), 2 => 0..12_u8, 1 => Just(0x80_u8)], 0..200)
    ) {
        if let Ok(records) = read_all(SMALL, &stream) {
            prop_assert!(records.iter().all(|record| record.len() <= SMALL.record_bytes_max));
        }
    }
}

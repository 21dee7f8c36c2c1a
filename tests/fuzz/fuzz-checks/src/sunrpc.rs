//! Sun RPC from the stream to the meaning of a message: records, headers, credentials, the protocol.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use rmix_abi::tables::call_flags;
use rmix_provider::{Incoming, Protocol, ReplyKind};
use rmix_sunrpc::wire::{
    AcceptStatus, AuthSys, Message, RecordError, RecordLimits, RecordReader, ReplyHeader,
    ReplyStatus, begin_record, finish_record,
};
use rmix_sunrpc::{Export, Exports, Program, SunRpc};

use crate::SOMEWHERE;
use crate::budget::within;
use crate::pieces::Pieces;

/// The reader finds the same records however the stream is cut.
pub fn check_sunrpc_record(data: &[u8]) {
    for limits in [RecordLimits::default(), SMALL] {
        let whole = read(data, [data.len()].into_iter(), limits);
        for pieces in Pieces::ways(data) {
            assert_eq!(read(data, pieces, limits), whole);
        }
        assert_eq!(naive(data, limits), whole);
    }
}

/// What a stream came to: its records one after another, where each ends, and the rule it broke or whether it stopped
/// between two records.
#[derive(Debug, PartialEq)]
struct Records {
    content: Vec<u8>,
    ends: Vec<usize>,
    end: Result<bool, RecordError>,
}

fn read(data: &[u8], pieces: impl Iterator<Item = usize>, limits: RecordLimits) -> Records {
    // Made outside the budget: a record may be empty.
    let mut content = Vec::with_capacity(data.len());
    let mut ends = Vec::with_capacity(data.len());
    let end = within(data.len(), || {
        feed(data, pieces, limits, |record| {
            content.extend_from_slice(record);
            ends.push(content.len());
        })
    });
    Records { content, ends, end }
}

fn feed(
    data: &[u8],
    pieces: impl Iterator<Item = usize>,
    limits: RecordLimits,
    mut found: impl FnMut(&[u8]),
) -> Result<bool, RecordError> {
    let mut reader = RecordReader::new(limits);
    let mut input = BytesMut::new();
    let (mut fed, mut earliest) = (0, 0);
    for size in pieces {
        let piece = &data[fed..data.len().min(fed + size)];
        input.extend_from_slice(piece);
        fed += piece.len();
        loop {
            match reader.next(&mut input) {
                Ok(Some(record)) => {
                    assert!(fed >= earliest, "the record needed fewer bytes than said");
                    found(&record);
                }
                Ok(None) => break,
                Err(failure) => {
                    assert_eq!(reader.next(&mut input), Err(failure));
                    return Err(failure);
                }
            }
        }
        let needed = reader.needed();
        assert!(needed >= 1 && needed <= limits.record_bytes_max.max(4));
        earliest = fed + needed;
        if fed == data.len() {
            break;
        }
    }
    Ok(input.is_empty() && reader.is_between_records())
}

/// The records of a stream that is there as a whole, found in the plainest way.
fn naive(data: &[u8], limits: RecordLimits) -> Records {
    let mut records = Records {
        content: Vec::new(),
        ends: Vec::new(),
        end: Ok(true),
    };
    let mut rest = data;
    while !rest.is_empty() {
        let mut record = Vec::new();
        let mut fragment = 0;
        loop {
            let Some((mark, after)) = rest.split_first_chunk::<4>() else {
                records.end = Ok(false);
                return records;
            };
            let mark = u32::from_be_bytes(*mark);
            let declared = mark & 0x7fff_ffff;
            if fragment == limits.fragments_max {
                let limit = limits.fragments_max;
                records.end = Err(RecordError::TooManyFragments { limit });
                return records;
            }
            fragment += 1;
            if record.len() + declared as usize > limits.record_bytes_max {
                records.end = Err(RecordError::RecordTooLong {
                    fragment,
                    assembled: record.len(),
                    declared,
                    limit: limits.record_bytes_max,
                });
                return records;
            }
            let Some((content, after)) = after.split_at_checked(declared as usize) else {
                records.end = Ok(false);
                return records;
            };
            record.extend_from_slice(content);
            rest = after;
            if mark >> 31 == 1 {
                break;
            }
        }
        records.content.extend_from_slice(&record);
        records.ends.push(records.content.len());
    }
    records
}

/// Headers are written back byte for byte, and the protocol makes of a message what its header says.
pub fn check_sunrpc_message(data: &[u8]) {
    let decoded = within(data.len(), || Message::decode(data));
    let mut written = Vec::new();
    match decoded {
        Ok(Message::Call {
            header,
            body_offset,
        }) => {
            header.encode(&mut written).expect("within its limits");
            assert_eq!(written, data[..body_offset]);
        }
        Ok(Message::Reply {
            header,
            body_offset,
        }) => {
            header.encode(&mut written).expect("within its limits");
            assert_eq!(written, data[..body_offset]);
            let is_success = matches!(
                header.status,
                ReplyStatus::Accepted {
                    status: AcceptStatus::Success,
                    ..
                }
            );
            assert!(is_success || body_offset == data.len());
        }
        Ok(Message::CallOfOtherVersion { rpc_version, .. }) => assert_ne!(rpc_version, 2),
        Err(failure) => assert!(!failure.to_string().is_empty()),
    }
    classify(data);
}

fn classify(data: &[u8]) {
    let protocol = protocol();
    let bytes = Bytes::copy_from_slice(data);
    let found = within(data.len(), || protocol.classify(&SOMEWHERE, bytes));
    let xid = data
        .first_chunk::<4>()
        .map_or(0, |word| u32::from_be_bytes(*word));
    match (found, Message::decode(data)) {
        (
            Ok(Incoming::Request(request)),
            Ok(Message::Call {
                header,
                body_offset,
            }),
        ) => {
            assert_eq!((request.id, header.xid.0), (Some(xid), xid));
            assert_eq!(request.number, header.procedure);
            assert_eq!(request.body, data[body_offset..]);
            assert_eq!(request.object, Some(OBJECT));
        }
        (Ok(Incoming::Answer(record)), decoded) => {
            assert!(!matches!(decoded, Ok(Message::Reply { .. })));
            check_answer(&record, xid);
        }
        (Ok(Incoming::Reply(id, kind)), Ok(Message::Reply { body_offset, .. })) => {
            assert_eq!(id, xid);
            check_settled(&protocol, kind, &data[body_offset..]);
        }
        (Err(violation), Err(_)) => assert!(!violation.message.is_empty()),
        other => panic!("protocol and header disagree: {other:?}"),
    }
}

/// An answer is one record with a reply to the call.
fn check_answer(record: &[u8], xid: u32) {
    let mut input = BytesMut::from(record);
    let record = RecordReader::new(RecordLimits::default()).next(&mut input);
    let record = record.expect("a record").expect("a whole record");
    assert!(input.is_empty());
    let Ok(Message::Reply {
        header,
        body_offset,
    }) = Message::decode(&record)
    else {
        panic!("an answer is a reply");
    };
    assert_eq!(header.xid.0, xid);
    assert_eq!(body_offset, record.len(), "an answer has no results");
}

fn check_settled(protocol: &SunRpc, kind: ReplyKind, body: &[u8]) {
    let ReplyKind::Value(value) = kind else {
        return;
    };
    assert_eq!(value, body);
    let plain = protocol.settle(0, ReplyKind::Value(value.clone()));
    assert!(matches!(plain, Ok(ReplyKind::Value(same)) if same == value));
    match protocol.settle(call_flags::FAULTS, ReplyKind::Value(value)) {
        Ok(ReplyKind::Value(rest)) => assert_eq!([&[0, 0, 0, 0], &rest[..]].concat(), body),
        Ok(ReplyKind::Fault(rest)) => assert_eq!([&[0, 0, 0, 1], &rest[..]].concat(), body),
        Ok(ReplyKind::Refused(failure)) => panic!("{} of a value", failure.text()),
        Err(failure) => assert!(!matches!(body, [0, 0, 0, 0 | 1, ..]), "{}", failure.text()),
    }
}

/// A claimed identity is written back byte for byte.
pub fn check_sunrpc_auth(data: &[u8]) {
    let Ok(claim) = within(data.len(), || AuthSys::decode(data)) else {
        return;
    };
    let mut written = Vec::new();
    claim.encode(&mut written).expect("within its limits");
    assert_eq!(written, data);
    let same = AuthSys::new(
        claim.stamp(),
        claim.machine_name(),
        claim.uid(),
        claim.gid(),
        claim.gids(),
    );
    assert_eq!(same, Ok(claim));
}

/// A port with three versions of two programs.
fn protocol() -> SunRpc {
    let exports = Exports::default();
    for (number, version) in [(PROGRAM, 1), (PROGRAM, 3), (PROGRAM + 1, 1)] {
        exports.add(Program { number, version }, Export::plain(OBJECT));
    }
    SunRpc::without_cache(Arc::new(exports))
}

/// A record with a header and what follows it, without its mark.
pub(crate) fn reply(header: ReplyHeader<'_>, body: &[u8]) -> Vec<u8> {
    let mut record = Vec::new();
    header.encode(&mut record).expect("within its limits");
    record.extend_from_slice(body);
    record
}

/// The same with its mark.
pub(crate) fn record(content: &[u8]) -> Vec<u8> {
    let mut record = Vec::new();
    begin_record(&mut record);
    record.extend_from_slice(content);
    finish_record(&mut record).expect("a short record");
    record
}

pub(crate) const PROGRAM: u32 = 0x2000_0042;
const OBJECT: u64 = 7;

/// Limits that short inputs reach.
const SMALL: RecordLimits = RecordLimits {
    record_bytes_max: 64,
    fragments_max: 4,
};

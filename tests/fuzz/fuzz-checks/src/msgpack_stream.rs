//! MessagePack-RPC from the stream to the meaning of a message: the scanner, the envelope, the protocol.

use bytes::{Bytes, BytesMut};
use rmix_msgpack_rpc::message::{
    self, write_error_header, write_notification_header, write_request_header, write_result_header,
};
use rmix_msgpack_rpc::value::skip_value;
use rmix_msgpack_rpc::{
    Incoming, MessageError, MessageScanner, MsgpackRpc, ScanError, ScanLimits, ValueError,
};
use rmix_provider::{self as provider, Protocol, ReplyKind};

use crate::SOMEWHERE;
use crate::budget::within;
use crate::pieces::Pieces;

/// The scanner finds the same messages however the stream is cut, and each is one whole value within the limits.
pub fn check_msgpack_scanner(data: &[u8]) {
    for limits in [ScanLimits::default(), SMALL] {
        let whole = scan(data, [data.len()].into_iter(), limits);
        for pieces in Pieces::ways(data) {
            assert_eq!(scan(data, pieces, limits), whole);
        }
        let mut start = 0;
        for end in &whole.ends {
            let message = &data[start..*end];
            assert!(message.len() <= limits.message_bytes_max);
            assert_eq!(skip_value(message, limits.depth_max), Ok(message.len()));
            start = *end;
        }
    }
}

/// What a stream came to: where its messages end, and the rule it broke.
#[derive(Debug, PartialEq)]
struct Scanned {
    ends: Vec<usize>,
    failure: Option<ScanError>,
}

fn scan(data: &[u8], pieces: impl Iterator<Item = usize>, limits: ScanLimits) -> Scanned {
    // Made outside the budget: a message may be one byte long.
    let mut ends = Vec::with_capacity(data.len());
    let failure = within(data.len(), || {
        feed(data, pieces, limits, |end| ends.push(end)).err()
    });
    Scanned { ends, failure }
}

fn feed(
    data: &[u8],
    pieces: impl Iterator<Item = usize>,
    limits: ScanLimits,
    mut found: impl FnMut(usize),
) -> Result<(), ScanError> {
    let mut scanner = MessageScanner::new(limits);
    let mut input = BytesMut::new();
    let (mut fed, mut taken, mut earliest) = (0, 0, 0);
    for size in pieces {
        let piece = &data[fed..data.len().min(fed + size)];
        input.extend_from_slice(piece);
        fed += piece.len();
        loop {
            match scanner.next(&mut input) {
                Ok(Some(message)) => {
                    assert!(fed >= earliest, "the message needed fewer bytes than said");
                    assert_eq!(message, data[taken..taken + message.len()]);
                    taken += message.len();
                    found(taken);
                }
                Ok(None) => break,
                Err(failure) => {
                    assert_eq!(scanner.next(&mut input), Err(failure));
                    return Err(failure);
                }
            }
        }
        let needed = scanner.needed();
        assert!(needed >= 1 && needed <= limits.message_bytes_max);
        earliest = fed + needed;
        if fed == data.len() {
            break;
        }
    }
    assert_eq!(input, data[taken..], "what is left is kept");
    Ok(())
}

/// The envelope: decoding is total, agrees with the decoding of scanned messages and with the protocol, and what was
/// decoded is decoded again from the smallest form of it.
pub fn check_msgpack_message(data: &[u8]) {
    for depth_max in [0, 1, 2, 3, 64] {
        if let Ok(decoded) = within(data.len(), || Incoming::decode(data, depth_max)) {
            check_ranges(&decoded, data);
            check_written_again(&decoded, data, depth_max);
            assert_eq!(Incoming::decode_scanned(data), Ok(decoded));
        }
    }
    let limits = ScanLimits::default();
    let scanned = MessageScanner::new(limits).next(&mut BytesMut::from(data));
    if let Ok(Some(message)) = scanned {
        let unscanned = Incoming::decode(&message, limits.depth_max);
        assert_eq!(Incoming::decode_scanned(&message), unscanned);
        classify(&message);
    }
    // Never done with bytes that were not scanned, but nothing worse than a wrong range may come of it.
    classify(data);
}

fn check_ranges(decoded: &Incoming<'_>, message: &[u8]) {
    match decoded {
        Incoming::Request { params, .. } | Incoming::Notification { params, .. } => {
            assert!(message.get(params.clone()).is_some());
            assert_eq!(params.end, message.len());
        }
        Incoming::Response { error, result, .. } => {
            assert!(error.iter().all(|error| error.end == result.start));
            assert!(message.get(result.clone()).is_some());
            assert_eq!(result.end, message.len());
        }
    }
}

fn check_written_again(decoded: &Incoming<'_>, data: &[u8], depth_max: usize) {
    let mut again = Vec::new();
    match decoded {
        Incoming::Request {
            msgid,
            method,
            params,
            count,
        } => {
            let Ok(method) = std::str::from_utf8(method) else {
                return;
            };
            write_request_header(&mut again, *msgid, method, *count).expect("a short name");
            again.extend_from_slice(&data[params.clone()]);
        }
        Incoming::Notification {
            method,
            params,
            count,
        } => {
            let Ok(method) = std::str::from_utf8(method) else {
                return;
            };
            write_notification_header(&mut again, method, *count).expect("a short name");
            again.extend_from_slice(&data[params.clone()]);
        }
        Incoming::Response {
            msgid,
            error: None,
            result,
        } => {
            write_result_header(&mut again, *msgid);
            again.extend_from_slice(&data[result.clone()]);
        }
        Incoming::Response {
            msgid,
            error: Some(error),
            ..
        } => {
            write_error_header(&mut again, *msgid);
            again.extend_from_slice(&data[error.clone()]);
            message::write_error_end(&mut again);
        }
    }
    let twice = Incoming::decode(&again, depth_max).expect("what was decoded is well-formed");
    assert!(again.len() <= data.len(), "the smallest form is not longer");
    match (decoded, &twice) {
        (
            Incoming::Response {
                error: Some(error), ..
            },
            Incoming::Response {
                error: Some(again_error),
                ..
            },
        ) => assert_eq!(data[error.clone()], again[again_error.clone()]),
        _ => assert_eq!(head(decoded, data), head(&twice, &again)),
    }
}

/// What a message says, whatever the encoding of its envelope.
fn head<'a>(decoded: &Incoming<'a>, data: &'a [u8]) -> (Option<u32>, &'a [u8], u32, &'a [u8]) {
    match decoded {
        Incoming::Request {
            msgid,
            method,
            params,
            count,
        } => (Some(*msgid), method, *count, &data[params.clone()]),
        Incoming::Notification {
            method,
            params,
            count,
        } => (None, method, *count, &data[params.clone()]),
        Incoming::Response { msgid, result, .. } => (Some(*msgid), &[], 1, &data[result.clone()]),
    }
}

/// The protocol says of a message what its envelope says.
fn classify(message: &[u8]) {
    let bytes = Bytes::copy_from_slice(message);
    let found = within(message.len(), || {
        MsgpackRpc::default().classify(&SOMEWHERE, bytes)
    });
    let decoded = Incoming::decode_scanned(message);
    match (found, decoded) {
        (Err(violation), Err(failure)) => {
            assert!(!violation.message.is_empty());
            assert!(!matches!(
                failure,
                MessageError::Envelope(ValueError::TooLong { .. })
            ));
        }
        (Ok(provider::Incoming::Request(request)), Ok(decoded)) => {
            let (id, method, count, params) = head(&decoded, message);
            assert_eq!(request.id, id);
            assert_eq!(request.method.as_deref(), Some(method));
            assert_eq!(request.count, Some(count));
            assert_eq!(request.body, params);
        }
        (
            Ok(provider::Incoming::Reply(id, kind)),
            Ok(Incoming::Response {
                msgid,
                error,
                result,
            }),
        ) => {
            assert_eq!(id, msgid);
            match (kind, error) {
                (ReplyKind::Value(body), None) => assert_eq!(body, message[result]),
                (ReplyKind::Fault(body), Some(error)) => assert_eq!(body, message[error]),
                (ReplyKind::Refused(failure), Some(_)) => assert!(!failure.text().is_empty()),
                other => panic!("{other:?} of a response"),
            }
        }
        other => panic!("protocol and envelope disagree: {other:?}"),
    }
}

/// Limits that short inputs reach.
const SMALL: ScanLimits = ScanLimits {
    message_bytes_max: 128,
    items_max: 8,
    depth_max: 4,
};

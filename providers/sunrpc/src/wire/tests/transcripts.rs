//! Bytes captured from libtirpc and rpcinfo, both ways: we read what they wrote and write the same.

use bytes::BytesMut;

use super::{transcript, transcript_message};
use crate::wire::{
    AUTH_SYS, AcceptStatus, AuthStatus, AuthSys, CallHeader, Message, OpaqueAuth, RecordLimits,
    RecordReader, RejectStatus, ReplyHeader, Xid, begin_record, finish_record,
};

const PROGRAM: u32 = 0x2000_0042;
const XID: Xid = Xid(0x1122_3344);

fn null_call(xid: u32) -> CallHeader<'static> {
    CallHeader {
        xid: Xid(xid),
        program: PROGRAM,
        version: 3,
        procedure: 0,
        credential: OpaqueAuth::NONE,
        verifier: OpaqueAuth::NONE,
    }
}

/// Asserts that the record `name` holds exactly `header`, and that encoding `header` gives that
/// record.
fn check_reply(name: &str, header: &ReplyHeader<'_>) {
    let record = transcript(name);
    let mut encoded = Vec::new();
    begin_record(&mut encoded);
    header.encode(&mut encoded).unwrap();
    finish_record(&mut encoded).unwrap();
    assert_eq!(encoded, record, "{name}");
    let message = transcript_message(name);
    let expected = Message::Reply {
        header: *header,
        body_offset: message.len(),
    };
    assert_eq!(Message::decode(&message), Ok(expected), "{name}");
}

#[test]
fn rpcinfo_null_call_over_tcp_is_a_record_with_a_40_byte_header() {
    let record = transcript("rpcinfo_null_tcp");
    let header = null_call(0x17eb_0a6d);
    let mut encoded = Vec::new();
    begin_record(&mut encoded);
    header.encode(&mut encoded).unwrap();
    finish_record(&mut encoded).unwrap();
    assert_eq!(encoded, record);

    let mut input = BytesMut::from(&record[..]);
    let mut reader = RecordReader::new(RecordLimits::default());
    let message = reader.next(&mut input).unwrap().unwrap();
    let expected = Message::Call {
        header,
        body_offset: 40,
    };
    assert_eq!(Message::decode(&message), Ok(expected));
    assert!(input.is_empty());
}

#[test]
fn rpcinfo_null_call_over_udp_is_the_bare_header() {
    let datagram = transcript("rpcinfo_null_udp");
    let header = null_call(0x6b05_1b6c);
    let mut encoded = Vec::new();
    header.encode(&mut encoded).unwrap();
    assert_eq!(encoded, datagram);
    let expected = Message::Call {
        header,
        body_offset: 40,
    };
    assert_eq!(Message::decode(&datagram), Ok(expected));
}

#[test]
fn auth_sys_credential_of_libtirpc_names_machine_user_and_groups() {
    let message = transcript_message("auth_sys_null");
    let Ok(Message::Call {
        header,
        body_offset,
    }) = Message::decode(&message)
    else {
        panic!("not a call");
    };
    assert_eq!(body_offset, message.len());
    assert_eq!(header.credential.flavor, AUTH_SYS);
    let claim = AuthSys::decode(header.credential.body).unwrap();
    let expected = AuthSys::new(0x6b02_ff9d, "station.example", 1000, 1000, &[1000, 27, 100]);
    assert_eq!(Ok(claim), expected);

    let mut body = Vec::new();
    claim.encode(&mut body).unwrap();
    assert_eq!(body, header.credential.body);
    let mut encoded = Vec::new();
    header.encode(&mut encoded).unwrap();
    assert_eq!(encoded, message);
}

#[test]
fn accepted_replies_of_libtirpc_are_ours() {
    check_reply("success", &ReplyHeader::success(XID));
    let outcomes = [
        ("prog_unavail", AcceptStatus::ProgUnavail),
        (
            "prog_mismatch",
            AcceptStatus::ProgMismatch { low: 2, high: 3 },
        ),
        ("proc_unavail", AcceptStatus::ProcUnavail),
        ("garbage_args", AcceptStatus::GarbageArgs),
        ("system_err", AcceptStatus::SystemErr),
    ];
    for (name, status) in outcomes {
        check_reply(name, &ReplyHeader::accepted(XID, status));
    }
}

#[test]
fn denied_replies_of_libtirpc_are_ours() {
    let reasons = [
        ("auth_too_weak", AuthStatus::TooWeak),
        ("auth_rejected_cred", AuthStatus::RejectedCred),
        ("auth_bad_cred", AuthStatus::BadCred),
    ];
    for (name, reason) in reasons {
        let status = RejectStatus::AuthError(reason);
        check_reply(name, &ReplyHeader::denied(XID, status));
    }
}

#[test]
fn record_of_libtirpc_in_six_fragments_is_one_message() {
    let argument: Vec<u8> = (0..=u8::MAX).cycle().take(20_000).collect();
    let start = transcript("six_fragments_start");
    let header = &start[4..48];
    let whole = [header, &argument].concat();
    let mut stream = Vec::new();
    for fragment in whole[..19_980].chunks(3_996) {
        stream.extend_from_slice(&3_996_u32.to_be_bytes());
        stream.extend_from_slice(fragment);
    }
    stream.extend_from_slice(&0x8000_0040_u32.to_be_bytes());
    stream.extend_from_slice(&whole[19_980..]);
    assert!(stream.starts_with(&start));

    let mut input = BytesMut::from(&stream[..]);
    let mut reader = RecordReader::new(RecordLimits::default());
    let record = reader.next(&mut input).unwrap().unwrap();
    assert_eq!(record, whole);
    let Ok(Message::Call { body_offset, .. }) = Message::decode(&record) else {
        panic!("not a call");
    };
    assert_eq!(record[body_offset..body_offset + 4], [0, 0, 0x4e, 0x20]);
}

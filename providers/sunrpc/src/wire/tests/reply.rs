//! Reply headers: damage, unknown statuses, round trips. The golden bytes are in `transcripts`.

use proptest::collection::vec;
use proptest::prelude::*;
use rmix_xdr::XdrError;

use super::{check_bit_flips, check_truncations, transcript_message};
use crate::wire::{
    AcceptStatus, AuthStatus, Message, MessageError, OpaqueAuth, RejectStatus, ReplyHeader,
    ReplyStatus, Xid,
};

const XID: Xid = Xid(0x1122_3344);

const TRANSCRIPTS: [&str; 9] = [
    "success",
    "prog_unavail",
    "prog_mismatch",
    "proc_unavail",
    "garbage_args",
    "system_err",
    "auth_too_weak",
    "auth_rejected_cred",
    "auth_bad_cred",
];

/// The captured reply `name` with the word at `offset` replaced.
fn with_word(name: &str, offset: usize, word: u32) -> Vec<u8> {
    let mut bytes = transcript_message(name);
    bytes[offset..offset + 4].copy_from_slice(&word.to_be_bytes());
    bytes
}

fn refused(cause: XdrError) -> MessageError {
    MessageError::Reply { xid: XID, cause }
}

#[test]
fn every_truncation_of_every_reply_fails() {
    for name in TRANSCRIPTS {
        check_truncations(&transcript_message(name));
    }
}

#[test]
fn every_bit_flip_of_every_reply_is_noticed() {
    for name in TRANSCRIPTS {
        check_bit_flips(&transcript_message(name));
    }
}

#[test]
fn rpc_mismatch_has_the_bytes_of_the_specification() {
    let status = RejectStatus::RpcMismatch { low: 2, high: 2 };
    let header = ReplyHeader::denied(XID, status);
    let bytes = [
        0x11, 0x22, 0x33, 0x44, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2,
    ];
    let mut encoded = Vec::new();
    header.encode(&mut encoded).unwrap();
    assert_eq!(encoded, bytes);
    let expected = Message::Reply {
        header,
        body_offset: 24,
    };
    assert_eq!(Message::decode(&bytes), Ok(expected));
    assert_eq!(expected.xid(), XID);
    check_truncations(&bytes);
    check_bit_flips(&bytes);
}

#[test]
fn results_start_after_the_verifier_and_the_status() {
    let header = ReplyHeader {
        xid: XID,
        status: ReplyStatus::Accepted {
            verifier: OpaqueAuth {
                flavor: 0,
                body: b"STARTTLS",
            },
            status: AcceptStatus::Success,
        },
    };
    let mut bytes = Vec::new();
    header.encode(&mut bytes).unwrap();
    bytes.extend_from_slice(b"results!");
    let expected = Message::Reply {
        header,
        body_offset: 32,
    };
    assert_eq!(Message::decode(&bytes), Ok(expected));
}

#[test]
fn bytes_after_a_status_without_results_are_refused() {
    for name in &TRANSCRIPTS[1..] {
        let mut bytes = transcript_message(name);
        let cause = XdrError::TrailingBytes {
            offset: bytes.len(),
            remaining: 4,
        };
        bytes.extend_from_slice(&[0; 4]);
        assert_eq!(Message::decode(&bytes), Err(refused(cause)), "{name}");
    }
}

#[test]
fn unknown_statuses_are_refused_where_they_stand() {
    for value in [6, -1_i32] {
        let word = value.cast_unsigned();
        let unknown = |offset| Err(refused(XdrError::UnknownDiscriminant { offset, value }));
        let reply_status = with_word("success", 8, word);
        let accept_status = with_word("success", 20, word);
        let reject_status = with_word("auth_too_weak", 12, word);
        assert_eq!(Message::decode(&reply_status), unknown(8));
        assert_eq!(Message::decode(&accept_status), unknown(20));
        assert_eq!(Message::decode(&reject_status), unknown(12));
    }
}

#[test]
fn verifier_length_is_checked_at_its_edges() {
    for declared in [401, u32::MAX] {
        let cause = XdrError::LengthBeyondLimit {
            offset: 16,
            declared,
            limit: 400,
        };
        let expected = MessageError::Verifier { xid: XID, cause };
        let bytes = with_word("success", 16, declared);
        assert_eq!(Message::decode(&bytes), Err(expected));
    }
    let cause = XdrError::LengthBeyondInput {
        offset: 16,
        declared: 400,
        remaining: 4,
    };
    let expected = MessageError::Verifier { xid: XID, cause };
    let bytes = with_word("success", 16, 400);
    assert_eq!(Message::decode(&bytes), Err(expected));
}

#[test]
fn verifier_of_400_bytes_passes_and_401_write_nothing() {
    let body = [7; 401];
    let with = |body| ReplyHeader {
        xid: XID,
        status: ReplyStatus::Accepted {
            verifier: OpaqueAuth { flavor: 6, body },
            status: AcceptStatus::ProcUnavail,
        },
    };
    let mut bytes = Vec::new();
    with(&body[..400]).encode(&mut bytes).unwrap();
    let expected = Message::Reply {
        header: with(&body[..400]),
        body_offset: 424,
    };
    assert_eq!(Message::decode(&bytes), Ok(expected));
    let mut untouched = Vec::new();
    assert_eq!(
        with(&body).encode(&mut untouched),
        Err(XdrError::ValueTooLong {
            length: 401,
            limit: 400
        })
    );
    assert!(untouched.is_empty());
}

#[test]
fn auth_statuses_have_the_numbers_of_the_specification() {
    let named = [
        AuthStatus::Ok,
        AuthStatus::BadCred,
        AuthStatus::RejectedCred,
        AuthStatus::BadVerf,
        AuthStatus::RejectedVerf,
        AuthStatus::TooWeak,
        AuthStatus::InvalidResp,
        AuthStatus::Failed,
        AuthStatus::KerbGeneric,
        AuthStatus::TimeExpire,
        AuthStatus::TktFile,
        AuthStatus::Decode,
        AuthStatus::NetAddr,
        AuthStatus::RpcsecGssCredProblem,
        AuthStatus::RpcsecGssCtxProblem,
    ];
    for (number, status) in (0_u32..).zip(named) {
        assert_eq!(AuthStatus::from(number), status);
        assert_eq!(u32::from(status), number);
    }
    assert_eq!(AuthStatus::from(15), AuthStatus::Unknown(15));
    assert_eq!(u32::from(AuthStatus::Unknown(15)), 15);
}

#[test]
fn unknown_auth_status_is_kept_as_its_number() {
    let bytes = with_word("auth_too_weak", 16, 77);
    let status = RejectStatus::AuthError(AuthStatus::Unknown(77));
    let expected = Message::Reply {
        header: ReplyHeader::denied(XID, status),
        body_offset: 20,
    };
    assert_eq!(Message::decode(&bytes), Ok(expected));
}

fn any_accept_status() -> impl Strategy<Value = AcceptStatus> {
    prop_oneof![
        Just(AcceptStatus::Success),
        Just(AcceptStatus::ProgUnavail),
        any::<[u32; 2]>().prop_map(|[low, high]| AcceptStatus::ProgMismatch { low, high }),
        Just(AcceptStatus::ProcUnavail),
        Just(AcceptStatus::GarbageArgs),
        Just(AcceptStatus::SystemErr),
    ]
}

fn any_reject_status() -> impl Strategy<Value = RejectStatus> {
    prop_oneof![
        any::<[u32; 2]>().prop_map(|[low, high]| RejectStatus::RpcMismatch { low, high }),
        (0..20_u32).prop_map(|number| RejectStatus::AuthError(number.into())),
    ]
}

proptest! {
    #[test]
    fn accepted_replies_come_back(
        xid in any::<u32>(), flavor in any::<u32>(), body in vec(any::<u8>(), 0..=400),
        status in any_accept_status(),
    ) {
        let verifier = OpaqueAuth { flavor, body: &body };
        let status = ReplyStatus::Accepted { verifier, status };
        let header = ReplyHeader { xid: Xid(xid), status };
        let mut encoded = Vec::new();
        header.encode(&mut encoded).unwrap();
        let body_offset = encoded.len();
        prop_assert_eq!(Message::decode(&encoded), Ok(Message::Reply { header, body_offset }));
    }

    #[test]
    fn denied_replies_come_back(xid in any::<u32>(), status in any_reject_status()) {
        let header = ReplyHeader::denied(Xid(xid), status);
        let mut encoded = Vec::new();
        header.encode(&mut encoded).unwrap();
        let body_offset = encoded.len();
        prop_assert_eq!(Message::decode(&encoded), Ok(Message::Reply { header, body_offset }));
    }
}

//! Call headers: golden bytes, damage, round trips.

use std::error::Error;

use proptest::collection::vec;
use proptest::prelude::*;
use rmix_xdr::XdrError;

use super::{check_bit_flips, check_truncations};
use crate::wire::{
    AUTH_BODY_BYTES_MAX, AUTH_SHORT, AUTH_TLS, CallHeader, Message, MessageError, OpaqueAuth, Xid,
};

/// A call with a credential of five bytes and a verifier of one, followed by twelve bytes of
/// arguments.
const CALL_BYTES: [u8; 64] = [
    0x01, 0x02, 0x03, 0x04, 0, 0, 0, 0, 0, 0, 0, 2, 0x20, 0, 0, 0x42, 0, 0, 0, 3, 0, 0, 0,
    9, // numbers
    0, 0, 0, 2, 0, 0, 0, 5, b'c', b'r', b'e', b'd', b'!', 0, 0, 0, // credential
    0, 0, 0, 7, 0, 0, 0, 1, b'v', 0, 0, 0, // verifier
    0, 0, 0, 0, 0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 0, // arguments
];

const HEADER: CallHeader<'static> = CallHeader {
    xid: Xid(0x0102_0304),
    program: 0x2000_0042,
    version: 3,
    procedure: 9,
    credential: OpaqueAuth {
        flavor: AUTH_SHORT,
        body: b"cred!",
    },
    verifier: OpaqueAuth {
        flavor: AUTH_TLS,
        body: b"v",
    },
};

const HEADER_BYTES: usize = 52;

/// `CALL_BYTES` with the word at `offset` replaced.
fn with_word(offset: usize, word: u32) -> [u8; 64] {
    let mut bytes = CALL_BYTES;
    bytes[offset..offset + 4].copy_from_slice(&word.to_be_bytes());
    bytes
}

#[test]
fn call_header_has_the_bytes_of_the_specification() {
    let mut encoded = Vec::new();
    HEADER.encode(&mut encoded).unwrap();
    assert_eq!(encoded, CALL_BYTES[..HEADER_BYTES]);
    let expected = Message::Call {
        header: HEADER,
        body_offset: HEADER_BYTES,
    };
    assert_eq!(Message::decode(&CALL_BYTES), Ok(expected));
    assert_eq!(expected.xid(), Xid(0x0102_0304));
}

#[test]
fn every_truncation_of_a_call_header_fails() {
    check_truncations(&CALL_BYTES[..HEADER_BYTES]);
}

#[test]
fn every_bit_flip_of_a_call_header_is_noticed() {
    check_bit_flips(&CALL_BYTES[..HEADER_BYTES]);
}

#[test]
fn call_of_another_rpc_version_is_recognised_by_its_first_three_words() {
    for rpc_version in [0, 1, 3, u32::MAX] {
        let expected = Message::CallOfOtherVersion {
            xid: Xid(0x0102_0304),
            rpc_version,
        };
        let bytes = with_word(8, rpc_version);
        assert_eq!(Message::decode(&bytes), Ok(expected));
        assert_eq!(Message::decode(&bytes[..12]), Ok(expected));
        assert_eq!(expected.xid(), Xid(0x0102_0304));
    }
}

#[test]
fn message_type_other_than_call_and_reply_is_refused() {
    for value in [2, -1_i32] {
        let xid = Xid(0x0102_0304);
        let cause = XdrError::UnknownDiscriminant { offset: 4, value };
        let refused = MessageError::MessageType { xid, cause };
        let bytes = with_word(4, value.cast_unsigned());
        assert_eq!(Message::decode(&bytes), Err(refused));
    }
}

#[test]
fn credential_length_is_checked_at_its_edges() {
    let xid = Xid(0x0102_0304);
    for declared in [AUTH_BODY_BYTES_MAX + 1, u32::MAX] {
        let cause = XdrError::LengthBeyondLimit {
            offset: 28,
            declared,
            limit: 400,
        };
        let refused = MessageError::Credential { xid, cause };
        assert_eq!(Message::decode(&with_word(28, declared)), Err(refused));
    }
    let cause = XdrError::LengthBeyondInput {
        offset: 28,
        declared: 400,
        remaining: 32,
    };
    let refused = MessageError::Credential { xid, cause };
    assert_eq!(Message::decode(&with_word(28, 400)), Err(refused));
    // Without a credential the verifier is read from where the credential's body was, and is too
    // long.
    let cause = XdrError::LengthBeyondLimit {
        offset: 36,
        declared: 0x2100_0000,
        limit: 400,
    };
    let refused = MessageError::Verifier { xid, cause };
    assert_eq!(Message::decode(&with_word(28, 0)), Err(refused));
}

#[test]
fn verifier_length_is_checked_at_its_edges() {
    let xid = Xid(0x0102_0304);
    for declared in [AUTH_BODY_BYTES_MAX + 1, u32::MAX] {
        let cause = XdrError::LengthBeyondLimit {
            offset: 44,
            declared,
            limit: 400,
        };
        let refused = MessageError::Verifier { xid, cause };
        assert_eq!(Message::decode(&with_word(44, declared)), Err(refused));
    }
    let cause = XdrError::LengthBeyondInput {
        offset: 44,
        declared: 400,
        remaining: 16,
    };
    let refused = MessageError::Verifier { xid, cause };
    assert_eq!(Message::decode(&with_word(44, 400)), Err(refused));
    let Ok(Message::Call { body_offset, .. }) = Message::decode(&with_word(44, 0)) else {
        panic!("not a call");
    };
    assert_eq!(body_offset, 48);
}

#[test]
fn bodies_of_400_bytes_pass_and_401_write_nothing() {
    let body = [7; 401];
    let full = OpaqueAuth {
        flavor: 300_001,
        body: &body[..400],
    };
    let largest = CallHeader {
        credential: full,
        verifier: full,
        ..HEADER
    };
    let mut encoded = Vec::new();
    largest.encode(&mut encoded).unwrap();
    let expected = Message::Call {
        header: largest,
        body_offset: 24 + 2 * 408,
    };
    assert_eq!(Message::decode(&encoded), Ok(expected));

    let too_long = OpaqueAuth {
        flavor: 0,
        body: &body,
    };
    let refused = Err(XdrError::ValueTooLong {
        length: 401,
        limit: 400,
    });
    let mut untouched = Vec::new();
    let credential = CallHeader {
        credential: too_long,
        ..HEADER
    };
    assert_eq!(credential.encode(&mut untouched), refused);
    let verifier = CallHeader {
        verifier: too_long,
        ..HEADER
    };
    assert_eq!(verifier.encode(&mut untouched), refused);
    assert!(untouched.is_empty());
}

#[test]
fn unknown_flavor_decodes_like_any_other() {
    let bytes = with_word(24, 0xffff_fffe);
    let Ok(Message::Call { header, .. }) = Message::decode(&bytes) else {
        panic!("not a call");
    };
    assert_eq!(header.credential.flavor, 0xffff_fffe);
    assert_eq!(header.credential.body, b"cred!");
}

#[test]
fn refusal_keeps_the_xid_and_the_rule() {
    let refused = Message::decode(&CALL_BYTES[..30]).unwrap_err();
    assert_eq!(refused.xid(), Some(Xid(0x0102_0304)));
    assert_eq!(
        refused.to_string(),
        "credential of a call with XID 0x01020304 refused"
    );
    assert_eq!(
        refused.source().unwrap().to_string(),
        "input ends inside the item at byte 28: 4 bytes needed, 2 left"
    );
    let no_xid = Message::decode(&CALL_BYTES[..7]).unwrap_err();
    assert_eq!(no_xid.xid(), None);
    assert_eq!(no_xid.to_string(), "start of a message refused");
}

proptest! {
    #[test]
    fn call_headers_come_back(
        numbers in any::<[u32; 4]>(), flavors in any::<[u32; 2]>(),
        credential in vec(any::<u8>(), 0..=400), verifier in vec(any::<u8>(), 0..=400),
        arguments in vec(any::<u8>(), 0..40),
    ) {
        let [xid, program, version, procedure] = numbers;
        let header = CallHeader {
            xid: Xid(xid), program, version, procedure,
            credential: OpaqueAuth { flavor: flavors[0], body: &credential },
            verifier: OpaqueAuth { flavor: flavors[1], body: &verifier },
        };
        let mut encoded = Vec::new();
        header.encode(&mut encoded).unwrap();
        let body_offset = encoded.len();
        encoded.extend_from_slice(&arguments);
        prop_assert_eq!(Message::decode(&encoded), Ok(Message::Call { header, body_offset }));
    }

    #[test]
    fn whatever_decodes_as_a_message_is_its_encoding(
        direction in 0..3_u8, bytes in vec(prop_oneof![9 => Just(0_u8), 2 => 0..9_u8, 1 => any::<u8>()], 0..120)
    ) {
        let record = [&[1, 2, 3, 4, 0, 0, 0, direction][..], &bytes].concat();
        let mut encoded = Vec::new();
        let body_offset = match Message::decode(&record) {
            Ok(Message::Call { header, body_offset }) => {
                header.encode(&mut encoded).unwrap();
                body_offset
            }
            Ok(Message::Reply { header, body_offset }) => {
                header.encode(&mut encoded).unwrap();
                body_offset
            }
            Ok(Message::CallOfOtherVersion { .. }) | Err(_) => 0,
        };
        prop_assert_eq!(encoded, &record[..body_offset]);
    }
}

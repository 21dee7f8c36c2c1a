//! AUTH_SYS bodies: bounds, damage, round trips. The golden bytes of a real client are in
//! `transcripts`.

use proptest::collection::vec;
use proptest::prelude::*;
use rmix_xdr::XdrError;

use crate::wire::{AUTH_BODY_BYTES_MAX, AuthSys};

/// Stamp 1, machine `box`, user 2, group 3, supplementary groups 4 and 5.
const BODY: [u8; 32] = [
    0, 0, 0, 1, 0, 0, 0, 3, b'b', b'o', b'x', 0, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 4, 0,
    0, 0, 5,
];

/// `BODY` with the word at `offset` replaced.
fn with_word(offset: usize, word: u32) -> [u8; 32] {
    let mut body = BODY;
    body[offset..offset + 4].copy_from_slice(&word.to_be_bytes());
    body
}

fn encode(claim: &AuthSys<'_>) -> Vec<u8> {
    let mut body = Vec::new();
    claim.encode(&mut body).unwrap();
    body
}

#[test]
fn body_has_the_bytes_of_the_specification() {
    let claim = AuthSys::new(1, "box", 2, 3, &[4, 5]).unwrap();
    assert_eq!(encode(&claim), BODY);
    assert_eq!(AuthSys::decode(&BODY), Ok(claim));
    assert_eq!(claim.stamp(), 1);
    assert_eq!(claim.machine_name(), "box");
    assert_eq!((claim.uid(), claim.gid()), (2, 3));
    assert_eq!(claim.gids(), [4, 5]);
}

#[test]
fn largest_claim_passes_and_fits_the_credential() {
    let name = "n".repeat(255);
    let gids = [u32::MAX; 16];
    let claim = AuthSys::new(0, &name, 0, 0, &gids).unwrap();
    let body = encode(&claim);
    assert_eq!(body.len(), 340);
    assert!(body.len() <= AUTH_BODY_BYTES_MAX as usize);
    assert_eq!(AuthSys::decode(&body), Ok(claim));
}

#[test]
fn claim_beyond_a_bound_cannot_be_made() {
    let name = "n".repeat(256);
    assert_eq!(
        AuthSys::new(0, &name, 0, 0, &[]),
        Err(XdrError::ValueTooLong {
            length: 256,
            limit: 255
        })
    );
    assert_eq!(
        AuthSys::new(0, "", 0, 0, &[0; 17]),
        Err(XdrError::ValueTooLong {
            length: 17,
            limit: 16
        })
    );
}

#[test]
fn machine_name_length_is_checked_at_its_edges() {
    for declared in [256, u32::MAX] {
        let expected = XdrError::LengthBeyondLimit {
            offset: 4,
            declared,
            limit: 255,
        };
        assert_eq!(AuthSys::decode(&with_word(4, declared)), Err(expected));
    }
    let expected = XdrError::LengthBeyondInput {
        offset: 4,
        declared: 255,
        remaining: 24,
    };
    assert_eq!(AuthSys::decode(&with_word(4, 255)), Err(expected));
    // Without a name, its bytes are the user id, 2 the group id, and 3 counts the rest as
    // supplementary groups.
    let shifted = AuthSys::new(1, "", 0x626f_7800, 2, &[2, 4, 5]);
    assert_eq!(AuthSys::decode(&with_word(4, 0)), shifted);
}

#[test]
fn machine_name_that_is_not_utf_8_is_refused() {
    let expected = XdrError::InvalidUtf8 { offset: 9 };
    let body = with_word(8, u32::from_be_bytes(*b"b\xffx\0"));
    assert_eq!(AuthSys::decode(&body), Err(expected));
}

#[test]
fn gid_count_is_checked_at_its_edges() {
    for declared in [17, u32::MAX] {
        let expected = XdrError::LengthBeyondLimit {
            offset: 20,
            declared,
            limit: 16,
        };
        assert_eq!(AuthSys::decode(&with_word(20, declared)), Err(expected));
    }
    for declared in [3, 16] {
        let expected = XdrError::LengthBeyondInput {
            offset: 20,
            declared,
            remaining: 8,
        };
        assert_eq!(AuthSys::decode(&with_word(20, declared)), Err(expected));
    }
    let expected = XdrError::TrailingBytes {
        offset: 24,
        remaining: 8,
    };
    assert_eq!(AuthSys::decode(&with_word(20, 0)), Err(expected));
    assert_eq!(
        AuthSys::decode(&with_word(20, 0)[..24]).map(|claim| claim.gids().len()),
        Ok(0)
    );
}

#[test]
fn every_truncation_fails_and_trailing_bytes_are_refused() {
    for length in 0..BODY.len() {
        assert!(AuthSys::decode(&BODY[..length]).is_err(), "{length} bytes");
    }
    let longer = [&BODY[..], &[0; 4]].concat();
    let expected = XdrError::TrailingBytes {
        offset: 32,
        remaining: 4,
    };
    assert_eq!(AuthSys::decode(&longer), Err(expected));
}

#[test]
fn every_bit_flip_is_noticed() {
    let original = AuthSys::decode(&BODY);
    for bit in 0..BODY.len() * 8 {
        let mut damaged = BODY;
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(AuthSys::decode(&damaged), original, "bit {bit}");
    }
}

proptest! {
    #[test]
    fn claims_come_back(
        numbers in any::<[u32; 3]>(), name in "[a-z.]{0,255}", gids in vec(any::<u32>(), 0..=16)
    ) {
        let claim = AuthSys::new(numbers[0], &name, numbers[1], numbers[2], &gids).unwrap();
        let body = encode(&claim);
        prop_assert_eq!(AuthSys::decode(&body), Ok(claim));
        prop_assert_eq!(claim.gids(), gids);
    }

    #[test]
    fn whatever_decodes_as_a_claim_is_its_encoding(
        body in vec(prop_oneof![9 => Just(0_u8), 1 => 0..4_u8], 0..80)
    ) {
        if let Ok(claim) = AuthSys::decode(&body) {
            prop_assert_eq!(encode(&claim), body);
        }
    }
}

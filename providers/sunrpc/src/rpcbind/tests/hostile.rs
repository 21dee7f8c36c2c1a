//! Bytes that nobody should send: nothing panics, nothing hangs, nothing is taken for more than it is.

use proptest::prelude::*;

use super::super::address::Registered;
use super::super::messages::{AddressEntry, Item, List, Mapping, Rpcb};
use super::super::responder::{Peer, Way, answer};
use super::super::table::Table;
use super::transcript_body;
use crate::wire::{CallHeader, OpaqueAuth, Xid};

/// Decodes bytes as everything they could be.
fn decode_all(bytes: &[u8]) -> usize {
    let mut entries = 0;
    let _ = Mapping::decode(bytes);
    let _ = Rpcb::decode(bytes);
    let _ = <&str>::decode(bytes);
    let _ = bool::decode(bytes);
    let _ = u32::decode(bytes);
    entries += List::<Mapping>::new(bytes).count();
    entries += List::<Rpcb<'_>>::new(bytes).count();
    entries += List::<AddressEntry<'_>>::new(bytes).count();
    entries
}

#[test]
fn cut_lists_are_refused() {
    for name in ["dump_3_answer", "getaddrlist_answer", "dump_2_answer"] {
        let bytes = transcript_body(name);
        for length in 0..bytes.len() {
            let cut = &bytes[..length];
            let failed = match name {
                "dump_3_answer" => List::<Rpcb<'_>>::new(cut).any(|entry| entry.is_err()),
                "dump_2_answer" => List::<Mapping>::new(cut).any(|entry| entry.is_err()),
                _ => List::<AddressEntry<'_>>::new(cut).any(|entry| entry.is_err()),
            };
            assert!(failed, "{name} cut to {length} bytes");
        }
    }
}

#[test]
fn trailing_bytes_are_refused() {
    for name in ["set_tcp", "unset_all", "getaddr_tcp"] {
        let mut bytes = transcript_body(name).to_vec();
        bytes.extend_from_slice(&[0; 4]);
        assert!(Rpcb::decode(&bytes).is_err(), "{name}");
    }
    let mut bytes = transcript_body("dump_2_answer").to_vec();
    bytes.extend_from_slice(&[0; 4]);
    assert!(List::<Mapping>::new(&bytes).last().unwrap().is_err());
}

#[test]
fn declared_lengths_are_checked_at_their_edges() {
    let original = transcript_body("set_tcp");
    // Where the lengths of netid, address and owner stand.
    for offset in [8, 16, 36] {
        for declared in [0, 1, 1024, 1025, u32::MAX - 3, u32::MAX] {
            let mut bytes = original.to_vec();
            bytes[offset..offset + 4].copy_from_slice(&declared.to_be_bytes());
            let decoded = Rpcb::decode(&bytes);
            let same = bytes == original;
            assert_eq!(decoded.is_ok(), same, "{declared} at {offset}");
        }
    }
}

#[test]
fn flipped_bits_change_the_entry_or_are_refused() {
    let bytes = transcript_body("set_tcp6");
    let original = Rpcb::decode(&bytes).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(Rpcb::decode(&damaged), Ok(original), "bit {bit}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        // The smallest entry has five words.
        prop_assert!(decode_all(&bytes) <= 3 * (bytes.len() / 20 + 1));
    }

    #[test]
    fn any_words_are_decoded_or_refused(words in prop::collection::vec(0_u32..4, 0..200)) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        decode_all(&bytes);
    }

    #[test]
    fn any_entry_comes_back(
        (program, version) in any::<(u32, u32)>(),
        netid in "\\PC{0,20}",
        address in "\\PC{0,60}",
        owner in "\\PC{0,20}",
    ) {
        let (netid, address, owner) = (netid.as_str(), address.as_str(), owner.as_str());
        let item = Rpcb { program, version, netid, address, owner };
        let bytes = item.encode().unwrap();
        prop_assert_eq!(Rpcb::decode(&bytes).unwrap(), item);
    }

    /// A stranger's datagram never gets more than it has, whatever it asks.
    #[test]
    fn no_datagram_of_a_stranger_is_amplified(
        version in 0_u32..6,
        procedure in 0_u32..14,
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..100),
            Just(transcript_body("getaddr_tcp").to_vec()),
            Just(transcript_body("unset_all").to_vec()),
            Just(Vec::new()),
        ],
    ) {
        let everywhere = Registered::tcp("0.0.0.0:111".parse().unwrap());
        let path = Registered::local(&"long/".repeat(60));
        let table = Table::at(&[everywhere, path]);
        let call = CallHeader {
            xid: Xid(1),
            program: 100_000,
            version,
            procedure,
            credential: OpaqueAuth::NONE,
            verifier: OpaqueAuth::NONE,
        };
        let from = Peer {
            way: Way::Datagram,
            address: Some("192.0.2.7:700".parse().unwrap()),
            called: None,
        };
        let mut asked = Vec::new();
        call.encode(&mut asked).unwrap();
        let mut message = Vec::new();
        answer(&table, &call, &body, &from).put(call.xid, &mut message);
        prop_assert!(!message.is_empty());
        prop_assert!(message.len() <= asked.len() + body.len());
    }
}

//! Arguments and results as libtirpc encodes them, both ways, and the limits in pairs.

use rmix_xdr::XdrError;

use super::super::messages::{
    AddressEntry, Item, LIST_ENTRIES_MAX, List, Mapping, Rpcb, TEXT_BYTES_MAX, encode_list,
};
use super::transcript_body;

fn check<'a, T: Item<'a> + PartialEq + std::fmt::Debug>(bytes: &'a [u8], item: &T) {
    assert_eq!(&T::decode(bytes).unwrap(), item);
    assert_eq!(item.encode().unwrap(), bytes);
}

fn rpcb<'a>(program: u32, version: u32, texts: [&'a str; 3]) -> Rpcb<'a> {
    let [netid, address, owner] = texts;
    Rpcb {
        program,
        version,
        netid,
        address,
        owner,
    }
}

#[test]
fn entries_of_libtirpc_are_ours() {
    for (name, item) in [
        (
            "getaddr_tcp",
            rpcb(100_000, 4, ["tcp", "127.0.0.1.0.111", "libtirpc"]),
        ),
        (
            "getaddr_udp",
            rpcb(100_000, 2, ["udp", "127.0.0.1.0.111", "libtirpc"]),
        ),
        (
            "set_tcp",
            rpcb(0x2000_0042, 3, ["tcp", "0.0.0.0.48.57", "0"]),
        ),
        ("set_tcp6", rpcb(0x2000_0042, 3, ["tcp6", "::1.48.57", "0"])),
        ("unset_tcp", rpcb(0x2000_0042, 3, ["tcp", "", "0"])),
        ("unset_all", rpcb(0x2000_0042, 3, ["", "", "0"])),
        (
            "getaddrlist",
            rpcb(100_000, 4, ["tcp", "127.0.0.1.0.111", ""]),
        ),
    ] {
        check(&transcript_body(name), &item);
    }
}

#[test]
fn results_of_rpcbind_are_ours() {
    check(&transcript_body("getaddr_tcp_answer"), &"127.0.0.1.0.111");
    check(&transcript_body("getaddr_udp_answer"), &"127.0.0.1.0.111");
    check(&transcript_body("getaddr_unknown_answer"), &"");
    check(&transcript_body("set_tcp_answer"), &true);
    check(&transcript_body("set_taken_answer"), &false);
    assert!(transcript_body("dump_2").is_empty());
    assert!(transcript_body("dump_3").is_empty());
}

/// RFC 1833 has no bytes; its `mapping` is four words.
#[test]
fn a_mapping_is_four_words() {
    let item = Mapping {
        program: 100_003,
        version: 3,
        protocol: 17,
        port: 2049,
    };
    let bytes = [0, 1, 0x86, 0xa3, 0, 0, 0, 3, 0, 0, 0, 17, 0, 0, 8, 1];
    check(&bytes, &item);
    check(&[0, 0, 8, 1], &2049_u32);
}

#[test]
fn the_list_of_version_2_is_ours() {
    let bytes = transcript_body("dump_2_answer");
    let entries: Vec<Mapping> = List::new(&bytes).collect::<Result<_, _>>().unwrap();
    let found: Vec<_> = entries
        .iter()
        .map(|entry| (entry.program, entry.version, entry.protocol, entry.port))
        .collect();
    let wanted = [(4, 6), (3, 6), (2, 6), (4, 17), (3, 17), (2, 17)];
    let wanted = wanted.map(|(version, protocol)| (100_000, version, protocol, 111));
    assert_eq!(found, wanted);
    assert_eq!(encode_list(entries).unwrap(), bytes);
}

#[test]
fn the_list_of_version_3_is_ours() {
    let bytes = transcript_body("dump_3_answer");
    let entries: Vec<Rpcb<'_>> = List::new(&bytes).collect::<Result<_, _>>().unwrap();
    assert_eq!(entries.len(), 12);
    let wanted = rpcb(100_000, 4, ["tcp6", "::.0.111", "superuser"]);
    assert_eq!(entries[0], wanted);
    let wanted = rpcb(100_000, 3, ["local", "/run/rpcbind.sock", "superuser"]);
    assert_eq!(entries[11], wanted);
    assert_eq!(encode_list(entries).unwrap(), bytes);
}

#[test]
fn the_list_of_addresses_is_ours() {
    let bytes = transcript_body("getaddrlist_answer");
    let entries: Vec<AddressEntry<'_>> = List::new(&bytes).collect::<Result<_, _>>().unwrap();
    let entry = |netid, semantics| AddressEntry {
        address: "127.0.0.1.0.111",
        netid,
        semantics,
        family: "inet",
        protocol: netid,
    };
    assert_eq!(entries, [entry("tcp", 3), entry("udp", 1)]);
    assert_eq!(encode_list(entries).unwrap(), bytes);
}

#[test]
fn texts_end_at_their_limit() {
    let limit = usize::try_from(TEXT_BYTES_MAX).unwrap();
    let (longest, longer) = ("a".repeat(limit), "a".repeat(limit + 1));
    check(&longest.as_str().encode().unwrap(), &longest.as_str());
    let refused = longer.as_str().encode();
    assert!(matches!(refused, Err(XdrError::ValueTooLong { .. })));
    let mut bytes = Vec::new();
    let mut encoder = rmix_xdr::XdrEncoder::new(&mut bytes);
    encoder.string(&longer, u32::MAX).unwrap();
    let refused = <&str>::decode(&bytes);
    assert!(matches!(refused, Err(XdrError::LengthBeyondLimit { .. })));
}

#[test]
fn lists_end_at_their_limit_and_stay_ended() {
    let limit = usize::try_from(LIST_ENTRIES_MAX).unwrap();
    let entry = Mapping {
        program: 1,
        version: 2,
        protocol: 6,
        port: 4,
    };
    let bytes = encode_list(std::iter::repeat_n(entry, limit)).unwrap();
    let found: Result<Vec<Mapping>, _> = List::new(&bytes).collect();
    assert_eq!(found.unwrap().len(), limit);
    let bytes = encode_list(std::iter::repeat_n(entry, limit + 1)).unwrap();
    let mut list = List::<Mapping>::new(&bytes);
    assert_eq!(list.by_ref().filter(Result::is_ok).count(), limit);
    assert_eq!(list.next().map(|entry| entry.is_ok()), None);
    let last = List::<Mapping>::new(&bytes).last().unwrap();
    let wanted = XdrError::LengthBeyondLimit {
        offset: limit * 20,
        declared: LIST_ENTRIES_MAX + 1,
        limit: LIST_ENTRIES_MAX,
    };
    assert_eq!(last, Err(wanted));
}

//! What the small rpcbind answers, and what it refuses.

use std::net::IpAddr;

use super::super::address::{Netid, Registered};
use super::super::messages::{AddressEntry, Item, List, Mapping, Rpcb, procedure};
use super::super::responder::{Answer, Peer, Way, answer};
use super::super::table::{ENTRIES_MAX, Table};
use super::{transcript, transcript_body};
use crate::target::Program;
use crate::wire::{AcceptStatus, CallHeader, Message, OpaqueAuth, Xid};

const PROGRAM: Program = Program {
    number: 0x2000_0042,
    version: 3,
};

fn tcp(text: &str) -> Registered {
    Registered::tcp(text.parse().unwrap())
}

/// The responder itself over TCP and UDP, and a program in two versions.
fn table() -> Table {
    let everywhere = "0.0.0.0:111".parse().unwrap();
    let mut table = Table::at(&[Registered::tcp(everywhere), Registered::udp(everywhere)]);
    assert!(table.set(PROGRAM, &tcp("127.0.0.1:12345")));
    assert!(table.set(PROGRAM, &tcp("[::]:12346")));
    assert!(table.set(PROGRAM, &Registered::local("/run/a")));
    let second = Program {
        version: 7,
        ..PROGRAM
    };
    assert!(table.set(second, &tcp("0.0.0.0:700")));
    table
}

fn from(way: Way, address: &str) -> Peer {
    Peer {
        way,
        address: Some(address.parse().unwrap()),
        called: None,
    }
}

fn stranger() -> Peer {
    from(Way::Stream, "192.0.2.7:700")
}

fn called<'a>(version: u32, procedure: u32) -> CallHeader<'a> {
    CallHeader {
        xid: Xid(7),
        program: 100_000,
        version,
        procedure,
        credential: OpaqueAuth::NONE,
        verifier: OpaqueAuth::NONE,
    }
}

fn results(version: u32, procedure: u32, body: &[u8], from: &Peer) -> Vec<u8> {
    let Answer { status, results } = answer(&table(), &called(version, procedure), body, from);
    assert_eq!(status, AcceptStatus::Success, "procedure {procedure}");
    results
}

fn status(version: u32, procedure: u32, body: &[u8], from: &Peer) -> AcceptStatus {
    let Answer { status, results } = answer(&table(), &called(version, procedure), body, from);
    assert!(results.is_empty() || status == AcceptStatus::Success);
    status
}

fn rpcb(version: u32, netid: &str, address: &str) -> Vec<u8> {
    let wanted = Rpcb {
        program: PROGRAM.number,
        version,
        netid,
        address,
        owner: "",
    };
    wanted.encode().unwrap()
}

fn mapping(version: u32, protocol: u32) -> Vec<u8> {
    let wanted = Mapping {
        program: PROGRAM.number,
        version,
        protocol,
        port: 0,
    };
    wanted.encode().unwrap()
}

#[test]
fn calls_of_rpcinfo_are_answered_as_rpcbind_does() {
    let everywhere = "0.0.0.0:111".parse().unwrap();
    let table = Table::at(&[Registered::tcp(everywhere), Registered::udp(everywhere)]);
    for (asked, answered, way) in [
        ("getaddr_tcp", "getaddr_tcp_answer", Way::Stream),
        ("getaddr_udp", "getaddr_udp_answer", Way::Datagram),
        ("getaddrlist", "getaddrlist_answer", Way::Stream),
    ] {
        let message = transcript(asked);
        let Message::Call {
            header,
            body_offset,
        } = Message::decode(&message).unwrap()
        else {
            panic!("{asked} is no call");
        };
        let peer = from(way, "127.0.0.1:700");
        let mut reply = Vec::new();
        answer(&table, &header, &message[body_offset..], &peer).put(header.xid, &mut reply);
        assert_eq!(reply, transcript(answered), "{asked}");
    }
}

#[test]
fn every_version_has_its_null_procedure_and_others_are_a_mismatch() {
    for version in 2..=4 {
        assert!(results(version, 0, b"", &stranger()).is_empty());
    }
    for version in [0, 1, 5, u32::MAX] {
        let mismatch = AcceptStatus::ProgMismatch { low: 2, high: 4 };
        assert_eq!(status(version, 0, b"", &stranger()), mismatch);
    }
    let mut reply = Vec::new();
    let call = called(5, 0);
    answer(&table(), &call, b"", &stranger()).put(Xid(0x1122_3344), &mut reply);
    assert_eq!(reply, transcript("version_5_answer"));
    let other = CallHeader {
        program: 100_003,
        ..called(3, 0)
    };
    let answered = answer(&table(), &other, b"", &stranger());
    assert_eq!(answered.status, AcceptStatus::ProgUnavail);
}

#[test]
fn ports_are_told_in_version_2() {
    for (version, protocol, port) in [(3, 6, 12345), (7, 6, 700), (3, 17, 0), (3, 99, 0)] {
        let found = results(2, 3, &mapping(version, protocol), &stranger());
        assert_eq!(u32::decode(&found), Ok(port), "{version} {protocol}");
    }
    // Another version of the program: its server says which ones it has.
    let found = results(2, 3, &mapping(9, 6), &stranger());
    assert_eq!(u32::decode(&found), Ok(12345));
}

#[test]
fn addresses_are_told_in_versions_3_and_4() {
    for version in [3, 4] {
        for (wanted, netid, address) in [
            (3, "tcp", "127.0.0.1.48.57"),
            (3, "tcp6", "::.48.58"),
            (3, "local", "/run/a"),
            (9, "tcp", "127.0.0.1.48.57"),
            (3, "udp", ""),
            (3, "sctp", ""),
        ] {
            let found = results(version, 3, &rpcb(wanted, netid, ""), &stranger());
            assert_eq!(<&str>::decode(&found), Ok(address), "{wanted} {netid}");
        }
    }
    for (wanted, address) in [(3, "127.0.0.1.48.57"), (9, "")] {
        let found = results(4, 9, &rpcb(wanted, "tcp", ""), &stranger());
        assert_eq!(<&str>::decode(&found), Ok(address), "exactly {wanted}");
    }
}

#[test]
fn a_wildcard_becomes_the_address_that_was_called() {
    let called_at = |ip: &str| Peer {
        called: Some(ip.parse::<IpAddr>().unwrap()),
        ..stranger()
    };
    for (wanted, netid, hint, peer, address) in [
        (
            7,
            "tcp",
            "",
            called_at("198.51.100.2"),
            "198.51.100.2.2.188",
        ),
        (
            7,
            "tcp",
            "",
            called_at("::ffff:198.51.100.2"),
            "198.51.100.2.2.188",
        ),
        (
            7,
            "tcp",
            "203.0.113.5.0.111",
            stranger(),
            "203.0.113.5.2.188",
        ),
        (
            7,
            "tcp",
            "203.0.113.5.0.111",
            called_at("198.51.100.2"),
            "198.51.100.2.2.188",
        ),
        (7, "tcp", "", called_at("2001:db8::1"), "0.0.0.0.2.188"),
        (7, "tcp", "nonsense", stranger(), "0.0.0.0.2.188"),
        (3, "tcp6", "", called_at("2001:db8::1"), "2001:db8::1.48.58"),
        (
            3,
            "tcp",
            "203.0.113.5.0.111",
            called_at("198.51.100.2"),
            "127.0.0.1.48.57",
        ),
    ] {
        let found = results(4, 3, &rpcb(wanted, netid, hint), &peer);
        assert_eq!(
            <&str>::decode(&found),
            Ok(address),
            "{wanted} {netid} {hint}"
        );
    }
}

#[test]
fn dumps_have_what_their_version_can_say() {
    let bytes = results(2, 4, b"", &stranger());
    let entries: Vec<Mapping> = List::new(&bytes).collect::<Result<_, _>>().unwrap();
    assert_eq!(entries.len(), 6 + 2);
    assert!(entries.iter().all(|entry| entry.port != 0));
    let bytes = results(3, 4, b"", &stranger());
    let entries: Vec<Rpcb<'_>> = List::new(&bytes).collect::<Result<_, _>>().unwrap();
    assert_eq!(entries.len(), 6 + 4);
    assert!(entries.iter().any(|entry| entry.address == "/run/a"));
    assert_eq!(results(4, 4, b"", &stranger()), bytes);
    let bytes = results(4, 11, &rpcb(3, "", ""), &stranger());
    let entries: Vec<AddressEntry<'_>> = List::new(&bytes).collect::<Result<_, _>>().unwrap();
    let netids: Vec<_> = entries.iter().map(|entry| entry.netid).collect();
    assert_eq!(netids, ["tcp", "tcp6", "local"]);
}

#[test]
fn a_stranger_gets_no_dump_in_datagrams_and_this_host_does() {
    for version in 2..=4 {
        for (address, wanted) in [
            ("192.0.2.7:700", AcceptStatus::SystemErr),
            ("[2001:db8::7]:700", AcceptStatus::SystemErr),
            ("127.0.0.1:700", AcceptStatus::Success),
            ("[::1]:700", AcceptStatus::Success),
            ("[::ffff:127.0.0.1]:700", AcceptStatus::Success),
        ] {
            let peer = from(Way::Datagram, address);
            assert_eq!(
                status(version, 4, b"", &peer),
                wanted,
                "{version} {address}"
            );
        }
    }
    let peer = from(Way::Datagram, "192.0.2.7:700");
    let found = results(4, 3, &rpcb(3, "tcp", ""), &peer);
    assert_eq!(
        <&str>::decode(&found),
        Ok("127.0.0.1.48.57"),
        "as long as it is short"
    );
}

#[test]
fn nobody_changes_the_table() {
    for peer in [stranger(), from(Way::Stream, "127.0.0.1:700")] {
        for version in [3, 4] {
            for procedure in [1, 2] {
                let found = results(version, procedure, &transcript_body("set_tcp"), &peer);
                assert_eq!(bool::decode(&found), Ok(false));
            }
        }
        for procedure in [1, 2] {
            let found = results(2, procedure, &mapping(3, 6), &peer);
            assert_eq!(bool::decode(&found), Ok(false));
        }
    }
}

#[test]
fn nothing_is_forwarded() {
    let forwarding = [(2, 5), (3, 5), (4, 5), (4, 10)];
    let unknown = [(2, 9), (3, 9), (3, 11), (4, 12), (4, u32::MAX)];
    for (version, procedure) in forwarding.into_iter().chain(unknown) {
        let found = status(version, procedure, &rpcb(3, "tcp", ""), &stranger());
        assert_eq!(found, AcceptStatus::ProcUnavail, "{version} {procedure}");
    }
}

#[test]
fn arguments_that_cannot_be_read_are_garbage() {
    for version in 2..=4 {
        for procedure in [1, 2, 3] {
            let found = status(version, procedure, &[0; 3], &stranger());
            assert_eq!(found, AcceptStatus::GarbageArgs, "{version} {procedure}");
        }
        let found = status(version, 4, &[0; 4], &stranger());
        assert_eq!(found, AcceptStatus::GarbageArgs, "{version} DUMP");
    }
}

#[test]
fn every_listed_entry_has_an_owner() {
    let peer = from(Way::Stream, "127.0.0.1:700");
    for version in [3, 4] {
        let listed = results(version, procedure::DUMP, &[], &peer);
        let owner = b"\0\0\0\x07unknown\0";
        let owners = listed.windows(owner.len()).filter(|at| at == owner);
        assert_eq!(owners.count(), table().entries().count(), "{version}");
    }
}

#[test]
fn the_table_keeps_one_address_each_and_is_bounded() {
    let mut table = Table::default();
    assert!(table.set(PROGRAM, &tcp("0.0.0.0:1")));
    assert!(table.set(PROGRAM, &tcp("0.0.0.0:1")), "the same again");
    assert!(!table.set(PROGRAM, &tcp("0.0.0.0:2")), "another");
    assert!(table.unset(PROGRAM, Netid::Tcp));
    assert!(!table.unset(PROGRAM, Netid::Tcp));
    assert_eq!(table.exact(PROGRAM, Netid::Tcp), None);
    let mut version = 0;
    let mut add = || {
        version += 1;
        table.set(Program { number: 1, version }, &tcp("0.0.0.0:1"))
    };
    assert!((0..ENTRIES_MAX).all(|_| add()));
    assert!(!add(), "one more than the limit");
}

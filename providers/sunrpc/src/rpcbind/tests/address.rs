//! Universal addresses and netids.

use std::net::SocketAddr;

use proptest::prelude::*;

use super::super::address::{AddressError, Netid, Registered, from_universal, to_universal};

#[test]
fn addresses_are_written_as_rpcbind_writes_them() {
    for (socket, text) in [
        ("127.0.0.1:111", "127.0.0.1.0.111"),
        ("0.0.0.0:12345", "0.0.0.0.48.57"),
        ("255.255.255.255:65535", "255.255.255.255.255.255"),
        ("[::]:111", "::.0.111"),
        ("[::1]:12345", "::1.48.57"),
        ("[2001:db8::7]:2049", "2001:db8::7.8.1"),
        ("[::ffff:1.2.3.4]:256", "::ffff:1.2.3.4.1.0"),
    ] {
        let socket: SocketAddr = socket.parse().unwrap();
        assert_eq!(to_universal(socket), text);
        assert_eq!(from_universal(text), Ok(socket));
    }
}

#[test]
fn broken_addresses_are_refused_with_the_reason() {
    for (text, failure) in [
        ("", AddressError::PortMissing),
        ("127", AddressError::PortMissing),
        ("1.2", AddressError::PortMissing),
        ("1.2.3", AddressError::Host),
        ("127.0.0.1", AddressError::Host),
        ("127.0.0.1.111", AddressError::Host),
        ("127.0.0.1.0.256", AddressError::Port),
        ("127.0.0.1.256.0", AddressError::Port),
        ("127.0.0.1.0.", AddressError::Port),
        ("127.0.0.1..111", AddressError::Port),
        ("127.0.0.1.+1.111", AddressError::Port),
        ("127.0.0.1.-1.111", AddressError::Port),
        ("127.0.0.1.0.0111", AddressError::Port),
        ("127.0.0.1.0.111 ", AddressError::Port),
        ("127.0.0.1.2.0.111", AddressError::Host),
        ("[::1].0.111", AddressError::Host),
        ("host.0.111", AddressError::Host),
        ("/run/a.0.111", AddressError::Host),
    ] {
        assert_eq!(from_universal(text), Err(failure), "{text:?}");
    }
}

#[test]
fn every_reason_is_told_apart() {
    let reasons = [
        AddressError::PortMissing,
        AddressError::Port,
        AddressError::Host,
    ];
    let texts = reasons.map(|reason| reason.to_string());
    assert!(texts[0].contains(".p1.p2"));
    assert!(texts[1].contains("0 to 255"));
    assert!(texts[2].contains("no IPv4 or IPv6"));
}

#[test]
fn netids_have_their_names_and_protocols() {
    for (name, protocol) in [
        ("tcp", Some(6)),
        ("udp", Some(17)),
        ("tcp6", Some(6)),
        ("udp6", Some(17)),
        ("local", None),
    ] {
        let netid = Netid::named(name).unwrap();
        assert_eq!(netid.to_string(), name);
        assert_eq!(netid.protocol(), protocol);
        assert_eq!(netid.is_ipv4(), name == "tcp" || name == "udp");
    }
    for name in ["", "TCP", "tcp4", "ticlts", "tcp6 "] {
        assert_eq!(Netid::named(name), None, "{name:?}");
    }
}

#[test]
fn what_is_bound_has_the_netid_of_its_family() {
    let (four, six) = ("0.0.0.0:7".parse().unwrap(), "[::]:7".parse().unwrap());
    let netids = [
        Registered::tcp(four),
        Registered::tcp(six),
        Registered::udp(four),
        Registered::udp(six),
        Registered::local("/run/a"),
    ]
    .map(|entry| format!("{} {}", entry.netid, entry.address));
    let wanted = [
        "tcp 0.0.0.0.0.7",
        "tcp6 ::.0.7",
        "udp 0.0.0.0.0.7",
        "udp6 ::.0.7",
        "local /run/a",
    ];
    assert_eq!(netids, wanted);
}

proptest! {
    #[test]
    fn addresses_come_back(ip in any::<std::net::IpAddr>(), port in any::<u16>()) {
        let socket = SocketAddr::new(ip, port);
        prop_assert_eq!(from_universal(&to_universal(socket)), Ok(socket));
    }

    #[test]
    fn no_text_panics(text in "[0-9a-f.:+/ %]{0,40}") {
        if let Ok(socket) = from_universal(&text) {
            prop_assert_eq!(from_universal(&to_universal(socket)), Ok(socket));
        }
    }
}

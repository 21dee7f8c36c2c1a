//! Which questions a look-up asks, and what it makes of the answers.

use std::collections::VecDeque;

use bytes::Bytes;
use rmix_provider::tables::{Err, cause, delivery, kind};

use super::super::address::Netid;
use super::super::ask::{Answered, Ask};
use super::super::lookup::port_of;
use super::super::messages::{Item, Mapping, Rpcb};
use super::{at_once, transcript_body};
use crate::target::Program;
use crate::wire::{AcceptStatus, AuthStatus, RejectStatus};

const PROGRAM: Program = Program {
    number: 0x2000_0042,
    version: 3,
};

/// Questions: version, procedure and arguments.
type Asked = Vec<(u32, u32, Vec<u8>)>;

/// An rpcbind that gives these answers, one after another, and remembers the questions.
struct Script {
    answers: VecDeque<Answered>,
    asked: Asked,
}

impl Ask for Script {
    async fn ask(
        &mut self,
        version: u32,
        procedure: u32,
        arguments: &[u8],
    ) -> Result<Answered, Err> {
        self.asked.push((version, procedure, arguments.to_vec()));
        Ok(self.answers.pop_front().expect("no more is asked"))
    }

    fn whom(&self) -> &'static str {
        "the rpcbind of h"
    }
}

fn look_up(netid: Netid, answers: impl IntoIterator<Item = Answered>) -> (Result<u16, Err>, Asked) {
    let mut script = Script {
        answers: answers.into_iter().collect(),
        asked: Vec::new(),
    };
    let found = at_once(port_of(&mut script, "h", PROGRAM, netid));
    assert!(script.answers.is_empty(), "all answers were asked for");
    (found, script.asked)
}

fn address(text: &str) -> Answered {
    Answered::Success(text.encode().unwrap().into())
}

fn port(port: u32) -> Answered {
    Answered::Success(port.encode().unwrap().into())
}

fn versions(low: u32, high: u32) -> Answered {
    Answered::Accepted(AcceptStatus::ProgMismatch { low, high })
}

/// Versions that were asked in.
fn in_versions(asked: &[(u32, u32, Vec<u8>)]) -> Vec<u32> {
    asked.iter().map(|(version, ..)| *version).collect()
}

#[test]
fn version_4_is_asked_first_and_its_port_is_taken() {
    let (found, asked) = look_up(Netid::Tcp, [address("192.0.2.1.48.57")]);
    assert_eq!(found.unwrap(), 12345);
    let [(4, 3, arguments)] = asked.as_slice() else {
        panic!("asked {asked:?}");
    };
    let wanted = Rpcb {
        program: PROGRAM.number,
        version: PROGRAM.version,
        netid: "tcp",
        address: "",
        owner: "",
    };
    assert_eq!(Rpcb::decode(arguments).unwrap(), wanted);
}

#[test]
fn the_host_of_an_answer_is_of_no_account() {
    for text in [
        "0.0.0.0.48.57",
        "203.0.113.9.48.57",
        "::.48.57",
        "127.0.0.1.48.57",
    ] {
        let (found, _) = look_up(Netid::Tcp, [address(text)]);
        assert_eq!(found.unwrap(), 12345, "{text}");
    }
}

#[test]
fn the_answer_of_rpcbind_itself_is_understood() {
    let answered = Answered::Success(transcript_body("getaddr_tcp_answer"));
    assert_eq!(look_up(Netid::Tcp, [answered]).0.unwrap(), 111);
}

#[test]
fn versions_that_are_missing_are_passed_over() {
    for (first, wanted) in [
        (versions(2, 3), vec![4, 3]),
        (versions(3, 3), vec![4, 3]),
        (Answered::Accepted(AcceptStatus::ProcUnavail), vec![4, 3]),
        (
            Answered::Denied(RejectStatus::RpcMismatch { low: 2, high: 2 }),
            vec![4, 3],
        ),
        // It lies: version 4 is among them.
        (versions(2, 4), vec![4, 3]),
    ] {
        let (found, asked) = look_up(Netid::Udp, [first, address("::.0.7")]);
        assert_eq!(found.unwrap(), 7);
        assert_eq!(in_versions(&asked), wanted);
    }
}

#[test]
fn a_portmapper_is_asked_in_version_2_at_once() {
    let (found, asked) = look_up(Netid::Udp, [versions(2, 2), port(2049)]);
    assert_eq!(found.unwrap(), 2049);
    let [(4, ..), (2, 3, arguments)] = asked.as_slice() else {
        panic!("asked {asked:?}");
    };
    let wanted = Mapping {
        program: PROGRAM.number,
        version: PROGRAM.version,
        protocol: 17,
        port: 0,
    };
    assert_eq!(Mapping::decode(arguments).unwrap(), wanted);
}

#[test]
fn a_program_that_is_not_registered_is_an_error_that_helps() {
    let nothing = [
        vec![address("")],
        vec![address("0.0.0.0.0.0")],
        vec![versions(2, 2), port(0)],
    ];
    for answers in nothing {
        let failure = look_up(Netid::Tcp, answers).0.unwrap_err();
        assert_eq!(
            (failure.kind, failure.cause),
            (kind::RECONNECT, cause::CONNECT)
        );
        assert_eq!(failure.delivery, delivery::NOT_SENT);
        let wanted = "the rpcbind of h does not know program 536870978 version 3 over tcp: is its server running? \
                      `rpcinfo -p h` lists what it knows";
        assert_eq!(failure.text(), wanted);
    }
}

#[test]
fn without_a_version_in_common_the_look_up_ends() {
    for answers in [
        vec![versions(5, 9)],
        vec![versions(0, 1)],
        vec![versions(4, 4)],
        vec![versions(2, 3), versions(2, 2), versions(3, 4)],
        vec![Answered::Accepted(AcceptStatus::ProcUnavail); 3],
        vec![Answered::Denied(RejectStatus::RpcMismatch { low: 3, high: 3 }); 3],
    ] {
        let failure = look_up(Netid::Tcp, answers).0.unwrap_err();
        assert_eq!(failure.kind, kind::UNSUPPORTED, "{}", failure.text());
    }
}

#[test]
fn refusals_say_what_they_are() {
    for (answered, wanted, part) in [
        (
            Answered::Accepted(AcceptStatus::ProgUnavail),
            kind::FIX_REQUEST,
            "PROG_UNAVAIL",
        ),
        (
            Answered::Accepted(AcceptStatus::SystemErr),
            kind::RETRY,
            "SYSTEM_ERR",
        ),
        (
            Answered::Accepted(AcceptStatus::GarbageArgs),
            kind::UNSUPPORTED,
            "GarbageArgs",
        ),
        (
            Answered::Denied(RejectStatus::AuthError(AuthStatus::TooWeak)),
            kind::DENIED,
            "TooWeak",
        ),
    ] {
        let failure = look_up(Netid::Tcp, [answered]).0.unwrap_err();
        assert_eq!(failure.kind, wanted, "{}", failure.text());
        assert!(failure.text().contains(part), "{}", failure.text());
        assert!(failure.text().starts_with("the rpcbind of h "));
    }
}

#[test]
fn answers_that_cannot_be_read_are_the_peers_fault() {
    let raw = |bytes: &'static [u8]| Answered::Success(Bytes::from_static(bytes));
    for answers in [
        vec![raw(b"")],
        vec![raw(b"\xff\xff\xff\xff")],
        vec![raw(b"\0\0\0\x01a\0\0")],
        vec![address("nonsense")],
        vec![address("127.0.0.1.1.256")],
        vec![versions(2, 2), raw(b"\0\0\0")],
        vec![versions(2, 2), port(65_536)],
        vec![versions(2, 2), port(u32::MAX)],
    ] {
        let failure = look_up(Netid::Tcp, answers).0.unwrap_err();
        let found = (failure.kind, failure.cause);
        assert_eq!(
            found,
            (kind::PEER_BROKEN, cause::PROTOCOL),
            "{}",
            failure.text()
        );
    }
}

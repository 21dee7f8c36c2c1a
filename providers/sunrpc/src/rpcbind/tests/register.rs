//! What registering and withdrawing do to an rpcbind's table.

use rmix_provider::tables::{Err, kind};

use super::super::address::{Netid, Registered, to_universal};
use super::super::ask::{Answered, Ask};
use super::super::messages::{Item, Mapping, Rpcb, procedure};
use super::super::register::{set_all, unset_own};
use super::super::responder::{Peer, Way, answer};
use super::super::table::Table;
use super::at_once;
use crate::target::Program;
use crate::wire::{AcceptStatus, CallHeader, OpaqueAuth, Xid};

const PROGRAM: Program = Program {
    number: 0x2000_0042,
    version: 3,
};

/// An rpcbind with a table that its callers change, as far as entries are not another user's.
#[derive(Default)]
struct Rpcbind {
    table: Table,
    /// The highest version it has.
    newest: u32,
    /// Netids whose entries are another user's.
    foreign: Vec<Netid>,
    asked: Vec<(u32, u32)>,
}

impl Rpcbind {
    fn new(newest: u32) -> Rpcbind {
        Rpcbind {
            newest,
            ..Rpcbind::default()
        }
    }

    fn entry(version: u32, arguments: &[u8]) -> (Program, Registered) {
        if version > 2 {
            let entry = Rpcb::decode(arguments).unwrap();
            assert_eq!(entry.owner.parse(), Ok(rustix::process::geteuid().as_raw()));
            let program = Program {
                number: entry.program,
                version: entry.version,
            };
            let netid = Netid::named(entry.netid).unwrap();
            let address = entry.address.to_owned();
            return (program, Registered { netid, address });
        }
        let entry = Mapping::decode(arguments).unwrap();
        let program = Program {
            number: entry.program,
            version: entry.version,
        };
        let port = u16::try_from(entry.port).unwrap();
        let address = to_universal(([0, 0, 0, 0], port).into());
        let netid = if entry.protocol == 6 {
            Netid::Tcp
        } else {
            Netid::Udp
        };
        (program, Registered { netid, address })
    }

    fn unset(&mut self, program: Program, netid: Netid) -> bool {
        !self.foreign.contains(&netid) && self.table.unset(program, netid)
    }

    fn addresses(&self) -> Vec<String> {
        let entries = self.table.entries();
        entries
            .map(|(_, netid, address)| format!("{netid} {address}"))
            .collect()
    }
}

impl Ask for Rpcbind {
    async fn ask(&mut self, version: u32, number: u32, arguments: &[u8]) -> Result<Answered, Err> {
        self.asked.push((version, number));
        if version > self.newest {
            let (low, high) = (2, self.newest);
            return Ok(Answered::Accepted(AcceptStatus::ProgMismatch { low, high }));
        }
        if number == procedure::SET || number == procedure::UNSET {
            let (program, entry) = Rpcbind::entry(version, arguments);
            let done = if number == procedure::SET {
                self.table.set(program, &entry)
            } else if version > 2 {
                self.unset(program, entry.netid)
            } else {
                // The protocol is ignored.
                self.unset(program, Netid::Tcp) | self.unset(program, Netid::Udp)
            };
            return Ok(Answered::Success(done.encode().unwrap().into()));
        }
        let call = CallHeader {
            xid: Xid(1),
            program: 100_000,
            version,
            procedure: number,
            credential: OpaqueAuth::NONE,
            verifier: OpaqueAuth::NONE,
        };
        let from = Peer {
            way: Way::Stream,
            address: None,
            called: None,
        };
        let answer = answer(&self.table, &call, arguments, &from);
        assert_eq!(answer.status, AcceptStatus::Success);
        Ok(Answered::Success(answer.results.into()))
    }

    fn whom(&self) -> &'static str {
        "the rpcbind of this host"
    }
}

fn tcp(text: &str) -> Registered {
    Registered::tcp(text.parse().unwrap())
}

/// One address of each netid.
fn all() -> Vec<Registered> {
    vec![
        tcp("0.0.0.0:4000"),
        Registered::udp("0.0.0.0:4001".parse().unwrap()),
        tcp("[::]:4002"),
        Registered::udp("[::]:4003".parse().unwrap()),
        Registered::local("/run/a"),
    ]
}

#[test]
fn all_netids_are_registered_and_withdrawn_in_version_4_and_3() {
    for newest in [4, 3] {
        let mut rpcbind = Rpcbind::new(newest);
        let (set, left_out) = at_once(set_all(&mut rpcbind, PROGRAM, &all())).unwrap();
        assert_eq!((set.len(), left_out.len()), (5, 0));
        let wanted = [
            "tcp 0.0.0.0.15.160",
            "udp 0.0.0.0.15.161",
            "tcp6 ::.15.162",
            "udp6 ::.15.163",
            "local /run/a",
        ];
        assert_eq!(rpcbind.addresses(), wanted);
        at_once(unset_own(&mut rpcbind, PROGRAM, &set)).unwrap();
        assert!(rpcbind.addresses().is_empty());
    }
}

#[test]
fn a_portmapper_holds_ipv4_and_the_rest_is_left_out() {
    let mut rpcbind = Rpcbind::new(2);
    let mut addresses = all();
    // Whichever comes first, the version is found out.
    addresses.reverse();
    let (set, left_out) = at_once(set_all(&mut rpcbind, PROGRAM, &addresses)).unwrap();
    let names = |entries: &[Registered]| -> Vec<_> {
        entries.iter().map(|entry| entry.netid.name()).collect()
    };
    assert_eq!(names(&set), ["udp", "tcp"]);
    assert_eq!(names(&left_out), ["local", "udp6", "tcp6"]);
    assert_eq!(
        rpcbind.addresses(),
        ["tcp 0.0.0.0.15.160", "udp 0.0.0.0.15.161"]
    );
    at_once(unset_own(&mut rpcbind, PROGRAM, &set)).unwrap();
    assert!(rpcbind.addresses().is_empty());
}

#[test]
fn a_portmapper_that_can_hold_nothing_is_unsupported() {
    let mut rpcbind = Rpcbind::new(2);
    let only = [tcp("[::]:4002"), Registered::local("/run/a")];
    let failure = at_once(set_all(&mut rpcbind, PROGRAM, &only)).unwrap_err();
    assert_eq!(failure.kind, kind::UNSUPPORTED);
    assert!(failure.text().contains("IPv4"), "{}", failure.text());
}

#[test]
fn an_entry_that_was_left_behind_is_replaced() {
    let mut rpcbind = Rpcbind::new(4);
    assert!(rpcbind.table.set(PROGRAM, &tcp("0.0.0.0:1")));
    let own = [tcp("0.0.0.0:4000")];
    at_once(set_all(&mut rpcbind, PROGRAM, &own)).unwrap();
    assert_eq!(rpcbind.addresses(), ["tcp 0.0.0.0.15.160"]);
    let calls: Vec<u32> = rpcbind.asked.iter().map(|(_, number)| *number).collect();
    let (set, unset) = (procedure::SET, procedure::UNSET);
    assert_eq!(calls, [set, unset, set], "asked once more, and not again");
}

#[test]
fn another_users_entry_stays_and_what_was_set_goes() {
    let mut rpcbind = Rpcbind::new(4);
    let theirs = Registered::udp("0.0.0.0:1".parse().unwrap());
    assert!(rpcbind.table.set(PROGRAM, &theirs));
    rpcbind.foreign.push(Netid::Udp);
    let failure = at_once(set_all(&mut rpcbind, PROGRAM, &all())).unwrap_err();
    assert_eq!(failure.kind, kind::DENIED);
    let wanted = "the rpcbind of this host does not register program 536870978 version 3 over udp at \
                  0.0.0.0.15.161: another user's registration stands, or it takes none from here";
    assert_eq!(failure.text(), wanted);
    assert_eq!(rpcbind.addresses(), ["udp 0.0.0.0.0.1"]);
}

#[test]
fn an_entry_that_was_replaced_meanwhile_is_not_withdrawn() {
    for (newest, left) in [
        (4, &["tcp 0.0.0.0.19.136"][..]),
        // Version 2 takes off both or none.
        (2, &["tcp 0.0.0.0.19.136", "udp 0.0.0.0.15.161"]),
    ] {
        let mut rpcbind = Rpcbind::new(newest);
        let (set, _) = at_once(set_all(&mut rpcbind, PROGRAM, &all())).unwrap();
        assert!(rpcbind.table.unset(PROGRAM, Netid::Tcp));
        assert!(rpcbind.table.set(PROGRAM, &tcp("0.0.0.0:5000")));
        at_once(unset_own(&mut rpcbind, PROGRAM, &set)).unwrap();
        assert_eq!(rpcbind.addresses(), left, "version {newest}");
    }
}

#[test]
fn replacing_one_entry_of_a_portmapper_keeps_the_other() {
    let mut rpcbind = Rpcbind::new(2);
    let left_behind = Registered::udp("0.0.0.0:1".parse().unwrap());
    assert!(rpcbind.table.set(PROGRAM, &left_behind));
    at_once(set_all(&mut rpcbind, PROGRAM, &all())).unwrap();
    let wanted = ["tcp 0.0.0.0.15.160", "udp 0.0.0.0.15.161"];
    assert_eq!(rpcbind.addresses(), wanted);
}

#[test]
fn an_entry_that_is_gone_is_no_failure_and_one_that_stays_is() {
    let mut rpcbind = Rpcbind::new(4);
    let own = [tcp("0.0.0.0:4000")];
    at_once(unset_own(&mut rpcbind, PROGRAM, &own)).unwrap();
    at_once(set_all(&mut rpcbind, PROGRAM, &own)).unwrap();
    rpcbind.foreign.push(Netid::Tcp);
    let failure = at_once(unset_own(&mut rpcbind, PROGRAM, &own)).unwrap_err();
    assert_eq!(failure.kind, kind::DENIED);
    let wanted = "the rpcbind of this host does not take off program 536870978 version 3 over tcp";
    assert_eq!(failure.text(), wanted);
}

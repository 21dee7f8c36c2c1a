//! Our client, by traits made of the interface file, at the C server.

use std::sync::atomic::{AtomicU32, Ordering};

use rmix::Cause;
use rmix_peers::{CDiverse, DiverseOptions, DiverseServer, Speaker, diverse_results};
use rmix_system_tests::SECRET_VALUE;
use rmix_system_tests::diverse::Name;
use serde_json::json;

use super::operations::{self, HoleStub};
use super::{DEADLINE, PROGRAM, Stubs, relay, tcp, udp, unix};
use crate::support::{Watchdog, c_diverse, ok, runtime};

fn start(programs: &CDiverse) -> DiverseServer {
    ok(programs.start_server(&DiverseOptions::default()))
}

fn check_every_operation(place: &str, large: bool) {
    let runtime = runtime();
    let stubs = Stubs::bind(&runtime, place, "");
    let hole: HoleStub = runtime
        .bind(format!("sunrpc+{place}/{PROGRAM}/1"))
        .timeout(DEADLINE)
        .blocking()
        .unwrap();
    operations::run(&stubs, &hole, large).check(&diverse_results(large));
}

#[test]
fn every_operation_of_the_c_server_has_its_result_over_tcp() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let server = start(&programs);
    check_every_operation(&tcp(server.tcp_port()), true);
    ok(server.stop());
}

#[test]
fn every_operation_of_the_c_server_has_its_result_over_udp() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let server = start(&programs);
    check_every_operation(&udp(server.udp_port()), false);
    ok(server.stop());
}

#[test]
fn every_operation_of_the_c_server_has_its_result_over_a_unix_socket() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("diverse.sock");
    let options = DiverseOptions {
        unix_path: Some(path.clone()),
        ..DiverseOptions::default()
    };
    let server = ok(programs.start_server(&options));
    check_every_operation(&unix(&path), true);
    ok(server.stop());
}

#[test]
fn every_operation_of_the_c_server_has_its_result_over_ipv6() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let options = DiverseOptions {
        host: Some("::1".to_owned()),
        ..DiverseOptions::default()
    };
    for udp in [false, true] {
        let server = ok(programs.start_server(&options));
        let place = match udp {
            false => format!("tcp://[::1]:{}", server.tcp_port()),
            true => format!("udp://[::1]:{}", server.udp_port()),
        };
        check_every_operation(&place, !udp);
        ok(server.stop());
    }
}

#[test]
fn the_c_server_sees_who_we_say_we_are() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let server = start(&programs);
    let gids: Vec<String> = (1..=16).map(|gid| gid.to_string()).collect();
    for place in [tcp(server.tcp_port()), udp(server.udp_port())] {
        let runtime = runtime();
        let options = "?auth=sys&uid=1000&gid=100&gids=4,4294967294&machine=loom";
        let stubs = Stubs::bind(&runtime, &place, options);
        let told = stubs.first.blocking().who_am_i().unwrap();
        assert_eq!(
            operations::caller(told),
            json!({"flavor": 1, "machine": "loom", "uid": 1000, "gid": 100, "gids": [4, 4_294_967_294_u32]})
        );
        assert_eq!(stubs.first.blocking().secret().unwrap(), SECRET_VALUE);
        // The most groups there may be, and a name that fills no whole word.
        let options = format!(
            "?auth=sys&uid=0&gid=4294967295&gids={}&machine=seven77",
            gids.join(",")
        );
        let stubs = Stubs::bind(&runtime, &place, &options);
        let told = stubs.first.blocking().who_am_i().unwrap();
        assert_eq!(told.gids.0, (1..=16).collect::<Vec<u32>>());
        assert_eq!((told.uid, told.gid), (0, u32::MAX));
        assert_eq!(told.machine.0, "seven77");
    }
}

/// The XID and, of a call, the procedure.
fn xid_and_procedure(message: &[u8]) -> ([u8; 4], u8) {
    (message[..4].try_into().unwrap(), message[23])
}

#[test]
fn a_batch_is_sent_before_the_call_that_flushes_it_and_is_never_answered() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let server = start(&programs);
    let (port, heard) = relay::tcp(server.tcp_port());
    let runtime = runtime();
    let stubs = Stubs::bind(&runtime, &tcp(port), "");
    for round in 0..50 {
        let name: Name = rmix::Bounded(format!("name {round}"));
        stubs.first.blocking().post(name).unwrap();
    }
    let posted = stubs.first.blocking().flush_().unwrap();
    assert_eq!((posted.count, posted.last.0.as_str()), (50, "name 49"));
    let calls = heard.records(Speaker::Client);
    let calls: Vec<_> = calls
        .iter()
        .map(|call| xid_and_procedure(&call.concat()))
        .collect();
    let procedures: Vec<u8> = calls.iter().map(|(_, procedure)| *procedure).collect();
    assert_eq!(procedures, [&[12; 50][..], &[13]].concat());
    let replies = heard.records(Speaker::Server);
    assert_eq!(replies.len(), 1);
    assert_eq!(replies[0].concat()[..4], calls[50].0);
}

#[test]
fn a_reply_in_many_fragments_is_put_together() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let server = start(&programs);
    let (port, heard) = relay::tcp(server.tcp_port());
    let runtime = runtime();
    let stubs = Stubs::bind(&runtime, &tcp(port), "");
    let bytes = stubs.first.blocking().make_bytes(2_000_000).unwrap();
    assert!(bytes.len() == 2_000_000);
    assert!(
        (0_u32..)
            .zip(&bytes)
            .all(|(index, byte)| u32::from(*byte) == index % 251)
    );
    let replies = heard.records(Speaker::Server);
    assert!(replies[0].len() > 10, "{} fragments", replies[0].len());
}

#[test]
fn versions_and_programs_that_the_c_server_has_not_are_told() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let server = start(&programs);
    let runtime = runtime();
    for place in [tcp(server.tcp_port()), udp(server.udp_port())] {
        for (path, cause, words) in [
            ("0x20000043/3", Cause::Version, "versions 1 to 2"),
            ("0x20000049/1", Cause::NoSuchObject, "PROG_UNAVAIL"),
        ] {
            let endpoint = format!("sunrpc+{place}/{path}");
            let stub: HoleStub = runtime.bind(endpoint).timeout(DEADLINE).blocking().unwrap();
            let error = stub.blocking().hole().unwrap_err();
            assert_eq!(error.cause(), cause, "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

/// Calls `increment` over UDP while the first replies are lost: what it answers, and how often it ran.
fn incremented_with_losses(server: &DiverseServer, losses: u32) -> (u32, u32, usize) {
    let lost = AtomicU32::new(0);
    let (port, heard) = relay::udp(server.udp_port(), move |from, _| {
        from == Speaker::Client || lost.fetch_add(1, Ordering::SeqCst) >= losses
    });
    let runtime = runtime();
    let stubs = Stubs::bind(&runtime, &udp(port), "?retransmit=20");
    let answer = stubs.first.blocking().increment(0).unwrap();
    let executions = stubs.first.blocking().executions().unwrap();
    let sent = heard.of(Speaker::Client);
    let first = xid_and_procedure(&sent[0]);
    let same = sent.iter().filter(|one| xid_and_procedure(one) == first);
    let same: Vec<_> = same.collect();
    assert!(
        same.iter().all(|one| *one == &sent[0]),
        "the same is sent again"
    );
    (answer, executions, same.len())
}

#[test]
fn a_call_whose_replies_are_lost_is_sent_again_and_a_server_with_a_cache_runs_it_once() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let options = DiverseOptions {
        cache_entries: 64,
        ..DiverseOptions::default()
    };
    let server = ok(programs.start_server(&options));
    let (answer, executions, sent) = incremented_with_losses(&server, 3);
    assert_eq!((answer, executions), (1, 1));
    assert!(sent >= 4, "{sent}");
}

#[test]
fn a_call_whose_replies_are_lost_runs_again_at_a_server_without_a_cache() {
    let _watchdog = Watchdog::start();
    let Some(programs) = c_diverse() else { return };
    let server = start(&programs);
    let (answer, executions, sent) = incremented_with_losses(&server, 2);
    assert!(answer >= 3 && executions >= answer, "{answer} {executions}");
    assert!(sent >= 3, "{sent}");
}

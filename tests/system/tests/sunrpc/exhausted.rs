//! A server without a descriptor left: it serves whom it has, uses next to no time, and takes connections again when there
//! are descriptors. It is a process of its own, so that nobody else is short of them.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rmix_system_tests::{NumbersStub, mixed};

use super::DEADLINE;
use crate::support::{HelperLine, Watchdog, runtime};

/// Descriptors that the server may have.
const DESCRIPTORS: usize = 40;
/// Connections that want to be taken: fewer than the server takes of one address.
const CONNECTIONS: u32 = 60;
/// How long the server is watched.
const WATCHED: Duration = Duration::from_secs(1);

fn open_descriptors(pid: i32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

/// Processor time that a process has used.
fn processor_time(pid: i32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name in parentheses may have blanks; of what is behind it, the 12th and 13th words are in user and system mode.
    let (_, behind) = stat.rsplit_once(") ").unwrap();
    let words = behind.split(' ').skip(11).take(2);
    let ticks: u64 = words.map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    // Linux tells a hundredth of a second to everybody.
    Duration::from_millis(10 * ticks)
}

/// A record of a call of `mix`.
fn mix(caller: u32, number: u32) -> Vec<u8> {
    let words = [
        48 | 1 << 31,
        number,
        0,
        2,
        0x2000_0043,
        1,
        1,
        0,
        0,
        0,
        0,
        caller,
        number,
    ];
    words
        .iter()
        .flat_map(|word: &u32| word.to_be_bytes())
        .collect()
}

/// The reply to it, once it comes.
fn check_mixed(stream: &mut TcpStream, caller: u32, number: u32) {
    let mut reply = [0; 36];
    stream.read_exact(&mut reply).unwrap();
    assert_eq!(reply[4..8], number.to_be_bytes());
    assert_eq!(reply[28..], mixed(caller, number).to_be_bytes());
}

#[test]
fn a_server_without_descriptors_serves_on_and_does_not_spin() {
    let _watchdog = Watchdog::start();
    let line = HelperLine::new();
    let endpoint = "sunrpc+tcp://127.0.0.1:0/0x20000043/1";
    let limit = format!("ulimit -n {DESCRIPTORS}");
    let server = line.start_after(&limit, &[endpoint]);
    let address = server.endpoints[0].split('/').nth(2).unwrap();
    let client = runtime();
    let bind = client.bind::<NumbersStub>(&*server.endpoints[0]);
    let stub = bind.timeout(DEADLINE).blocking().unwrap();
    assert_eq!(stub.blocking().mix(1, 1).unwrap(), mixed(1, 1));

    let mut streams: Vec<TcpStream> = (0..CONNECTIONS)
        .map(|number| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(DEADLINE)).unwrap();
            stream.write_all(&mix(7, number)).unwrap();
            stream
        })
        .collect();
    while open_descriptors(server.pid) < DESCRIPTORS {
        std::thread::yield_now();
    }

    // The last one waits to be taken.
    let last = streams.last_mut().unwrap();
    last.set_read_timeout(Some(WATCHED)).unwrap();
    let (before, began) = (processor_time(server.pid), Instant::now());
    let nothing = last.read(&mut [0; 1]).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::WouldBlock, "{nothing}");
    let (used, passed) = (processor_time(server.pid) - before, began.elapsed());
    assert!(used < passed / 4, "{used:?} of {passed:?}");
    last.set_read_timeout(Some(DEADLINE)).unwrap();
    for number in 0..500 {
        assert_eq!(stub.blocking().mix(2, number).unwrap(), mixed(2, number));
    }

    // In the order in which they came, each makes room for another.
    for (number, mut stream) in (0..).zip(streams.drain(..)) {
        check_mixed(&mut stream, 7, number);
    }
    let mut late = TcpStream::connect(address).unwrap();
    late.write_all(&mix(8, 8)).unwrap();
    check_mixed(&mut late, 8, 8);
    assert_eq!(stub.blocking().mix(3, 3).unwrap(), mixed(3, 3));
}

//! One slow or silent client delays no other: crowds of them at our server, while another makes its calls.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};

use rmix_system_tests::Diverse;

use super::{DEADLINE, Served, Stubs};
use crate::support::{Watchdog, runtime};

/// Of each kind; the server takes 64 connections of one address.
const EACH: usize = 12;

/// A record of a call of version 1.
fn call(xid: u32, procedure: u32, arguments: &[u32]) -> Vec<u8> {
    let header = [xid, 0, 2, 0x2000_0043, 1, procedure, 0, 0, 0, 0];
    let length = u32::try_from(4 * (header.len() + arguments.len())).unwrap();
    let mark = [length | 1 << 31];
    let words = mark.iter().chain(&header).chain(arguments);
    words.flat_map(|word| word.to_be_bytes()).collect()
}

#[test]
fn slow_silent_and_waiting_clients_delay_no_other() {
    let _watchdog = Watchdog::start();
    let served = Served::start(Diverse::held(), "tcp://127.0.0.1:0", "");
    let connect = || {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, served.port())).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    };
    let client = runtime();
    let stubs = Stubs::bind(&client, &served.place, "");
    let first = stubs.first.blocking();
    let mut silent = Vec::new();
    let mut slow = Vec::new();
    let mut waiting = Vec::new();
    let mut deaf = Vec::new();
    let answer = call(7, 2, &[21]);
    for round in 0..EACH {
        silent.push(connect());
        let mut stream = connect();
        stream.write_all(&answer[..round * 4]).unwrap();
        slow.push((stream, round * 4));
        let mut stream = connect();
        stream.write_all(&call(8, 16, &[0])).unwrap();
        waiting.push(stream);
        // Asks for a megabyte many times, and reads nothing.
        let mut stream = connect();
        stream
            .write_all(&call(9, 14, &[1 << 20]).repeat(20))
            .unwrap();
        deaf.push(stream);
        for number in 0..20 {
            assert_eq!(first.make_bytes(number).unwrap().len(), number as usize);
        }
    }
    // One byte of each slow one at a time, and calls of the other between.
    for at in 0..answer.len() {
        for (stream, sent) in &mut slow {
            if at >= *sent {
                stream.write_all(&answer[at..=at]).unwrap();
            }
        }
        first.touch().unwrap();
    }
    for (stream, _) in &mut slow {
        let mut reply = [0; 36];
        stream.read_exact(&mut reply).unwrap();
        assert_eq!(reply[28..], [0, 0, 0, 21, 0, 0, 0, 42]);
    }
    while (served.object.incremented() as usize) < EACH {
        std::thread::yield_now();
    }
    // Nobody has waited for those, and they are answered when their time comes.
    served.object.release();
    for stream in &mut waiting {
        let mut reply = [0; 32];
        stream.read_exact(&mut reply).unwrap();
        assert_eq!(reply[4..8], [0, 0, 0, 8]);
    }
    for stream in &mut deaf {
        let mut replies = vec![0; 20 * (32 + (1 << 20))];
        stream.read_exact(&mut replies).unwrap();
        assert_eq!(replies[4..8], [0, 0, 0, 9]);
    }
    for stream in &mut silent {
        stream.write_all(&answer).unwrap();
        let mut reply = [0; 36];
        stream.read_exact(&mut reply).unwrap();
    }
    first.touch().unwrap();
}

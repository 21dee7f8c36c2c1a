//! The duplicate request cache over TCP: a client that comes back from the same address and sends a call again.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType, sockopt};

use crate::udp::{datagram, reply, serve};

/// A connection from `local` (port 0 for any), which may be used again at once.
fn connect_from(local: SocketAddr, server: SocketAddr) -> TcpStream {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    sockopt::set_socket_reuseaddr(&socket, true).unwrap();
    // Closing resets the connection, so that its address is free.
    sockopt::set_socket_linger(&socket, Some(Duration::ZERO)).unwrap();
    rustix::net::bind(&socket, &local).unwrap();
    rustix::net::connect(&socket, &server).unwrap();
    TcpStream::from(socket)
}

pub(crate) fn record(message: &[u8]) -> Vec<u8> {
    let mark = u32::try_from(message.len()).unwrap() | 1 << 31;
    [&mark.to_be_bytes(), message].concat()
}

fn ask(stream: &mut TcpStream, message: &[u8]) -> Vec<u8> {
    stream.write_all(&record(message)).unwrap();
    let mut mark = [0; 4];
    stream.read_exact(&mut mark).unwrap();
    let mut answer = vec![0; (u32::from_be_bytes(mark) & 0x7fff_ffff) as usize];
    stream.read_exact(&mut answer).unwrap();
    answer
}

#[test]
fn call_that_comes_again_over_another_connection_runs_once() {
    let served = serve("sunrpc+tcp", "");
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let mut first = connect_from(any, served.address());
    let local = first.local_addr().unwrap();
    let add = datagram(7, 1, &[2, 3]);
    let answer = ask(&mut first, &add);
    assert_eq!(answer, reply([0, 0, 0, 7], &[5]));
    drop(first);
    let mut again = connect_from(local, served.address());
    assert_eq!(ask(&mut again, &add), answer);
    assert_eq!(
        ask(&mut again, &datagram(8, 2, &[])),
        reply([0, 0, 0, 8], &[1])
    );
    // From another port it is another client, whose XIDs are its own.
    let mut other = connect_from(any, served.address());
    assert_eq!(ask(&mut other, &add), answer);
    assert_eq!(
        ask(&mut other, &datagram(9, 2, &[])),
        reply([0, 0, 0, 9], &[2])
    );
}

#[test]
fn without_the_cache_it_runs_again() {
    let served = serve("sunrpc+tcp", "?duplicates=off");
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let mut stream = connect_from(any, served.address());
    for _ in 0..3 {
        ask(&mut stream, &datagram(7, 1, &[2, 3]));
    }
    assert_eq!(
        ask(&mut stream, &datagram(8, 2, &[])),
        reply([0, 0, 0, 8], &[3])
    );
}

#[test]
fn cache_keeps_as_many_answers_as_the_endpoint_says() {
    let served = serve("sunrpc+tcp", "?duplicate_answers=2");
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let mut stream = connect_from(any, served.address());
    // The first is known while there are two; the third drives it out, so it runs again; the third is still known.
    for xid in [1, 2, 1, 3, 1, 3] {
        ask(&mut stream, &datagram(xid, 1, &[2, 3]));
    }
    assert_eq!(
        ask(&mut stream, &datagram(8, 2, &[])),
        reply([0, 0, 0, 8], &[4])
    );
}

//! What bad and greedy input costs our server: the live bytes of the thread it runs on, at their peak, beyond those that a
//! single call costs. The provider is linked in, for a shared object counts its bytes by itself.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};

use allocation_counter::measure;
use rmix::Runtime;
use rmix_system_tests::Diverse;
use rmix_system_tests::diverse::DiverseProgramV1Skeleton;

use super::PROGRAM;
use crate::support::Watchdog;

/// Live bytes for each byte that came.
const PER_BYTE: u64 = 8;
/// Live bytes whatever came.
const SLACK: u64 = 64 * 1024;
/// Live bytes of a connection whatever came over it: a read's room, and itself.
const CONNECTION: u64 = 72 * 1024;

/// The most bytes that were live while the server was played with; and how many it was sent.
fn peak(script: fn(SocketAddr) -> u64) -> (u64, u64) {
    let mut received = 0;
    let used = measure(|| {
        let tasks = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        tasks.block_on(async {
            let entry = &rmix_sunrpc::plugin::rmix_provider_v1_sunrpc;
            let runtime = Runtime::builder().with_linked(entry).build().unwrap();
            let skeleton = DiverseProgramV1Skeleton::new(Diverse::new());
            let endpoint = format!("sunrpc+tcp://127.0.0.1:0/{PROGRAM}/1");
            let exported = runtime.export(skeleton, [endpoint]).await.unwrap();
            let address = exported.endpoints()[0].to_string();
            let address = address.split('/').nth(2).unwrap().parse().unwrap();
            let (tell, told) = tokio::sync::oneshot::channel();
            let playing = std::thread::spawn(move || tell.send(script(address)).unwrap());
            received = told.await.unwrap();
            playing.join().unwrap();
            drop(exported);
        });
    });
    (used.bytes_max, received)
}

fn check(script: fn(SocketAddr) -> u64) {
    check_connections(1, script);
}

/// As [`check`], with so many connections at a time.
fn check_connections(connections: u64, script: fn(SocketAddr) -> u64) {
    let _watchdog = Watchdog::start();
    // What is made once, at the first call, is not the peer's doing.
    peak(one_call);
    let (usual, _) = peak(one_call);
    let (most, received) = peak(script);
    let more = most.saturating_sub(usual);
    // The usual one has one, too.
    let allowed = PER_BYTE * received + SLACK + (connections - 1) * CONNECTION;
    println!("{more} bytes for {received}, {allowed} are allowed");
    assert!(
        more <= allowed,
        "{more} bytes for {received}, {allowed} are allowed"
    );
}

/// Sends these bytes and nothing more, and waits until the server has taken them and closes; what it answered.
fn send(address: SocketAddr, bytes: &[u8]) -> (u64, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    let mut reading = stream.try_clone().unwrap();
    let heard = std::thread::spawn(move || {
        let mut heard = Vec::new();
        // A server that closes before everything was sent resets the connection.
        let _ = reading.read_to_end(&mut heard);
        heard
    });
    let mut sent = 0;
    for piece in bytes.chunks(1 << 14) {
        if stream.write_all(piece).is_err() {
            break;
        }
        sent += piece.len() as u64;
    }
    let _ = stream.shutdown(Shutdown::Write);
    (sent, heard.join().unwrap())
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// A call of a procedure with these arguments, in one record.
fn call(xid: u32, procedure: u32, arguments: &[u8]) -> Vec<u8> {
    let header = words(&[xid, 0, 2, 0x2000_0043, 1, procedure, 0, 0, 0, 0]);
    let length = u32::try_from(header.len() + arguments.len()).unwrap();
    [&words(&[length | 1 << 31]), &header[..], arguments].concat()
}

/// The accept status of the first reply.
fn status(heard: &[u8]) -> u32 {
    u32::from_be_bytes(*heard[24..].first_chunk().unwrap())
}

fn one_call(address: SocketAddr) -> u64 {
    let (sent, heard) = send(address, &call(1, 2, &words(&[21])));
    assert_eq!(heard[28..], words(&[21, 42]));
    sent
}

#[test]
fn a_record_that_is_cut_off_costs_what_came_of_it() {
    check(|address| {
        let start = [words(&[15 << 20 | 1 << 31]), vec![0; 1 << 20]].concat();
        let (sent, heard) = send(address, &start);
        assert!(heard.is_empty());
        sent
    });
}

#[test]
fn a_crowd_of_beginnings_costs_what_came_of_them() {
    check_connections(61, |address| {
        // As long as records may be, of which nobody sends more than this.
        let start = [words(&[16 << 20 | 1 << 31]), vec![0; 4096]].concat();
        let mut crowd: Vec<TcpStream> = (0..60)
            .map(|_| {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(&start).unwrap();
                one_call(address);
                stream
            })
            .collect();
        for stream in &mut crowd {
            stream.shutdown(Shutdown::Write).unwrap();
            assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
        }
        60 * start.len() as u64
    });
}

#[test]
fn tiny_fragments_cost_what_came_of_them() {
    check(|address| {
        // The most fragments there may be, each of one byte, and not the last.
        let fragment = [0, 0, 0, 1, 0];
        send(address, &fragment.repeat(4096)).0
    });
}

#[test]
fn declared_lengths_cost_nothing() {
    check(|address| {
        let mut sent = 0;
        // REVERSE_BLOBS, whose last member is as long as 2 GiB; SORT_SEQUENCES with as many readings.
        for length in [0x7fff_ffff, 0xffff_fffc, 0x00ff_0000] {
            let blobs = words(&[0, 0, 0, length, 1, 2, 3]);
            let (one, heard) = send(address, &call(7, 8, &blobs));
            assert_eq!(status(&heard), 4);
            let sequences = words(&[1, 2, 3, length, 1, 2, 3]);
            let (other, heard) = send(address, &call(7, 9, &sequences));
            assert_eq!(status(&heard), 4);
            sent += one + other;
        }
        sent
    });
}

/// A list of that many entries without a name.
fn entries(count: u32) -> Vec<u8> {
    let each = (0..count).flat_map(|value| [1, 0, value]);
    let all: Vec<u32> = each.chain([0]).collect();
    words(&all)
}

#[test]
fn a_long_list_costs_a_multiple_of_its_bytes() {
    check(|address| {
        // As many as the limit on values allows, nearly.
        let (sent, heard) = send(address, &call(9, 5, &entries(30_000)));
        assert_eq!(status(&heard), 0);
        sent
    });
}

#[test]
fn a_list_beyond_the_limit_costs_a_multiple_of_its_bytes() {
    check(|address| {
        let (sent, heard) = send(address, &call(9, 5, &entries(300_000)));
        assert_eq!(status(&heard), 4);
        sent
    });
}

#[test]
fn a_tree_without_end_costs_a_multiple_of_its_bytes() {
    check(|address| {
        // A value, and another node below on the left: a million of them.
        let tree: Vec<u32> = [1, 5].repeat(1 << 20);
        let (sent, heard) = send(address, &call(9, 6, &words(&tree)));
        assert_eq!(status(&heard), 4);
        sent
    });
}

#[test]
fn a_megabyte_of_octets_costs_a_multiple_of_it() {
    check(|address| {
        let blobs = [words(&[0, 0, 0, 1 << 20]), vec![7; 1 << 20]].concat();
        let (sent, heard) = send(address, &call(9, 8, &blobs));
        assert_eq!(status(&heard), 0);
        assert_eq!(heard.len(), 28 + blobs.len());
        sent
    });
}

#[test]
fn a_flood_of_calls_costs_a_multiple_of_its_bytes() {
    check(|address| {
        let calls: Vec<u8> = (0..20_000).flat_map(|xid| call(xid, 11, &[])).collect();
        let (sent, heard) = send(address, &calls);
        assert_eq!(heard.len(), 20_000 * 28);
        sent
    });
}

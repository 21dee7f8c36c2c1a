//! Calls back over the client's own connection, from a peer that is played byte by byte.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::duplicates::record;
use crate::udp::{Counter, CountingSkeleton, CountingStub, datagram, reply, runtime};

/// The next record of a stream, in one fragment.
fn read_record(stream: &mut impl Read) -> Vec<u8> {
    let mut mark = [0; 4];
    stream.read_exact(&mut mark).unwrap();
    let mut message = vec![0; (u32::from_be_bytes(mark) & 0x7fff_ffff) as usize];
    stream.read_exact(&mut message).unwrap();
    message
}

#[test]
fn peer_calls_back_while_it_is_called() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let playing = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let call = read_record(&mut stream);
        // The same XID: who called tells the two apart.
        let xid: [u8; 4] = call[..4].try_into().unwrap();
        let mut back = datagram(u32::from_be_bytes(xid), 1, &[20, 22]);
        back[19] = 2;
        stream.write_all(&record(&back)).unwrap();
        let answer = read_record(&mut stream);
        assert_eq!(answer, reply(xid, &[42]));
        stream.write_all(&record(&reply(xid, &[5]))).unwrap();
        // Another program than the one that is exported here.
        let mut other = datagram(9, 1, &[1, 1]);
        other[15] ^= 1;
        stream.write_all(&record(&other)).unwrap();
        let mut unavailable = reply([0, 0, 0, 9], &[]);
        unavailable[23] = 1;
        assert_eq!(read_record(&mut stream), unavailable);
    });
    let runtime = runtime();
    let endpoint = format!("sunrpc+tcp://127.0.0.1:{port}/0x20000777/1?callback=0x20000777/2");
    let stub = runtime
        .bind::<CountingStub>(&endpoint)
        .serve(CountingSkeleton::new(Counter::default()))
        .blocking()
        .unwrap();
    assert_eq!(stub.blocking().add(2, 3).unwrap(), 5);
    playing.join().unwrap();
}

#[test]
fn calls_back_need_a_connection() {
    let runtime = runtime();
    let bound = runtime
        .bind::<CountingStub>("sunrpc+udp://127.0.0.1:1/7/1")
        .serve(CountingSkeleton::new(Counter::default()))
        .blocking();
    let error = bound.map(drop).unwrap_err();
    assert!(error.to_string().contains("need a connection"), "{error}");
    let bound = runtime
        .bind::<CountingStub>("sunrpc+tcp://127.0.0.1:1/7/1?callback=7/1")
        .blocking();
    let error = bound.map(drop).unwrap_err();
    assert!(error.to_string().contains("no object"), "{error}");
}

//! Answers leave though more calls came with them: a peer need not wait for the last call of a burst to get the first
//! answers.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use rmix::Runtime;
use rmix_msgpack::plugin::rmix_provider_v1_msgpack as ENTRY;

/// Calls in the burst; their numbers and results are single octets of MessagePack.
const CALLS: u8 = 20;
/// Answers that are there before the last call ends.
const EARLY: usize = 16;
/// Octets of an answer: an array of four with kind, number, nil and result.
const ANSWER_BYTES: usize = 5;
/// Long, so that a loaded machine fails nothing.
const PATIENCE: Duration = Duration::from_secs(30);

#[rmix::remote]
trait Burst {
    async fn number(&self, number: u8) -> bool;
}

/// Its last call ends when the test has told it that the first answers are there.
struct Held(Mutex<mpsc::Receiver<()>>);

impl Burst for Held {
    async fn number(&self, number: u8) -> bool {
        if number + 1 < CALLS {
            return true;
        }
        let told = self.0.lock().expect("nobody panics with it");
        told.recv_timeout(PATIENCE).is_ok()
    }
}

#[test]
fn first_answers_of_a_burst_come_before_its_last_call_ends() {
    let (tell, told) = mpsc::channel();
    let runtime = Runtime::builder().with_linked(&ENTRY).build();
    let runtime = runtime.expect("the provider is linked in");
    let object = BurstSkeleton::new(Held(Mutex::new(told)));
    let exported = runtime.export_blocking(object, ["msgpack+tcp://127.0.0.1:0"]);
    let exported = exported.expect("a port is free");
    let endpoint = exported.endpoints().iter().map(ToString::to_string).next();
    let endpoint = endpoint.expect("it listens");
    let address = endpoint.trim_start_matches("msgpack+tcp://");
    let mut peer = TcpStream::connect(address).expect("it listens");
    let mut burst = Vec::new();
    for number in 0..CALLS {
        burst.extend_from_slice(&[0x94, 0, number, 0xa6]);
        burst.extend_from_slice(b"number");
        burst.extend_from_slice(&[0x91, number]);
    }
    peer.write_all(&burst).expect("the peer reads");

    let mut answers = [0; EARLY * ANSWER_BYTES];
    peer.read_exact(&mut answers).expect("the peer answers");
    tell.send(()).expect("the last call waits");
    let mut rest = [0; (CALLS as usize - EARLY) * ANSWER_BYTES];
    peer.read_exact(&mut rest).expect("the peer answers");

    let last = rest.last_chunk::<ANSWER_BYTES>();
    let yes = [0x94, 1, CALLS - 1, 0xc0, 0xc3];
    assert_eq!(last, Some(&yes), "it was told in time");
}

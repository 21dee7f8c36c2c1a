//! What a peer sent before it closed counts, though nothing can be written to it any more.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rmix::Runtime;
use rmix_msgpack::plugin::rmix_provider_v1_msgpack as ENTRY;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Calls, and the peer's calls; more than are handled between two writes of answers.
const CALLS: u8 = 20;
/// Octets of a call of `number`: an array of four with kind, number, name and arguments.
const CALL_BYTES: usize = 12;
/// Long, so that a loaded machine fails nothing.
const PATIENCE: Duration = Duration::from_secs(30);

#[rmix::remote]
trait Burst {
    async fn number(&self, number: u8) -> u8;
}

/// Tells when the last of the peer's calls has come.
struct Counted {
    calls: AtomicU8,
    done: mpsc::UnboundedSender<()>,
}

impl Burst for Counted {
    async fn number(&self, number: u8) -> u8 {
        if self.calls.fetch_add(1, Ordering::SeqCst) + 1 == CALLS {
            // Some tests have no interest in it.
            let _ = self.done.send(());
        }
        number
    }
}

/// The peer's calls with these numbers, at most 127.
fn calls(numbers: std::ops::Range<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in numbers {
        bytes.extend_from_slice(&[0x94, 0, number, 0xa6]);
        bytes.extend_from_slice(b"number");
        bytes.extend_from_slice(&[0x91, number]);
    }
    bytes
}

/// Opens a link that serves an object, on the runtime that this is awaited in, and the peer's end of it.
async fn open() -> (Runtime, BurstStub, UnixStream, mpsc::UnboundedReceiver<()>) {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("peer");
    let listener = UnixListener::bind(&path).expect("the name is free");
    let runtime = Runtime::builder().with_linked(&ENTRY).build();
    let runtime = runtime.expect("the provider is linked in");
    let (done, counted) = mpsc::unbounded_channel();
    let object = Counted {
        calls: AtomicU8::new(0),
        done,
    };
    let endpoint = format!("msgpack+unix:{}", path.display());
    let bound = runtime.bind::<BurstStub>(&endpoint);
    let stub = bound.serve(BurstSkeleton::new(object)).await;
    let stub = stub.expect("the peer listens");
    let (peer, _) = listener.accept().expect("it was opened");
    (runtime, stub, peer, counted)
}

/// A runtime of one thread: nothing is read while the test keeps that.
fn one_thread() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("there is a reactor")
}

fn join(thread: JoinHandle<()>) {
    thread.join().expect("the peer plays to its end");
}

#[test]
fn replies_that_came_before_the_end_reach_their_calls_though_an_answer_cannot_leave() {
    one_thread().block_on(async {
        let (_runtime, stub, mut peer, _counted) = open().await;
        let start = stub.start();
        let started: Vec<_> = (0..CALLS).map(|number| start.number(number)).collect();
        let (tell, all_came) = oneshot::channel();
        let playing = std::thread::spawn(move || {
            let mut came = vec![0; CALL_BYTES * usize::from(CALLS)];
            peer.read_exact(&mut came).expect("the calls come");
            // The answer to this one can go nowhere.
            let mut sent = calls(0..1);
            for call in came.chunks(CALL_BYTES) {
                sent.extend_from_slice(&[0x94, 1, call[2], 0xc0, call[CALL_BYTES - 1]]);
            }
            tell.send((peer, sent)).expect("the test waits");
        });
        let came = timeout(PATIENCE, all_came).await.expect("in time");
        let (mut peer, sent) = came.expect("the peer plays on");
        peer.write_all(&sent).expect("there is room");
        drop(peer);
        join(playing);
        for (number, call) in (0..CALLS).zip(started) {
            let echoed = timeout(PATIENCE, call).await.expect("in time");
            assert_eq!(echoed.expect("its reply had come"), number);
        }
    });
}

#[test]
fn calls_that_came_before_the_end_are_made_though_their_answers_cannot_leave() {
    one_thread().block_on(async {
        let (_runtime, _stub, mut peer, mut counted) = open().await;
        peer.write_all(&calls(0..CALLS)).expect("there is room");
        drop(peer);
        let counted = timeout(PATIENCE, counted.recv()).await.expect("in time");
        assert_eq!(counted, Some(()), "the object was dropped");
    });
}

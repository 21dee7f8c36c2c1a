//! One-way calls that come together are served as if each had come alone: in order, for as long as the object is exported,
//! and to their end though the link is being closed.

use std::future::{Future as _, poll_fn};
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::time::Duration;

use rmix::{Exported, Runtime};
use rmix_msgpack::plugin::rmix_provider_v1_msgpack as ENTRY;
use tokio::sync::Semaphore;

/// Long, so that a loaded machine fails nothing.
const PATIENCE: Duration = Duration::from_secs(30);
/// What `hold` notes when it begins and when it ends.
const HELD: [u8; 2] = [100, 101];

#[rmix::remote]
trait Notes {
    /// Noted at once.
    #[rmix(oneway)]
    async fn note(&self, number: u8);
    /// Noted when it begins and when it is let go.
    #[rmix(oneway)]
    async fn hold(&self);
    /// Keeps its thread until it is told.
    #[rmix(oneway)]
    async fn block(&self);
    /// Takes the object away.
    #[rmix(oneway)]
    async fn leave(&self);
    /// How many notes there are.
    async fn count(&self) -> u8;
}

struct Notebook {
    notes: mpsc::Sender<u8>,
    noted: AtomicU8,
    /// `hold` takes one of these.
    permits: Semaphore,
    /// `block` has begun, and what it waits for.
    begun: mpsc::Sender<()>,
    told: Mutex<mpsc::Receiver<()>>,
    exported: Mutex<Option<Exported>>,
    /// Dropped when `leave` has run.
    left: Mutex<Option<mpsc::Sender<()>>>,
}

impl Notebook {
    fn add(&self, number: u8) {
        self.noted.fetch_add(1, Ordering::SeqCst);
        // Some tests have no interest in it.
        let _ = self.notes.send(number);
    }
}

impl Notes for Notebook {
    async fn note(&self, number: u8) {
        self.add(number);
    }

    async fn hold(&self) {
        self.add(HELD[0]);
        let permit = self.permits.acquire().await;
        permit.expect("it is never closed").forget();
        self.add(HELD[1]);
    }

    async fn block(&self) {
        self.begun.send(()).expect("the test waits");
        let told = self.told.lock().expect("nobody panics");
        told.recv_timeout(PATIENCE).expect("the test tells");
    }

    async fn leave(&self) {
        drop(self.exported.lock().expect("nobody panics").take());
        drop(self.left.lock().expect("nobody panics").take());
    }

    async fn count(&self) -> u8 {
        self.noted.load(Ordering::SeqCst)
    }
}

/// A one-way call: an array of three with kind, name and arguments.
fn oneway(name: &str, arguments: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x93, 2];
    bytes.extend(named(name));
    bytes.push(0x90 + u8::try_from(arguments.len()).expect("they are few"));
    bytes.extend(arguments);
    bytes
}

/// A call of `count` with number 7.
fn count() -> Vec<u8> {
    let mut bytes = vec![0x94, 0, 7];
    bytes.extend(named("count"));
    bytes.push(0x90);
    bytes
}

fn named(name: &str) -> Vec<u8> {
    let mut bytes = vec![0xa0 + u8::try_from(name.len()).expect("it is short")];
    bytes.extend(name.as_bytes());
    bytes
}

/// What the tests hold on to.
struct Served {
    _runtime: Runtime,
    object: Arc<Notebook>,
    exported: Exported,
    peer: UnixStream,
    notes: mpsc::Receiver<u8>,
    begun: mpsc::Receiver<()>,
    tell: mpsc::Sender<()>,
    left: mpsc::Receiver<()>,
    _folder: tempfile::TempDir,
}

fn serve() -> Served {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("notes");
    let runtime = Runtime::builder().with_linked(&ENTRY).build();
    let runtime = runtime.expect("the provider is linked in");
    let (note, notes) = mpsc::channel();
    let (begin, begun) = mpsc::channel();
    let (tell, told) = mpsc::channel();
    let (leave, left) = mpsc::channel();
    let object = Arc::new(Notebook {
        notes: note,
        noted: AtomicU8::new(0),
        permits: Semaphore::new(0),
        begun: begin,
        told: Mutex::new(told),
        exported: Mutex::default(),
        left: Mutex::new(Some(leave)),
    });
    let endpoint = format!("msgpack+unix:{}", path.display());
    let skeleton = NotesSkeleton::from_arc(object.clone());
    let exported = runtime.export_blocking(skeleton, [&endpoint]);
    let exported = exported.expect("the name is free");
    let peer = UnixStream::connect(&path).expect("it listens");
    let patient = peer.set_read_timeout(Some(PATIENCE));
    patient.expect("it is a socket");
    Served {
        _runtime: runtime,
        object,
        exported,
        peer,
        notes,
        begun,
        tell,
        left,
        _folder: folder,
    }
}

#[test]
fn a_call_that_waits_holds_up_those_that_came_with_it() {
    let mut served = serve();
    let mut calls = oneway("note", &[1]);
    calls.extend(oneway("hold", &[]));
    calls.extend(oneway("note", &[2]));
    calls.extend(oneway("hold", &[]));
    calls.extend(oneway("note", &[3]));
    calls.extend(count());
    served.peer.write_all(&calls).expect("the peer reads");
    let mut answer = [0; 5];
    served.peer.read_exact(&mut answer).expect("it answers");
    assert_eq!(answer, [0x94, 1, 7, 0xc0, 2], "two notes by then");
    served.object.permits.add_permits(2);
    for expected in [1, HELD[0], HELD[1], 2, HELD[0], HELD[1], 3] {
        assert_eq!(served.notes.recv_timeout(PATIENCE), Ok(expected));
    }
}

#[test]
fn nothing_is_served_after_the_object_is_gone_though_it_came_with_the_call_before() {
    let mut served = serve();
    let place = &served.object.exported;
    *place.lock().expect("nobody panics") = Some(served.exported);
    let mut calls = oneway("note", &[1]);
    calls.extend(oneway("leave", &[]));
    calls.extend(oneway("note", &[2]));
    calls.extend(oneway("block", &[]));
    served.peer.write_all(&calls).expect("the peer reads");
    let told = served.left.recv_timeout(PATIENCE);
    assert_eq!(told, Err(mpsc::RecvTimeoutError::Disconnected));
    // The link ends after all that was read.
    let mut rest = Vec::new();
    served.peer.read_to_end(&mut rest).expect("it is closed");
    assert!(served.notes.try_iter().eq([1]));
    assert!(served.begun.try_recv().is_err());
}

#[test]
fn a_call_that_came_with_one_that_runs_is_answered_though_the_link_is_being_closed() {
    let mut served = serve();
    let mut calls = oneway("block", &[]);
    calls.extend(count());
    served.peer.write_all(&calls).expect("the peer reads");
    served.begun.recv_timeout(PATIENCE).expect("it begins");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("there is a reactor");
    runtime.block_on(async {
        let mut closing = pin!(served.exported.unexport_within(PATIENCE));
        let polled = poll_fn(|cx| Poll::Ready(closing.as_mut().poll(cx))).await;
        assert!(polled.is_pending(), "a call runs");
        served.tell.send(()).expect("it waits");
        closing.await.expect("in time");
    });
    let mut answer = Vec::new();
    served.peer.read_to_end(&mut answer).expect("it is closed");
    assert_eq!(answer.get(..3), Some(&[0x94, 1, 7][..]), "{answer:?}");
}

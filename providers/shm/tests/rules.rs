//! Peers that greet wrongly, scribble, flood or say nothing: each costs its own link and nothing else.

use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

use rmix::{Cause, Delivery, ErrorKind, Exported, Limits, Runtime};
use rmix_conformance::interface::{ConformanceSkeleton, ConformanceStub};
use rmix_conformance::object::Object;
use rmix_conformance::rig::bind;
use rmix_shm_sys::layout::{
    CONSUMED, Header, PRODUCED, QUEUE_BYTES_MIN, QUEUE_OFFSET, READER, WRITER, segment_bytes,
};
use rustix::fs::{MemfdFlags, SealFlags};

use crate::raw;

fn runtime(limits: Limits) -> Runtime {
    let entry = &rmix_shm::plugin::rmix_provider_v1_shm;
    let built = Runtime::builder().limits(limits).with_linked(entry).build();
    built.expect("the provider fits this build")
}

/// An exported object, and a stub whose link is there from before any trouble.
struct Served {
    _exported: Exported,
    _runtimes: [Runtime; 2],
    endpoint: String,
    stub: ConformanceStub,
}

fn served(folder: &Path, limits: Limits) -> Served {
    let server = runtime(limits);
    let endpoint = format!("shm:object?folder={}", folder.display());
    let object = ConformanceSkeleton::new(Object::default());
    let exported = server.export_blocking(object, [endpoint]).unwrap();
    let endpoint = exported.endpoints()[0].as_str().to_owned();
    let client = runtime(Limits::default());
    let stub = bind(&client, &endpoint);
    Served {
        _exported: exported,
        _runtimes: [server, client],
        endpoint,
        stub,
    }
}

impl Served {
    fn check(&self, after: &str) {
        assert_eq!(self.stub.blocking().add(1, 2).unwrap(), 3, "{after}");
    }
}

const SEALS: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::SEAL);

fn header() -> Header {
    Header {
        queue_bytes: QUEUE_BYTES_MIN,
        generation: 5,
        process: 1,
    }
}

/// A segment that stays writable through its descriptor, as a scribbler's does.
fn scribbled(seals: SealFlags) -> OwnedFd {
    let memory = rustix::fs::memfd_create("scribbled", MemfdFlags::ALLOW_SEALING).unwrap();
    rustix::fs::ftruncate(&memory, segment_bytes(QUEUE_BYTES_MIN)).unwrap();
    rustix::io::pwrite(&memory, &header().to_bytes(), 0).unwrap();
    rustix::fs::fcntl_add_seals(&memory, seals).unwrap();
    memory
}

fn scribble(memory: &OwnedFd, offset: usize, bytes: &[u8]) {
    let written = rustix::io::pwrite(memory, bytes, u64::try_from(offset).unwrap());
    assert_eq!(written, Ok(bytes.len()));
}

/// Reads until the other end closes; how much came.
fn until_closed(mut socket: &UnixStream) -> usize {
    let mut rest = Vec::new();
    // A reset is a way of closing.
    let _ = socket.read_to_end(&mut rest);
    rest.len()
}

#[test]
fn a_wrong_greeting_closes_its_connection_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let served = served(folder.path(), Limits::default());
    let good = header().to_bytes();
    let mut magic = good;
    magic[3] ^= 1;
    let mut version = good;
    version[8] ^= 1;
    let mut generation = good;
    generation[24] ^= 1;
    let memory = scribbled(SEALS);
    let growing = scribbled(SealFlags::SHRINK | SealFlags::SEAL);
    let (_keep, room) = UnixStream::pair().unwrap();
    let (_one, other) = rustix::pipe::pipe().unwrap();
    let file = std::fs::File::open("/dev/zero").unwrap();
    let (memory, growing) = (memory.as_fd(), growing.as_fd());
    let (room, pipe, file) = (room.as_fd(), other.as_fd(), file.as_fd());
    let greetings: [(&str, &[u8], &[BorrowedFd<'_>]); 13] = [
        ("nothing with it", &good, &[]),
        ("no socket for room", &good, &[memory]),
        ("one byte", &good[..1], &[memory, room]),
        ("a byte less", &good[..63], &[memory, room]),
        ("another magic number", &magic, &[memory, room]),
        ("another version", &version, &[memory, room]),
        ("another generation", &generation, &[memory, room]),
        ("memory that can grow", &good, &[growing, room]),
        ("a file as memory", &good, &[file, room]),
        ("a socket as memory", &good, &[room, room]),
        ("a pipe for room", &good, &[memory, pipe]),
        ("memory for room", &good, &[memory, memory]),
        ("text without descriptors", &[b'x'; 5000], &[]),
    ];
    for (what, bytes, with) in greetings {
        let socket = UnixStream::connect(raw::path(&served.endpoint)).unwrap();
        raw::say(&socket, bytes, with);
        assert_eq!(until_closed(&socket), 0, "{what} is answered");
        served.check(what);
    }
}

#[test]
fn a_peer_that_does_not_greet_is_closed_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(100);
    let served = served(folder.path(), limits);
    let socket = UnixStream::connect(raw::path(&served.endpoint)).unwrap();
    assert_eq!(until_closed(&socket), 0);
    served.check("silence");
}

/// Greets rightly with memory that this test goes on writing to.
fn scribbler(served: &Served) -> (UnixStream, UnixStream, OwnedFd) {
    let socket = UnixStream::connect(raw::path(&served.endpoint)).unwrap();
    let memory = scribbled(SEALS);
    let (room, theirs) = UnixStream::pair().unwrap();
    raw::say(
        &socket,
        &header().to_bytes(),
        &[memory.as_fd(), theirs.as_fd()],
    );
    let (_peer, none) = raw::hear(&socket).unwrap();
    assert!(none.is_none(), "who accepts sends no socket");
    (socket, room, memory)
}

#[test]
fn positions_that_cannot_be_end_the_link() {
    let folder = tempfile::tempdir().unwrap();
    let served = served(folder.path(), Limits::default());
    for produced in [QUEUE_BYTES_MIN + 1, u32::MAX, 1 << 31] {
        let (mut socket, _room, memory) = scribbler(&served);
        scribble(&memory, PRODUCED, &produced.to_ne_bytes());
        // It may be closed already: it looks before it sleeps.
        let _ = socket.write_all(&[1]);
        until_closed(&socket);
        served.check("scribbling");
    }
}

#[test]
fn random_words_and_bytes_with_rings_end_the_link_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let served = served(folder.path(), Limits::default());
    let mut state = 0x2545_f491_u32;
    for _ in 0..200 {
        let (mut socket, mut room, memory) = scribbler(&served);
        for _ in 0..20 {
            let mut next = || {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                state
            };
            let garbage: Vec<u8> = (0..64).map(|_| next().to_ne_bytes()[0]).collect();
            scribble(&memory, QUEUE_OFFSET + next() as usize % 4000, &garbage);
            let word = [PRODUCED, CONSUMED, READER, WRITER][next() as usize % 4];
            let value = next() % (2 * QUEUE_BYTES_MIN);
            scribble(&memory, word, &value.to_ne_bytes());
            let _ = (socket.write_all(&[1]), room.write_all(&[1]));
        }
        drop((socket, room));
        served.check("scribbling");
    }
}

#[test]
fn a_flood_of_rings_holds_up_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let served = served(folder.path(), Limits::default());
    let (mut socket, mut room, _memory) = scribbler(&served);
    room.set_nonblocking(true).unwrap();
    let rings = [1; 4096];
    for _ in 0..500 {
        socket.write_all(&rings).unwrap();
        // Nobody waits for room, so nobody hears these: they fill their socket.
        let _ = room.write(&rings);
        served.check("a flood");
    }
}

#[test]
fn a_listener_that_greets_wrongly_is_a_typed_error() {
    let folder = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(folder.path().join("liar")).unwrap();
    let liar = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        raw::say(&socket, &[7; 64], &[]);
        let (socket, _) = listener.accept().unwrap();
        drop(socket);
    });
    let client = runtime(Limits::default());
    let endpoint = format!("shm:liar?folder={}", folder.path().display());
    let connect = || {
        let bound = client.bind::<ConformanceStub>(endpoint.as_str()).blocking();
        bound.unwrap_err()
    };
    let lied = connect();
    assert_eq!(lied.kind(), ErrorKind::PeerBroken, "{lied}");
    assert_eq!(lied.delivery(), Delivery::NotSent, "{lied}");
    let closed = connect();
    assert_eq!(closed.cause(), Cause::Connect, "{closed}");
    assert_eq!(closed.delivery(), Delivery::NotSent, "{closed}");
    liar.join().unwrap();
}

/// A word that is looked at only when the queue, 1 MiB of it, is full.
#[test]
fn what_was_put_in_before_a_position_that_cannot_be_may_have_been_executed() {
    let folder = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(folder.path().join("liar")).unwrap();
    let liar = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let (_peer, room) = raw::hear(&socket).unwrap();
        let memory = scribbled(SEALS);
        scribble(&memory, CONSUMED, &(1_u32 << 30).to_ne_bytes());
        raw::say(&socket, &header().to_bytes(), &[memory.as_fd()]);
        let rings = until_closed(&socket);
        drop(room);
        rings
    });
    let client = runtime(Limits::default());
    let endpoint = format!("shm:liar?folder={}", folder.path().display());
    let stub: ConformanceStub = client.bind(endpoint.as_str()).blocking().unwrap();
    let failed = stub.blocking().take_octets(vec![7; 3 << 19]).unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::PeerBroken, "{failed}");
    assert_eq!(failed.delivery(), Delivery::MaybeExecuted, "{failed}");
    drop((stub, client));
    assert_eq!(liar.join().unwrap(), 0, "it never said that it sleeps");
}

#[test]
fn a_listener_removes_its_socket_and_a_dead_ones_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("object");
    // What a killed listener leaves.
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let first = served(folder.path(), Limits::default());
    first.check("it was replaced");
    let entry = &rmix_shm::plugin::rmix_provider_v1_shm;
    let second = Runtime::builder().with_linked(entry).build().unwrap();
    let object = ConformanceSkeleton::new(Object::default());
    let taken = second.export_blocking(object, [first.endpoint.as_str()]);
    assert!(taken.is_err(), "a living one's is not");
    first.check("nor disturbed");
    drop(first);
    assert!(!path.exists());
}

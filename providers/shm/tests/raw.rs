//! An end of a link that is not the provider's, written a second time from the drawing: it greets as the rules say, or
//! not, and can be bridged to a Unix socket, so that the contract's suite can play a peer byte by byte.

use std::io::{self, IoSlice, IoSliceMut, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rmix_conformance::Accept;
use rmix_shm_sys::layout::{HEADER_BYTES, Header, QUEUE_BYTES_MIN};
use rmix_shm_sys::queue::Sleep;
use rmix_shm_sys::{Peer, Reader, Segment, Writer, join};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};

/// The socket's path in an endpoint.
pub(crate) fn path(endpoint: &str) -> PathBuf {
    let (name, options) = endpoint.split_once('?').unwrap();
    let folder = options
        .split('&')
        .find_map(|one| one.strip_prefix("folder="));
    Path::new(folder.unwrap()).join(name.strip_prefix("shm:").unwrap())
}

/// A segment and the greeting that goes with it.
pub(crate) fn offer() -> (Segment, OwnedFd, [u8; HEADER_BYTES]) {
    let (segment, memory) = Segment::create(QUEUE_BYTES_MIN, 77).unwrap();
    let header = Header {
        queue_bytes: QUEUE_BYTES_MIN,
        generation: 77,
        process: std::process::id(),
    };
    (segment, memory, header.to_bytes())
}

/// Sends bytes with descriptors.
pub(crate) fn say(socket: &UnixStream, bytes: &[u8], with: &[BorrowedFd<'_>]) {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(8))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !with.is_empty() {
        assert!(control.push(SendAncillaryMessage::ScmRights(with)));
    }
    let text = [IoSlice::new(bytes)];
    // A peer that has closed already is found out when it is read from.
    let _ = rustix::net::sendmsg(socket, &text, &mut control, SendFlags::NOSIGNAL);
}

/// Receives a greeting.
pub(crate) fn hear(socket: &UnixStream) -> io::Result<(Peer, Option<OwnedFd>)> {
    let mut bytes = [0; HEADER_BYTES];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(8))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut text = [IoSliceMut::new(&mut bytes)];
    let received = rustix::net::recvmsg(socket, &mut text, &mut control, RecvFlags::empty())?;
    if received.bytes != HEADER_BYTES {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut found = control.drain().flat_map(|message| match message {
        RecvAncillaryMessage::ScmRights(rights) => rights.collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    let header = Header::from_bytes(&bytes).unwrap();
    let memory = found.next().unwrap();
    let peer = Peer::open(memory.as_fd(), header.generation).unwrap();
    Ok((peer, found.next()))
}

/// Connects and greets, and makes a socket of the link.
pub(crate) fn connect(endpoint: &str) -> io::Result<UnixStream> {
    let bell = UnixStream::connect(path(endpoint))?;
    let (room, their_room) = UnixStream::pair()?;
    let (segment, memory, header) = offer();
    say(&bell, &header, &[memory.as_fd(), their_room.as_fd()]);
    let Ok((peer, _)) = hear(&bell) else {
        // Closed at once: so is the socket that stands for the link.
        return Ok(UnixStream::pair()?.0);
    };
    bridge(bell, room, segment, peer)
}

/// Waits for links, greets, and makes sockets of them.
pub(crate) fn listen(folder: &Path) -> io::Result<(Accept, String)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = format!("raw-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let listener = UnixListener::bind(folder.join(&name))?;
    let endpoint = format!("shm:{name}?folder={}", folder.display());
    let accept = move || {
        let (bell, _) = listener.accept()?;
        let (peer, room) = hear(&bell)?;
        let room = UnixStream::from(room.expect("the end that connects sends a socket for room"));
        room.set_nonblocking(false)?;
        let (segment, memory, header) = offer();
        say(&bell, &header, &[memory.as_fd()]);
        bridge(bell, room, segment, peer)
    };
    Ok((Box::new(accept), endpoint))
}

fn bridge(
    bell: UnixStream,
    room: UnixStream,
    segment: Segment,
    peer: Peer,
) -> io::Result<UnixStream> {
    let (writer, reader, _) = join(segment, peer);
    let (inner, outer) = UnixStream::pair()?;
    let (bell_too, room_too, inner_too) =
        (bell.try_clone()?, room.try_clone()?, inner.try_clone()?);
    std::thread::spawn(move || {
        if let Ok(End::Ours) = pump_out(writer, &inner_too, &bell_too, &room_too) {
            let _ = bell_too.shutdown(Shutdown::Write);
            return;
        }
        // The other thread may be stuck in a socket that nobody reads, or in one that nobody will ring.
        let _ = inner_too.shutdown(Shutdown::Both);
        let _ = bell_too.shutdown(Shutdown::Both);
    });
    std::thread::spawn(move || {
        let _ = pump_in(reader, &inner, &bell, &room);
        let _ = (
            inner.shutdown(Shutdown::Both),
            bell.shutdown(Shutdown::Both),
        );
        let _ = room.shutdown(Shutdown::Both);
    });
    Ok(outer)
}

/// Who has ended a direction.
enum End {
    Ours,
    Theirs,
}

/// From the socket into the queue.
fn pump_out(
    mut writer: Writer,
    mut from: &UnixStream,
    mut bell: &UnixStream,
    mut room: &UnixStream,
) -> io::Result<End> {
    let mut part = [0; 4096];
    loop {
        let count = from.read(&mut part)?;
        if count == 0 {
            return Ok(End::Ours);
        }
        let mut rest = &part[..count];
        while !rest.is_empty() {
            let written = writer.write(rest).map_err(io::Error::other)?;
            rest = &rest[written..];
            if writer.wake() {
                bell.write_all(&[1])?;
            }
            if written == 0 && writer.fall_asleep().map_err(io::Error::other)? {
                if room.read(&mut [0; 64])? == 0 {
                    return Ok(End::Theirs);
                }
                writer.wake_up();
            }
        }
    }
}

/// From the queue into the socket.
fn pump_in(
    mut reader: Reader,
    mut to: &UnixStream,
    mut bell: &UnixStream,
    mut room: &UnixStream,
) -> io::Result<()> {
    let mut part = [MaybeUninit::uninit(); 4096];
    let mut ended = false;
    loop {
        let filled = reader.read(&mut part).map_err(io::Error::other)?;
        if !filled.is_empty() {
            to.write_all(filled)?;
            if reader.wake() {
                room.write_all(&[1])?;
            }
            continue;
        }
        if ended {
            return Ok(());
        }
        if reader.fall_asleep(Sleep::Bell).map_err(io::Error::other)? {
            ended = bell.read(&mut [0; 64]).unwrap_or(0) == 0;
            reader.wake_up();
        }
    }
}

//! What two ends say first: the header of a segment, and its descriptor; the end that connects adds one end of the pair
//! of sockets that rings for room.
//!
//! Everything that comes is a stranger's: what is asked of its descriptors cannot wait, whatever they are.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rmix_shm_sys::layout::{HEADER_BYTES, Header};
use rmix_shm_sys::{Peer, Segment};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketType, sockopt,
};

/// Descriptors in one greeting.
const DESCRIPTORS_MAX: usize = 2;

/// What has come of a greeting.
#[derive(Debug)]
pub(crate) enum Heard {
    /// Nothing yet.
    Nothing,
    /// The peer has gone.
    End,
    /// It was said, and everything in it is right.
    Said(Said),
    /// Something in it is wrong.
    Wrong(String),
}

/// A greeting.
pub(crate) struct Said {
    pub(crate) peer: Peer,
    /// From the end that connects.
    pub(crate) room: Option<OwnedFd>,
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Said {{ room: {:?} }}", self.room)
    }
}

/// A new segment and what announces it.
pub(crate) struct Offer {
    pub(crate) segment: Segment,
    header: [u8; HEADER_BYTES],
    memory: OwnedFd,
}

impl Offer {
    pub(crate) fn new(queue_bytes: u32) -> Result<Offer, Errno> {
        let generation = random();
        let (segment, memory) = Segment::create(queue_bytes, generation)?;
        let header = Header {
            queue_bytes,
            generation,
            process: std::process::id(),
        };
        Ok(Offer {
            segment,
            header: header.to_bytes(),
            memory,
        })
    }

    /// Sends the announcement; the socket is new, so it has room.
    pub(crate) fn send(
        self,
        socket: BorrowedFd<'_>,
        room: Option<OwnedFd>,
    ) -> Result<Segment, Errno> {
        let memory = self.memory.as_fd();
        let both;
        let one = [memory];
        let descriptors: &[BorrowedFd<'_>] = match &room {
            Some(room) => {
                both = [memory, room.as_fd()];
                &both
            }
            None => &one,
        };
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
            return Err(Errno::NOBUFS);
        }
        let text = [IoSlice::new(&self.header)];
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        match rustix::net::sendmsg(socket, &text, &mut control, flags)? {
            HEADER_BYTES => Ok(self.segment),
            _ => Err(Errno::MSGSIZE),
        }
    }
}

/// Receives a greeting, whole or not at all: it was sent in one piece.
pub(crate) fn receive(socket: BorrowedFd<'_>, with_room: bool) -> Heard {
    let mut bytes = [0; HEADER_BYTES];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut text = [IoSliceMut::new(&mut bytes)];
    let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
    let received = match rustix::net::recvmsg(socket, &mut text, &mut control, flags) {
        Ok(received) => received.bytes,
        Err(Errno::AGAIN | Errno::INTR) => return Heard::Nothing,
        Err(_) => return Heard::End,
    };
    // Descriptors that are not wanted are closed with the buffer.
    let mut descriptors = control.drain().flat_map(|message| match message {
        RecvAncillaryMessage::ScmRights(rights) => rights.collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    let memory = descriptors.next();
    let room = descriptors.next().filter(|_| with_room);
    let header = match received {
        0 => return Heard::End,
        HEADER_BYTES => Header::from_bytes(&bytes),
        _ => return Heard::Wrong(format!("it has {received} bytes, not {HEADER_BYTES}")),
    };
    match check(
        header.map_err(|wrong| wrong.to_string()),
        memory,
        room,
        with_room,
    ) {
        Ok(said) => Heard::Said(said),
        Err(why) => Heard::Wrong(why),
    }
}

fn check(
    header: Result<Header, String>,
    memory: Option<OwnedFd>,
    room: Option<OwnedFd>,
    with_room: bool,
) -> Result<Said, String> {
    let header = header?;
    let memory = memory.ok_or("it came without a segment")?;
    let peer = Peer::open(memory.as_fd(), header.generation).map_err(|refused| {
        let source = std::error::Error::source(&refused);
        match source {
            Some(source) => format!("its segment is refused: {refused}: {source}"),
            None => format!("its segment is refused: {refused}"),
        }
    })?;
    if with_room {
        let room = room.as_ref().ok_or("it came without a socket for room")?;
        // Both fail for what is no socket, without asking it.
        let stream = sockopt::socket_type(room) == Ok(SocketType::STREAM);
        if !stream || sockopt::socket_domain(room) != Ok(AddressFamily::UNIX) {
            return Err("its second descriptor is no Unix stream socket".to_owned());
        }
    }
    Ok(Said { peer, room })
}

/// A number that nobody can foretell.
fn random() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::hash::RandomState::new().build_hasher().finish()
}

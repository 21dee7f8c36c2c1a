//! Rings of the bell: a byte through a socket, sent to a peer that sleeps, and heard by who sleeps.

use std::os::fd::BorrowedFd;

use rmix_provider::guest::Io;
use rmix_provider::stream::Moved;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};

/// Rings that are heard in one read.
const HEARD_MAX: usize = 64;
/// Rings that may lie in the socket unread. A socket has room for some hundreds.
const LEFT_MAX: u32 = 32;
/// Rings that are read after one that brought nothing.
const PAUSE: u32 = 64;

/// Rings. A bell that is full has been rung enough; a peer that is gone is found out by who reads.
pub(crate) fn ring(bell: BorrowedFd<'_>) {
    let _ = rustix::net::send(bell, &[1], SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
}

/// Reads the rings; 0 is the peer's end.
pub(crate) fn hear(bell: BorrowedFd<'_>) -> Io<Moved> {
    let mut rings = [0; HEARD_MAX];
    loop {
        match rustix::net::recv(bell, &mut rings, RecvFlags::DONTWAIT) {
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return Io::WouldBlock,
            Ok((count, _)) if count > 0 && count < HEARD_MAX => return Io::Drained(Ok(count)),
            heard => return Io::Done(heard.map(|(count, _)| count)),
        }
    }
}

/// Which rings are read. A reactor that tells of each ring once, as those of tasks do, tells of the next one though this
/// one was left where it lies: that saves a system call a message. One that tells of what lies there tells of the same
/// ring again, which then brings nothing: with such a reactor, rings are read.
#[derive(Debug, Default)]
pub(crate) struct Rings {
    left: u32,
    pause: u32,
    /// Bytes were found since the last ring.
    useful: bool,
}

impl Rings {
    /// Hears what the reactor told of; 0 is the peer's end.
    pub(crate) fn hear(&mut self, bell: BorrowedFd<'_>) -> Io<Moved> {
        match std::mem::take(&mut self.useful) {
            true if self.pause == 0 && self.left < LEFT_MAX => {
                self.left += 1;
                return Io::Drained(Ok(1));
            }
            true => self.pause = self.pause.saturating_sub(1),
            // The same ring again, or the peer's end.
            false => self.pause = PAUSE,
        }
        self.left = 0;
        hear(bell)
    }

    /// Bytes were found.
    pub(crate) fn found(&mut self) {
        self.useful = true;
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    use super::*;

    fn bell() -> (std::os::fd::OwnedFd, std::os::fd::OwnedFd) {
        socketpair(
            AddressFamily::UNIX,
            SocketType::STREAM,
            SocketFlags::empty(),
            None,
        )
        .unwrap()
    }

    fn count(heard: Io<Moved>) -> Option<usize> {
        match heard {
            Io::WouldBlock => None,
            Io::Done(moved) | Io::Drained(moved) => Some(moved.unwrap()),
        }
    }

    fn lying(bell: BorrowedFd<'_>) -> usize {
        let mut bytes = [0; 256];
        let flags = RecvFlags::DONTWAIT | RecvFlags::PEEK;
        rustix::net::recv(bell, &mut bytes, flags).map_or(0, |(count, _)| count)
    }

    #[test]
    fn rings_that_bring_something_are_left_up_to_a_bound() {
        let (near, far) = bell();
        let mut rings = Rings::default();
        for left in 1..=LEFT_MAX {
            ring(near.as_fd());
            rings.found();
            assert_eq!(count(rings.hear(far.as_fd())), Some(1));
            assert_eq!(lying(far.as_fd()), left as usize);
        }
        ring(near.as_fd());
        rings.found();
        assert_eq!(count(rings.hear(far.as_fd())), Some(LEFT_MAX as usize + 1));
        assert_eq!(lying(far.as_fd()), 0);
    }

    #[test]
    fn after_one_that_brought_nothing_they_are_read() {
        let (near, far) = bell();
        let mut rings = Rings::default();
        ring(near.as_fd());
        assert_eq!(count(rings.hear(far.as_fd())), Some(1));
        assert_eq!(lying(far.as_fd()), 0);
        for _ in 0..PAUSE {
            ring(near.as_fd());
            rings.found();
            assert_eq!(count(rings.hear(far.as_fd())), Some(1));
            assert_eq!(lying(far.as_fd()), 0);
        }
        ring(near.as_fd());
        rings.found();
        assert_eq!(count(rings.hear(far.as_fd())), Some(1));
        assert_eq!(lying(far.as_fd()), 1, "and then left again");
    }

    #[test]
    fn the_end_is_heard_behind_rings_that_were_left() {
        let (near, far) = bell();
        let mut rings = Rings::default();
        ring(near.as_fd());
        rings.found();
        assert_eq!(count(rings.hear(far.as_fd())), Some(1));
        drop(near);
        assert_eq!(count(rings.hear(far.as_fd())), Some(1), "what was left");
        assert_eq!(count(rings.hear(far.as_fd())), Some(0));
    }
}

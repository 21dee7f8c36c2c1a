//! The doorbell: a byte through a socket, sent to a peer that sleeps, and heard by who sleeps.

use std::os::fd::BorrowedFd;

use rmix_provider::guest::Io;
use rmix_provider::stream::Moved;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, sockopt};

/// Bytes that are heard in one read: more than a socket of the usual room holds.
const HEARD_MAX: usize = 512;
/// Bytes that may lie in the socket unread, where it has room for many.
const LEFT_MAX: usize = 64;
/// What one takes of the room of a socket, in bytes, with what the kernel puts around it.
const STROKE_BYTES: usize = 1024;
/// The part of a socket's room that may be taken by those that were left.
const ROOM_PART: usize = 4;
/// How many are read after one that brought nothing.
const PAUSE: u32 = 64;

/// Rings it. One that is full has been rung enough; a peer that is gone is found out by who reads.
pub(crate) fn ring(bell: BorrowedFd<'_>) {
    let _ = rustix::net::send(bell, &[1], SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
}

/// Reads what was rung; 0 is the peer's end, which is a reset if it left bytes of ours where they lay.
pub(crate) fn hear(bell: BorrowedFd<'_>) -> Io<Moved> {
    let mut bytes = [0; HEARD_MAX];
    loop {
        match rustix::net::recv(bell, &mut bytes, RecvFlags::DONTWAIT) {
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return Io::WouldBlock,
            Err(Errno::CONNRESET) => return Io::Done(Ok(0)),
            Ok((count, _)) if count > 0 && count < HEARD_MAX => return Io::Drained(Ok(count)),
            heard => return Io::Done(heard.map(|(count, _)| count)),
        }
    }
}

/// Which bytes are read. A reactor that tells of each once, as those of tasks do, tells of the next one though this one was
/// left where it lies: that saves a system call a message. It tells so only if there is room for the next one, so the
/// sleeps are counted: it is rung at most once for each. A reactor that tells of what lies there tells of the same
/// byte again, which then brings nothing: with such a reactor, they are read.
#[derive(Debug)]
pub(crate) struct Doorbell {
    left_max: usize,
    /// Sleeps since all was read.
    slept: usize,
    pause: u32,
    /// Something was found in the queue since it was rung last.
    useful: bool,
}

impl Doorbell {
    /// The peer's socket has as much room as this end's of the same host, as a rule.
    pub(crate) fn new(bell: BorrowedFd<'_>) -> Doorbell {
        let room = sockopt::socket_send_buffer_size(bell).unwrap_or(0);
        Doorbell {
            left_max: (room / STROKE_BYTES / ROOM_PART).min(LEFT_MAX),
            slept: 0,
            pause: 0,
            useful: false,
        }
    }

    /// To be called before each sleep on it.
    pub(crate) fn slept(&mut self) {
        self.slept = self.slept.saturating_add(1);
    }

    /// Hears what the reactor told of; 0 is the peer's end.
    pub(crate) fn hear(&mut self, bell: BorrowedFd<'_>) -> Io<Moved> {
        match std::mem::take(&mut self.useful) {
            true if self.pause == 0 && self.slept <= self.left_max => {
                return Io::Drained(Ok(1));
            }
            true => self.pause = self.pause.saturating_sub(1),
            // The same byte again, or the peer's end.
            false => self.pause = PAUSE,
        }
        let heard = hear(bell);
        // Else more may lie there, and are heard next.
        if matches!(heard, Io::Drained(_) | Io::WouldBlock) {
            self.slept = 0;
        }
        heard
    }

    /// Something was found in the queue.
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

    /// A sleep that ringing ends, and what it brought is found.
    fn woken(doorbell: &mut Doorbell, near: BorrowedFd<'_>) {
        doorbell.slept();
        let sent = rustix::net::send(near, &[1], SendFlags::DONTWAIT);
        assert_eq!(sent, Ok(1), "there is room for each");
        doorbell.found();
    }

    #[test]
    fn what_brings_something_is_left_up_to_a_bound() {
        let (near, far) = bell();
        let mut doorbell = Doorbell::new(far.as_fd());
        let left_max = doorbell.left_max;
        assert!(left_max > 1, "of {left_max}");
        for left in 1..=left_max {
            woken(&mut doorbell, near.as_fd());
            assert_eq!(count(doorbell.hear(far.as_fd())), Some(1));
            assert_eq!(lying(far.as_fd()), left);
        }
        woken(&mut doorbell, near.as_fd());
        assert_eq!(count(doorbell.hear(far.as_fd())), Some(left_max + 1));
        assert_eq!(lying(far.as_fd()), 0);
    }

    #[test]
    fn ringing_often_for_each_that_is_told_of_never_fills_the_socket() {
        let (near, far) = bell();
        let mut doorbell = Doorbell::new(far.as_fd());
        for _ in 0..400 {
            (0..10).for_each(|_| woken(&mut doorbell, near.as_fd()));
            assert!(count(doorbell.hear(far.as_fd())).is_some());
            assert!(lying(far.as_fd()) <= doorbell.left_max);
        }
    }

    #[test]
    fn where_a_socket_has_little_room_all_is_read() {
        let (near, far) = bell();
        sockopt::set_socket_send_buffer_size(far.as_fd(), 1).unwrap();
        let mut doorbell = Doorbell::new(far.as_fd());
        for _ in 0..8 {
            woken(&mut doorbell, near.as_fd());
            assert!(count(doorbell.hear(far.as_fd())).is_some());
            assert!(lying(far.as_fd()) <= 1);
        }
    }

    #[test]
    fn after_one_that_brought_nothing_all_is_read() {
        let (near, far) = bell();
        let mut doorbell = Doorbell::new(far.as_fd());
        ring(near.as_fd());
        assert_eq!(count(doorbell.hear(far.as_fd())), Some(1));
        assert_eq!(lying(far.as_fd()), 0);
        for _ in 0..PAUSE {
            woken(&mut doorbell, near.as_fd());
            assert_eq!(count(doorbell.hear(far.as_fd())), Some(1));
            assert_eq!(lying(far.as_fd()), 0);
        }
        woken(&mut doorbell, near.as_fd());
        assert_eq!(count(doorbell.hear(far.as_fd())), Some(1));
        assert_eq!(lying(far.as_fd()), 1, "and then left again");
    }

    #[test]
    fn the_end_is_heard_behind_what_was_left() {
        let (near, far) = bell();
        let mut doorbell = Doorbell::new(far.as_fd());
        woken(&mut doorbell, near.as_fd());
        assert_eq!(count(doorbell.hear(far.as_fd())), Some(1));
        drop(near);
        assert_eq!(count(doorbell.hear(far.as_fd())), Some(1), "what was left");
        assert_eq!(count(doorbell.hear(far.as_fd())), Some(0));
    }

    #[test]
    fn a_peer_that_left_bytes_where_they_lay_has_ended_and_nothing_else() {
        let (near, far) = bell();
        let mut doorbell = Doorbell::new(far.as_fd());
        ring(far.as_fd());
        drop(near);
        assert_eq!(count(doorbell.hear(far.as_fd())), Some(0));
    }
}

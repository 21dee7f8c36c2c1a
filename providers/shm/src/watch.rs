//! Watches for the peer's end while a synchronous caller sleeps on a futex, which no descriptor can end.

use std::future::poll_fn;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::Arc;

use rmix_provider::guest::{Host, Io, RegisteredFd};
use rmix_provider::tables::{AbiWaker, READ};
use rmix_shm_sys::Alarm;
use rustix::event::{PollFd, PollFlags, Timespec};

/// Sets the alarm off when the peer's end of `room` closes, or this end is shut down. `room` is watched through a
/// descriptor of its own, because each has one waker.
pub(crate) fn start(host: Host, room: &RegisteredFd, alarm: Arc<Alarm>) {
    // Without it a death is noticed when the wait has lasted its longest.
    let Ok(own) = room.fd().try_clone_to_owned() else {
        return;
    };
    let Ok(own) = host.register(own) else {
        return;
    };
    host.spawn(async move {
        poll_fn(|cx| {
            let waker = AbiWaker::lend(cx.waker());
            own.poll_io(READ, &waker, |fd| match has_hung_up(fd) {
                true => Io::Done(()),
                false => Io::WouldBlock,
            })
        })
        .await
        .ok();
        alarm.go_off();
    });
}

/// Whether the other end of a socket has closed, whatever lies unread.
pub(crate) fn has_hung_up(socket: BorrowedFd<'_>) -> bool {
    let mut polled = [PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::RDHUP)];
    let nothing = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let found = rustix::event::poll(&mut polled, Some(&nothing));
    let ends = PollFlags::HUP | PollFlags::RDHUP | PollFlags::ERR;
    found.is_ok() && polled.iter().any(|entry| entry.revents().intersects(ends))
}

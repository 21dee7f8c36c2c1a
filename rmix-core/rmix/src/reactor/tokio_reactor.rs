//! The reactor of asynchronous calls: descriptors on tokio, registered on first need and for one direction each, so that
//! a link that only writes is not woken by what it could read.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};

use rmix_abi::host::{IoOutcome, LentFd};
use rmix_abi::tables::WRITE;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{Services, sync_reactor};

/// A descriptor that a provider has registered.
pub(crate) struct Registered {
    services: Arc<Services>,
    fd: LentFd,
    /// Serialises the two registrations below; guards nothing else.
    registering: Mutex<()>,
    read: OnceLock<AsyncFd<LentFd>>,
    /// On a duplicate: tokio takes a descriptor once, and its two directions would share their wake-ups.
    write: OnceLock<AsyncFd<OwnedFd>>,
}

impl Registered {
    pub(super) fn new(services: Arc<Services>, fd: LentFd) -> Registered {
        Registered {
            services,
            fd,
            registering: Mutex::new(()),
            read: OnceLock::new(),
            write: OnceLock::new(),
        }
    }

    pub(super) fn poll_io(
        &self,
        interest: u32,
        cx: &mut Context<'_>,
        op: &mut dyn FnMut() -> IoOutcome,
    ) -> Poll<Result<(), ()>> {
        if let Some(polled) = sync_reactor::poll_io(self.fd, interest, cx, op) {
            return polled.map(Ok);
        }
        let polled = if interest == WRITE {
            // Room to write is the rule: asking first would cost a registration on links that never need one.
            if op() != IoOutcome::WouldBlock {
                return Poll::Ready(Ok(()));
            }
            self.poll_write(cx, op)
        } else {
            self.poll_read(cx, op)
        };
        polled.map_err(|failure| match self.services.handle() {
            Ok(_) => {
                tracing::error!(target: "rmix::reactor", %failure, "a descriptor cannot be waited for");
            }
            // Once the runtime was shut down, what is left behind ends like this.
            Err(_) => {
                tracing::debug!(target: "rmix::reactor", %failure, "a descriptor is not waited for");
            }
        })
    }

    fn poll_read(
        &self,
        cx: &mut Context<'_>,
        op: &mut dyn FnMut() -> IoOutcome,
    ) -> Poll<io::Result<()>> {
        let fd = self.registered(&self.read, || Ok(self.fd), Interest::READABLE)?;
        loop {
            let mut guard = ready!(fd.poll_read_ready(cx))?;
            match op() {
                IoOutcome::WouldBlock => guard.clear_ready(),
                IoOutcome::Done => return Poll::Ready(Ok(())),
                IoOutcome::Drained => {
                    guard.clear_ready();
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }

    fn poll_write(
        &self,
        cx: &mut Context<'_>,
        op: &mut dyn FnMut() -> IoOutcome,
    ) -> Poll<io::Result<()>> {
        let duplicate = || self.fd.as_fd().try_clone_to_owned();
        let fd = self.registered(&self.write, duplicate, Interest::WRITABLE)?;
        loop {
            let mut guard = ready!(fd.poll_write_ready(cx))?;
            match op() {
                IoOutcome::WouldBlock => guard.clear_ready(),
                IoOutcome::Done => return Poll::Ready(Ok(())),
                IoOutcome::Drained => {
                    guard.clear_ready();
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }

    fn registered<'a, T: std::os::fd::AsRawFd>(
        &self,
        place: &'a OnceLock<AsyncFd<T>>,
        fd: impl FnOnce() -> io::Result<T>,
        interest: Interest,
    ) -> io::Result<&'a AsyncFd<T>> {
        if let Some(registered) = place.get() {
            return Ok(registered);
        }
        let handle = self.services.handle().map_err(io::Error::other)?;
        let _one_at_a_time = self
            .registering
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(registered) = place.get() {
            return Ok(registered);
        }
        let _entered = handle.enter();
        #[expect(
            deprecated,
            reason = "the successor is unsafe; the boundary's rule that a registered descriptor stays open until it \
                      is released makes this use sound"
        )]
        let registered = AsyncFd::with_interest(fd()?, interest)?;
        Ok(place.get_or_init(|| registered))
    }
}

//! Safe handles on what the host lends: readiness, time, tasks, dispatch, log.

use std::future::{Future, poll_fn};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use super::future::into_fut;
use super::panic::guard;
use super::{InboundCall, Respond};
use crate::tables::{
    AbiWaker, Err, HostFd, HostTimer, HostVt, IO_DRAINED, IO_WOULD_BLOCK, OK, Opened, Str, cause,
    kind, level,
};

/// The host, lent to a provider for ever.
#[derive(Clone, Copy)]
pub struct Host {
    vt: &'static HostVt,
}

impl Host {
    pub(super) fn new(vt: &'static HostVt) -> Host {
        Host { vt }
    }

    /// Lends a descriptor to the host's reactor and takes it over.
    ///
    /// # Errors
    /// `Internal` when the reactor cannot take it.
    pub fn register(&self, fd: OwnedFd) -> Result<RegisteredFd, Err> {
        let mut handle = std::ptr::null_mut();
        let mut err = Err::default();
        // SAFETY: the host's table is valid for ever; both out-parameters are ours.
        let status =
            unsafe { (self.vt.fd_register)(self.vt.ctx, fd.as_raw_fd(), &mut handle, &mut err) };
        if status != OK {
            return Err(err);
        }
        Ok(RegisteredFd {
            host: *self,
            handle,
            fd,
        })
    }

    /// Monotonic time in nanoseconds.
    pub fn now_ns(&self) -> u64 {
        // SAFETY: as above.
        unsafe { (self.vt.now_ns)(self.vt.ctx) }
    }

    /// A new timer.
    pub fn timer(&self) -> Timer {
        Timer {
            host: *self,
            // SAFETY: as above.
            handle: unsafe { (self.vt.timer_new)(self.vt.ctx) },
        }
    }

    /// Runs a future in the background.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        let fut = into_fut(Box::pin(async move {
            future.await;
            Ok(Opened::NOTHING)
        }));
        // SAFETY: as above; the host takes the future over.
        unsafe { (self.vt.spawn)(self.vt.ctx, fut) };
    }

    /// Runs `work` where it may block, and waits for it; `None` when the host is shutting down or `work` panicked.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        struct Cell<T> {
            done: bool,
            value: Option<T>,
            waker: Option<Waker>,
        }
        /// Marks the cell done even when the work never ran or panicked.
        struct Finish<T>(Arc<Mutex<Cell<T>>>);
        impl<T> Drop for Finish<T> {
            fn drop(&mut self) {
                let mut cell = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                cell.done = true;
                if let Some(waker) = cell.waker.take() {
                    drop(cell);
                    waker.wake();
                }
            }
        }
        let cell = Arc::new(Mutex::new(Cell {
            done: false,
            value: None,
            waker: None,
        }));
        let finish = Finish(cell.clone());
        let job: Box<dyn FnOnce() + Send> = Box::new(move || {
            let value = work();
            let mut cell = finish.0.lock().unwrap_or_else(PoisonError::into_inner);
            cell.value = Some(value);
        });
        self.run_blocking(job);
        poll_fn(move |cx| {
            let mut cell = cell.lock().unwrap_or_else(PoisonError::into_inner);
            if cell.done {
                return Poll::Ready(cell.value.take());
            }
            cell.waker = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    fn run_blocking(&self, job: Box<dyn FnOnce() + Send>) {
        unsafe extern "C" fn work(argument: *mut (), run: u8) {
            // SAFETY: `argument` is the box made below, used once.
            let job = unsafe { Box::from_raw(argument.cast::<Box<dyn FnOnce() + Send>>()) };
            guard((), || match run {
                0 => drop(job),
                _ => job(),
            });
        }
        let argument = Box::into_raw(Box::new(job)).cast();
        // SAFETY: the host calls `work(argument, …)` exactly once.
        unsafe { (self.vt.spawn_blocking)(self.vt.ctx, work, argument) };
    }

    /// Hands an inbound call to the object it is for.
    #[inline(always)]
    pub fn dispatch<R: Respond>(&self, call: InboundCall<'_, R>) {
        call.hand_over(|raw| {
            // SAFETY: the host takes the decoder and the responder out of the call.
            unsafe { (self.vt.dispatch)(self.vt.ctx, raw) }
        });
    }

    /// As [`Host::dispatch`], of a one-way call: its responder, unused, when it has ended already and needs none.
    #[inline(always)]
    pub fn dispatch_oneway<R: Respond>(&self, call: InboundCall<'_, R>) -> Option<R> {
        call.lend(|raw| {
            // SAFETY: as above, but for the responder when it says that.
            unsafe { (self.vt.dispatch)(self.vt.ctx, raw) }
        })
    }

    /// A number for a new connection, unique in this host.
    pub fn next_connection(&self) -> u64 {
        // SAFETY: as above.
        unsafe { (self.vt.next_connection)(self.vt.ctx) }
    }

    /// Tells the host that a connection's inbound calls have ended.
    pub fn connection_closed(&self, connection: u64) {
        // SAFETY: as above.
        unsafe { (self.vt.connection_closed)(self.vt.ctx, connection) }
    }

    /// Logs at warning level.
    pub fn warn(&self, target: &str, message: &str) {
        self.log(level::WARN, target, message);
    }

    /// Logs at debug level.
    pub fn debug(&self, target: &str, message: &str) {
        self.log(level::DEBUG, target, message);
    }

    fn log(&self, level: u32, target: &str, message: &str) {
        // SAFETY: both texts are lent for the call.
        unsafe { (self.vt.log)(self.vt.ctx, level, Str::lend(target), Str::lend(message)) }
    }
}

/// What an operation on a descriptor came to.
pub enum Io<R> {
    /// Not ready.
    WouldBlock,
    /// Done, in success or failure.
    Done(R),
    /// Done, and the stream has nothing more for now.
    Drained(R),
}

/// A descriptor on the host's reactor.
pub struct RegisteredFd {
    host: Host,
    handle: *mut HostFd,
    fd: OwnedFd,
}

// SAFETY: the host's descriptor handles may be used from any thread.
unsafe impl Send for RegisteredFd {}
// SAFETY: as above.
unsafe impl Sync for RegisteredFd {}

impl RegisteredFd {
    /// Runs `op` when the descriptor is ready for `interest`, else remembers the waker.
    ///
    /// # Errors
    /// `Internal` when the reactor fails.
    pub fn poll_io<R>(
        &self,
        interest: u32,
        waker: &AbiWaker,
        op: impl FnMut(BorrowedFd<'_>) -> Io<R>,
    ) -> Poll<Result<R, Err>> {
        struct Context<'a, F, R> {
            op: F,
            fd: BorrowedFd<'a>,
            result: Option<R>,
        }
        unsafe extern "C" fn run<F: FnMut(BorrowedFd<'_>) -> Io<R>, R>(context: *mut ()) -> i64 {
            // SAFETY: `context` is the struct below, exclusively lent to the host for this call.
            let context = unsafe { &mut *context.cast::<Context<'_, F, R>>() };
            match guard(None, || Some((context.op)(context.fd))) {
                Some(Io::WouldBlock) => IO_WOULD_BLOCK,
                Some(Io::Done(result)) => {
                    context.result = Some(result);
                    0
                }
                Some(Io::Drained(result)) => {
                    context.result = Some(result);
                    IO_DRAINED
                }
                None => 0,
            }
        }
        fn entry_of<F: FnMut(BorrowedFd<'_>) -> Io<R>, R>(
            _: &Context<'_, F, R>,
        ) -> crate::tables::IoOp {
            run::<F, R>
        }
        let mut context = Context {
            op,
            fd: self.fd.as_fd(),
            result: None,
        };
        let entry = entry_of(&context);
        // SAFETY: the handle is live until `drop`; the operation and its context live for the call.
        let outcome = unsafe {
            (self.host.vt.fd_poll_io)(
                self.handle,
                interest,
                waker,
                entry,
                std::ptr::from_mut(&mut context).cast(),
            )
        };
        match context.result {
            Some(result) => Poll::Ready(Ok(result)),
            None if outcome == IO_WOULD_BLOCK => Poll::Pending,
            None => Poll::Ready(Err(Err::new(
                kind::INTERNAL,
                cause::IO,
                "the host's reactor failed",
            ))),
        }
    }

    /// The descriptor itself.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for RegisteredFd {
    fn drop(&mut self) {
        // SAFETY: released once, before the descriptor is closed.
        unsafe { (self.host.vt.fd_release)(self.handle) }
    }
}

/// A timer of the host.
pub struct Timer {
    host: Host,
    handle: *mut HostTimer,
}

// SAFETY: timers may move between threads; polls take `&mut self`.
unsafe impl Send for Timer {}
// SAFETY: there is no access through a shared reference.
unsafe impl Sync for Timer {}

impl Timer {
    /// Ready when `deadline_ns` has passed.
    pub fn poll_until(&mut self, deadline_ns: u64, waker: &AbiWaker) -> Poll<()> {
        // SAFETY: the handle is live until `drop`.
        let status = unsafe { (self.host.vt.timer_poll)(self.handle, deadline_ns, waker) };
        if status == OK {
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Waits until `deadline_ns` of [`Host::now_ns`].
    pub async fn sleep_until(&mut self, deadline_ns: u64) {
        poll_fn(|cx| self.poll_until(deadline_ns, &AbiWaker::lend(cx.waker()))).await;
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // SAFETY: freed once.
        unsafe { (self.host.vt.timer_release)(self.handle) }
    }
}

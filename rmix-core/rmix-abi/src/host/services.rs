//! The host's own table, made from a safe trait.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use super::{ForeignFuture, Inbound, ReplyTo};
use crate::tables::{
    AbiWaker, BlockingWork, END, ERR, Err, Fut, HostFd, HostTimer, HostVt, IO_DRAINED,
    IO_WOULD_BLOCK, IoOp, OK, PENDING, ServerCall, Status, Str, call_flags, cause, kind,
};

/// What one try of an operation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IoOutcome {
    /// Not ready; readiness may be cleared.
    WouldBlock,
    /// Done.
    Done,
    /// Done, and readiness may be cleared: the stream has nothing more for now.
    Drained,
}

/// A descriptor that a provider lends. It stays open until its registration is dropped (a rule of the boundary); a copy
/// that outlives that may only be asked for readiness, and the answer then means nothing.
#[derive(Debug, Clone, Copy)]
pub struct LentFd(RawFd);

impl AsRawFd for LentFd {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

impl AsFd for LentFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: see the type: open until the registration is dropped, and only asked for readiness afterwards.
        unsafe { BorrowedFd::borrow_raw(self.0) }
    }
}

/// What the base library offers providers.
pub trait HostServices: Send + Sync + 'static {
    /// A registered descriptor.
    type Fd: Send + Sync;
    /// A timer.
    type Timer: Send;

    /// Registers a descriptor.
    fn register(self: &Arc<Self>, fd: LentFd) -> Result<Self::Fd, String>;
    /// Runs `op` when the descriptor is ready.
    fn poll_io(
        fd: &Self::Fd,
        interest: u32,
        cx: &mut Context<'_>,
        op: &mut dyn FnMut() -> IoOutcome,
    ) -> Poll<Result<(), ()>>;
    /// Monotonic time in nanoseconds.
    fn now_ns(&self) -> u64;
    /// A new timer.
    fn timer(self: &Arc<Self>) -> Self::Timer;
    /// Ready when `deadline_ns` has passed.
    fn poll_timer(timer: &mut Self::Timer, deadline_ns: u64, cx: &mut Context<'_>) -> Poll<()>;
    /// Runs a future in the background.
    fn spawn(self: &Arc<Self>, future: ForeignFuture);
    /// Runs `job` where it may block.
    fn spawn_blocking(self: &Arc<Self>, job: Box<dyn FnOnce() + Send>);
    /// Takes an inbound call; true when it was answered in place.
    fn dispatch(self: &Arc<Self>, call: &mut Inbound<'_>) -> bool;
    /// A connection's inbound calls have ended.
    fn connection_closed(&self, connection: u64);
    /// A number for a new connection.
    fn next_connection(&self) -> u64;
    /// Logs one line.
    fn log(&self, level: u32, target: &str, message: &str);
}

/// The table of a host. It lives for ever, like every table, and keeps `services` alive.
pub fn host_table<S: HostServices>(services: Arc<S>) -> &'static HostVt {
    Box::leak(Box::new(HostVt {
        size: size_of::<HostVt>(),
        ctx: Arc::into_raw(services).cast(),
        fd_register: fd_register::<S>,
        fd_poll_io: fd_poll_io::<S>,
        fd_release: fd_release::<S>,
        now_ns: now_ns::<S>,
        timer_new: timer_new::<S>,
        timer_poll: timer_poll::<S>,
        timer_release: timer_release::<S>,
        spawn: spawn::<S>,
        spawn_blocking: spawn_blocking::<S>,
        dispatch: dispatch::<S>,
        connection_closed: connection_closed::<S>,
        next_connection: next_connection::<S>,
        log: log::<S>,
    }))
}

fn guard<R>(on_panic: R, body: impl FnOnce() -> R) -> R {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(payload) => {
            if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(second);
            }
            on_panic
        }
    }
}

/// # Safety
/// `ctx` is the context of a table made by `host_table::<S>`.
unsafe fn services<S>(ctx: *const ()) -> std::mem::ManuallyDrop<Arc<S>> {
    // SAFETY: the caller vouches for it; the table owns one count for ever.
    std::mem::ManuallyDrop::new(unsafe { Arc::from_raw(ctx.cast::<S>()) })
}

unsafe extern "C" fn fd_register<S: HostServices>(
    ctx: *const (),
    fd: i32,
    out: *mut *mut HostFd,
    err: *mut Err,
) -> Status {
    // SAFETY: the provider passes the table's context and its own out-parameters.
    unsafe {
        let services = services::<S>(ctx);
        let registered = guard(Err("the host panicked".to_owned()), || {
            services.register(LentFd(fd))
        });
        match registered {
            Ok(registered) => {
                *out = Box::into_raw(Box::new(registered)).cast();
                OK
            }
            Err(message) => {
                *err = Err::new(kind::INTERNAL, cause::IO, message);
                ERR
            }
        }
    }
}

unsafe extern "C" fn fd_poll_io<S: HostServices>(
    fd: *mut HostFd,
    interest: u32,
    waker: *const AbiWaker,
    op: IoOp,
    op_context: *mut (),
) -> i64 {
    let mut last = 0;
    let mut run = || {
        // SAFETY: the provider's operation and its context live for this call.
        last = unsafe { op(op_context) };
        if last == IO_WOULD_BLOCK {
            return IoOutcome::WouldBlock;
        }
        if last >= 0 && last & IO_DRAINED != 0 {
            return IoOutcome::Drained;
        }
        IoOutcome::Done
    };
    // SAFETY: the handle was made by `fd_register` and is not released; the waker is lent for the call.
    let polled = unsafe {
        let fd = &*fd.cast::<S::Fd>();
        (*waker).with_std(|waker| {
            guard(Poll::Ready(Err(())), || {
                S::poll_io(fd, interest, &mut Context::from_waker(waker), &mut run)
            })
        })
    };
    match polled {
        Poll::Pending => IO_WOULD_BLOCK,
        Poll::Ready(Ok(())) => last,
        Poll::Ready(Err(())) => i64::MIN,
    }
}

unsafe extern "C" fn fd_release<S: HostServices>(fd: *mut HostFd) {
    // SAFETY: released once.
    guard((), || drop(unsafe { Box::from_raw(fd.cast::<S::Fd>()) }));
}

unsafe extern "C" fn now_ns<S: HostServices>(ctx: *const ()) -> u64 {
    // SAFETY: the table's context.
    let services = unsafe { services::<S>(ctx) };
    guard(0, || services.now_ns())
}

unsafe extern "C" fn timer_new<S: HostServices>(ctx: *const ()) -> *mut HostTimer {
    // SAFETY: the table's context.
    let services = unsafe { services::<S>(ctx) };
    Box::into_raw(Box::new(services.timer())).cast()
}

unsafe extern "C" fn timer_poll<S: HostServices>(
    timer: *mut HostTimer,
    deadline_ns: u64,
    waker: *const AbiWaker,
) -> Status {
    // SAFETY: the timer is live and polled by one thread at a time; the waker is lent for the call.
    let ready = unsafe {
        let timer = &mut *timer.cast::<S::Timer>();
        (*waker).with_std(|waker| {
            guard(Poll::Ready(()), || {
                S::poll_timer(timer, deadline_ns, &mut Context::from_waker(waker))
            })
        })
    };
    if ready.is_ready() { OK } else { PENDING }
}

unsafe extern "C" fn timer_release<S: HostServices>(timer: *mut HostTimer) {
    guard((), || {
        // SAFETY: released once.
        drop(unsafe { Box::from_raw(timer.cast::<S::Timer>()) })
    });
}

unsafe extern "C" fn spawn<S: HostServices>(ctx: *const (), future: Fut) -> Status {
    // SAFETY: the table's context.
    let services = unsafe { services::<S>(ctx) };
    let future = ForeignFuture::new(future);
    guard(ERR, || {
        services.spawn(future);
        OK
    })
}

unsafe extern "C" fn spawn_blocking<S: HostServices>(
    ctx: *const (),
    work: BlockingWork,
    argument: *mut (),
) {
    /// Work that is still to be done; dropped, it is told that it will not be.
    struct Job {
        work: BlockingWork,
        argument: *mut (),
    }
    // SAFETY: the provider says that the work may run on another thread.
    unsafe impl Send for Job {}
    impl Job {
        fn run(self) {
            let job = std::mem::ManuallyDrop::new(self);
            // SAFETY: called once, with the argument that belongs to it.
            unsafe { (job.work)(job.argument, 1) }
        }
    }
    impl Drop for Job {
        fn drop(&mut self) {
            // SAFETY: as above; `run` forgets the job.
            unsafe { (self.work)(self.argument, 0) }
        }
    }
    // SAFETY: the table's context.
    let services = unsafe { services::<S>(ctx) };
    let job = Job { work, argument };
    guard((), || services.spawn_blocking(Box::new(move || job.run())));
}

unsafe extern "C" fn dispatch<S: HostServices>(ctx: *const (), call: *mut ServerCall) -> Status {
    // SAFETY: the table's context; the provider filled the call and leaves decoder and responder to us.
    let (services, mut inbound) = unsafe { (services::<S>(ctx), Inbound::of(call)) };
    let in_place = guard(None, || Some(services.dispatch(&mut inbound)));
    let reply_to = inbound.reply_to.take();
    drop(inbound);
    // SAFETY: ours, as said; nothing has it any more.
    unsafe { std::ptr::drop_in_place(&raw mut (*call).dec) };
    match (in_place, reply_to) {
        // SAFETY: the call is still lent, and this was its responder.
        (Some(true), Some(reply_to)) => unsafe { unneeded(call, reply_to) },
        (Some(false), _) => PENDING,
        // A panic: dropped, the responder answers.
        _ => OK,
    }
}

/// Ends a call that needs no answer.
///
/// # Safety
/// `call` is live, and its responder was taken out.
unsafe fn unneeded(call: *mut ServerCall, reply_to: ReplyTo) -> Status {
    // SAFETY: the caller vouches for the call, into which its responder goes back.
    unsafe {
        if (*call).flags & call_flags::RETURNS == 0 {
            reply_to.done();
            return OK;
        }
        (&raw mut (*call).responder).write(reply_to.into_responder());
        END
    }
}

unsafe extern "C" fn connection_closed<S: HostServices>(ctx: *const (), connection: u64) {
    // SAFETY: the table's context.
    let services = unsafe { services::<S>(ctx) };
    guard((), || services.connection_closed(connection));
}

unsafe extern "C" fn next_connection<S: HostServices>(ctx: *const ()) -> u64 {
    // SAFETY: the table's context.
    let services = unsafe { services::<S>(ctx) };
    guard(0, || services.next_connection())
}

unsafe extern "C" fn log<S: HostServices>(ctx: *const (), level: u32, target: Str, message: Str) {
    // SAFETY: the table's context; both texts are lent for the call.
    unsafe {
        let services = services::<S>(ctx);
        guard((), || services.log(level, &target.text(), &message.text()));
    }
}

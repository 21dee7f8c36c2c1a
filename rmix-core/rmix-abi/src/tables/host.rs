//! What the host lends a provider: readiness, time, tasks, dispatch, and the log.

use super::{AbiWaker, Err, Fut, ServerCall, Status, Str};

/// Interest in readiness to read.
pub const READ: u32 = 1;
/// Interest in readiness to write.
pub const WRITE: u32 = 2;

/// [`IoOp`] result: the operation would block.
pub const IO_WOULD_BLOCK: i64 = -1;
/// [`IoOp`] result bit: the stream is drained, so readiness may be cleared without asking the kernel once more.
pub const IO_DRAINED: i64 = 1 << 62;

/// Work that may block: its argument, and whether to do it (1) or only to free the argument (0).
pub type BlockingWork = unsafe extern "C" fn(argument: *mut (), run: u8);

/// An operation on a descriptor, run by the host between taking and clearing readiness. Returns 0 or more when done
/// (its meaning is the provider's; errors count as done), [`IO_WOULD_BLOCK`], or done with [`IO_DRAINED`] set.
pub type IoOp = unsafe extern "C" fn(context: *mut ()) -> i64;

/// A descriptor lent to the host's reactor.
#[repr(C)]
pub struct HostFd {
    _opaque: [u8; 0],
}

/// A timer of the host.
#[repr(C)]
pub struct HostTimer {
    _opaque: [u8; 0],
}

/// Levels of [`HostVt::log`].
pub mod level {
    /// Something is broken.
    pub const ERROR: u32 = 1;
    /// Something is suspicious.
    pub const WARN: u32 = 2;
    /// Something happened.
    pub const INFO: u32 = 3;
    /// For debugging.
    pub const DEBUG: u32 = 4;
}

/// The host's functions; valid for ever. `ctx` is the host's own and goes back with every call.
#[repr(C)]
pub struct HostVt {
    /// `size_of::<HostVt>()` of the host; tells its minor version.
    pub size: usize,
    /// The host's own.
    pub ctx: *const (),
    /// Registers a descriptor that stays the provider's; it must be released before the descriptor is closed.
    pub fd_register: unsafe extern "C" fn(
        ctx: *const (),
        fd: i32,
        out: *mut *mut HostFd,
        err: *mut Err,
    ) -> Status,
    /// Runs `op` when the descriptor is ready for `interest`; `PENDING` as [`IO_WOULD_BLOCK`], failures of the reactor
    /// as `i64::MIN`.
    pub fd_poll_io: unsafe extern "C" fn(
        fd: *mut HostFd,
        interest: u32,
        waker: *const AbiWaker,
        op: IoOp,
        op_context: *mut (),
    ) -> i64,
    /// Ends the registration.
    pub fd_release: unsafe extern "C" fn(fd: *mut HostFd),
    /// Monotonic time in nanoseconds.
    pub now_ns: unsafe extern "C" fn(ctx: *const ()) -> u64,
    /// Makes a timer.
    pub timer_new: unsafe extern "C" fn(ctx: *const ()) -> *mut HostTimer,
    /// `OK` when `deadline_ns` (of `now_ns`) has passed, else `PENDING`; each poll may name another time.
    pub timer_poll: unsafe extern "C" fn(
        timer: *mut HostTimer,
        deadline_ns: u64,
        waker: *const AbiWaker,
    ) -> Status,
    /// Frees a timer.
    pub timer_release: unsafe extern "C" fn(timer: *mut HostTimer),
    /// Runs a future to its end in the background; its output is ignored.
    pub spawn: unsafe extern "C" fn(ctx: *const (), future: Fut) -> Status,
    /// Runs `work(argument, 1)` where it may block: in place when the caller's thread may block, else on another thread.
    /// `work(argument, 0)` when it will not be run. One of the two, once.
    pub spawn_blocking: unsafe extern "C" fn(ctx: *const (), work: BlockingWork, argument: *mut ()),
    /// Takes an inbound call. `OK`: answered in place; `PENDING`: will be answered later through its responder; `END`, only
    /// with `RETURNS`: ended in place, and the responder is the provider's again, unused.
    pub dispatch: unsafe extern "C" fn(ctx: *const (), call: *mut ServerCall) -> Status,
    /// A connection that made inbound calls is gone.
    pub connection_closed: unsafe extern "C" fn(ctx: *const (), connection: u64),
    /// A number no other connection of this host has.
    pub next_connection: unsafe extern "C" fn(ctx: *const ()) -> u64,
    /// Logs one line.
    pub log: unsafe extern "C" fn(ctx: *const (), level: u32, target: Str, message: Str),
}

// SAFETY: the host's functions may be called from any thread; `ctx` is theirs alone.
unsafe impl Send for HostVt {}
// SAFETY: as above.
unsafe impl Sync for HostVt {}

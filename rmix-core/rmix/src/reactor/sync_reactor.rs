//! The mini-reactor of synchronous calls: drives a future on the calling thread with poll(2), so that a call costs a
//! send, a poll and a receive, and no other thread. What waits is kept per thread and per nesting level; nothing is
//! allocated per call once the thread has made its first.
//!
//! It deliberately knows nothing of tokio: outside `block_on` the functions here say so, and the caller turns to the
//! other reactor.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::os::fd::{AsRawFd, OwnedFd};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use rmix_abi::host::{IoOutcome, LentFd};
use rmix_abi::tables::{READ, WRITE};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::thread_waker::{Sleep, ThreadWaker};

/// The deadline passed before the future was ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimedOut;

/// Runs `future` to its end on this thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        // Without a deadline it cannot time out.
        if let Ok(output) = drive(future.as_mut(), None) {
            return output;
        }
    }
}

/// Runs `future` on this thread until `deadline`.
pub(crate) fn block_on_until<F: Future>(
    future: F,
    deadline: Instant,
) -> Result<F::Output, TimedOut> {
    drive(pin!(future), Some(deadline))
}

fn drive<F: Future>(
    mut future: Pin<&mut F>,
    deadline: Option<Instant>,
) -> Result<F::Output, TimedOut> {
    let level = Level::enter(Mode::Blocking);
    let mut cx = Context::from_waker(&level.known.waker);
    loop {
        with_frame(Frame::forget_own);
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Ok(output);
        }
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Err(TimedOut);
        }
        wait(&level.known.own, deadline);
    }
}

/// Polls a future once without registering anything with tokio: what it waits for is forgotten, so it must be polled
/// again by whoever wants its end.
pub(crate) fn poll_once<T>(poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    let _level = Level::enter(Mode::Once);
    poll(&mut Context::from_waker(Waker::noop()))
}

/// Whether this thread is inside [`block_on`] and may block.
pub(crate) fn may_block_here() -> bool {
    THREAD.with(|thread| thread.mode.get() == Mode::Blocking)
}

/// Whether user code is being polled in place of a provider on this thread.
pub(crate) fn is_dispatching() -> bool {
    THREAD.with(|thread| thread.dispatching.get() > 0)
}

/// Runs user code in place: to it, this thread is not inside `block_on`.
pub(crate) fn dispatching<R>(body: impl FnOnce() -> R) -> R {
    struct Restore(Mode);
    impl Drop for Restore {
        fn drop(&mut self) {
            THREAD.with(|thread| {
                thread.mode.set(self.0);
                thread.dispatching.set(thread.dispatching.get() - 1);
            });
        }
    }
    let _restore = THREAD.with(|thread| {
        thread.dispatching.set(thread.dispatching.get() + 1);
        Restore(thread.mode.replace(Mode::Outside))
    });
    body()
}

/// Runs `op` when the descriptor is ready; `None` outside `block_on`.
pub(super) fn poll_io(
    fd: LentFd,
    interest: u32,
    cx: &mut Context<'_>,
    op: &mut dyn FnMut() -> IoOutcome,
) -> Option<Poll<()>> {
    match THREAD.with(|thread| thread.mode.get()) {
        Mode::Outside => return None,
        Mode::Once if op() == IoOutcome::WouldBlock => return Some(Poll::Pending),
        Mode::Once => return Some(Poll::Ready(())),
        Mode::Blocking => {}
    }
    // A write seldom blocks; a read nearly always would on the first try.
    if interest != WRITE && !with_frame(|frame| frame.take_ready(fd, interest)) {
        register(fd, interest, cx);
        return Some(Poll::Pending);
    }
    match op() {
        IoOutcome::WouldBlock => {
            register(fd, interest, cx);
            Some(Poll::Pending)
        }
        IoOutcome::Done => {
            if interest != WRITE {
                with_frame(|frame| frame.keep_ready(fd, interest));
            }
            Some(Poll::Ready(()))
        }
        IoOutcome::Drained => Some(Poll::Ready(())),
    }
}

/// Waits for a time; `None` outside `block_on`.
pub(crate) fn poll_until(at: Instant, cx: &Context<'_>) -> Option<Poll<()>> {
    if THREAD.with(|thread| thread.mode.get()) == Mode::Outside {
        return None;
    }
    if at <= Instant::now() {
        return Some(Poll::Ready(()));
    }
    if THREAD.with(|thread| thread.mode.get()) == Mode::Blocking {
        let waker = foreign(cx);
        with_frame(|frame| frame.times.push((at, waker)));
    }
    Some(Poll::Pending)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Outside,
    Once,
    Blocking,
}

/// What one descriptor is waited for.
struct Entry {
    fd: LentFd,
    interest: u32,
    ready: bool,
    /// A waker of another combinator; `None` for the waker of `block_on` itself.
    waker: Option<Waker>,
}

/// What one nesting level waits for.
#[derive(Default)]
struct Frame {
    entries: Vec<Entry>,
    times: Vec<(Instant, Option<Waker>)>,
}

impl Frame {
    fn take_ready(&mut self, fd: LentFd, interest: u32) -> bool {
        let Some(index) = self.position(fd, interest) else {
            return false;
        };
        if !self.entries[index].ready {
            return false;
        }
        self.entries.swap_remove(index);
        true
    }

    fn keep_ready(&mut self, fd: LentFd, interest: u32) {
        self.entries.push(Entry {
            fd,
            interest,
            ready: true,
            waker: None,
        });
    }

    fn position(&self, fd: LentFd, interest: u32) -> Option<usize> {
        let same = |entry: &Entry| raw(entry.fd) == raw(fd) && entry.interest == interest;
        self.entries.iter().position(same)
    }

    /// Before the future is polled: what it waited for itself, it will register again.
    fn forget_own(&mut self) {
        self.entries
            .retain(|entry| entry.ready || entry.waker.is_some());
        self.times.retain(|(_, waker)| waker.is_some());
    }

    fn next_time(&self) -> Option<Instant> {
        self.times.iter().map(|(at, _)| *at).min()
    }

    /// Takes out what is due, and returns whom to wake.
    fn take_due(&mut self) -> Vec<Waker> {
        let mut due = Vec::new();
        if self.times.is_empty() {
            return due;
        }
        let now = Instant::now();
        self.times.retain_mut(|(at, waker)| {
            if *at <= now {
                due.extend(waker.take());
            }
            *at > now
        });
        due
    }
}

fn raw(fd: LentFd) -> i32 {
    fd.as_raw_fd()
}

fn register(fd: LentFd, interest: u32, cx: &Context<'_>) {
    let waker = foreign(cx);
    with_frame(|frame| {
        if let Some(index) = frame.position(fd, interest) {
            frame.entries.swap_remove(index);
        }
        frame.entries.push(Entry {
            fd,
            interest,
            ready: false,
            waker,
        });
    });
}

/// The waker of `cx`, unless it is this thread's own.
fn foreign(cx: &Context<'_>) -> Option<Waker> {
    let own = THREAD.with(|thread| {
        let known = thread.waker.borrow();
        known
            .as_ref()
            .is_some_and(|known| known.waker.will_wake(cx.waker()))
    });
    (!own).then(|| cx.waker().clone())
}

/// Sleeps until a descriptor is ready, a time has come, or another thread wakes this one.
fn wait(own: &ThreadWaker, deadline: Option<Instant>) {
    let idle = with_frame(|frame| {
        // What was ready and not asked for again is not waited for any more.
        frame.entries.retain(|entry| !entry.ready);
        frame.entries.is_empty()
    });
    let until = with_frame(|frame| frame.next_time())
        .into_iter()
        .chain(deadline)
        .min();
    if idle {
        park(own, until);
    } else {
        poll_descriptors(own, until);
    }
    for waker in with_frame(Frame::take_due) {
        waker.wake();
    }
}

fn park(own: &ThreadWaker, until: Option<Instant>) {
    if !own.fall_asleep(Sleep::Park) {
        return;
    }
    while own.still_parked() {
        let Some(until) = until else {
            std::thread::park();
            continue;
        };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        std::thread::park_timeout(left);
    }
    own.wake_up();
}

/// Without an event descriptor other threads cannot wake poll(2), so it wakes by itself this often.
const SLICE: Duration = Duration::from_millis(5);
/// So many descriptors are polled without an allocation.
const FEW: usize = 4;

fn poll_descriptors(own: &ThreadWaker, until: Option<Instant>) {
    let event = own.event();
    if !own.fall_asleep(Sleep::Poll) {
        return;
    }
    let mut left = until.map(|until| until.saturating_duration_since(Instant::now()));
    if event.is_none() {
        left = Some(left.map_or(SLICE, |left| left.min(SLICE)));
    }
    let timeout = left.and_then(|left| Timespec::try_from(left).ok());
    let woken = with_frame(|frame| poll_frame(frame, event, timeout.as_ref()));
    own.wake_up();
    if woken.event {
        own.drain();
    }
    for waker in woken.wakers {
        waker.wake();
    }
}

/// What poll(2) found.
struct Woken {
    event: bool,
    wakers: Vec<Waker>,
}

fn poll_frame(frame: &mut Frame, event: Option<&OwnedFd>, timeout: Option<&Timespec>) -> Woken {
    let entries = &frame.entries;
    let count = entries.len();
    let polled = count + usize::from(event.is_some());
    let fd_at = |index: usize| match (entries.get(index), event) {
        (Some(entry), _) => PollFd::new(&entry.fd, flags_of(entry.interest)),
        (None, Some(event)) => PollFd::new(event, PollFlags::IN),
        // Fills the array up; the slice that is polled ends before it.
        (None, None) => PollFd::new(&entries[0].fd, PollFlags::empty()),
    };
    let mut few = [PollFlags::empty(); FEW];
    let mut many = Vec::new();
    if polled <= FEW {
        let mut fds: [PollFd<'_>; FEW] = std::array::from_fn(fd_at);
        if poll(&mut fds[..polled], timeout).is_ok() {
            for (flags, fd) in few.iter_mut().zip(&fds[..polled]) {
                *flags = fd.revents();
            }
        }
    } else {
        let mut fds: Vec<PollFd<'_>> = (0..polled).map(fd_at).collect();
        // A signal may interrupt it: then nothing is ready, and the future is polled once for nothing.
        let done = poll(&mut fds, timeout).is_ok();
        many.extend(fds.iter().map(|fd| match done {
            true => fd.revents(),
            false => PollFlags::empty(),
        }));
    }
    let found = if many.is_empty() { &few[..] } else { &many };
    let mut woken = Woken {
        event: event.is_some() && !found[count].is_empty(),
        wakers: Vec::new(),
    };
    for (entry, flags) in frame.entries.iter_mut().zip(found) {
        if !flags.is_empty() {
            entry.ready = true;
            woken.wakers.extend(entry.waker.take());
        }
    }
    woken
}

fn flags_of(interest: u32) -> PollFlags {
    let mut flags = PollFlags::empty();
    if interest & READ != 0 {
        flags |= PollFlags::IN;
    }
    if interest & WRITE != 0 {
        flags |= PollFlags::OUT;
    }
    flags
}

#[derive(Clone)]
struct Known {
    own: Arc<ThreadWaker>,
    waker: Waker,
}

struct ThreadState {
    mode: Cell<Mode>,
    dispatching: Cell<u32>,
    depth: Cell<usize>,
    frames: RefCell<Vec<Frame>>,
    waker: RefCell<Option<Known>>,
}

thread_local! {
    static THREAD: ThreadState = const {
        ThreadState {
            mode: Cell::new(Mode::Outside),
            dispatching: Cell::new(0),
            depth: Cell::new(0),
            frames: RefCell::new(Vec::new()),
            waker: RefCell::new(None),
        }
    };
}

/// Runs `body` on the innermost frame of this thread. `body` calls no user or provider code.
fn with_frame<R>(body: impl FnOnce(&mut Frame) -> R) -> R {
    THREAD.with(|thread| {
        let mut frames = thread.frames.borrow_mut();
        let depth = thread.depth.get();
        if frames.len() < depth.max(1) {
            frames.resize_with(depth.max(1), Frame::default);
        }
        body(&mut frames[depth.saturating_sub(1)])
    })
}

/// One nesting level of this thread; ends with the value.
struct Level {
    outer: Mode,
    known: Known,
}

impl Level {
    fn enter(mode: Mode) -> Level {
        THREAD.with(|thread| {
            let known = thread
                .waker
                .borrow_mut()
                .get_or_insert_with(|| {
                    let own = ThreadWaker::of_this_thread();
                    Known {
                        waker: Waker::from(own.clone()),
                        own,
                    }
                })
                .clone();
            thread.depth.set(thread.depth.get() + 1);
            Level {
                outer: thread.mode.replace(mode),
                known,
            }
        })
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        // Wakers of other code are dropped outside the borrow.
        let left = with_frame(|frame| {
            let idle = frame.entries.is_empty() && frame.times.is_empty();
            (!idle).then(|| {
                let entries = std::mem::take(&mut frame.entries);
                (entries, std::mem::take(&mut frame.times))
            })
        });
        if let Some((entries, times)) = left {
            // The vectors' memory goes back for the next call of this thread.
            recycle(entries, times);
        }
        THREAD.with(|thread| {
            thread.mode.set(self.outer);
            thread.depth.set(thread.depth.get() - 1);
            if thread.depth.get() > 0 {
                // A wake meant for the level outside may have been used up in this one.
                self.known.own.notify();
            }
        });
    }
}

fn recycle(mut entries: Vec<Entry>, mut times: Vec<(Instant, Option<Waker>)>) {
    entries.clear();
    times.clear();
    with_frame(|frame| {
        frame.entries = entries;
        frame.times = times;
    });
}

#[cfg(test)]
mod tests;

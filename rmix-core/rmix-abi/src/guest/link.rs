//! Links and listeners of the provider as tables.

use std::sync::Arc;
use std::task::Poll;

use super::panic::{guard, guard_err};
use crate::describe::MethodDesc;
use crate::tables::{
    AbiWaker, Buf, CallOptions, Enc, Err, FULL, LinkVt, ListenerVt, OK, Opened, PENDING, Reply,
    Status,
};

/// What `begin` came to.
pub enum Begin {
    /// The outgoing buffer, with the header in it.
    Ready(Enc),
    /// Too much is queued: wait with `poll_ready`.
    Full,
}

/// A reply in the making: what `Respond::begin` returns.
pub type OutgoingReply = Enc;

/// A link: one connection to one peer; see [`LinkVt`] for the order of calls.
pub trait Link: Send + Sync + 'static {
    /// Starts a call and lends the outgoing buffer.
    fn begin(&self, method: &MethodDesc, arguments: u32, flags: u32) -> Result<Begin, Err>;
    /// Queues the call; returns its number (unused for one-way calls).
    fn submit(&self, enc: Enc, options: &CallOptions) -> Result<u64, Err>;
    /// Takes the buffer back unsent.
    fn abort(&self, enc: Enc);
    /// Moves the call on.
    fn poll_call(&self, call: u64, waker: &AbiWaker) -> Poll<Result<Reply, Err>>;
    /// Ends the call, finished or not.
    fn drop_call(&self, call: u64);
    /// Ready when `begin` has room.
    fn poll_ready(&self, waker: &AbiWaker) -> Poll<Result<(), Err>>;
    /// Ready when all that was submitted is with the kernel.
    fn poll_flush(&self, waker: &AbiWaker) -> Poll<Result<(), Err>>;
    /// Refuses new calls; ready when the others are finished and the connection is closed.
    fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>>;
    /// Closes at once.
    fn abandon(&self);
    /// Whether new calls may be begun.
    fn is_open(&self) -> bool;
    /// The peer, for people.
    fn describe(&self) -> String;
}

/// A listener: an exported object's endpoint.
pub trait Listener: Send + Sync + 'static {
    /// The endpoint peers can use.
    fn endpoint(&self) -> String;
    /// Stops accepting; ready when calls are answered and connections closed.
    fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>>;
    /// Closes everything at once.
    fn abandon(&self);
}

pub(super) fn opened_link<L: Link>(link: Arc<L>) -> Opened {
    Opened {
        object: Arc::into_raw(link).cast(),
        link: const { &link_table::<L>() },
        ..Opened::NOTHING
    }
}

pub(super) fn opened_listener<L: Listener>(listener: Arc<L>) -> Opened {
    Opened {
        object: Arc::into_raw(listener).cast(),
        listener: const { &listener_table::<L>() },
        ..Opened::NOTHING
    }
}

const fn link_table<L: Link>() -> LinkVt {
    LinkVt {
        size: size_of::<LinkVt>(),
        begin: begin::<L>,
        submit: submit::<L>,
        abort: abort::<L>,
        poll_call: poll_call::<L>,
        drop_call: drop_call::<L>,
        poll_ready: poll_ready::<L>,
        poll_flush: poll_flush::<L>,
        poll_close: poll_close::<L>,
        abandon: abandon::<L>,
        is_open: is_open::<L>,
        describe: describe::<L>,
        release: release::<L>,
    }
}

const fn listener_table<L: Listener>() -> ListenerVt {
    ListenerVt {
        size: size_of::<ListenerVt>(),
        endpoint: endpoint::<L>,
        poll_close: poll_close_listener::<L>,
        abandon: abandon_listener::<L>,
        release: release_listener::<L>,
    }
}

/// # Safety
/// `object` came from `Arc::into_raw` of an `Arc<T>` that is not yet released.
unsafe fn of<'a, T>(object: *const ()) -> &'a T {
    // SAFETY: the caller vouches for it.
    unsafe { &*object.cast::<T>() }
}

/// # Safety
/// As [`of`], and the object is not used afterwards.
unsafe fn release_arc<T>(object: *const ()) {
    // SAFETY: the caller vouches for it.
    guard((), || drop(unsafe { Arc::from_raw(object.cast::<T>()) }));
}

fn to_status(poll: Poll<Result<(), Err>>) -> Result<Status, Err> {
    match poll {
        Poll::Pending => Ok(PENDING),
        Poll::Ready(result) => result.map(|()| OK),
    }
}

unsafe extern "C" fn begin<L: Link>(
    link: *const (),
    method: *const MethodDesc,
    arguments: u32,
    flags: u32,
    enc: *mut Enc,
    err: *mut Err,
) -> Status {
    // SAFETY: the host passes a live link, a live description, and room for encoder and error.
    unsafe {
        guard_err(err, || {
            match of::<L>(link).begin(&*method, arguments, flags)? {
                Begin::Full => Ok(FULL),
                Begin::Ready(ready) => {
                    enc.write(ready);
                    Ok(OK)
                }
            }
        })
    }
}

unsafe extern "C" fn submit<L: Link>(
    link: *const (),
    enc: *mut Enc,
    options: *const CallOptions,
    call: *mut u64,
    err: *mut Err,
) -> Status {
    // SAFETY: the host gives the encoder back by moving it out of its memory, and forgets it.
    unsafe {
        let enc = enc.read();
        guard_err(err, || {
            let number = of::<L>(link).submit(enc, &*options)?;
            if !call.is_null() {
                call.write(number);
            }
            Ok(OK)
        })
    }
}

unsafe extern "C" fn abort<L: Link>(link: *const (), enc: *mut Enc) {
    // SAFETY: as in `submit`.
    unsafe {
        let enc = enc.read();
        guard((), || of::<L>(link).abort(enc));
    }
}

unsafe extern "C" fn poll_call<L: Link>(
    link: *const (),
    call: u64,
    waker: *const AbiWaker,
    reply: *mut Reply,
    err: *mut Err,
) -> Status {
    // SAFETY: the host passes a live link, a waker lent for the call, and room for reply and error.
    unsafe {
        guard_err(err, || match of::<L>(link).poll_call(call, &*waker) {
            Poll::Pending => Ok(PENDING),
            Poll::Ready(result) => {
                reply.write(result?);
                Ok(OK)
            }
        })
    }
}

unsafe extern "C" fn drop_call<L: Link>(link: *const (), call: u64) {
    // SAFETY: the host passes a live link.
    guard((), || unsafe { of::<L>(link) }.drop_call(call));
}

macro_rules! polls {
    ($($name:ident $bound:ident $method:ident),*) => { $(
        unsafe extern "C" fn $name<L: $bound>(object: *const (), waker: *const AbiWaker, err: *mut Err) -> Status {
            // SAFETY: the host passes a live object, a waker lent for the call, and room for an error.
            unsafe { guard_err(err, || to_status(of::<L>(object).$method(&*waker))) }
        }
    )* };
}
polls!(
    poll_ready Link poll_ready, poll_flush Link poll_flush, poll_close Link poll_close,
    poll_close_listener Listener poll_close
);

unsafe extern "C" fn abandon<L: Link>(link: *const ()) {
    // SAFETY: the host passes a live link.
    guard((), || unsafe { of::<L>(link) }.abandon());
}

unsafe extern "C" fn is_open<L: Link>(link: *const ()) -> u8 {
    // SAFETY: the host passes a live link.
    u8::from(guard(false, || unsafe { of::<L>(link) }.is_open()))
}

unsafe extern "C" fn describe<L: Link>(link: *const (), out: *mut Buf) {
    // SAFETY: the host passes a live link and its own buffer.
    unsafe {
        let text = guard(String::new(), || of::<L>(link).describe());
        (*out).extend(text.as_bytes());
    }
}

unsafe extern "C" fn release<L: Link>(link: *const ()) {
    // SAFETY: the host releases once; an open link is abandoned first.
    unsafe {
        guard((), || of::<L>(link).abandon());
        release_arc::<L>(link);
    }
}

unsafe extern "C" fn endpoint<L: Listener>(listener: *const (), out: *mut Buf) {
    // SAFETY: the host passes a live listener and its own buffer.
    unsafe {
        let text = guard(String::new(), || of::<L>(listener).endpoint());
        (*out).extend(text.as_bytes());
    }
}

unsafe extern "C" fn abandon_listener<L: Listener>(listener: *const ()) {
    // SAFETY: the host passes a live listener.
    guard((), || unsafe { of::<L>(listener) }.abandon());
}

unsafe extern "C" fn release_listener<L: Listener>(listener: *const ()) {
    // SAFETY: the host releases once; an open listener is abandoned first.
    unsafe {
        guard((), || of::<L>(listener).abandon());
        release_arc::<L>(listener);
    }
}

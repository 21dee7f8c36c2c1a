//! Futures of the provider as tables the host polls.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::panic::{guard, guard_err};
use crate::tables::{AbiWaker, Err, Fut, FutVt, OK, Opened, PENDING, Status};

/// An owned future that may move between threads.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

struct Boxed {
    future: BoxFuture<Result<Opened, Err>>,
    // The standard waker made from the host's last one: hosts poll with the same waker again and again.
    waker: Option<(AbiWaker, Waker)>,
}

pub(super) fn into_fut(future: BoxFuture<Result<Opened, Err>>) -> Fut {
    let boxed = Box::new(Boxed {
        future,
        waker: None,
    });
    Fut {
        p: Box::into_raw(boxed).cast(),
        vt: &VT,
    }
}

static VT: FutVt = FutVt {
    size: size_of::<FutVt>(),
    poll: poll_boxed,
    drop: drop_boxed,
};

unsafe extern "C" fn poll_boxed(
    p: *mut (),
    waker: *const AbiWaker,
    out: *mut Opened,
    err: *mut Err,
) -> Status {
    // SAFETY: `p` is our box, polled by one thread at a time; the waker is lent for the call.
    let (boxed, waker) = unsafe { (&mut *p.cast::<Boxed>(), &*waker) };
    let body = || {
        let known = boxed.waker.as_ref();
        if !known.is_some_and(|(abi, _)| abi.will_wake(waker)) {
            boxed.waker = Some((waker.clone(), waker.to_std()));
        }
        let waker = boxed.waker.as_ref().map_or(Waker::noop(), |(_, std)| std);
        match boxed.future.as_mut().poll(&mut Context::from_waker(waker)) {
            Poll::Pending => Ok(PENDING),
            Poll::Ready(Err(failure)) => Err(failure),
            Poll::Ready(Ok(opened)) => {
                // SAFETY: the host passes room for the output.
                unsafe { out.write(opened) };
                Ok(OK)
            }
        }
    };
    // SAFETY: the host passes room for an error.
    unsafe { guard_err(err, body) }
}

unsafe extern "C" fn drop_boxed(p: *mut ()) {
    // SAFETY: `p` is our box, dropped once.
    guard((), || drop(unsafe { Box::from_raw(p.cast::<Boxed>()) }));
}

//! A provider's future as a Rust future.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::tables::{AbiWaker, Err, Fut, OK, Opened, PENDING};

/// A future of the provider; yields what it opened, or nothing.
pub struct ForeignFuture {
    fut: Fut,
}

impl ForeignFuture {
    pub(super) fn new(fut: Fut) -> ForeignFuture {
        ForeignFuture { fut }
    }

    pub(super) fn poll_opened(&mut self, cx: &mut Context<'_>) -> Poll<Result<Opened, Err>> {
        let mut out = Opened::NOTHING;
        let mut err = Err::default();
        // SAFETY: the future is live until `drop`, `&mut self` makes this the only poll, and the out-parameters are
        // ours.
        let status = unsafe {
            ((*self.fut.vt).poll)(self.fut.p, &*AbiWaker::lend(cx.waker()), &mut out, &mut err)
        };
        match status {
            PENDING => Poll::Pending,
            OK => Poll::Ready(Ok(out)),
            _ => Poll::Ready(Err(err)),
        }
    }
}

impl Future for ForeignFuture {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_opened(cx).map(|_| ())
    }
}

impl Drop for ForeignFuture {
    fn drop(&mut self) {
        // SAFETY: dropped once.
        unsafe { ((*self.fut.vt).drop)(self.fut.p) }
    }
}

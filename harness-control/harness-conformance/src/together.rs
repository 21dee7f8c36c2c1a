//! Futures that are under way at the same time, in one task.

use std::pin::Pin;
use std::task::Poll;

/// Waits for all; each is polled once before any is waited for.
pub(crate) async fn together<T>(
    futures: impl IntoIterator<Item = impl Future<Output = T>>,
) -> Vec<T> {
    let mut pending: Vec<_> = futures.into_iter().map(|one| Some(Box::pin(one))).collect();
    let mut done: Vec<Option<T>> = pending.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (slot, result) in pending.iter_mut().zip(&mut done) {
            if let Some(one) = slot
                && let Poll::Ready(value) = Pin::as_mut(one).poll(context)
            {
                *result = Some(value);
                *slot = None;
            }
        }
        match pending.iter().all(Option::is_none) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    let done = done.into_iter();
    done.map(|value| value.expect("all have ended")).collect()
}

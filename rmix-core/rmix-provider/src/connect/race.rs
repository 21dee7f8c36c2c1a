//! Trying the addresses of one name: each gets a head start, then the next begins as well; the first that answers wins.
//! Pure: says neither what an attempt is nor how long a head start lasts.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What came of the attempts that did not win; `None` for one that was still under way.
pub(super) type Failures<A, E> = Vec<(A, Option<E>)>;

/// Attempts at addresses of type `A`, each a future of type `F`.
pub(super) struct Race<A, F, E> {
    left: std::vec::IntoIter<A>,
    running: Vec<(A, Pin<Box<F>>)>,
    failed: Failures<A, E>,
    started: usize,
}

impl<A: Copy, F: Future<Output = Result<T, E>>, T, E> Race<A, F, E> {
    pub(super) fn new(addresses: Vec<A>) -> Race<A, F, E> {
        Race {
            left: addresses.into_iter(),
            running: Vec::new(),
            failed: Vec::new(),
            started: 0,
        }
    }

    /// Attempts begun so far.
    pub(super) fn started(&self) -> usize {
        self.started
    }

    /// Addresses that were not tried yet.
    pub(super) fn left(&self) -> usize {
        self.left.len()
    }

    /// Moves all attempts on. Begins the next when it is its `turn`, when one has failed, or when none is under way.
    /// Ready with the winner, or with `None` when all have failed.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut turn: bool,
        mut start: impl FnMut(A) -> F,
    ) -> Poll<Option<T>> {
        let mut fresh = 0;
        loop {
            let mut index = fresh;
            while let Some((address, attempt)) = self.running.get_mut(index) {
                match attempt.as_mut().poll(cx) {
                    Poll::Pending => index += 1,
                    Poll::Ready(Ok(won)) => return Poll::Ready(Some(won)),
                    Poll::Ready(Err(why)) => {
                        let address = *address;
                        self.running.remove(index);
                        self.failed.push((address, Some(why)));
                        turn = true;
                    }
                }
            }
            if !turn && !self.running.is_empty() {
                return Poll::Pending;
            }
            let Some(address) = self.left.next() else {
                break;
            };
            turn = false;
            fresh = self.running.len();
            self.started += 1;
            self.running.push((address, Box::pin(start(address))));
        }
        match self.running.is_empty() {
            true => Poll::Ready(None),
            false => Poll::Pending,
        }
    }

    /// What came of the attempts, as far as that is known; addresses that were not tried are left out.
    pub(super) fn into_failures(self) -> Failures<A, E> {
        let mut failed = self.failed;
        failed.extend(self.running.into_iter().map(|(address, _)| (address, None)));
        failed
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// An attempt that has come out, or never does.
    async fn attempt(outcome: Option<Result<&'static str, u32>>) -> Result<&'static str, u32> {
        match outcome {
            Some(outcome) => outcome,
            None => std::future::pending().await,
        }
    }

    fn cx() -> Context<'static> {
        Context::from_waker(Waker::noop())
    }

    #[test]
    fn an_address_that_refuses_is_followed_by_the_next_at_once() {
        let mut race = Race::new(vec![1, 2]);
        let start = |address| attempt(Some(if address == 1 { Err(7) } else { Ok("won") }));
        assert_eq!(race.poll(&mut cx(), false, start), Poll::Ready(Some("won")));
    }

    #[test]
    fn an_address_that_is_silent_is_followed_by_the_next_at_its_turn() {
        let mut race = Race::new(vec![1, 2]);
        let start = |address| attempt((address == 2).then_some(Ok("won")));
        assert_eq!(race.poll(&mut cx(), false, start), Poll::Pending);
        assert_eq!((race.started(), race.left()), (1, 1));
        assert_eq!(race.poll(&mut cx(), false, start), Poll::Pending);
        assert_eq!(race.started(), 1, "not its turn yet");
        assert_eq!(race.poll(&mut cx(), true, start), Poll::Ready(Some("won")));
    }

    #[test]
    fn every_address_is_accounted_for() {
        let mut race = Race::new(vec![1, 2, 3]);
        let start = |address| attempt((address != 2).then_some(Err(address)));
        assert_eq!(race.poll(&mut cx(), false, start), Poll::Pending);
        assert_eq!(race.poll(&mut cx(), true, start), Poll::Pending);
        let failures = race.into_failures();
        assert_eq!(failures, [(1, Some(1)), (3, Some(3)), (2, None)]);
    }

    #[test]
    fn without_an_address_nothing_is_tried() {
        let mut race: Race<u32, _, u32> = Race::new(Vec::new());
        let start = |_| attempt(None);
        assert_eq!(race.poll(&mut cx(), true, start), Poll::Ready(None));
    }
}

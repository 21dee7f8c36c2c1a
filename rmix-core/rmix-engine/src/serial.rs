//! The order of one-way calls of one link: at most one runs, the rest wait first in, first out.
//!
//! Pure: it decides when an item starts and holds those that wait; running them, and stopping to
//! read the link when it is full, is the caller's part.

use std::collections::VecDeque;

/// A queue in front of one runner.
///
/// ```
/// use rmix_engine::{Push, SerialQueue};
///
/// let mut queue = SerialQueue::new(1);
/// assert_eq!(queue.push('a'), Push::Start('a'));
/// assert_eq!(queue.push('b'), Push::Queued);
/// assert_eq!(queue.push('c'), Push::Full('c'));
/// assert_eq!(queue.finished(), Some('b'));
/// assert_eq!(queue.finished(), None);
/// ```
#[derive(Debug)]
pub struct SerialQueue<T> {
    running: bool,
    /// Empty when nothing runs; at most `waiting_max`.
    waiting: VecDeque<T>,
    waiting_max: usize,
}

/// What to do with an item after [`SerialQueue::push`]. Complete on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a `Start` item must be run and a `Full` item must be kept or refused"]
pub enum Push<T> {
    /// Run it now, and call [`SerialQueue::finished`] when it is done.
    Start(T),
    /// It waits; a later `finished` hands it out.
    Queued,
    /// As many wait as may: here it is back. Stop reading the link until `finished` has been
    /// called.
    Full(T),
}

impl<T> SerialQueue<T> {
    /// An idle queue in which at most `waiting_max` items wait behind the one that runs.
    pub fn new(waiting_max: usize) -> SerialQueue<T> {
        SerialQueue {
            running: false,
            waiting: VecDeque::new(),
            waiting_max,
        }
    }

    /// Takes an item that arrived after all those pushed before.
    pub fn push(&mut self, item: T) -> Push<T> {
        if !self.running {
            assert!(
                self.waiting.is_empty(),
                "items wait although nothing runs: their order would be lost"
            );
            self.running = true;
            return Push::Start(item);
        }
        if self.waiting.len() >= self.waiting_max {
            return Push::Full(item);
        }
        self.waiting.push_back(item);
        Push::Queued
    }

    /// The running item is done: returns the next to run, or `None` when the queue is idle.
    ///
    /// # Panics
    /// When nothing runs: the caller has lost count, and a second item would run beside the first.
    pub fn finished(&mut self) -> Option<T> {
        assert!(self.running, "finished() without a running item");
        let next = self.waiting.pop_front();
        self.running = next.is_some();
        next
    }

    /// Whether an item runs.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// How many items wait behind the one that runs.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn items_start_in_the_order_they_arrived() {
        let mut queue = SerialQueue::new(10);
        assert_eq!(queue.push(1), Push::Start(1));
        assert_eq!(queue.push(2), Push::Queued);
        assert_eq!(queue.push(3), Push::Queued);
        assert_eq!(queue.finished(), Some(2));
        assert_eq!(queue.push(4), Push::Queued);
        assert_eq!(queue.finished(), Some(3));
        assert_eq!(queue.finished(), Some(4));
        assert_eq!(queue.finished(), None);
        assert_eq!(queue.push(5), Push::Start(5));
    }

    #[test]
    fn the_limit_counts_waiting_items_only() {
        let mut queue = SerialQueue::new(2);
        assert_eq!(queue.push(1), Push::Start(1));
        assert_eq!(queue.push(2), Push::Queued);
        assert_eq!(queue.push(3), Push::Queued);
        assert_eq!(queue.push(4), Push::Full(4));
        assert_eq!(queue.waiting(), 2);
        assert_eq!(queue.finished(), Some(2));
        assert_eq!(queue.push(4), Push::Queued);
    }

    #[test]
    fn a_limit_of_zero_refuses_while_one_runs() {
        let mut queue = SerialQueue::new(0);
        assert_eq!(queue.push(1), Push::Start(1));
        assert_eq!(queue.push(2), Push::Full(2));
        assert_eq!(queue.finished(), None);
        assert_eq!(queue.push(2), Push::Start(2));
    }

    #[test]
    #[should_panic(expected = "finished() without a running item")]
    fn finishing_what_does_not_run_is_a_bug() {
        SerialQueue::<()>::new(1).finished();
    }

    #[test]
    #[should_panic(expected = "finished() without a running item")]
    fn finishing_twice_is_a_bug() {
        let mut queue = SerialQueue::new(1);
        let _ = queue.push(());
        queue.finished();
        queue.finished();
    }

    proptest! {
        #[test]
        fn one_runs_at_a_time_and_none_is_lost_or_overtaken(
            waiting_max in 0_usize..4,
            steps in prop::collection::vec(any::<bool>(), 0..80),
        ) {
            let mut queue = SerialQueue::new(waiting_max);
            let mut accepted = Vec::new();
            let mut started = Vec::new();
            let mut finished = 0;
            for (item, push) in steps.into_iter().enumerate() {
                if push {
                    match queue.push(item) {
                        Push::Start(item) => {
                            accepted.push(item);
                            started.push(item);
                        }
                        Push::Queued => accepted.push(item),
                        Push::Full(back) => {
                            prop_assert_eq!(back, item);
                            prop_assert_eq!(queue.waiting(), waiting_max);
                        }
                    }
                } else if queue.is_running() {
                    finished += 1;
                    started.extend(queue.finished());
                }
                prop_assert_eq!(started.len() - finished, usize::from(queue.is_running()));
                prop_assert_eq!(accepted.len() - started.len(), queue.waiting());
                prop_assert!(accepted.starts_with(&started));
            }
        }
    }
}

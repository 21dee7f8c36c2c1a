//! The order of calls that run one after the other: at most one runs, the rest wait first in, first
//! out.
//!
//! Pure: it decides when an item starts and holds those that wait; running them is the caller's
//! part. A place is taken before the item is made, so that what finds no room costs nothing.

use std::collections::VecDeque;

/// A queue in front of one runner.
///
/// ```
/// use rmix_engine::{Push, SerialQueue};
///
/// let mut queue = SerialQueue::new(1);
/// assert!(queue.admit());
/// assert_eq!(queue.push('a'), Push::Start('a'));
/// assert!(queue.admit());
/// assert_eq!(queue.push('b'), Push::Queued);
/// assert!(!queue.admit());
/// assert_eq!(queue.finished(), Some('b'));
/// assert_eq!(queue.finished(), None);
/// ```
#[derive(Debug)]
pub struct SerialQueue<T> {
    running: bool,
    /// Places taken by items that are not there yet.
    expected: usize,
    /// Empty when nothing runs.
    waiting: VecDeque<T>,
    waiting_max: usize,
}

/// What to do with an item after [`SerialQueue::push`]. Complete on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a `Start` item must be run"]
pub enum Push<T> {
    /// Run it now, and call [`SerialQueue::finished`] when it is done.
    Start(T),
    /// It waits; a later `finished` hands it out.
    Queued,
}

impl<T> SerialQueue<T> {
    /// An idle queue in which at most `waiting_max` items wait behind the one that runs.
    pub fn new(waiting_max: usize) -> SerialQueue<T> {
        SerialQueue {
            running: false,
            expected: 0,
            waiting: VecDeque::new(),
            waiting_max,
        }
    }

    /// Takes a place for an item that will be pushed, or [withdrawn](Self::withdraw); false when as
    /// many wait as may.
    #[must_use = "without a place nothing may be pushed"]
    pub fn admit(&mut self) -> bool {
        let places = usize::from(self.running) + self.waiting.len() + self.expected;
        let room = places <= self.waiting_max;
        self.expected += usize::from(room);
        room
    }

    /// Takes a place although there may be none: for items that cannot be refused and that
    /// something else bounds.
    pub fn admit_always(&mut self) {
        self.expected += 1;
    }

    /// Gives back a place that nothing will be pushed to.
    ///
    /// # Panics
    /// When no place is taken: the caller has lost count.
    pub fn withdraw(&mut self) {
        assert!(self.expected > 0, "withdraw() without a place");
        self.expected -= 1;
    }

    /// Takes an item that arrived after all those pushed before, into a place taken for it.
    ///
    /// # Panics
    /// When no place is taken: the caller has lost count.
    pub fn push(&mut self, item: T) -> Push<T> {
        assert!(self.expected > 0, "push() without a place");
        self.expected -= 1;
        if self.running {
            self.waiting.push_back(item);
            return Push::Queued;
        }
        assert!(
            self.waiting.is_empty(),
            "items wait although nothing runs: their order would be lost"
        );
        self.running = true;
        Push::Start(item)
    }

    /// Starts an item that need not be held, in a place taken for it: as [`push`](Self::push) when that answers `Start`.
    /// False when another runs: then the place is still taken.
    ///
    /// # Panics
    /// When no place is taken: the caller has lost count.
    #[must_use = "a place that was not started in is pushed to or withdrawn"]
    pub fn start(&mut self) -> bool {
        assert!(self.expected > 0, "start() without a place");
        if self.running {
            return false;
        }
        assert!(
            self.waiting.is_empty(),
            "items wait although nothing runs: their order would be lost"
        );
        self.expected -= 1;
        self.running = true;
        true
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

    fn push<T: std::fmt::Debug>(queue: &mut SerialQueue<T>, item: T) -> Push<T> {
        assert!(queue.admit(), "no room for {item:?}");
        queue.push(item)
    }

    #[test]
    fn items_start_in_the_order_they_arrived() {
        let mut queue = SerialQueue::new(10);
        assert_eq!(push(&mut queue, 1), Push::Start(1));
        assert_eq!(push(&mut queue, 2), Push::Queued);
        assert_eq!(push(&mut queue, 3), Push::Queued);
        assert_eq!(queue.finished(), Some(2));
        assert_eq!(push(&mut queue, 4), Push::Queued);
        assert_eq!(queue.finished(), Some(3));
        assert_eq!(queue.finished(), Some(4));
        assert_eq!(queue.finished(), None);
        assert_eq!(push(&mut queue, 5), Push::Start(5));
    }

    #[test]
    fn the_limit_counts_waiting_items_only() {
        let mut queue = SerialQueue::new(2);
        assert_eq!(push(&mut queue, 1), Push::Start(1));
        assert_eq!(push(&mut queue, 2), Push::Queued);
        assert_eq!(push(&mut queue, 3), Push::Queued);
        assert!(!queue.admit());
        assert_eq!(queue.waiting(), 2);
        assert_eq!(queue.finished(), Some(2));
        assert_eq!(push(&mut queue, 4), Push::Queued);
        assert!(!queue.admit());
    }

    #[test]
    fn a_limit_of_zero_refuses_while_one_runs() {
        let mut queue = SerialQueue::new(0);
        assert_eq!(push(&mut queue, 1), Push::Start(1));
        assert!(!queue.admit());
        assert_eq!(queue.finished(), None);
        assert_eq!(push(&mut queue, 2), Push::Start(2));
    }

    #[test]
    fn a_place_counts_until_it_is_withdrawn() {
        let mut queue = SerialQueue::<()>::new(1);
        assert!(queue.admit());
        assert!(queue.admit());
        assert!(!queue.admit());
        queue.withdraw();
        assert!(queue.admit());
    }

    #[test]
    fn an_item_that_cannot_be_refused_waits_beyond_the_limit_and_counts() {
        let mut queue = SerialQueue::new(1);
        assert_eq!(push(&mut queue, 1), Push::Start(1));
        for item in [2, 3] {
            queue.admit_always();
            assert_eq!(queue.push(item), Push::Queued);
        }
        assert!(!queue.admit());
        assert_eq!(queue.finished(), Some(2));
        assert!(!queue.admit());
        assert_eq!(queue.finished(), Some(3));
        assert!(queue.admit());
    }

    #[test]
    fn an_item_starts_in_its_place_only_when_none_runs() {
        let mut queue = SerialQueue::new(1);
        assert!(queue.admit());
        assert!(queue.start());
        assert!(queue.admit());
        assert!(!queue.start());
        assert_eq!(queue.push(2), Push::Queued, "its place was kept");
        assert!(!queue.admit());
        assert_eq!(queue.finished(), Some(2));
        assert_eq!(queue.finished(), None);
    }

    #[test]
    #[should_panic(expected = "start() without a place")]
    fn starting_what_was_not_admitted_is_a_bug() {
        let _ = SerialQueue::<()>::new(1).start();
    }

    #[test]
    #[should_panic(expected = "push() without a place")]
    fn pushing_what_was_not_admitted_is_a_bug() {
        let _ = SerialQueue::new(1).push(());
    }

    #[test]
    #[should_panic(expected = "withdraw() without a place")]
    fn withdrawing_what_was_not_admitted_is_a_bug() {
        SerialQueue::<()>::new(1).withdraw();
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
        let _ = push(&mut queue, ());
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
                if push && !queue.admit() {
                    prop_assert!(queue.is_running());
                    prop_assert_eq!(queue.waiting(), waiting_max);
                } else if push {
                    accepted.push(item);
                    if let Push::Start(item) = queue.push(item) {
                        started.push(item);
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

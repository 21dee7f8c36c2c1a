//! The connections of a client: which are free, how many there are, and who waits for one. Pure: says neither what a
//! connection is nor what the time is.

use std::collections::{BTreeMap, VecDeque};

use rmix_provider::tables::AbiWaker;

/// A free connection, and since when.
type Idle<C> = (C, u64);

/// Connections of type `C`.
pub(super) struct Pool<C> {
    idle: Vec<Idle<C>>,
    /// Connections there are, or are being made; the free ones included.
    open: u32,
    max: u32,
    /// Exchanges that wait for a connection, first come, first served.
    waiting: VecDeque<u64>,
    /// Exchanges there are, and how to wake them.
    live: BTreeMap<u64, Option<AbiWaker>>,
    next: u64,
    closing: bool,
    abandoned: bool,
    close_waiters: Vec<AbiWaker>,
}

/// What asking for a connection came to.
pub(super) enum Acquired<C> {
    /// A free one, and since when it is.
    Idle(C, u64),
    /// A new one may be made.
    Connect,
    /// All are in use.
    Wait,
}

/// To be woken outside of the lock.
pub(super) type Wake = Vec<AbiWaker>;

impl<C> Pool<C> {
    pub(super) fn new(max: u32) -> Pool<C> {
        Pool {
            idle: Vec::new(),
            open: 0,
            max,
            waiting: VecDeque::new(),
            live: BTreeMap::new(),
            next: 0,
            closing: false,
            abandoned: false,
            close_waiters: Vec::new(),
        }
    }

    /// A new exchange's number; none after the close.
    pub(super) fn enter(&mut self) -> Option<u64> {
        if self.closing {
            return None;
        }
        self.next += 1;
        self.live.insert(self.next, None);
        Some(self.next)
    }

    /// An exchange has ended; it has given its connection back before.
    pub(super) fn leave(&mut self, exchange: u64) -> Wake {
        self.live.remove(&exchange);
        let was_next = self.waiting.front() == Some(&exchange);
        self.waiting.retain(|waiting| *waiting != exchange);
        let mut wake = match was_next {
            // A connection may have been meant for it.
            true => self.wake_next(),
            false => Vec::new(),
        };
        if self.live.is_empty() {
            wake.append(&mut self.close_waiters);
        }
        wake
    }

    /// How to wake an exchange that waits for whatever.
    pub(super) fn remember(&mut self, exchange: u64, waker: &AbiWaker) {
        let Some(known) = self.live.get_mut(&exchange) else {
            return;
        };
        if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *known = Some(waker.clone());
        }
    }

    /// Asks for a connection; told to wait, the exchange keeps its place.
    pub(super) fn acquire(&mut self, exchange: u64) -> Acquired<C> {
        let turn = self.waiting.front().is_none_or(|first| *first == exchange);
        if turn {
            if let Some((connection, since)) = self.idle.pop() {
                self.waiting.retain(|waiting| *waiting != exchange);
                return Acquired::Idle(connection, since);
            }
            if self.open < self.max {
                self.open += 1;
                self.waiting.retain(|waiting| *waiting != exchange);
                return Acquired::Connect;
            }
        }
        if !self.waiting.contains(&exchange) {
            self.waiting.push_back(exchange);
        }
        Acquired::Wait
    }

    /// Gives a connection back that may be used again; another one that was free for longer than `idle_ns` comes out, to
    /// be closed.
    pub(super) fn release(
        &mut self,
        connection: C,
        now: u64,
        idle_ns: u64,
    ) -> (Wake, Option<Idle<C>>) {
        let oldest = self.idle.first().map_or(now, |(_, since)| *since);
        let mut out = None;
        if self.closing {
            out = Some((connection, now));
        } else {
            if now.saturating_sub(oldest) > idle_ns {
                out = Some(self.idle.remove(0));
            }
            self.idle.push((connection, now));
        }
        if out.is_some() {
            self.open = self.open.saturating_sub(1);
        }
        (self.wake_next(), out)
    }

    /// A connection is gone, or was not made.
    pub(super) fn forfeit(&mut self) -> Wake {
        self.open = self.open.saturating_sub(1);
        self.wake_next()
    }

    /// Whoever was given something wakes the next: there may be more.
    fn wake_next(&self) -> Wake {
        let room = !self.idle.is_empty() || self.open < self.max;
        let next = self.waiting.front().filter(|_| room);
        let waker = next.and_then(|next| self.live.get(next)?.clone());
        waker.into_iter().collect()
    }

    /// Whom to wake when there is more than the last one took.
    pub(super) fn next_waiting(&self) -> Wake {
        self.wake_next()
    }

    /// Lets no more exchanges in, and drops the free connections.
    pub(super) fn close(&mut self) -> Vec<Idle<C>> {
        self.closing = true;
        let idle = std::mem::take(&mut self.idle);
        let count = u32::try_from(idle.len()).unwrap_or(u32::MAX);
        self.open = self.open.saturating_sub(count);
        idle
    }

    /// Ends the exchanges as well.
    pub(super) fn abandon(&mut self) -> Wake {
        self.abandoned = true;
        self.live.values_mut().filter_map(Option::take).collect()
    }

    /// Whether exchanges are to end.
    pub(super) fn is_abandoned(&self) -> bool {
        self.abandoned
    }

    /// Whether no more exchanges are let in.
    pub(super) fn is_closing(&self) -> bool {
        self.closing
    }

    /// Whether no exchange is left; else the waker is woken when that is so.
    pub(super) fn is_over(&mut self, waker: &AbiWaker) -> bool {
        if self.live.is_empty() {
            return true;
        }
        if !self
            .close_waiters
            .iter()
            .any(|known| known.will_wake(waker))
        {
            self.close_waiters.push(waker.clone());
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(acquired: Acquired<&'static str>) -> &'static str {
        match acquired {
            Acquired::Idle(name, _) => name,
            Acquired::Connect => "connect",
            Acquired::Wait => "wait",
        }
    }

    #[test]
    fn connections_are_bounded_and_given_out_in_order() {
        let mut pool = Pool::new(2);
        let all: Vec<u64> = (0..4).filter_map(|_| pool.enter()).collect();
        assert_eq!(shown(pool.acquire(all[0])), "connect");
        assert_eq!(shown(pool.acquire(all[1])), "connect");
        assert_eq!(shown(pool.acquire(all[2])), "wait");
        assert_eq!(shown(pool.acquire(all[3])), "wait");
        pool.release("first", 1, 10);
        assert_eq!(shown(pool.acquire(all[3])), "wait", "it is not its turn");
        assert_eq!(shown(pool.acquire(all[2])), "first");
        pool.forfeit();
        assert_eq!(shown(pool.acquire(all[3])), "connect");
    }

    #[test]
    fn exchange_that_leaves_passes_its_turn_on() {
        let mut pool = Pool::new(1);
        let all: Vec<u64> = (0..3).filter_map(|_| pool.enter()).collect();
        assert_eq!(shown(pool.acquire(all[0])), "connect");
        for waiting in &all[1..] {
            assert_eq!(shown(pool.acquire(*waiting)), "wait");
            pool.remember(*waiting, &AbiWaker::lend(std::task::Waker::noop()));
        }
        let (woken, _) = pool.release("only", 1, 10);
        assert_eq!(woken.len(), 1, "the first is woken");
        assert_eq!(pool.leave(all[1]).len(), 1, "and wakes the second");
        assert_eq!(shown(pool.acquire(all[2])), "only");
    }

    #[test]
    fn connections_that_nobody_needs_are_closed() {
        let mut pool = Pool::new(2);
        let all: Vec<u64> = (0..2).filter_map(|_| pool.enter()).collect();
        for exchange in &all {
            assert_eq!(shown(pool.acquire(*exchange)), "connect");
        }
        pool.release("old", 1, 10);
        assert!(pool.release("new", 11, 10).1.is_none(), "at the limit");
        assert_eq!(shown(pool.acquire(all[0])), "new");
        let (_, out) = pool.release("new", 12, 10);
        assert_eq!(out.map(|(name, _)| name), Some("old"));
        assert_eq!(pool.open, 1);
    }

    #[test]
    fn nothing_enters_after_the_close_and_nothing_is_kept() {
        let mut pool = Pool::new(2);
        let waker = AbiWaker::lend(std::task::Waker::noop());
        let exchange = pool.enter().unwrap();
        assert_eq!(shown(pool.acquire(exchange)), "connect");
        assert!(pool.close().is_empty());
        assert_eq!(pool.enter(), None);
        assert!(!pool.is_over(&waker));
        let (_, out) = pool.release("late", 1, 10);
        assert!(out.is_some());
        assert_eq!(pool.leave(exchange).len(), 1);
        assert!(pool.is_over(&waker));
        assert!(pool.idle.is_empty());
    }
}

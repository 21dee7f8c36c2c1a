//! Calls of a link that are on their way: who drives each, and who waits for room for another.
//!
//! A call is driven by whoever polls it, which costs no thread and no task. Its future may be left alone, though, with a
//! connection of its own, or with the next place in the row for one. That does no harm while there are connections for all
//! calls; when there are not, calls are driven by tasks.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use rmix_provider::guest::Host;
use rmix_provider::tables::{AbiWaker, Err, cause, kind};

use crate::addressing::MessageId;
use crate::http::{Answer, Exchange};
use crate::names::Interface;

/// A call on its way.
pub(crate) struct Call {
    pub(crate) interface: Arc<Interface>,
    pub(crate) place: usize,
    /// The request's id, where it has one.
    pub(crate) sent: MessageId,
    /// Guards the exchange, which whoever waits for it polls, or a task.
    sending: Mutex<Sending>,
}

struct Sending {
    exchange: Option<Exchange>,
    /// What it came to, when a task has driven it.
    ended: Option<Result<Answer, Err>>,
    /// Whether a task drives it.
    by_task: bool,
    /// Who waits for it.
    waiting: Option<AbiWaker>,
    /// The task.
    task: Option<AbiWaker>,
}

impl Call {
    pub(crate) fn new(
        interface: Arc<Interface>,
        place: usize,
        sent: MessageId,
        exchange: Exchange,
    ) -> Arc<Call> {
        Arc::new(Call {
            interface,
            place,
            sent,
            sending: Mutex::new(Sending {
                exchange: Some(exchange),
                ended: None,
                by_task: false,
                waiting: None,
                task: None,
            }),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Sending> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a task drive it from here on, however often it is polled.
    fn drive(self: &Arc<Call>, host: Host) {
        let mut sending = self.lock();
        if sending.by_task || sending.exchange.is_none() {
            return;
        }
        sending.by_task = true;
        drop(sending);
        let driving = Driving(self.clone());
        host.spawn(poll_fn(move |cx| {
            driving.0.poll_by_task(&AbiWaker::lend(cx.waker()))
        }));
    }

    fn poll_by_task(&self, waker: &AbiWaker) -> Poll<()> {
        let mut sending = self.lock();
        // It was given up.
        let Some(exchange) = &mut sending.exchange else {
            return Poll::Ready(());
        };
        let Poll::Ready(ended) = exchange.poll(waker) else {
            sending.task = Some(waker.clone());
            return Poll::Pending;
        };
        let exchange = sending.exchange.take();
        sending.ended = Some(ended);
        let waiting = sending.waiting.take();
        drop(sending);
        drop(exchange);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
        Poll::Ready(())
    }

    /// Moves on; ready with the answer.
    pub(crate) fn poll(&self, waker: &AbiWaker) -> Poll<Result<Answer, Err>> {
        let mut sending = self.lock();
        let by_task = sending.by_task;
        let ended = match (sending.ended.take(), &mut sending.exchange) {
            (Some(ended), _) => ended,
            (None, None) => {
                let message = "a call was asked for its answer twice";
                Err(Err::new(kind::INTERNAL, cause::OTHER, message))
            }
            (None, Some(_)) if by_task => {
                sending.wait(waker);
                return Poll::Pending;
            }
            (None, Some(exchange)) => match exchange.poll(waker) {
                Poll::Ready(ended) => ended,
                Poll::Pending => {
                    // For a task that may come to drive it.
                    sending.wait(waker);
                    return Poll::Pending;
                }
            },
        };
        let exchange = sending.exchange.take();
        drop(sending);
        drop(exchange);
        Poll::Ready(ended)
    }

    /// Closes its connection, if it has not ended.
    fn give_up(&self) {
        let mut sending = self.lock();
        let exchange = sending.exchange.take();
        let task = sending.task.take();
        drop(sending);
        drop(exchange);
        if let Some(task) = task {
            task.wake();
        }
    }
}

impl Sending {
    fn wait(&mut self, waker: &AbiWaker) {
        let known = self.waiting.as_ref();
        if !known.is_some_and(|known| known.will_wake(waker)) {
            self.waiting = Some(waker.clone());
        }
    }
}

/// A task that drives a call. Dropped before the call's end, it leaves it to whoever waits for it.
struct Driving(Arc<Call>);

impl Drop for Driving {
    fn drop(&mut self) {
        let mut sending = self.0.lock();
        sending.by_task = false;
        let waiting = sending.waiting.take();
        drop(sending);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}

/// The calls of a link.
#[derive(Default)]
pub(crate) struct Calls {
    last: u64,
    open: BTreeMap<u64, Entry>,
    /// Calls among them that may be left alone.
    alone: usize,
    waiters: Waiters,
}

struct Entry {
    call: Arc<Call>,
    alone: bool,
}

/// Who drives a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    /// Its caller, until it ends.
    Caller,
    /// Its caller, when it polls it.
    Poller,
    /// A task: its caller does not poll it for a while.
    Task,
}

impl Calls {
    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn get(&self, number: u64) -> Option<Arc<Call>> {
        self.open.get(&number).map(|entry| entry.call.clone())
    }

    /// Adds a call on a link with so many connections: its number, and the calls that tasks are to drive.
    pub(crate) fn add(
        &mut self,
        call: Arc<Call>,
        driver: Driver,
        connections: usize,
    ) -> (u64, Vec<Arc<Call>>) {
        let mut by_task = Vec::new();
        let is_crowded = self.open.len() >= connections;
        if is_crowded && self.alone > 0 {
            self.alone = 0;
            let alone = self.open.values_mut().filter(|entry| entry.alone);
            by_task.extend(alone.map(|entry| {
                entry.alone = false;
                entry.call.clone()
            }));
        }
        let alone = driver == Driver::Poller && !is_crowded;
        self.alone += usize::from(alone);
        if !alone && driver != Driver::Caller {
            by_task.push(call.clone());
        }
        self.last += 1;
        self.open.insert(self.last, Entry { call, alone });
        (self.last, by_task)
    }

    /// Has tasks drive calls; not to be called under the lock of the calls.
    pub(crate) fn drive(host: Host, calls: Vec<Arc<Call>>) {
        for call in calls {
            call.drive(host);
        }
    }

    /// Takes a call out.
    pub(crate) fn remove(&mut self, number: u64) -> Removed {
        let entry = self.open.remove(&number);
        self.alone -= usize::from(entry.as_ref().is_some_and(|entry| entry.alone));
        Removed {
            call: entry.map(|entry| entry.call),
            wake: self.waiters.take(),
        }
    }

    pub(crate) fn waiters(&mut self) -> &mut Waiters {
        &mut self.waiters
    }
}

/// A call that was taken out, and who is to be woken for it.
pub(crate) struct Removed {
    call: Option<Arc<Call>>,
    wake: Vec<AbiWaker>,
}

impl Removed {
    /// To be called outside of the lock of the calls.
    pub(crate) fn settle(self) {
        if let Some(call) = self.call {
            call.give_up();
        }
        wake(self.wake);
    }
}

pub(crate) fn wake(wakers: Vec<AbiWaker>) {
    for waker in wakers {
        waker.wake();
    }
}

/// Which of a link's two queues are full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Full {
    /// Calls that wait for an answer.
    pub(crate) calls: bool,
    /// One-way messages.
    pub(crate) oneways: bool,
}

/// Who waits for room. A waiter does not say for which queue, so it waits for those that have refused somebody: as a rule
/// that is one of the two, and the other one holds nobody up.
#[derive(Default)]
pub(crate) struct Waiters {
    refused: Full,
    all: Vec<AbiWaker>,
}

impl Waiters {
    /// Somebody was refused because of `full`, and will ask.
    pub(crate) fn refused(&mut self, full: Full) {
        self.refused.calls |= full.calls;
        self.refused.oneways |= full.oneways;
    }

    /// Whether a waiter should try again; else it is kept.
    pub(crate) fn is_ready(&mut self, waker: &AbiWaker, full: Full) -> bool {
        let refused = self.refused;
        if refused.calls && full.calls || refused.oneways && full.oneways {
            if !self.all.iter().any(|known| known.will_wake(waker)) {
                self.all.push(waker.clone());
            }
            return false;
        }
        self.refused = Full::default();
        true
    }

    /// All of them, who ask again.
    pub(crate) fn take(&mut self) -> Vec<AbiWaker> {
        std::mem::take(&mut self.all)
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Wake, Waker};

    use super::*;

    struct Somebody;
    impl Wake for Somebody {
        fn wake(self: Arc<Self>) {}
    }

    fn somebody() -> AbiWaker {
        AbiWaker::lend(&Waker::from(Arc::new(Somebody))).clone()
    }

    const CALLS: Full = Full {
        calls: true,
        oneways: false,
    };
    const ONEWAYS: Full = Full {
        calls: false,
        oneways: true,
    };
    const BOTH: Full = Full {
        calls: true,
        oneways: true,
    };

    #[test]
    fn waiter_for_one_queue_is_not_held_up_by_the_other() {
        for (refused, other) in [(CALLS, ONEWAYS), (ONEWAYS, CALLS)] {
            let mut waiters = Waiters::default();
            waiters.refused(refused);
            assert!(!waiters.is_ready(&somebody(), BOTH));
            assert!(!waiters.is_ready(&somebody(), refused));
            assert_eq!(waiters.take().len(), 2);
            assert!(waiters.is_ready(&somebody(), other));
        }
    }

    #[test]
    fn refusal_makes_a_waiter_wait_again() {
        let mut waiters = Waiters::default();
        assert!(waiters.is_ready(&somebody(), CALLS), "nobody was refused");
        waiters.refused(CALLS);
        waiters.refused(ONEWAYS);
        assert!(!waiters.is_ready(&somebody(), CALLS));
        assert!(!waiters.is_ready(&somebody(), ONEWAYS));
        assert!(waiters.is_ready(&somebody(), Full::default()));
        waiters.refused(ONEWAYS);
        assert!(!waiters.is_ready(&somebody(), ONEWAYS));
    }
}

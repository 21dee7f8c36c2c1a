//! The calls of one link that wait for an answer: numbers, answers, and who to wake. Pure.
//!
//! A call has a *number*, which only this side uses and which is never reused, and a *request id*, which goes over the
//! wire: 32 bits, counting up, wrapping, not reused while outstanding.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use rmix_abi::tables::{AbiWaker, Err, call_flags};

use crate::protocol::ReplyKind;

/// Hashes a request id to itself: ids are made here, so no peer can choose colliding ones.
#[derive(Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }
    fn write_u32(&mut self, id: u32) {
        self.0 = u64::from(id).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// What became of a call.
#[derive(Debug)]
pub enum Settled {
    /// Answered.
    Reply(ReplyKind),
    /// Failed without an answer.
    Failed(Err),
}

#[derive(Debug)]
struct Slot {
    serial: u32,
    id: u32,
    flags: u32,
    start: Option<u64>,
    /// Not settled yet; stays false when what became of it has been taken.
    waiting: bool,
    settled: Option<Settled>,
    waker: Option<AbiWaker>,
    may_wait: bool,
}

impl Slot {
    fn is_driven(&self) -> bool {
        self.flags & call_flags::DRIVEN != 0
    }
}

/// What a call that was given up had come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// It waited, with this request id.
    Waiting(u32),
    /// It was settled, and nobody has taken that.
    Settled,
    /// It had ended already.
    Taken,
}

/// The outstanding calls of one link.
#[derive(Debug)]
pub struct CallTable {
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
    ids: HashMap<u32, u32, BuildHasherDefault<IdHasher>>,
    next_id: u32,
    issued: u64,
    next_serial: u32,
    unsettled: usize,
    /// Of those, whose pollers go on until they end.
    unsettled_driven: usize,
}

impl CallTable {
    /// An empty table; the first request id is `first_id`.
    pub fn new(first_id: u32) -> CallTable {
        CallTable {
            slots: Vec::new(),
            free: Vec::new(),
            ids: HashMap::default(),
            next_id: first_id,
            issued: 0,
            next_serial: 0,
            unsettled: 0,
            unsettled_driven: 0,
        }
    }

    /// Calls that wait for an answer.
    pub fn waiting(&self) -> usize {
        self.unsettled
    }

    /// Whether no call is outstanding, settled or not.
    pub fn is_empty(&self) -> bool {
        self.slots.len() == self.free.len()
    }

    /// A request id that no outstanding call has.
    pub fn fresh_id(&mut self) -> u32 {
        loop {
            let id = self.next_id;
            self.next_id = self.next_id.wrapping_add(1);
            if !self.ids.contains_key(&id) {
                self.issued += 1;
                return id;
            }
        }
    }

    /// Whether a request id was ever given out.
    pub fn was_issued(&self, id: u32) -> bool {
        let back = self.next_id.wrapping_sub(id);
        back != 0 && u64::from(back) <= self.issued
    }

    /// Adds a call; returns its number.
    pub fn add(&mut self, id: u32, flags: u32) -> u64 {
        self.next_serial = self.next_serial.wrapping_add(1);
        let slot = Slot {
            serial: self.next_serial,
            id,
            flags,
            start: None,
            waiting: true,
            settled: None,
            waker: None,
            may_wait: false,
        };
        let number = u64::from(slot.serial) << 32;
        self.unsettled += 1;
        self.unsettled_driven += usize::from(slot.is_driven());
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                self.slots.push(None);
                u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        if let Some(place) = self.slots.get_mut(index as usize) {
            *place = Some(slot);
        }
        self.ids.insert(id, index);
        number | u64::from(index)
    }

    /// Notes where in the stream the call's bytes begin.
    pub fn queued_at(&mut self, number: u64, start: u64) {
        if let Some(slot) = self.slot(number) {
            slot.start = Some(start);
        }
    }

    /// Position of the call's first byte, once queued.
    pub fn start(&self, number: u64) -> Option<u64> {
        self.peek(number).and_then(|slot| slot.start)
    }

    /// Settles the waiting call with this request id by what `settled` makes of its flags; its waker, when somebody other
    /// than the poller of `leader` waits. `None` when no such call waits. The id is free again.
    pub fn settle(
        &mut self,
        id: u32,
        leader: Option<u64>,
        settled: impl FnOnce(u32) -> Settled,
    ) -> Option<Option<AbiWaker>> {
        let index = self.ids.remove(&id)?;
        let slot = self.slots.get_mut(index as usize)?.as_mut()?;
        if !slot.waiting {
            return None;
        }
        slot.waiting = false;
        slot.settled = Some(settled(slot.flags));
        self.unsettled -= 1;
        self.unsettled_driven -= usize::from(slot.is_driven());
        let number = (u64::from(slot.serial) << 32) | u64::from(index);
        if leader == Some(number) {
            return Some(None);
        }
        Some(slot.waker.take())
    }

    /// Fails every waiting call; `failure` makes the error from the position of the call's first byte.
    pub fn fail_all(
        &mut self,
        mut failure: impl FnMut(Option<u64>) -> Err,
        mut wake: impl FnMut(AbiWaker),
    ) {
        for slot in self.slots.iter_mut().flatten() {
            if slot.waiting {
                slot.waiting = false;
                slot.settled = Some(Settled::Failed(failure(slot.start)));
                self.unsettled -= 1;
                self.unsettled_driven -= usize::from(slot.is_driven());
            }
            if let Some(waker) = slot.waker.take() {
                wake(waker);
            }
        }
    }

    /// Takes what became of a call, which ends it; `None` while it waits.
    pub fn take(&mut self, number: u64) -> Option<Settled> {
        let settled = self.slot(number)?.settled.take()?;
        self.free_slot(number);
        Some(settled)
    }

    /// Whether the call exists and waits.
    pub fn is_waiting(&self, number: u64) -> bool {
        self.peek(number).is_some_and(|slot| slot.waiting)
    }

    /// Remembers whom to wake.
    pub fn set_waker(&mut self, number: u64, waker: &AbiWaker) {
        if let Some(slot) = self.slot(number)
            && !slot
                .waker
                .as_ref()
                .is_some_and(|known| known.will_wake(waker))
        {
            slot.waker = Some(waker.clone());
        }
    }

    /// Whom to wake for a call.
    pub fn waker_of(&self, number: u64) -> Option<AbiWaker> {
        self.peek(number)?.waker.clone()
    }

    /// Lets the poller of a call wait in the kernel, once: it is driven, and its deadline is far.
    pub fn let_wait(&mut self, number: u64) {
        if let Some(slot) = self.slot(number) {
            slot.may_wait = slot.flags & call_flags::DRIVEN != 0;
        }
    }

    /// Whether the poller of a call may wait in the kernel; true at most once for a call.
    pub fn take_wait(&mut self, number: u64) -> bool {
        let slot = self.slot(number);
        slot.is_some_and(|slot| std::mem::take(&mut slot.may_wait))
    }

    /// Whether the call's poller goes on until it ends ([`call_flags::DRIVEN`]).
    pub fn is_driven(&self, number: u64) -> bool {
        self.peek(number).is_some_and(Slot::is_driven)
    }

    /// Whether the call must leave without being polled ([`call_flags::STARTED`]).
    pub fn is_started(&self, number: u64) -> bool {
        let slot = self.peek(number);
        slot.is_some_and(|slot| slot.flags & call_flags::STARTED != 0)
    }

    /// Ends a call that was not [taken](Self::take).
    pub fn remove(&mut self, number: u64) -> Removed {
        let Some(slot) = self.free_slot(number) else {
            return Removed::Taken;
        };
        if !slot.waiting {
            return Removed::Settled;
        }
        self.ids.remove(&slot.id);
        self.unsettled -= 1;
        self.unsettled_driven -= usize::from(slot.is_driven());
        Removed::Waiting(slot.id)
    }

    fn free_slot(&mut self, number: u64) -> Option<Slot> {
        let index = (number & u64::from(u32::MAX)) as usize;
        self.peek(number)?;
        let slot = self.slots.get_mut(index).and_then(Option::take)?;
        self.free.push(u32::try_from(index).unwrap_or(u32::MAX));
        Some(slot)
    }

    /// Some waiting call other than `except` whose poller goes on until it ends: its waker.
    pub fn another_driven(&self, except: u64) -> Option<AbiWaker> {
        if self.unsettled_driven == 0 {
            return None;
        }
        let slots = self.waiting_but(except);
        let mut driven = slots.filter(|slot| slot.is_driven());
        driven.find_map(|slot| slot.waker.clone())
    }

    /// The only call that waits, `except` aside: its waker.
    pub fn the_other(&self, except: u64) -> Option<AbiWaker> {
        if self.unsettled != 1 + usize::from(self.is_waiting(except)) {
            return None;
        }
        let mut slots = self.waiting_but(except);
        let slot = slots.next()?;
        match slots.next() {
            None => slot.waker.clone(),
            Some(_) => None,
        }
    }

    fn waiting_but(&self, except: u64) -> impl Iterator<Item = &Slot> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(move |(index, slot)| {
            let slot = slot.as_ref()?;
            let number = (u64::from(slot.serial) << 32) | index as u64;
            (number != except && slot.waiting).then_some(slot)
        })
    }

    fn peek(&self, number: u64) -> Option<&Slot> {
        let index = (number & u64::from(u32::MAX)) as usize;
        let slot = self.slots.get(index)?.as_ref()?;
        (u64::from(slot.serial) == number >> 32).then_some(slot)
    }

    fn slot(&mut self, number: u64) -> Option<&mut Slot> {
        let index = (number & u64::from(u32::MAX)) as usize;
        let slot = self.slots.get_mut(index)?.as_mut()?;
        (u64::from(slot.serial) == number >> 32).then_some(slot)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn reply(text: &'static str) -> Settled {
        Settled::Reply(ReplyKind::Value(Bytes::from_static(text.as_bytes())))
    }

    #[test]
    fn replies_find_their_calls_in_any_order() {
        let mut calls = CallTable::new(7);
        let (first, second) = (calls.fresh_id(), calls.fresh_id());
        let a = calls.add(first, 0);
        let b = calls.add(second, 0);
        assert!(calls.settle(second, None, |_| reply("b")).is_some());
        assert!(calls.take(a).is_none());
        assert!(matches!(calls.take(b), Some(Settled::Reply(ReplyKind::Value(v))) if v == "b"));
        assert_eq!(calls.waiting(), 1);
        assert_eq!(calls.remove(b), Removed::Taken, "it ended with its answer");
        assert_eq!(calls.remove(a), Removed::Waiting(first));
        assert_eq!(calls.waiting(), 0);
    }

    #[test]
    fn a_second_reply_and_a_late_reply_find_no_call() {
        let mut calls = CallTable::new(0);
        let id = calls.fresh_id();
        let number = calls.add(id, 0);
        assert!(calls.settle(id, None, |_| reply("x")).is_some());
        assert!(calls.settle(id, None, |_| reply("y")).is_none());
        assert_eq!(calls.remove(number), Removed::Settled);
        assert!(calls.settle(id, None, |_| reply("z")).is_none());
        assert!(calls.was_issued(id));
        assert!(!calls.was_issued(id.wrapping_add(1)));
    }

    #[test]
    fn a_number_does_not_reach_the_slot_s_next_call() {
        let mut calls = CallTable::new(0);
        let id = calls.fresh_id();
        let old = calls.add(id, 0);
        assert_eq!(calls.remove(old), Removed::Waiting(id));
        let id = calls.fresh_id();
        let new = calls.add(id, 0);
        assert_ne!(old, new);
        assert_eq!(calls.remove(old), Removed::Taken);
        assert!(calls.is_waiting(new));
    }

    #[test]
    fn ids_wrap_and_skip_outstanding_ones() {
        let mut calls = CallTable::new(u32::MAX);
        let last = calls.fresh_id();
        assert_eq!(last, u32::MAX);
        calls.add(last, 0);
        assert_eq!(calls.fresh_id(), 0);
        calls.next_id = u32::MAX;
        assert_eq!(calls.fresh_id(), 0, "an outstanding id is skipped");
    }

    #[test]
    fn failure_reaches_every_waiting_call_once() {
        let mut calls = CallTable::new(0);
        let numbers: Vec<u64> = (0..3)
            .map(|_| {
                let id = calls.fresh_id();
                calls.add(id, 0)
            })
            .collect();
        calls.queued_at(numbers[0], 12);
        let mut starts = Vec::new();
        calls.fail_all(
            |start| {
                starts.push(start);
                Err::new(2, 5, "gone")
            },
            |_| {},
        );
        assert_eq!(starts, [Some(12), None, None]);
        assert_eq!(calls.waiting(), 0);
        assert!(matches!(calls.take(numbers[2]), Some(Settled::Failed(_))));
    }

    #[test]
    fn only_driven_calls_act_for_others() {
        let waker = AbiWaker::lend(std::task::Waker::noop()).clone();
        let mut calls = CallTable::new(0);
        let mut add = |flags| {
            let id = calls.fresh_id();
            let number = calls.add(id, flags);
            calls.set_waker(number, &waker);
            number
        };
        let (left_alone, started) = (add(0), add(call_flags::STARTED));
        assert!(calls.another_driven(left_alone).is_none());
        assert!(calls.the_other(left_alone).is_some());
        assert!(calls.is_started(started) && !calls.is_started(left_alone));
        let id = calls.fresh_id();
        let driven = calls.add(id, call_flags::DRIVEN);
        assert!(calls.is_driven(driven) && !calls.is_driven(left_alone));
        assert!(
            calls.another_driven(left_alone).is_none(),
            "nobody polls it yet"
        );
        calls.set_waker(driven, &waker);
        assert!(calls.another_driven(left_alone).is_some());
        assert!(calls.another_driven(driven).is_none());
        assert!(calls.the_other(left_alone).is_none(), "two others wait");
        assert!(calls.settle(id, None, |_| reply("x")).is_some());
        assert!(calls.another_driven(left_alone).is_none());
    }
}

//! The built-in state: keys with values, and locks that members own.
//!
//! All that is refused is refused by the state alone, so that every member refuses alike.

mod primary;
mod words;

use std::collections::{BTreeMap, VecDeque};

use harness_control::wire::{Malformed, Reader, Writer};
use harness_control::{Change, Machine, RestoreError};
use harness_ring::{LockWord, Locks, MemberId};

pub use words::{Question, Said, Told};

/// A replica of the keys and locks.
pub struct KeyValue {
    values: BTreeMap<String, String>,
    bytes: usize,
    locks: Locks<String>,
}

impl KeyValue {
    /// Nothing in it.
    pub fn new() -> KeyValue {
        KeyValue {
            values: BTreeMap::new(),
            bytes: 0,
            locks: Locks::new(LOCKS_MAX),
        }
    }

    fn change(&mut self, origin: MemberId, told: Told) -> Said {
        let decision = self.decide(origin, &told);
        if decision.is_change {
            self.make(origin, told);
        }
        decision.said
    }

    /// What is answered, and whether anything changes: a function of the state as it is.
    fn decide(&self, origin: MemberId, told: &Told) -> Decision {
        match told {
            Told::Put { key, value } => self.decide_put(key, value),
            Told::Swap { key, from, value } => match self.values.get(key) == from.as_ref() {
                true => self.decide_put(key, value),
                false => {
                    let now = self.values.get(key);
                    let now = now.map_or("no value".to_owned(), |value| format!("{value:?}"));
                    Decision::refused(format!("the key has {now} now"))
                }
            },
            Told::Delete { key } => match self.values.contains_key(key) {
                true => Decision::change(Said::Done),
                false => Decision::refused("the key has no value".to_owned()),
            },
            Told::Get { key } => Decision {
                said: Said::Value(self.values.get(key).cloned()),
                is_change: false,
            },
            Told::Lock { lock } => self.decide_lock(origin, lock),
            Told::Unlock { lock } => match self.awaits(lock, origin) {
                true => Decision::change(Said::Done),
                false => {
                    let text = "this member neither owns nor awaits the lock";
                    Decision::refused(text.to_owned())
                }
            },
        }
    }

    fn decide_put(&self, key: &str, value: &str) -> Decision {
        if key.len() > KEY_BYTES_MAX {
            return Decision::refused(format!(
                "a key of {} bytes; the limit is {KEY_BYTES_MAX} bytes",
                key.len()
            ));
        }
        if value.len() > VALUE_BYTES_MAX {
            return Decision::refused(format!(
                "a value of {} bytes; the limit is {VALUE_BYTES_MAX} bytes",
                value.len()
            ));
        }
        if self.bytes_with(key, value) > STATE_BYTES_MAX {
            return Decision::refused(format!(
                "too much with all keys and values together; the limit is {STATE_BYTES_MAX} bytes"
            ));
        }
        Decision::change(Said::Done)
    }

    fn decide_lock(&self, origin: MemberId, lock: &String) -> Decision {
        if lock.len() > KEY_BYTES_MAX {
            return Decision::refused(format!(
                "a lock's name of {} bytes; the limit is {KEY_BYTES_MAX} bytes",
                lock.len()
            ));
        }
        if self.awaits(lock, origin) {
            let text = "this member owns or awaits the lock already, perhaps for another command";
            return Decision::refused(text.to_owned());
        }
        let wanted: usize = self.locks.queues().map(|(_, queue)| queue.len()).sum();
        if wanted >= LOCKS_MAX {
            return Decision::refused(format!(
                "{LOCKS_MAX} are owned or awaited, which is the limit"
            ));
        }
        let owner = self.locks.owner(lock).unwrap_or(origin);
        Decision::change(Said::Owner(Some(owner.to_string())))
    }

    /// Makes a change that was decided on.
    fn make(&mut self, origin: MemberId, told: Told) {
        match told {
            Told::Put { key, value } | Told::Swap { key, value, .. } => {
                self.bytes = self.bytes_with(&key, &value);
                self.values.insert(key, value);
            }
            Told::Delete { key } => {
                let removed = self.values.remove(&key);
                self.bytes -= removed.map_or(0, |value| key.len() + value.len());
            }
            Told::Get { .. } => {}
            Told::Lock { lock } => self.locks.deliver(origin, LockWord::Lock(lock)),
            Told::Unlock { lock } => self.locks.deliver(origin, LockWord::Unlock(lock)),
        }
        self.forget_changes();
    }

    /// Bytes of all keys and values once this one is there.
    fn bytes_with(&self, key: &str, value: &str) -> usize {
        let before = self.values.get(key);
        let before = before.map_or(0, |before| key.len() + before.len());
        self.bytes - before + key.len() + value.len()
    }

    fn awaits(&self, lock: &String, member: MemberId) -> bool {
        let queue = self.locks.queues().find(|(key, _)| *key == lock);
        queue.is_some_and(|(_, queue)| queue.contains(&member))
    }

    fn owner(&self, lock: &String) -> Said {
        Said::Owner(self.locks.owner(lock).map(|owner| owner.to_string()))
    }

    /// Whoever waits for a lock asks who owns it.
    fn forget_changes(&mut self) {
        while self.locks.poll_change().is_some() {}
    }

    fn read(state: &[u8]) -> Result<KeyValue, Malformed> {
        let mut from = Reader::new(state);
        let mut values = BTreeMap::new();
        let mut bytes = 0;
        for _ in 0..from.length("values", STATE_BYTES_MAX)? {
            let (key, value) = (from.text("key")?, from.text("value")?);
            bytes += key.len() + value.len();
            values.insert(key.to_owned(), value.to_owned());
        }
        let queues = from.list("locks", LOCKS_MAX, |from| {
            let lock = from.text("lock")?.to_owned();
            let queue = from.list("queue", LOCKS_MAX, |from| {
                Ok(MemberId {
                    slot: from.narrow("slot")?,
                    incarnation: from.narrow("incarnation")?,
                })
            })?;
            Ok((lock, VecDeque::from(queue)))
        })?;
        from.end("state")?;
        let locks = Locks::from_queues(queues.into_iter().collect(), LOCKS_MAX);
        let unsound = from.fault("locks", harness_control::wire::Fault::Order);
        Ok(KeyValue {
            values,
            bytes,
            locks: locks.ok_or(unsound)?,
        })
    }
}

/// What comes of a change.
struct Decision {
    said: Said,
    is_change: bool,
}

impl Decision {
    fn change(said: Said) -> Decision {
        let is_change = true;
        Decision { said, is_change }
    }

    fn refused(why: String) -> Decision {
        Decision {
            said: Said::Refused(why),
            is_change: false,
        }
    }
}

impl Default for KeyValue {
    fn default() -> KeyValue {
        KeyValue::new()
    }
}

impl Machine for KeyValue {
    fn kind(&self) -> String {
        "kv 1".to_owned()
    }

    fn apply(&mut self, change: &Change<'_>) -> Vec<u8> {
        let said = match Told::decode(change.payload) {
            Ok(told) => self.change(change.request.origin, told),
            Err(malformed) => Said::Refused(malformed.to_string()),
        };
        said.encode()
    }

    fn view_changed(&mut self, members: &[MemberId]) {
        self.locks.view_change(members);
        self.forget_changes();
    }

    fn query(&self, question: &[u8]) -> Vec<u8> {
        let said = match Question::decode(question) {
            Ok(Question::Get { key }) => Said::Value(self.values.get(&key).cloned()),
            Ok(Question::Owner { lock }) => self.owner(&lock),
            Ok(Question::Size) => Said::Size {
                keys: self.values.len() as u64,
                bytes: self.bytes as u64,
            },
            Err(malformed) => Said::Refused(malformed.to_string()),
        };
        said.encode()
    }

    fn snapshot(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.length(self.values.len());
        for (key, value) in &self.values {
            out.octets(key.as_bytes());
            out.octets(value.as_bytes());
        }
        out.length(self.locks.queues().count());
        for (lock, queue) in self.locks.queues() {
            out.octets(lock.as_bytes());
            out.length(queue.len());
            for member in queue {
                out.number(member.slot);
                out.number(member.incarnation);
            }
        }
        out.finish()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let read =
            KeyValue::read(state).map_err(|malformed| RestoreError(malformed.to_string()))?;
        *self = read;
        Ok(())
    }
}

/// Bytes of a key, and of a lock's name.
pub(crate) const KEY_BYTES_MAX: usize = 1024;
pub(crate) const VALUE_BYTES_MAX: usize = 128 << 10;
/// Bytes of the largest change that keeps these limits: a swap, which has two values. Its kind, whether there is a value
/// before, and the lengths of the key and of both values take ten more.
pub(crate) const TOLD_BYTES_MAX: usize = KEY_BYTES_MAX + 2 * VALUE_BYTES_MAX + 10;
/// Bytes of what comes of the largest change where a primary runs it: the change again with its origin; or the reply of a
/// swap that did not fit, which shows the value there is, and of a control character up to six for one.
pub(crate) const RESULT_BYTES_MAX: usize = 1 << 20;
/// Bytes of all keys and values.
const STATE_BYTES_MAX: usize = 512 << 20;
/// Owners and those who wait, of all locks.
const LOCKS_MAX: usize = 65_536;

#[cfg(test)]
mod tests {
    use harness_control::StandbyLimits;
    use harness_ring::RequestId;

    use super::*;

    fn largest(from: &str, value: &str) -> Told {
        Told::Swap {
            key: "k".repeat(KEY_BYTES_MAX),
            from: Some(from.to_owned()),
            value: value.to_owned(),
        }
    }

    #[test]
    fn the_largest_change_has_so_many_bytes() {
        let value = "v".repeat(VALUE_BYTES_MAX);
        assert_eq!(largest(&value, &value).encode().len(), TOLD_BYTES_MAX);
        let beyond = largest(&value, &format!("{value}v"));
        assert_eq!(beyond.encode().len(), TOLD_BYTES_MAX + 1);
    }

    /// Of all characters, this one is shown by the most bytes for each of its own.
    #[test]
    fn what_comes_of_the_largest_change_fits() {
        let mut state = KeyValue::new();
        let value = "\u{7f}".repeat(VALUE_BYTES_MAX);
        let request = RequestId {
            origin: MemberId {
                slot: u32::MAX,
                incarnation: u32::MAX,
            },
            number: 1,
        };
        state.make(request.origin, largest("", &value));
        let bytes = |told: &Told| {
            let executed = harness_control::Executor::execute(&state, request, &told.encode());
            let update = executed.update.map_or(0, |update| update.len());
            // The lengths of both.
            executed.reply.len() + update + 20
        };
        let defaults = StandbyLimits::default();
        for (told, is_refused) in [(largest(&value, &value), false), (largest("", ""), true)] {
            let bytes = bytes(&told);
            assert!(
                bytes > defaults.result_bytes_max,
                "the default is too small"
            );
            assert!(bytes <= RESULT_BYTES_MAX, "{bytes}, refused: {is_refused}");
        }
    }
}

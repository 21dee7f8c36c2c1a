//! The duplicate request cache: what was answered, and what is running, so that a call that a client sends again is not
//! executed again (at most once for operations that are not idempotent). Pure: no clock, no socket.
//!
//! Which calls are the same is told by their [`CallKey`]. Peers do not share entries. Calls that run are remembered until
//! they end; answers are bounded by number, bytes and age, the oldest leaves first. Answers of idempotent operations are
//! not kept, so that reading does not drive out what must not be repeated.
//!
//! A call that comes again while it runs is dropped: its answer goes where it came from first. A client that comes back
//! over a new connection meanwhile gets the answer when it asks once more after that.
//!
//! Every call passes through here, so it costs one hash and, while answers are short, no allocation: calls lie in places
//! that are used again, and a token leads straight to its place.

mod key;

use std::collections::VecDeque;

use bytes::Bytes;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rmix_provider::Outgoing;

pub use self::key::CallKey;
use self::key::KeyHasher;
pub(crate) use self::key::checksum;

/// Bounds of one cache.
#[derive(Debug, Clone, Copy)]
pub struct DuplicateLimits {
    /// Answers kept.
    pub entries: usize,
    /// Bytes of the answers kept.
    pub bytes: usize,
    /// Time an answer is kept, in nanoseconds.
    pub age_ns: u64,
}

impl Default for DuplicateLimits {
    fn default() -> DuplicateLimits {
        DuplicateLimits {
            entries: 4096,
            bytes: 4 << 20,
            // Clients that retransmit have given up by then: rpcgen's wait 25 s.
            age_ns: 120_000_000_000,
        }
    }
}

/// What is known of a call that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing: it is to be executed, and is remembered as running under this token, which is not 0.
    New(u64),
    /// It runs: it is to be dropped, the answer is under way.
    Running,
    /// It was answered with these bytes.
    Answered(Vec<u8>),
}

/// What became of the call in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No call is here.
    Free,
    Running,
    /// Answered; from when its age counts, once that is known.
    Answered(Option<u64>),
}

/// An answer, or the memory of the place's last one.
#[derive(Debug)]
enum Answer {
    /// Copied to memory of the place, which is used again.
    Copied(Vec<u8>),
    /// Too long to be copied: kept together with who sends it.
    Shared(Bytes),
}

impl Answer {
    fn as_slice(&self) -> &[u8] {
        match self {
            Answer::Copied(bytes) => bytes,
            Answer::Shared(bytes) => bytes,
        }
    }

    fn keep(&mut self, answer: &mut Outgoing) {
        if answer.len() > COPIED_BYTES_MAX {
            *self = Answer::Shared(answer.share());
            return;
        }
        match self {
            Answer::Copied(bytes) => {
                bytes.clear();
                bytes.extend_from_slice(answer.as_slice());
            }
            Answer::Shared(_) => *self = Answer::Copied(answer.as_slice().to_vec()),
        }
    }

    /// Lets go of what is not worth keeping for the place's next answer.
    fn forget(&mut self) {
        if matches!(self, Answer::Shared(_)) {
            *self = Answer::Copied(Vec::new());
        }
    }
}

/// Answers up to this length are copied, so that a free place may hold so much memory; longer ones are shared.
const COPIED_BYTES_MAX: usize = 1024;

/// Room for one call; used again when its call is forgotten.
#[derive(Debug)]
struct Place {
    key: CallKey,
    hash: u64,
    /// Counts the calls of this place, from 1: a token of an earlier one leads nowhere.
    turn: u32,
    stage: Stage,
    answer: Answer,
}

/// The calls of one port.
#[derive(Debug)]
pub struct DuplicateCache {
    limits: DuplicateLimits,
    hasher: KeyHasher,
    /// Index of each call's place, by its key. The index is part of a token, so it has 32 bits.
    calls: HashTable<u32>,
    places: Vec<Place>,
    free: Vec<u32>,
    /// Places of the answers, oldest first.
    order: VecDeque<u32>,
    /// So many at the end of `order` have no time yet: nobody has looked at a clock since they were given.
    untimed: usize,
    /// The latest time that was told.
    latest_ns: u64,
    bytes: usize,
}

impl DuplicateCache {
    /// An empty cache.
    pub fn new(limits: DuplicateLimits) -> DuplicateCache {
        DuplicateCache {
            limits,
            hasher: KeyHasher::random(),
            calls: HashTable::new(),
            places: Vec::new(),
            free: Vec::new(),
            order: VecDeque::new(),
            untimed: 0,
            latest_ns: 0,
            bytes: 0,
        }
    }

    /// What is known of a call; a new one is remembered as running.
    pub fn begin(&mut self, key: CallKey, now_ns: u64) -> Known {
        // Connections read the clock each for itself: one may come with an earlier time than another before it.
        let now_ns = now_ns.max(self.latest_ns);
        self.latest_ns = now_ns;
        self.tell_time(now_ns);
        self.forget_old(now_ns);
        let hash = self.hasher.hash(&key);
        let (places, free) = (&mut self.places, &mut self.free);
        let same = |index: &u32| at(places, *index).is_some_and(|place| place.key == key);
        let hash_of = |index: &u32| at(places, *index).map_or(0, |place| place.hash);
        let vacant = match self.calls.entry(hash, same, hash_of) {
            Entry::Occupied(known) => {
                let Some(place) = at(places, *known.get()) else {
                    return Known::Running;
                };
                return match place.stage {
                    Stage::Answered(_) => Known::Answered(place.answer.as_slice().to_vec()),
                    Stage::Running | Stage::Free => Known::Running,
                };
            }
            Entry::Vacant(vacant) => vacant,
        };
        let index = match free.pop() {
            Some(index) => index,
            None => u32::try_from(places.len()).unwrap_or(u32::MAX),
        };
        vacant.insert(index);
        let turn = match self.places.get_mut(index as usize) {
            Some(place) => {
                // Never 0, so that no token is.
                place.turn = place.turn.checked_add(1).unwrap_or(1);
                (place.key, place.hash, place.stage) = (key, hash, Stage::Running);
                place.turn
            }
            None => {
                self.places.push(Place {
                    key,
                    hash,
                    turn: 1,
                    stage: Stage::Running,
                    answer: Answer::Copied(Vec::new()),
                });
                1
            }
        };
        Known::New(u64::from(turn) << 32 | u64::from(index))
    }

    /// A call that ran has ended: with an answer that is to be given again, or with none when it may be executed again.
    /// The answer's age counts from the next [`begin`](Self::begin), so that no clock is asked here.
    pub fn ended(&mut self, token: u64, answer: Option<&mut Outgoing>) {
        let index = (token & u64::from(u32::MAX)) as u32;
        let Some(place) = self.places.get_mut(index as usize) else {
            return;
        };
        if place.stage != Stage::Running || u64::from(place.turn) != token >> 32 {
            return;
        }
        let fits =
            |answer: &&mut Outgoing| answer.len() <= self.limits.bytes && self.limits.entries > 0;
        let Some(answer) = answer.filter(fits) else {
            return self.forget(index);
        };
        place.answer.keep(answer);
        place.stage = Stage::Answered(None);
        self.bytes += answer.len();
        self.order.push_back(index);
        self.untimed += 1;
        while self.order.len() > self.limits.entries || self.bytes > self.limits.bytes {
            self.forget_oldest();
        }
    }

    /// Gives the time to the answers that have none.
    fn tell_time(&mut self, now_ns: u64) {
        let untimed = std::mem::take(&mut self.untimed);
        for index in self.order.iter().rev().take(untimed) {
            if let Some(place) = self.places.get_mut(*index as usize) {
                place.stage = Stage::Answered(Some(now_ns));
            }
        }
    }

    fn forget_old(&mut self, now_ns: u64) {
        while let Some(oldest) = self.order.front() {
            let since_ns = match at(&self.places, *oldest).map(|place| place.stage) {
                Some(Stage::Answered(Some(since_ns))) => since_ns,
                _ => now_ns,
            };
            if now_ns.saturating_sub(since_ns) < self.limits.age_ns {
                return;
            }
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(index) = self.order.pop_front() else {
            return;
        };
        self.untimed = self.untimed.min(self.order.len());
        let answer = at(&self.places, index).map(|place| place.answer.as_slice().len());
        self.bytes -= answer.unwrap_or(0);
        self.forget(index);
    }

    /// Frees a place.
    fn forget(&mut self, index: u32) {
        let Some(place) = self.places.get_mut(index as usize) else {
            return;
        };
        place.stage = Stage::Free;
        place.answer.forget();
        let found = self.calls.find_entry(place.hash, |known| *known == index);
        if let Ok(entry) = found {
            entry.remove();
        }
        self.free.push(index);
    }
}

fn at(places: &[Place], index: u32) -> Option<&Place> {
    places.get(index as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> DuplicateLimits {
        DuplicateLimits {
            entries: 3,
            bytes: 10,
            age_ns: 100,
        }
    }

    fn key(xid: u32) -> CallKey {
        CallKey {
            peer: Some("127.0.0.1:700".parse().unwrap()),
            connection: 0,
            xid,
            program: 1,
            version: 2,
            procedure: 3,
            length: 4,
            checksum: 5,
        }
    }

    fn answer(length: usize) -> Vec<u8> {
        vec![7; length]
    }

    fn begin(cache: &mut DuplicateCache, key: CallKey, now: u64) -> u64 {
        match cache.begin(key, now) {
            Known::New(token) => token,
            known => panic!("{known:?}"),
        }
    }

    fn run(cache: &mut DuplicateCache, xid: u32, length: usize, now: u64) {
        let token = begin(cache, key(xid), now);
        cache.ended(token, Some(&mut answer(length).into()));
        cache.tell_time(now);
    }

    /// Whether a call is not known, in which case it is not begun either.
    fn is_new(cache: &mut DuplicateCache, xid: u32, now: u64) -> bool {
        match cache.begin(key(xid), now) {
            Known::New(token) => {
                cache.ended(token, None);
                true
            }
            _ => false,
        }
    }

    #[test]
    fn a_call_runs_once_and_its_answer_is_given_again() {
        let mut cache = DuplicateCache::new(limits());
        let token = begin(&mut cache, key(1), 0);
        assert_eq!(cache.begin(key(1), 1), Known::Running);
        cache.ended(token, Some(&mut answer(2).into()));
        assert_eq!(cache.begin(key(1), 3), Known::Answered(answer(2)));
        cache.ended(token, None);
        let kept = Known::Answered(answer(2));
        assert_eq!(cache.begin(key(1), 4), kept, "a call ends once");
    }

    #[test]
    fn every_part_of_the_key_tells_calls_apart() {
        let mut cache = DuplicateCache::new(limits());
        let first = key(1);
        begin(&mut cache, first.clone(), 0);
        let address = |text: &str| Some(text.parse().unwrap());
        let mut others: Vec<CallKey> = vec![first; 10];
        others[0].peer = address("127.0.0.1:701");
        others[1].peer = address("127.0.0.2:700");
        others[2].peer = None;
        others[3].connection = 1;
        others[4].xid = 9;
        others[5].program = 9;
        others[6].version = 9;
        others[7].procedure = 9;
        others[8].length = 9;
        others[9].checksum = 9;
        for other in others {
            begin(&mut cache, other, 0);
        }
    }

    #[test]
    fn repeatable_calls_run_again_and_keep_nothing() {
        let mut cache = DuplicateCache::new(limits());
        let token = begin(&mut cache, key(1), 0);
        cache.ended(token, None);
        begin(&mut cache, key(1), 0);
        assert!(cache.order.is_empty() && cache.bytes == 0);
        assert_eq!((cache.calls.len(), cache.places.len()), (1, 1));
    }

    #[test]
    fn entries_are_kept_at_the_limit_and_the_oldest_leaves_beyond() {
        let mut cache = DuplicateCache::new(limits());
        for xid in 1..=3 {
            run(&mut cache, xid, 1, 0);
        }
        assert!(!is_new(&mut cache, 1, 0));
        run(&mut cache, 4, 1, 0);
        assert!(is_new(&mut cache, 1, 0));
        assert!(!is_new(&mut cache, 2, 0));
    }

    #[test]
    fn bytes_are_kept_at_the_limit_and_the_oldest_leaves_beyond() {
        let mut cache = DuplicateCache::new(limits());
        run(&mut cache, 1, 4, 0);
        run(&mut cache, 2, 6, 0);
        assert!(!is_new(&mut cache, 1, 0));
        run(&mut cache, 3, 1, 0);
        assert!(is_new(&mut cache, 1, 0));
        assert!(!is_new(&mut cache, 2, 0));
        run(&mut cache, 4, 10, 0);
        assert!(!is_new(&mut cache, 4, 0));
        run(&mut cache, 5, 11, 0);
        assert!(is_new(&mut cache, 5, 0), "it fits nowhere");
        assert!(!is_new(&mut cache, 4, 0));
    }

    #[test]
    fn answers_are_kept_until_they_are_old() {
        let mut cache = DuplicateCache::new(limits());
        run(&mut cache, 1, 1, 50);
        assert!(!is_new(&mut cache, 1, 149));
        begin(&mut cache, key(1), 150);
        assert_eq!(
            cache.begin(key(1), 1_000),
            Known::Running,
            "what runs stays"
        );
    }

    #[test]
    fn bytes_are_counted_right_over_many_calls() {
        let mut cache = DuplicateCache::new(limits());
        for round in 0..1_000u32 {
            let (xid, now) = (round.wrapping_mul(2_654_435_761) % 7, u64::from(round));
            if let Known::New(token) = cache.begin(key(xid), now) {
                let mut answer = Outgoing::from(answer((round % 5) as usize));
                cache.ended(token, (round % 3 > 0).then_some(&mut answer));
            }
            let answered = cache.places.iter();
            let lengths = answered.map(|place| match place.stage {
                Stage::Free | Stage::Running => 0,
                Stage::Answered(_) => place.answer.as_slice().len(),
            });
            assert_eq!(cache.bytes, lengths.sum::<usize>());
            assert!(cache.order.len() <= 3 && cache.bytes <= 10);
            assert_eq!(cache.calls.len(), cache.order.len());
        }
    }

    #[test]
    fn an_answer_ages_from_when_it_was_given_and_not_from_when_its_call_came() {
        let mut cache = DuplicateCache::new(limits());
        let token = begin(&mut cache, key(1), 0);
        cache.ended(token, Some(&mut answer(1).into()));
        let kept = Known::Answered(answer(1));
        assert_eq!(cache.begin(key(1), 1_000), kept, "a long call's answer");
        assert_eq!(cache.begin(key(1), 1_099), kept);
        begin(&mut cache, key(1), 1_100);
    }

    #[test]
    fn an_earlier_time_of_another_connection_makes_no_answer_older() {
        let mut cache = DuplicateCache::new(limits());
        begin(&mut cache, key(9), 1_000);
        let token = begin(&mut cache, key(1), 1_000);
        cache.ended(token, Some(&mut answer(1).into()));
        // The clock of a link that has calls left over from long ago.
        begin(&mut cache, key(2), 1);
        assert_eq!(cache.begin(key(1), 1_000), Known::Answered(answer(1)));
    }

    #[test]
    fn a_token_of_an_earlier_call_of_the_place_leads_nowhere() {
        let mut cache = DuplicateCache::new(limits());
        let old = begin(&mut cache, key(1), 0);
        cache.ended(old, None);
        let new = begin(&mut cache, key(2), 0);
        cache.ended(old, Some(&mut answer(1).into()));
        assert_eq!(cache.begin(key(2), 0), Known::Running);
        cache.ended(new, Some(&mut answer(2).into()));
        assert_eq!(cache.begin(key(2), 0), Known::Answered(answer(2)));
        assert_eq!(cache.places.len(), 1, "one place did for both");
    }

    #[test]
    fn long_answers_are_shared_and_short_ones_copied() {
        let mut cache = DuplicateCache::new(DuplicateLimits::default());
        for (xid, length) in [(1, COPIED_BYTES_MAX), (2, COPIED_BYTES_MAX + 1)] {
            let token = begin(&mut cache, key(xid), 0);
            let mut given = Outgoing::from(answer(length));
            cache.ended(token, Some(&mut given));
            let place = cache.places.last().unwrap();
            let is_same = std::ptr::eq(place.answer.as_slice(), given.as_slice());
            assert_eq!(is_same, length > COPIED_BYTES_MAX);
            assert_eq!(cache.begin(key(xid), 0), Known::Answered(answer(length)));
        }
    }
}

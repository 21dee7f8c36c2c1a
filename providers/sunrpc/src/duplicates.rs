//! The duplicate request cache: what was answered, and what is running, so that a call that a client sends again is not
//! executed again (at most once for operations that are not idempotent). Pure: no clock, no socket.
//!
//! A call is the same when its peer (address and port), XID, program, version, procedure, length and checksum of
//! credential and arguments are the same. Peers do not share entries. Calls that run are remembered until they end; answers
//! are bounded by number, bytes and age, the oldest leaves first. Answers of idempotent operations are not kept, so that
//! reading does not drive out what must not be repeated.
//!
//! A call that comes again while it runs is dropped: its answer goes where it came from first. A client that comes back
//! over a new connection meanwhile gets the answer when it asks once more after that.

use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

use crate::wire::OpaqueAuth;

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

/// Which call it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallKey {
    /// Address and port; none for a local peer, whose connection stands for it.
    pub peer: Option<SocketAddr>,
    /// Number of the connection where there is no address.
    pub connection: u64,
    /// Transaction identifier.
    pub xid: u32,
    /// Program number.
    pub program: u32,
    /// Version number.
    pub version: u32,
    /// Procedure number.
    pub procedure: u32,
    /// Length of what the checksum is over.
    pub length: usize,
    /// CRC-32 of credential and arguments.
    pub checksum: u32,
}

impl Hash for CallKey {
    /// What tells most calls apart, in few words: the hasher is keyed and takes its time over each.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let host = match self.peer.map(|peer| peer.ip()) {
            Some(IpAddr::V4(host)) => u64::from(host.to_bits()),
            // Peers choose the lower half, networks the upper.
            Some(IpAddr::V6(host)) => (host.to_bits() ^ (host.to_bits() >> 64)) as u64,
            None => self.connection,
        };
        let port = self.peer.map_or(0, |peer| peer.port());
        state.write_u64(host);
        state.write_u64(u64::from(self.xid) << 32 | u64::from(self.checksum));
        state.write_u64(u64::from(port) << 32 | u64::from(self.procedure));
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
    Answered(Bytes),
}

#[derive(Debug)]
enum Entry {
    Running,
    Answered { answer: Bytes, token: u64 },
}

/// An answer in the order of time.
#[derive(Debug)]
struct Kept {
    key: CallKey,
    token: u64,
    since_ns: u64,
}

/// The calls of one port.
#[derive(Debug)]
pub struct DuplicateCache {
    limits: DuplicateLimits,
    calls: HashMap<CallKey, Entry>,
    /// Those that run.
    running: HashMap<u64, CallKey>,
    /// Oldest first; each is the answer in `calls` of that token.
    order: VecDeque<Kept>,
    bytes: usize,
    last_token: u64,
}

impl DuplicateCache {
    /// An empty cache.
    pub fn new(limits: DuplicateLimits) -> DuplicateCache {
        DuplicateCache {
            limits,
            calls: HashMap::new(),
            running: HashMap::new(),
            order: VecDeque::new(),
            bytes: 0,
            last_token: 0,
        }
    }

    /// What is known of a call; a new one is remembered as running.
    pub fn begin(&mut self, key: CallKey, now_ns: u64) -> Known {
        self.forget_old(now_ns);
        match self.calls.get(&key) {
            Some(Entry::Running) => Known::Running,
            Some(Entry::Answered { answer, .. }) => Known::Answered(answer.clone()),
            None => {
                self.last_token += 1;
                self.calls.insert(key.clone(), Entry::Running);
                self.running.insert(self.last_token, key);
                Known::New(self.last_token)
            }
        }
    }

    /// A call that ran has ended: with an answer that is to be given again, or with none when it may be executed again.
    pub fn ended(&mut self, token: u64, answer: Option<&[u8]>, now_ns: u64) {
        let Some(key) = self.running.remove(&token) else {
            return;
        };
        let fits = |answer: &&[u8]| answer.len() <= self.limits.bytes && self.limits.entries > 0;
        let Some(answer) = answer.filter(fits) else {
            self.calls.remove(&key);
            return;
        };
        let answer = Bytes::copy_from_slice(answer);
        self.bytes += answer.len();
        self.order.push_back(Kept {
            key: key.clone(),
            token,
            since_ns: now_ns,
        });
        self.calls.insert(key, Entry::Answered { answer, token });
        while self.order.len() > self.limits.entries || self.bytes > self.limits.bytes {
            self.forget_oldest();
        }
    }

    fn forget_old(&mut self, now_ns: u64) {
        while let Some(oldest) = self.order.front() {
            if now_ns.saturating_sub(oldest.since_ns) < self.limits.age_ns {
                return;
            }
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.order.pop_front() else {
            return;
        };
        if let Some(Entry::Answered { answer, token }) = self.calls.get(&oldest.key)
            && *token == oldest.token
        {
            self.bytes -= answer.len();
            self.calls.remove(&oldest.key);
        }
    }
}

/// The checksum of a key.
pub fn checksum(credential: &OpaqueAuth<'_>, arguments: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&credential.flavor.to_be_bytes());
    hasher.update(credential.body);
    hasher.update(arguments);
    hasher.finalize()
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

    fn answer(length: usize) -> Bytes {
        Bytes::from(vec![7; length])
    }

    fn begin(cache: &mut DuplicateCache, key: CallKey, now: u64) -> u64 {
        match cache.begin(key, now) {
            Known::New(token) => token,
            known => panic!("{known:?}"),
        }
    }

    fn run(cache: &mut DuplicateCache, xid: u32, length: usize, now: u64) {
        let token = begin(cache, key(xid), now);
        cache.ended(token, Some(&answer(length)), now);
    }

    /// Whether a call is not known, in which case it is not begun either.
    fn is_new(cache: &mut DuplicateCache, xid: u32, now: u64) -> bool {
        match cache.begin(key(xid), now) {
            Known::New(token) => {
                cache.ended(token, None, now);
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
        cache.ended(token, Some(&answer(2)), 2);
        assert_eq!(cache.begin(key(1), 3), Known::Answered(answer(2)));
        cache.ended(token, None, 4);
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
        cache.ended(token, None, 0);
        begin(&mut cache, key(1), 0);
        assert!(cache.order.is_empty() && cache.bytes == 0);
        assert_eq!((cache.calls.len(), cache.running.len()), (1, 1));
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
                let answer = answer((round % 5) as usize);
                let kept = (round % 3 > 0).then_some(&answer[..]);
                cache.ended(token, kept, now);
            }
            let lengths = cache.calls.values().map(|entry| match entry {
                Entry::Running => 0,
                Entry::Answered { answer, .. } => answer.len(),
            });
            assert_eq!(cache.bytes, lengths.sum::<usize>());
            assert!(cache.order.len() <= 3 && cache.bytes <= 10);
            assert_eq!(cache.calls.len(), cache.order.len());
        }
    }
}

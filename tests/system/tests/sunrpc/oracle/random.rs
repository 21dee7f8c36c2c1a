//! Random numbers and texts that favour the edges. The same seed makes the same ones.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A seed that is another each time.
pub(super) fn fresh_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A source of random values (SplitMix64).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub(super) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// From 0 to one less than this.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap();
        usize::try_from(self.word() % end).unwrap()
    }

    pub(super) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    /// A length up to this, often 0 or the longest.
    pub(super) fn length(&mut self, longest: usize) -> usize {
        match self.below(6) {
            0 => 0,
            1 => longest,
            _ => self.below(longest + 1),
        }
    }

    /// A text of at most so many bytes, with characters of every length in UTF-8, and without NUL.
    pub(super) fn text(&mut self, longest: usize) -> String {
        const SOME: [char; 12] = [
            'a', 'Z', ' ', '\n', '"', '\\', '\u{1}', 'é', '\u{7ff}', '京', '\u{ffff}', '🌦',
        ];
        let bytes = self.length(longest);
        let mut text = String::new();
        loop {
            let next = SOME[self.below(SOME.len())];
            if text.len() + next.len_utf8() > bytes {
                return text;
            }
            text.push(next);
        }
    }

    /// Any double that equals itself: the special ones, short ones, and any bits.
    pub(super) fn double(&mut self) -> f64 {
        const SOME: [f64; 8] = [
            0.0,
            -0.0,
            1.5,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN_POSITIVE,
            5e-324,
        ];
        if self.one_in(3) {
            return SOME[self.below(SOME.len())];
        }
        let number = f64::from_bits(self.word());
        if number.is_nan() { 0.1 } else { number }
    }
}

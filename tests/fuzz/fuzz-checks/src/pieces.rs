//! Ways to cut a stream into the pieces in which it arrives. The same bytes are always cut the same ways, so that a
//! failure can be repeated from its file alone.

/// Sizes of the pieces in the order of their arrival, without end; each at least 1.
pub(crate) struct Pieces {
    state: u64,
    size_max: u64,
}

impl Pieces {
    /// Every way a stream is cut in the checks: byte by byte, in short pieces, and in longer ones.
    pub(crate) fn ways(data: &[u8]) -> impl Iterator<Item = Pieces> {
        let state = data.iter().fold(FNV_OFFSET, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME)
        });
        [1, 5, 64]
            .map(|size_max| Pieces { state, size_max })
            .into_iter()
    }
}

impl Iterator for Pieces {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        // xorshift; a state of 0 would stay 0.
        self.state |= 1;
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let size = 1 + self.state % self.size_max;
        Some(usize::try_from(size).expect("at most 64"))
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

//! Which call it is: what two copies of a call have in common, and a hash of that.
//!
//! A call is the same when its peer (address and port), XID, program, version, procedure, length and checksum are the
//! same. The checksum is over the whole of the credential and the arguments.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, SocketAddr};

use crate::wire::OpaqueAuth;

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
    /// Length of what the checksum is of.
    pub length: usize,
    /// CRC-32 of credential and arguments.
    pub checksum: u32,
}

/// CRC-32 of credential and arguments.
pub(crate) fn checksum(credential: &OpaqueAuth<'_>, arguments: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&credential.flavor.to_be_bytes());
    hasher.update(credential.body);
    hasher.update(arguments);
    hasher.finalize()
}

/// Hashes keys with a secret of its own: the high half of a sum of products, which is strongly universal, so that a peer
/// who chooses XIDs and arguments cannot choose what collides.
#[derive(Debug)]
pub(super) struct KeyHasher {
    secret: [u64; WORDS + 1],
}

impl KeyHasher {
    /// With a fresh secret.
    pub(super) fn random() -> KeyHasher {
        let random = RandomState::new();
        KeyHasher {
            secret: std::array::from_fn(|index| random.hash_one(index)),
        }
    }

    /// The hash of a key; all bits are good.
    pub(super) fn hash(&self, key: &CallKey) -> u64 {
        let [start, secret @ ..] = &self.secret;
        let products = words(key)
            .into_iter()
            .zip(secret)
            .map(|(word, secret)| secret.wrapping_mul(u64::from(word)));
        let sum = products.fold(*start, u64::wrapping_add);
        // A table takes the place from the low bits and a tag from the high ones, and XIDs count up: all bits are spread.
        let spread = (sum >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        spread ^ (spread >> 32)
    }
}

const WORDS: usize = 12;

fn words(key: &CallKey) -> [u32; WORDS] {
    let ip = match key.peer.map(|peer| peer.ip()) {
        Some(IpAddr::V4(ip)) => u128::from(ip.to_bits()),
        Some(IpAddr::V6(ip)) => ip.to_bits(),
        None => u128::from(key.connection),
    };
    let part = |position: u32| (ip >> (32 * position)) as u32;
    [
        part(0),
        part(1),
        part(2),
        part(3),
        key.peer.map_or(0, |peer| u32::from(peer.port())),
        key.xid,
        key.program,
        key.version,
        key.procedure,
        // A record of more than 4 GiB is refused by its mark.
        key.length as u32,
        key.checksum,
        u32::from(key.peer.is_some()),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn key(xid: u32) -> CallKey {
        CallKey {
            peer: Some("[2001:db8::1]:700".parse().unwrap()),
            connection: 0,
            xid,
            program: 1,
            version: 2,
            procedure: 3,
            length: 4,
            checksum: 5,
        }
    }

    #[test]
    fn hashes_are_spread_and_secret() {
        assert_ne!(KeyHasher::random().secret, KeyHasher::random().secret);
        let (one, other) = (
            KeyHasher { secret: [3; 13] },
            KeyHasher { secret: [!0; 13] },
        );
        assert_eq!(one.hash(&key(1)), one.hash(&key(1)));
        assert_ne!(one.hash(&key(1)), other.hash(&key(1)));
        let secret = std::array::from_fn(|index| 0x9fb2_1c65_1e98_df25 >> index);
        let hasher = KeyHasher { secret };
        let hashes = (0..4096).map(|xid| hasher.hash(&key(xid)));
        let low: BTreeSet<u64> = hashes.clone().map(|hash| hash & 0xfff).collect();
        let high: BTreeSet<u64> = hashes.map(|hash| hash >> 57).collect();
        // Of 4096 thrown into as many places, 63 % are hit.
        assert!(low.len() > 1500, "{} places", low.len());
        assert_eq!(high.len(), 128, "tags");
    }

    #[test]
    fn every_byte_of_credential_and_arguments_counts() {
        let sum = |arguments: &[u8]| checksum(&OpaqueAuth::NONE, arguments);
        for (length, position) in [(1, 0), (4096, 2048), (100_000, 50_000), (100_000, 99_999)] {
            let mut arguments = vec![0; length];
            let before = sum(&arguments);
            arguments[position] = 1;
            assert_ne!(before, sum(&arguments), "{position} of {length}");
        }
        let credential = OpaqueAuth {
            flavor: 1,
            body: &[7],
        };
        assert_ne!(checksum(&credential, &[]), sum(&[]));
    }
}

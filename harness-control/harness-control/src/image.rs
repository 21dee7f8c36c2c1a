//! The bytes that a joiner loads: where the replica is, what waits, and the state itself.

use std::collections::BTreeMap;

use harness_ring::{TransactionsImage, Unsettled};

use crate::Octets;
use crate::wire::{
    Fault, Malformed, Reader, WireLimits, Writer, read_member, read_request, read_result,
    write_member, write_request, write_result,
};

/// A replica, as it travels.
pub(crate) struct Image {
    pub(crate) position: u64,
    pub(crate) digest: u64,
    pub(crate) transactions: TransactionsImage<Octets>,
    pub(crate) state: Vec<u8>,
}

pub(crate) fn write(image: &Image) -> Vec<u8> {
    let mut out = Writer::new();
    out.number(image.position);
    out.number(image.digest);
    let TransactionsImage {
        members,
        pending,
        last,
    } = &image.transactions;
    out.length(members.len());
    members
        .iter()
        .for_each(|member| write_member(&mut out, *member));
    out.length(pending.len());
    for Unsettled { request, results } in pending {
        write_request(&mut out, request);
        out.length(results.len());
        for (member, result) in results {
            write_member(&mut out, *member);
            write_result(&mut out, result);
        }
    }
    out.length(last.len());
    for (member, number) in last {
        write_member(&mut out, *member);
        out.number(*number);
    }
    out.octets(&image.state);
    out.finish()
}

pub(crate) fn read(bytes: &[u8], limits: &WireLimits) -> Result<Image, Malformed> {
    let mut from = Reader::new(bytes);
    let position = from.number("position")?;
    let digest = from.number("digest")?;
    let members = from.list("members", limits.members_max, read_member)?;
    let pending = from.list("pending", limits.flush_max, |from| {
        let request = read_request(from, limits)?;
        let results = from.list("results", limits.members_max, |from| {
            Ok((read_member(from)?, read_result(from)?))
        })?;
        let count = results.len();
        let results: BTreeMap<_, _> = results.into_iter().collect();
        match results.len() == count {
            true => Ok(Unsettled { request, results }),
            false => Err(from.fault("results", Fault::Order)),
        }
    })?;
    let last = from.list("last requests", limits.flush_max, |from| {
        Ok((read_member(from)?, from.number("request number")?))
    })?;
    let state = from.octets("state")?.to_vec();
    from.end("image")?;
    Ok(Image {
        position,
        digest,
        transactions: TransactionsImage {
            members: members.into_iter().collect(),
            pending,
            last: last.into_iter().collect(),
        },
        state,
    })
}

/// Adds an entry to a digest, eight bytes at a time. It finds divergence and damage, not forgery.
pub(crate) fn digest(before: u64, entry: &[u8]) -> u64 {
    let (words, rest) = entry.as_chunks::<8>();
    let start = mix(before, entry.len() as u64);
    let digest = words
        .iter()
        .fold(start, |digest, word| mix(digest, u64::from_le_bytes(*word)));
    rest.iter()
        .fold(digest, |digest, byte| mix(digest, u64::from(*byte)))
}

fn mix(digest: u64, word: u64) -> u64 {
    let mixed = (digest ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 29)
}

/// The digest of nothing.
pub(crate) const DIGEST_START: u64 = 0xCBF2_9CE4_8422_2325;

//! The bytes that a joiner loads: where the replica is, what waits, and the state itself.

use std::collections::BTreeMap;

use harness_ring::{MemberId, TransactionsImage, Unsettled};

use crate::Octets;
use crate::wire::{
    Fault, Malformed, Reader, WireLimits, Writer, read_member, read_request, read_result,
    write_member, write_request, write_result,
};

/// A replica, as it travels.
pub(crate) struct Image {
    pub(crate) place: Place,
    pub(crate) transactions: TransactionsImage<Octets>,
    pub(crate) state: Vec<u8>,
}

pub(crate) fn write(image: &Image) -> Vec<u8> {
    let mut out = Writer::new();
    write_place(&mut out, image.place);
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

/// `waiting_max` requests may wait in it; who judges that can be told of more, up to the limit of any list.
pub(crate) fn read(
    bytes: &[u8],
    limits: &WireLimits,
    waiting_max: usize,
) -> Result<Image, Malformed> {
    let mut from = Reader::new(bytes);
    let place = read_place(&mut from)?;
    let members = from.list("members", limits.members_max, read_member)?;
    let pending_max = waiting_max.max(limits.flush_max);
    let pending = from.list("pending", pending_max, |from| {
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
    let last = read_last(&mut from, limits, &members)?;
    let state = from.octets("state")?.to_vec();
    from.end("image")?;
    Ok(Image {
        place,
        transactions: TransactionsImage {
            members: members.into_iter().collect(),
            pending,
            last,
        },
        state,
    })
}

/// The last request of each member. Images of earlier versions have those of former members, too.
pub(crate) fn read_last(
    from: &mut Reader<'_>,
    limits: &WireLimits,
    members: &[MemberId],
) -> Result<BTreeMap<MemberId, u64>, Malformed> {
    let last_max = limits.flush_max.max(limits.members_max);
    let last = from.list("last requests", last_max, |from| {
        Ok((read_member(from)?, from.number("request number")?))
    })?;
    let known = |(member, _): &(MemberId, u64)| members.contains(member);
    Ok(last.into_iter().filter(known).collect())
}

pub(crate) fn write_place(out: &mut Writer, place: Place) {
    out.number(place.position);
    out.number(place.digest);
}

pub(crate) fn read_place(from: &mut Reader<'_>) -> Result<Place, Malformed> {
    Ok(Place {
        position: from.number("position")?,
        digest: from.number("digest")?,
    })
}

/// How far a replica is in the common log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    /// Entries that were taken.
    pub(crate) position: u64,
    /// Digest of them.
    pub(crate) digest: u64,
}

impl Place {
    /// Before the first entry.
    pub(crate) const START: Place = Place {
        position: 0,
        digest: DIGEST_START,
    };

    /// Takes a word, as it was broadcast.
    pub(crate) fn note(&mut self, entry: &[u8]) {
        self.position += 1;
        self.digest = digest(self.digest, entry);
    }

    /// Takes a view.
    pub(crate) fn note_view(&mut self, members: &[MemberId]) {
        let text: Vec<_> = members.iter().map(MemberId::to_string).collect();
        self.note(text.join(" ").as_bytes());
    }
}

/// The digest of these bytes alone: finds damage, not forgery.
pub fn digest_of(bytes: &[u8]) -> u64 {
    digest(DIGEST_START, bytes)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// As earlier versions wrote them, which forgot nobody.
    #[test]
    fn of_former_members_nothing_is_read() {
        let (here, gone) = (MemberId::first(1), MemberId::first(2));
        let bytes = write(&Image {
            place: Place::START,
            transactions: TransactionsImage {
                members: [here].into(),
                pending: Vec::new(),
                last: [(here, 3), (gone, 5)].into(),
            },
            state: Vec::new(),
        });
        let last = |flush_max| {
            let limits = WireLimits {
                members_max: 1,
                flush_max,
                ..WireLimits::default()
            };
            read(&bytes, &limits, 1).map(|image| image.transactions.last)
        };
        assert_eq!(last(2), Ok([(here, 3)].into()), "at the limit");
        assert!(last(1).is_err(), "beyond it");
    }
}

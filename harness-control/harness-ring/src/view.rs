//! Views: the ordered list of members, and an identity that no other view shares.

use crate::identity::{Ballot, MemberId};

/// The position of a member in its view: its place on the ring and its priority, zero the highest.
pub type Rank = u16;

/// Names one view. The epoch alone is not enough: after a split two views can share it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ViewId {
    /// One more than that of the view before.
    pub epoch: u64,
    /// The ballot that first proposed the view, within the view before.
    pub ballot: Ballot,
    /// The fingerprint of the view before, which stands for the whole chain.
    pub parent: u64,
}

impl ViewId {
    /// The identity of a first view with these members.
    pub fn founding(ring: &[MemberId]) -> ViewId {
        let parent = ring.iter().fold(SEED, |mixed, member| {
            mix(
                mix(mixed, u64::from(member.slot)),
                u64::from(member.incarnation),
            )
        });
        ViewId {
            epoch: 1,
            ballot: Ballot::NONE,
            parent,
        }
    }

    /// The identity of the view that `ballot` proposes to follow this one.
    pub fn next(&self, ballot: Ballot) -> ViewId {
        ViewId {
            epoch: self.epoch + 1,
            ballot,
            parent: self.fingerprint(),
        }
    }

    /// Whether this view was proposed in `before`.
    pub fn follows(&self, before: &ViewId) -> bool {
        before.epoch.checked_add(1) == Some(self.epoch) && self.parent == before.fingerprint()
    }

    /// A number that stands for this view and all before it.
    pub fn fingerprint(&self) -> u64 {
        let coordinator = self.ballot.coordinator;
        [
            self.epoch,
            self.ballot.round,
            u64::from(coordinator.slot),
            u64::from(coordinator.incarnation),
        ]
        .into_iter()
        .fold(self.parent, mix)
    }
}

impl std::fmt::Display for ViewId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}[{}]", self.epoch, self.ballot)
    }
}

/// The members of the ring from one view change to the next.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct View {
    /// Its identity.
    pub id: ViewId,
    /// The members; the order is the ring and the succession.
    pub ring: Vec<MemberId>,
}

impl View {
    /// The first view of a ring, which every founder is told.
    pub fn founding(ring: Vec<MemberId>) -> View {
        View {
            id: ViewId::founding(&ring),
            ring,
        }
    }

    /// Where a member stands.
    pub fn rank_of(&self, member: MemberId) -> Option<Rank> {
        let position = self.ring.iter().position(|other| *other == member)?;
        Rank::try_from(position).ok()
    }

    /// Whether it is one of the members.
    pub fn contains(&self, member: MemberId) -> bool {
        self.ring.contains(&member)
    }

    /// The member at a rank.
    pub fn member(&self, rank: Rank) -> Option<MemberId> {
        self.ring.get(usize::from(rank)).copied()
    }

    /// The number of members. A ring is limited to `Limits::members_max`, which a rank can count.
    pub fn size(&self) -> Rank {
        Rank::try_from(self.ring.len()).unwrap_or(Rank::MAX)
    }

    /// The members after `member` on the ring, nearest first, without itself.
    pub fn after(&self, member: MemberId) -> impl Iterator<Item = MemberId> + '_ {
        let start = self.ring.iter().position(|other| *other == member);
        let (before, from) = self.ring.split_at(start.unwrap_or(0));
        from.iter()
            .chain(before)
            .copied()
            .filter(move |other| *other != member)
    }

    /// The next member on the ring; none when it is alone.
    pub fn successor(&self, member: MemberId) -> Option<MemberId> {
        self.after(member).next()
    }
}

impl std::fmt::Display for View {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}", self.id, Members(&self.ring))
    }
}

/// Shows members as `{0 1 2.1}`.
pub(crate) struct Members<'a>(pub(crate) &'a [MemberId]);

impl std::fmt::Display for Members<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown: Vec<_> = self.0.iter().map(MemberId::to_string).collect();
        write!(out, "{{{}}}", shown.join(" "))
    }
}

/// The finishing steps of a well-known 64-bit mixer, so that chains that differ anywhere differ.
fn mix(mixed: u64, value: u64) -> u64 {
    let mut mixed = (mixed ^ value).wrapping_add(SEED);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

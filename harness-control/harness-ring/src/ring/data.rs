//! Input `Data`: copies and evidence from a neighbour, and frames of them for the next.

use super::{Ring, Standing};
use crate::action::Drop;
use crate::frame::{Body, Direction, Frame, Item};
use crate::identity::MemberId;
use crate::message::Payload;

impl<P: Payload> Ring<P> {
    pub(super) fn data(&mut self, from: MemberId, direction: Direction, items: Vec<Item<P>>) {
        if self.wedged {
            return self.dropped(from, Drop::Wedged);
        }
        let back = match direction {
            Direction::Forward => Direction::Backward,
            Direction::Backward => Direction::Forward,
        };
        let sends = self.broadcast.directions().any(|used| used == direction);
        let neighbour = self.broadcast.neighbour(back);
        if !sends || self.view.rank_of(from) != Some(neighbour) {
            return self.dropped(from, Drop::NotNeighbour);
        }
        for item in items {
            if self.broadcast.receive(direction, item).is_err() {
                self.dropped(from, Drop::Nonsense);
            }
        }
        self.settle();
    }

    /// The neighbours that data goes to: the successor, and in a bidirectional ring the predecessor.
    pub fn neighbours(&self) -> impl Iterator<Item = (Direction, MemberId)> + '_ {
        self.broadcast.directions().filter_map(|direction| {
            let rank = self.broadcast.neighbour(direction);
            Some((direction, self.view.member(rank)?))
        })
    }

    /// How many copies and watermarks wait for the neighbour in this direction.
    pub fn waiting(&self, direction: Direction) -> usize {
        if self.wedged {
            return 0;
        }
        self.broadcast.waiting(direction)
    }

    /// Whether no copy or evidence waits for a neighbour.
    pub fn is_idle(&self) -> bool {
        self.wedged || self.broadcast.is_idle()
    }

    /// A frame of what waits for the neighbour in this direction; none when nothing does.
    pub fn take_data(&mut self, direction: Direction) -> Option<(MemberId, Frame<P>)> {
        if self.wedged || self.standing != Standing::Member {
            return None;
        }
        let to = self.view.member(self.broadcast.neighbour(direction))?;
        let items_max = self.config.limits.frame_items_max;
        let items = self.broadcast.take(direction, items_max);
        if items.is_empty() {
            return None;
        }
        let frame = Frame {
            view: self.view.id,
            body: Body::Data { direction, items },
        };
        Some((to, frame))
    }
}

//! Input `Leave`: going in order, with everything delivered that the others deliver in this view.

use super::{Ring, Standing};
use crate::action::Action;
use crate::message::Payload;

impl<P: Payload> Ring<P> {
    pub(super) fn leave(&mut self) {
        let is_alone = self.standing == Standing::Member && self.view.ring.len() == 1;
        match self.standing {
            Standing::Left | Standing::Excluded => return,
            // Nobody would miss it.
            Standing::Joining => {}
            Standing::Member if is_alone && !self.wedged => {}
            Standing::Member => {
                self.leaving = true;
                return;
            }
        }
        self.go();
    }

    /// Goes when nobody else is left, who would have to decide it.
    pub(super) fn go_if_alone(&mut self) {
        let is_alone = self.view.ring.len() == 1 && !self.wedged;
        if self.leaving && is_alone && self.standing == Standing::Member {
            self.go();
        }
    }

    pub(super) fn go(&mut self) {
        self.standing = Standing::Left;
        self.wedged = true;
        self.actions.push_back(Action::Left);
    }
}

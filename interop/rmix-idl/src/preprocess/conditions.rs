//! Which lines count: the state of `#if`, `#elif`, `#else` and `#endif` of one file.

use crate::error::IdlError;
use crate::place::Place;

/// The conditionals that are open.
pub(super) struct Conditions {
    open: Vec<Condition>,
    nesting_max: usize,
}

struct Condition {
    place: Place,
    /// Lines of this branch count.
    is_met: bool,
    /// A branch was met, so later ones are not.
    was_met: bool,
    had_else: bool,
}

impl Conditions {
    pub(super) fn new(nesting_max: usize) -> Conditions {
        Conditions {
            open: Vec::new(),
            nesting_max,
        }
    }

    /// Whether lines count here.
    pub(super) fn are_met(&self) -> bool {
        self.open.last().is_none_or(|condition| condition.is_met)
    }

    /// Whether an `#elif` here would have to be decided.
    pub(super) fn elif_matters(&self) -> bool {
        let around = self
            .open
            .len()
            .checked_sub(2)
            .and_then(|i| self.open.get(i));
        let around_is_met = around.is_none_or(|condition| condition.is_met);
        let innermost = self.open.last();
        around_is_met && innermost.is_some_and(|condition| !condition.was_met)
    }

    pub(super) fn open(&mut self, is_met: bool, place: &Place) -> Result<(), IdlError> {
        if self.open.len() >= self.nesting_max {
            return Err(IdlError::limit(place, "nesting_max", self.nesting_max));
        }
        let counts = self.are_met();
        self.open.push(Condition {
            place: place.clone(),
            is_met: counts && is_met,
            // Within lines that do not count, no branch is met.
            was_met: !counts || is_met,
            had_else: false,
        });
        Ok(())
    }

    /// `#elif`, decided, or `#else`.
    pub(super) fn branch(
        &mut self,
        is_met: bool,
        is_else: bool,
        place: &Place,
    ) -> Result<(), IdlError> {
        let name = if is_else { "#else" } else { "#elif" };
        let Some(condition) = self.open.last_mut() else {
            return Err(IdlError::malformed(place, format!("{name} without #if")));
        };
        if condition.had_else {
            let reason = format!("{name} after the #else of the #if at {}", condition.place);
            return Err(IdlError::malformed(place, reason));
        }
        condition.is_met = is_met && !condition.was_met;
        condition.was_met |= is_met;
        condition.had_else = is_else;
        Ok(())
    }

    pub(super) fn close(&mut self, place: &Place) -> Result<(), IdlError> {
        match self.open.pop() {
            Some(_) => Ok(()),
            None => Err(IdlError::malformed(place, "#endif without #if")),
        }
    }

    /// The file ends.
    pub(super) fn finish(&self) -> Result<(), IdlError> {
        match self.open.last() {
            None => Ok(()),
            Some(condition) => Err(IdlError::malformed(
                &condition.place,
                "this conditional has no #endif in its file",
            )),
        }
    }
}

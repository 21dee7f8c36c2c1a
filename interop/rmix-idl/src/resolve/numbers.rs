//! Values of constants and of enums' members, which may refer to each other in any order.

use std::collections::BTreeMap;

use crate::error::IdlError;
use crate::parse::ast::{Definition, Item, Member, Name, Value, ValueKind};
use crate::place::Place;
use crate::preprocess::PassedNumber;

/// Values by name.
pub(super) struct Numbers {
    entries: BTreeMap<String, Entry>,
}

struct Entry {
    place: Place,
    source: Source,
    state: State,
}

/// What a value comes from: at most one other.
enum Source {
    Number(i128),
    SameAs(String, Place),
    OneAfter(String),
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Unknown,
    BeingComputed,
    Known(i128),
}

impl Numbers {
    /// Collects all names that have values, and computes the values.
    pub(super) fn read(items: &[Item], passed: &[PassedNumber]) -> Result<Numbers, IdlError> {
        let mut numbers = Numbers {
            entries: BTreeMap::new(),
        };
        for item in items {
            match &item.definition {
                Definition::Constant(value) => numbers.add_constant(&item.name, value)?,
                Definition::Enum(members) => numbers.add_members(members)?,
                _ => {}
            }
        }
        for number in passed {
            let entry = Entry {
                place: number.place.clone(),
                source: Source::Number(number.value),
                state: State::Unknown,
            };
            // The C compiler knows these; a definition of the file says the same or more.
            numbers.entries.entry(number.name.clone()).or_insert(entry);
        }
        let names: Vec<String> = numbers.entries.keys().cloned().collect();
        for name in names {
            numbers.compute(&name)?;
        }
        Ok(numbers)
    }

    /// The number a value stands for.
    pub(super) fn value(&self, value: &Value) -> Result<i128, IdlError> {
        match &value.kind {
            ValueKind::Number(number) => Ok(*number),
            ValueKind::Name(name) => self
                .known(name)
                .ok_or_else(|| undefined(name, &value.place)),
        }
    }

    /// The value within a range; `what` says what it is for.
    pub(super) fn within(
        &self,
        value: &Value,
        what: &'static str,
        least: i128,
        greatest: i128,
    ) -> Result<i128, IdlError> {
        let number = self.value(value)?;
        check(number, what, least, greatest, &value.place)
    }

    pub(super) fn unsigned(&self, value: &Value, what: &'static str) -> Result<u32, IdlError> {
        let number = self.within(value, what, 0, i128::from(u32::MAX))?;
        Ok(u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// The value of a member that was collected.
    pub(super) fn member(&self, name: &Name) -> Result<i32, IdlError> {
        let number = self.known(&name.text).unwrap_or(i128::MAX);
        let (least, greatest) = (i128::from(i32::MIN), i128::from(i32::MAX));
        let number = check(
            number,
            "the value of the member",
            least,
            greatest,
            &name.place,
        )?;
        Ok(i32::try_from(number).unwrap_or(i32::MAX))
    }

    pub(super) fn into_map(self) -> BTreeMap<String, i128> {
        let entries = self.entries.into_iter();
        entries
            .filter_map(|(name, entry)| match entry.state {
                State::Known(value) => Some((name, value)),
                _ => None,
            })
            .collect()
    }

    fn known(&self, name: &str) -> Option<i128> {
        match (self.entries.get(name).map(|entry| entry.state), name) {
            (Some(State::Known(value)), _) => Some(value),
            // Macros of every C program that includes rpc/rpc.h; the first two are the members of RFC 4506's bool.
            (None, "TRUE") => Some(1),
            (None, "FALSE") => Some(0),
            // rpc/auth.h
            (None, "MAXNETNAMELEN" | "MAX_MACHINE_NAME") => Some(255),
            (None, "MAX_AUTH_BYTES") => Some(400),
            _ => None,
        }
    }

    fn add_constant(&mut self, name: &Name, value: &Value) -> Result<(), IdlError> {
        let source = source(value);
        // The same number twice is harmless, and common with includes.
        if let (Some(earlier), Source::Number(again)) = (self.entries.get(&name.text), &source)
            && matches!(&earlier.source, Source::Number(first) if first == again)
        {
            return Ok(());
        }
        self.add(name, source)
    }

    fn add_members(&mut self, members: &[Member]) -> Result<(), IdlError> {
        let mut before: Option<&Name> = None;
        for member in members {
            let source = match (&member.value, before) {
                (Some(value), _) => source(value),
                (None, Some(before)) => Source::OneAfter(before.text.clone()),
                (None, None) => Source::Number(0),
            };
            self.add(&member.name, source)?;
            before = Some(&member.name);
        }
        Ok(())
    }

    fn add(&mut self, name: &Name, source: Source) -> Result<(), IdlError> {
        let entry = Entry {
            place: name.place.clone(),
            source,
            state: State::Unknown,
        };
        match self.entries.insert(name.text.clone(), entry) {
            None => Ok(()),
            Some(earlier) => Err(IdlError::Duplicate {
                place: name.place.clone(),
                name: name.text.clone(),
                first: earlier.place,
            }),
        }
    }

    /// Follows what a value comes from, without recursion: chains may be as long as the file.
    fn compute(&mut self, name: &str) -> Result<(), IdlError> {
        let mut chain: Vec<String> = Vec::new();
        let mut next = name.to_owned();
        let mut used_at: Option<Place> = None;
        let mut value = loop {
            let builtin = self.known(&next);
            let Some(entry) = self.entries.get_mut(&next) else {
                let place = used_at.unwrap_or_else(|| Place::start(&"".into()));
                break builtin.ok_or_else(|| undefined(&next, &place))?;
            };
            match entry.state {
                State::Known(value) => break value,
                State::BeingComputed => {
                    return Err(IdlError::Endless {
                        place: entry.place.clone(),
                        name: next,
                        reason: "is given by its own value",
                    });
                }
                State::Unknown => entry.state = State::BeingComputed,
            }
            let followed = match &entry.source {
                Source::Number(number) => {
                    entry.state = State::Known(*number);
                    break *number;
                }
                Source::SameAs(other, place) => {
                    used_at = Some(place.clone());
                    other.clone()
                }
                Source::OneAfter(other) => other.clone(),
            };
            chain.push(std::mem::replace(&mut next, followed));
        };
        for name in chain.iter().rev() {
            if let Some(entry) = self.entries.get_mut(name) {
                if let Source::OneAfter(_) = entry.source {
                    value += 1;
                }
                entry.state = State::Known(value);
            }
        }
        Ok(())
    }
}

fn source(value: &Value) -> Source {
    match &value.kind {
        ValueKind::Number(number) => Source::Number(*number),
        ValueKind::Name(name) => Source::SameAs(name.clone(), value.place.clone()),
    }
}

fn check(
    value: i128,
    what: &'static str,
    least: i128,
    greatest: i128,
    place: &Place,
) -> Result<i128, IdlError> {
    if (least..=greatest).contains(&value) {
        return Ok(value);
    }
    Err(IdlError::OutOfRange {
        place: place.clone(),
        what,
        value,
        least,
        greatest,
    })
}

fn undefined(name: &str, place: &Place) -> IdlError {
    IdlError::Undefined {
        place: place.clone(),
        name: name.to_owned(),
        expected: "the constant",
        hint: "constants are defined by `const` or as members of an enum".to_owned(),
    }
}

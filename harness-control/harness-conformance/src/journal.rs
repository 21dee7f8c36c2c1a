//! The log of one member, as its application was told it.

use harness_control::Event;

/// An entry of the common log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its place.
    pub position: u64,
    /// The digest of the log up to it.
    pub digest: u64,
    /// What it is.
    pub what: What,
}

/// What stands in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// A word, with its origin.
    Word(String, Vec<u8>),
    /// The members from here on.
    View(Vec<String>),
}

/// All that one member was told.
#[derive(Clone, Default, Debug)]
pub struct Journal {
    /// Entries of the log from where this member's begins.
    pub entries: Vec<Entry>,
    /// Where the log begins: the position of the state that it loaded.
    pub loaded: u64,
}

impl Journal {
    /// Takes what a member told. What stands before the state that it loaded is not of its log.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::View {
                position,
                digest,
                members,
                ..
            } => {
                let members = members.iter().map(|(id, _)| id.to_string()).collect();
                self.push(*position, *digest, What::View(members));
            }
            Event::Delivered {
                position,
                digest,
                origin,
                word,
                ..
            } => self.push(
                *position,
                *digest,
                What::Word(origin.to_string(), word.to_vec()),
            ),
            Event::Loaded { position, .. } => {
                self.entries.clear();
                self.loaded = *position;
            }
            _ => {}
        }
    }

    /// The first view of all has the place before the log.
    fn push(&mut self, position: u64, digest: u64, what: What) {
        if position > self.loaded {
            self.entries.push(Entry {
                position,
                digest,
                what,
            });
        }
    }

    /// The last position.
    pub fn position(&self) -> u64 {
        self.entries
            .last()
            .map_or(self.loaded, |entry| entry.position)
    }

    /// The words' bytes, in order.
    pub fn words(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().filter_map(|entry| match &entry.what {
            What::Word(_, bytes) => Some(bytes.as_slice()),
            What::View(_) => None,
        })
    }
}

/// Where two logs differ: at a position that both have, or where one has a gap. One may be longer.
pub fn first_difference(one: &Journal, other: &Journal) -> Option<String> {
    for journal in [one, other] {
        for (entry, next) in journal.entries.iter().zip(journal.loaded + 1..) {
            if entry.position != next {
                return Some(format!("{next} is missing before {entry:?}"));
            }
        }
    }
    for entry in &one.entries {
        let there = other
            .entries
            .iter()
            .find(|there| there.position == entry.position);
        if let Some(there) = there
            && there != entry
        {
            return Some(format!("{entry:?} and {there:?}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(texts: &[(u64, &str)]) -> Journal {
        let entries = texts.iter().map(|(position, text)| Entry {
            position: *position,
            digest: 0,
            what: What::Word("1".to_owned(), text.as_bytes().to_vec()),
        });
        Journal {
            entries: entries.collect(),
            loaded: texts.first().map_or(0, |(position, _)| position - 1),
        }
    }

    #[test]
    fn equal_logs_and_prefixes_do_not_differ() {
        let long = journal(&[(1, "a"), (2, "b"), (3, "c")]);
        assert_eq!(first_difference(&long, &long), None);
        assert_eq!(first_difference(&long, &journal(&[(1, "a")])), None);
        assert_eq!(
            first_difference(&journal(&[(2, "b"), (3, "c")]), &long),
            None
        );
    }

    #[test]
    fn another_word_or_a_gap_is_a_difference() {
        let one = journal(&[(1, "a"), (2, "b")]);
        assert!(first_difference(&one, &journal(&[(1, "a"), (2, "x")])).is_some());
        assert!(first_difference(&one, &journal(&[(1, "a"), (3, "c")])).is_some());
        assert!(first_difference(&journal(&[(1, "a"), (3, "c")]), &one).is_some());
    }
}

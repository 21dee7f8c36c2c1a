//! The object table: exported objects by id, for one runtime.
//!
//! Pure: holds values of any type and calls nothing on them. An id is given once and never again,
//! so a reference to an unexported object can never reach another one. Ids up to `WELL_KNOWN_MAX`
//! are chosen by the caller (the default object, the registry); the others are given in sequence.
//! Leases and access rules are not kept here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::ObjectId;

/// Exported objects of one runtime.
///
/// ```
/// use rmix_engine::ObjectTable;
///
/// let mut objects = ObjectTable::new();
/// let station = objects.export("station")?;
/// assert_eq!(objects.lookup(station), Some(&"station"));
/// assert_eq!(objects.unexport(station), Some("station"));
/// assert!(objects.is_retired(station));
/// # Ok::<(), rmix_engine::ExportError>(())
/// ```
#[derive(Debug)]
pub struct ObjectTable<T> {
    objects: BTreeMap<ObjectId, T>,
    /// Every id from `WELL_KNOWN_MAX + 1` up to but not including this one has been given.
    next: u64,
    /// The well-known ids that have been given; at most `WELL_KNOWN_MAX + 1`.
    well_known_given: BTreeSet<ObjectId>,
    objects_max: usize,
}

impl<T> ObjectTable<T> {
    /// The greatest id that a caller chooses; ids given by [`export`](Self::export) are greater.
    pub const WELL_KNOWN_MAX: ObjectId = ObjectId(15);

    /// An empty table for at most [`OBJECTS_MAX`] objects at a time.
    pub fn new() -> ObjectTable<T> {
        ObjectTable::with_objects_max(OBJECTS_MAX)
    }

    /// An empty table for at most `objects_max` objects at a time.
    pub fn with_objects_max(objects_max: usize) -> ObjectTable<T> {
        ObjectTable {
            objects: BTreeMap::new(),
            next: Self::WELL_KNOWN_MAX.0 + 1,
            well_known_given: BTreeSet::new(),
            objects_max,
        }
    }

    /// Exports an object under an id that was never given before.
    ///
    /// # Errors
    /// The table is full (unexport something), or the ids are used up. The value is dropped.
    pub fn export(&mut self, object: T) -> Result<ObjectId, ExportError> {
        self.check_room()?;
        let id = ObjectId(self.next);
        self.next = self.next.checked_add(1).ok_or(ExportError::IdsUsedUp)?;
        let previous = self.objects.insert(id, object);
        assert!(previous.is_none(), "object id {id} was given twice");
        Ok(id)
    }

    /// Exports an object under an id that peers know without being told, once in the life of the
    /// table.
    ///
    /// # Errors
    /// The table is full, `id` is greater than [`WELL_KNOWN_MAX`](Self::WELL_KNOWN_MAX), or it was
    /// given before, even if its object has been unexported since. The value is dropped.
    pub fn export_well_known(&mut self, id: ObjectId, object: T) -> Result<(), ExportError> {
        self.check_room()?;
        if id > Self::WELL_KNOWN_MAX {
            return Err(ExportError::NotWellKnown { id });
        }
        if !self.well_known_given.insert(id) {
            return Err(ExportError::AlreadyGiven { id });
        }
        let previous = self.objects.insert(id, object);
        assert!(previous.is_none(), "object id {id} was given twice");
        Ok(())
    }

    /// Takes an object out of the table; `None` when it is not exported. Its id is retired.
    pub fn unexport(&mut self, id: ObjectId) -> Option<T> {
        let object = self.objects.remove(&id)?;
        assert!(
            self.was_given(id),
            "object id {id} was in the table but never given"
        );
        Some(object)
    }

    /// The exported object with this id.
    pub fn lookup(&self, id: ObjectId) -> Option<&T> {
        self.objects.get(&id)
    }

    /// Whether this id was given to an object that is no longer exported.
    pub fn is_retired(&self, id: ObjectId) -> bool {
        self.was_given(id) && !self.objects.contains_key(&id)
    }

    /// The exported objects in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (ObjectId, &T)> {
        self.objects.iter().map(|(id, object)| (*id, object))
    }

    /// How many objects are exported.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether no object is exported.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    fn was_given(&self, id: ObjectId) -> bool {
        if id <= Self::WELL_KNOWN_MAX {
            return self.well_known_given.contains(&id);
        }
        id.0 < self.next
    }

    fn check_room(&self) -> Result<(), ExportError> {
        if self.objects.len() >= self.objects_max {
            return Err(ExportError::TableFull {
                objects_max: self.objects_max,
            });
        }
        Ok(())
    }
}

impl<T> Default for ObjectTable<T> {
    fn default() -> ObjectTable<T> {
        ObjectTable::new()
    }
}

/// Why an object could not be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportError {
    /// As many objects are exported as the table holds.
    TableFull {
        /// The limit.
        objects_max: usize,
    },
    /// Every id has been given.
    IdsUsedUp,
    /// A caller may not choose this id.
    NotWellKnown {
        /// The id that was asked for.
        id: ObjectId,
    },
    /// This id was given before and is never given again.
    AlreadyGiven {
        /// The id that was asked for.
        id: ObjectId,
    },
}

impl fmt::Display for ExportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExportError::TableFull { objects_max } => {
                write!(
                    formatter,
                    "{objects_max} objects are exported, which is the limit"
                )
            }
            ExportError::IdsUsedUp => formatter.write_str("every object id has been given"),
            ExportError::NotWellKnown { id } => write!(
                formatter,
                "object id {id} is not well-known: those end at {}",
                ObjectTable::<()>::WELL_KNOWN_MAX
            ),
            ExportError::AlreadyGiven { id } => write!(
                formatter,
                "object id {id} has been given and is never given again"
            ),
        }
    }
}

impl std::error::Error for ExportError {}

/// The most objects exported at a time unless the table says otherwise.
pub const OBJECTS_MAX: usize = 65_536;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_are_never_reused() {
        let mut objects = ObjectTable::new();
        let first = objects.export('a').unwrap();
        assert_eq!(objects.unexport(first), Some('a'));
        let second = objects.export('b').unwrap();
        assert_ne!(first, second);
        assert_eq!(objects.lookup(first), None);
        assert_eq!(objects.lookup(second), Some(&'b'));
    }

    #[test]
    fn unexport_succeeds_once() {
        let mut objects = ObjectTable::new();
        let id = objects.export('a').unwrap();
        assert_eq!(objects.unexport(id), Some('a'));
        assert_eq!(objects.unexport(id), None);
    }

    #[test]
    fn retired_ids_differ_from_ids_never_given() {
        let mut objects = ObjectTable::new();
        let id = objects.export('a').unwrap();
        assert!(!objects.is_retired(id));
        objects.unexport(id);
        assert!(objects.is_retired(id));
        assert!(!objects.is_retired(ObjectId(id.0 + 1)));
        assert!(!objects.is_retired(ObjectId::DEFAULT));
    }

    #[test]
    fn a_well_known_id_is_given_once() {
        let mut objects = ObjectTable::new();
        assert_eq!(objects.export_well_known(ObjectId::DEFAULT, 'a'), Ok(()));
        let again = ExportError::AlreadyGiven {
            id: ObjectId::DEFAULT,
        };
        assert_eq!(
            objects.export_well_known(ObjectId::DEFAULT, 'b'),
            Err(again.clone())
        );
        assert_eq!(objects.lookup(ObjectId::DEFAULT), Some(&'a'));
        objects.unexport(ObjectId::DEFAULT);
        assert_eq!(
            objects.export_well_known(ObjectId::DEFAULT, 'c'),
            Err(again)
        );
        assert!(objects.is_retired(ObjectId::DEFAULT));
    }

    #[test]
    fn well_known_ids_end_at_their_limit() {
        let mut objects = ObjectTable::new();
        let limit = ObjectTable::<char>::WELL_KNOWN_MAX;
        assert_eq!(objects.export_well_known(limit, 'a'), Ok(()));
        let beyond = ObjectId(limit.0 + 1);
        assert_eq!(
            objects.export_well_known(beyond, 'b'),
            Err(ExportError::NotWellKnown { id: beyond })
        );
        assert_eq!(objects.export('c'), Ok(beyond));
    }

    #[test]
    fn a_full_table_refuses_and_takes_again_after_an_unexport() {
        let mut objects = ObjectTable::with_objects_max(2);
        let first = objects.export('a').unwrap();
        objects.export_well_known(ObjectId(1), 'b').unwrap();
        let full = ExportError::TableFull { objects_max: 2 };
        assert_eq!(objects.export('c'), Err(full.clone()));
        assert_eq!(objects.export_well_known(ObjectId(2), 'c'), Err(full));
        objects.unexport(first);
        assert!(objects.export('c').is_ok());
        assert_eq!(objects.len(), 2);
    }

    #[test]
    fn the_last_id_is_never_wrapped_around() {
        let mut objects = ObjectTable::new();
        objects.next = u64::MAX;
        assert_eq!(objects.export('a'), Err(ExportError::IdsUsedUp));
        assert_eq!(objects.export('b'), Err(ExportError::IdsUsedUp));
        assert!(objects.is_empty());
    }

    proptest! {
        #[test]
        fn behaves_as_a_map_whose_keys_are_fresh(steps in prop::collection::vec(any::<Option<u8>>(), 0..60)) {
            let mut objects = ObjectTable::new();
            let mut model = BTreeMap::new();
            let mut given = Vec::new();
            for (value, step) in steps.into_iter().enumerate() {
                match step {
                    Some(pick) if !given.is_empty() => {
                        let id = given[usize::from(pick) % given.len()];
                        prop_assert_eq!(objects.unexport(id), model.remove(&id));
                    }
                    _ => {
                        let id = objects.export(value).unwrap();
                        prop_assert!(!given.contains(&id));
                        given.push(id);
                        model.insert(id, value);
                    }
                }
                prop_assert!(objects.iter().eq(model.iter().map(|(id, value)| (*id, value))));
            }
        }
    }
}

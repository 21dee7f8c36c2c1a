//! Linked lists.

use std::fmt;
use std::marker::PhantomData;

use rmix_abi::describe::{Data, Schema, TypeDesc, type_kind};
use rmix_abi::host::magic;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::as_content;

/// A sequence that RFC 4506 (4.19) writes as a linked list: `struct node { T item; node *next; }`. It is read in a loop, so
/// its length is bounded by the limit `items`, not by `depth`. Other formats carry it as a sequence.
///
/// ```
/// let groups: rmix::List<String> = ["staff", "wheel"].map(str::to_owned).into_iter().collect();
/// assert_eq!(groups.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct List<T>(pub Vec<T>);

as_content!([T] List<T> => Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        List(Vec::new())
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        List(items.into_iter().collect())
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: Data> Data for List<T> {
    const SCHEMA: TypeDesc = TypeDesc::container(type_kind::LIST, 0, Schema::of::<T>(), None);
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(magic::LIST, &Links(&self.0))
    }
}

/// The elements one by one: a list of numbers is no array of numbers.
struct Links<'a, T>(&'a [T]);

impl<T: Serialize> Serialize for Links<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(magic::LIST, Elements(PhantomData))
    }
}

struct Elements<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<List<T>, D::Error> {
        Vec::deserialize(deserializer).map(List)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut input: A) -> Result<List<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = input.next_element()? {
            items.push(item);
        }
        Ok(List(items))
    }
}

//! Arrays of any fixed length.

use std::fmt;
use std::marker::PhantomData;

use rmix_abi::describe::{Data, TypeDesc};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, SerializeTuple, Serializer};

use super::as_content;

/// An array of `N` elements, for lengths above 32, which serde does not know: `T name[N]` of RFC 4506 (4.12). It stands on
/// the wire as `[T; N]` does.
///
/// ```
/// let row = rmix::Array([0u32; 64]);
/// assert_eq!(row.len(), 64);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Array<T, const N: usize>(pub [T; N]);

as_content!([T, const N: usize] Array<T, N> => [T; N]);

impl<T: Data, const N: usize> Data for Array<T, N> {
    const SCHEMA: TypeDesc = <[T; N] as Data>::SCHEMA;
}

impl<T: Serialize, const N: usize> Serialize for Array<T, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(N)?;
        for element in &self.0 {
            tuple.serialize_element(element)?;
        }
        tuple.end()
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for Array<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(N, Elements(PhantomData))
    }
}

struct Elements<T, const N: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Elements<T, N> {
    type Value = Array<T, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of {N} elements")
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut input: A) -> Result<Array<T, N>, A::Error> {
        let mut elements = Vec::new();
        while elements.len() < N {
            match input.next_element()? {
                Some(element) => elements.push(element),
                None => return Err(de::Error::invalid_length(elements.len(), &self)),
            }
        }
        match <[T; N]>::try_from(elements) {
            Ok(elements) => Ok(Array(elements)),
            Err(elements) => Err(de::Error::invalid_length(elements.len(), &self)),
        }
    }
}

//! Octets of fixed length.

use std::fmt;

use rmix_abi::describe::{Data, TypeDesc, type_kind};
use rmix_abi::host::magic;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::as_content;

/// Exactly `N` octets: `opaque name[N]` of RFC 4506 (4.9), which stand without a length. Other formats carry them as octets,
/// and another number of them is refused.
///
/// ```
/// let cookie = rmix::Opaque([0u8; 8]);
/// assert_eq!(cookie.len(), 8);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opaque<const N: usize>(pub [u8; N]);

as_content!([const N: usize] Opaque<N> => [u8; N]);

impl<const N: usize> Default for Opaque<N> {
    fn default() -> Self {
        Opaque([0; N])
    }
}

impl<const N: usize> Data for Opaque<N> {
    const SCHEMA: TypeDesc = {
        assert!(N <= u32::MAX as usize);
        TypeDesc::plain(type_kind::OPAQUE).with_len(N as u32)
    };
}

impl<const N: usize> Serialize for Opaque<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(magic::OPAQUE, &Octets(&self.0))
    }
}

struct Octets<'a>(&'a [u8]);

impl Serialize for Octets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Opaque<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple_struct(magic::OPAQUE, N, Exactly)
    }
}

struct Exactly<const N: usize>;

impl<'de, const N: usize> Visitor<'de> for Exactly<N> {
    type Value = Opaque<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} octets")
    }

    fn visit_bytes<E: de::Error>(self, octets: &[u8]) -> Result<Opaque<N>, E> {
        match octets.try_into() {
            Ok(octets) => Ok(Opaque(octets)),
            Err(_) => Err(E::invalid_length(octets.len(), &self)),
        }
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut input: A) -> Result<Opaque<N>, A::Error> {
        let mut octets = [0; N];
        for (count, octet) in octets.iter_mut().enumerate() {
            *octet = input
                .next_element()?
                .ok_or_else(|| de::Error::invalid_length(count, &Exactly::<N>))?;
        }
        Ok(Opaque(octets))
    }
}

//! Strings, octets and sequences with a largest length.

use rmix_abi::describe::{Data, TypeDesc};
use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Error as _, Serialize, Serializer};

use super::as_content;

/// A string, octets or a sequence of at most `MAX` bytes or elements: `string name<MAX>` and the like of RFC 4506 (4.10 to
/// 4.13).
///
/// The bound is checked when the value is written (the call then fails, not sent) and when it is read (bad arguments, or a
/// broken peer). It does not change what stands on the wire. A bound of 0 holds too, but is described as none.
///
/// ```
/// let mut name = rmix::Bounded::<String, 255>::from("/export".to_owned());
/// name.push_str("/home");
/// assert_eq!(name.len(), 12);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bounded<C, const MAX: usize>(pub C);

/// What a bound is on.
pub trait Bound {
    /// Bytes of a string or octets, elements of a sequence.
    fn bound_len(&self) -> usize;
}

impl Bound for String {
    fn bound_len(&self) -> usize {
        self.len()
    }
}

impl<T> Bound for Vec<T> {
    fn bound_len(&self) -> usize {
        self.len()
    }
}

as_content!([C, const MAX: usize] Bounded<C, MAX> => C);

impl<C: Bound, const MAX: usize> Bounded<C, MAX> {
    /// Whether the content is within the bound.
    pub fn is_within(&self) -> bool {
        self.0.bound_len() <= MAX
    }

    fn beyond(&self) -> String {
        let length = self.0.bound_len();
        format!("a length of {length}, beyond the bound of {MAX}")
    }
}

impl<C: Data, const MAX: usize> Data for Bounded<C, MAX> {
    const SCHEMA: TypeDesc = {
        assert!(MAX <= u32::MAX as usize);
        C::SCHEMA.with_len(MAX as u32)
    };
}

impl<C: Bound + Serialize, const MAX: usize> Serialize for Bounded<C, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.is_within() {
            return Err(S::Error::custom(self.beyond()));
        }
        self.0.serialize(serializer)
    }
}

impl<'de, C: Bound + Deserialize<'de>, const MAX: usize> Deserialize<'de> for Bounded<C, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Bounded(C::deserialize(deserializer)?);
        if value.is_within() {
            Ok(value)
        } else {
            Err(de::Error::custom(value.beyond()))
        }
    }
}

//! Types for what serde's shapes do not say: bounds, octets of fixed length, long arrays, linked lists. In formats that
//! have no such thing they are sequences and octets like others.

mod array;
mod bounded;
mod list;
mod opaque;

pub use array::Array;
pub use bounded::{Bound, Bounded};
pub use list::List;
pub use opaque::Opaque;

/// A newtype is used as its content.
macro_rules! as_content {
    ([$($generics:tt)*] $ty:ty => $content:ty) => {
        impl<$($generics)*> std::ops::Deref for $ty {
            type Target = $content;
            fn deref(&self) -> &$content {
                &self.0
            }
        }
        impl<$($generics)*> std::ops::DerefMut for $ty {
            fn deref_mut(&mut self) -> &mut $content {
                &mut self.0
            }
        }
        impl<$($generics)*> From<$content> for $ty {
            fn from(content: $content) -> Self {
                Self(content)
            }
        }
    };
}
use as_content;

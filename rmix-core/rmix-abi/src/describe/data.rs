//! Types that describe themselves: the trait, and what the standard library has.

use super::{FieldDesc, Schema, TypeDesc, type_kind};

/// A type with a description, so that every format can carry it. Derive it with `#[derive(rmix::Data)]`.
pub trait Data {
    /// The description.
    const SCHEMA: TypeDesc;
}

macro_rules! plain {
    ($($ty:ty => $kind:ident),* $(,)?) => { $(
        impl Data for $ty { const SCHEMA: TypeDesc = TypeDesc::plain(type_kind::$kind); }
    )* };
}
plain! {
    () => UNIT, bool => BOOL, i8 => I8, i16 => I16, i32 => I32, i64 => I64, i128 => I128, u8 => U8, u16 => U16,
    u32 => U32, u64 => U64, u128 => U128, f32 => F32, f64 => F64, char => CHAR, String => STRING, str => STRING,
}

macro_rules! sequence {
    ($($ty:ty $(, $hasher:ident)?;)*) => { $(
        impl<T: Data $(, $hasher)?> Data for $ty {
            const SCHEMA: TypeDesc = if T::SCHEMA.kind == type_kind::U8 {
                TypeDesc::plain(type_kind::BYTES)
            } else {
                TypeDesc::container(type_kind::SEQ, 0, Schema::of::<T>(), None)
            };
        }
    )* };
}
sequence! {
    Vec<T>;
    std::collections::VecDeque<T>;
    std::collections::BTreeSet<T>;
    std::collections::HashSet<T, S>, S;
}

impl<T: Data> Data for Option<T> {
    const SCHEMA: TypeDesc = TypeDesc::container(type_kind::OPTION, 0, Schema::of::<T>(), None);
}
impl<T: Data, const N: usize> Data for [T; N] {
    const SCHEMA: TypeDesc = {
        assert!(N <= u32::MAX as usize);
        TypeDesc::container(type_kind::ARRAY, N as u32, Schema::of::<T>(), None)
    };
}
impl<K: Data, V: Data> Data for std::collections::BTreeMap<K, V> {
    const SCHEMA: TypeDesc = TypeDesc::container(
        type_kind::MAP,
        0,
        Schema::of::<V>(),
        Some(Schema::of::<K>()),
    );
}
impl<K: Data, V: Data, S> Data for std::collections::HashMap<K, V, S> {
    const SCHEMA: TypeDesc = TypeDesc::container(
        type_kind::MAP,
        0,
        Schema::of::<V>(),
        Some(Schema::of::<K>()),
    );
}

macro_rules! same_as_inner {
    ($($ty:ty),*) => { $(
        impl<T: Data> Data for $ty {
            const SCHEMA: TypeDesc = T::SCHEMA;
        }
    )* };
}
same_as_inner!(Box<T>, std::sync::Arc<T>, std::rc::Rc<T>);

macro_rules! tuples {
    ($(($($name:ident),+))*) => { $(
        impl<$($name: Data),+> Data for ($($name,)+) {
            const SCHEMA: TypeDesc = TypeDesc::structure(
                type_kind::TUPLE,
                "",
                const { &[$(FieldDesc::new("", Schema::of::<$name>())),+] },
            );
        }
    )* };
}
tuples! {
    (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) (A, B, C, D, E, F, G) (A, B, C, D, E, F, G, H)
}

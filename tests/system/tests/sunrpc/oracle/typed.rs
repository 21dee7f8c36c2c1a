//! Types as the oracle is told them, and values in its words. A type that contains itself is told as deep as values nest.

use std::fmt::Debug;

use rmix::{Array, Bounded, List, Opaque};
use rmix_system_tests::diverse::{
    Answer, Blobs, Color, Entry, MaybeHyper, Node, Note, Numbers, Pair, Sequences, Setting, Shape,
    Sides,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::random::Random;

/// Elements of a sequence without a bound.
const LENGTH: usize = 9;
/// Bytes of a text without a bound.
const TEXT: usize = 40;

/// A type that the oracle knows, too. `depth` is how deep optional values nest within.
pub(super) trait Typed: Serialize + DeserializeOwned + PartialEq + Debug + 'static {
    /// A sequence of it is opaque data.
    const IS_OCTET: bool = false;

    /// The oracle's name for it.
    fn kind(depth: u32) -> Value;

    /// The value in the oracle's words.
    fn shown(&self) -> Value;

    /// Any value.
    fn random(random: &mut Random, depth: u32) -> Self;
}

macro_rules! integers {
    ($($type:ident $kind:literal $is_octet:literal),* $(,)?) => { $(
        impl Typed for $type {
            const IS_OCTET: bool = $is_octet;

            fn kind(_: u32) -> Value {
                json!($kind)
            }

            fn shown(&self) -> Value {
                json!(self)
            }

            fn random(random: &mut Random, _: u32) -> $type {
                match random.below(6) {
                    0 => $type::MIN,
                    1 => $type::MAX,
                    2 => 0,
                    // Any bits.
                    _ => random.word() as $type,
                }
            }
        }
    )* };
}

integers! {
    i8 "int" false, i16 "int" false, i32 "int" false, i64 "hyper" false,
    u8 "uint" true, u16 "uint" false, u32 "uint" false, u64 "uhyper" false,
}

impl Typed for bool {
    fn kind(_: u32) -> Value {
        json!("bool")
    }

    fn shown(&self) -> Value {
        json!(self)
    }

    fn random(random: &mut Random, _: u32) -> bool {
        random.one_in(2)
    }
}

impl Typed for f64 {
    fn kind(_: u32) -> Value {
        json!("double")
    }

    fn shown(&self) -> Value {
        // JSON has no infinite numbers.
        match self.is_finite() {
            true => json!(self),
            false => json!(self.to_string()),
        }
    }

    fn random(random: &mut Random, _: u32) -> f64 {
        random.double()
    }
}

impl Typed for f32 {
    fn kind(_: u32) -> Value {
        json!("float")
    }

    fn shown(&self) -> Value {
        f64::from(*self).shown()
    }

    fn random(random: &mut Random, _: u32) -> f32 {
        // Half of them are any bits, half what is left of a double.
        let number = match random.one_in(2) {
            true => f32::from_bits(random.word() as u32),
            false => random.double() as f32,
        };
        if number.is_nan() { 0.1 } else { number }
    }
}

impl Typed for String {
    fn kind(_: u32) -> Value {
        json!("string")
    }

    fn shown(&self) -> Value {
        json!(self)
    }

    fn random(random: &mut Random, _: u32) -> String {
        random.text(TEXT)
    }
}

impl<const N: usize> Typed for Bounded<String, N> {
    fn kind(_: u32) -> Value {
        json!("string")
    }

    fn shown(&self) -> Value {
        json!(self.0)
    }

    fn random(random: &mut Random, _: u32) -> Self {
        Bounded(random.text(N))
    }
}

fn hex(octets: impl Iterator<Item = Value>) -> Value {
    let octets = octets.map(|octet| format!("{:02x}", octet.as_u64().unwrap()));
    octets.collect::<String>().into()
}

fn items<T: Typed>(items: &[T]) -> Value {
    let items = items.iter().map(T::shown);
    match T::IS_OCTET {
        true => hex(items),
        false => items.collect(),
    }
}

fn some<T: Typed>(random: &mut Random, longest: usize, depth: u32) -> Vec<T> {
    let length = random.length(longest);
    (0..length).map(|_| T::random(random, depth)).collect()
}

impl<T: Typed> Typed for Vec<T> {
    fn kind(depth: u32) -> Value {
        match T::IS_OCTET {
            true => json!("opaque"),
            false => json!(["array", T::kind(depth)]),
        }
    }

    fn shown(&self) -> Value {
        items(self)
    }

    fn random(random: &mut Random, depth: u32) -> Self {
        some(random, LENGTH, depth)
    }
}

impl<T: Typed, const N: usize> Typed for Bounded<Vec<T>, N> {
    fn kind(depth: u32) -> Value {
        Vec::<T>::kind(depth)
    }

    fn shown(&self) -> Value {
        items(&self.0)
    }

    fn random(random: &mut Random, depth: u32) -> Self {
        Bounded(some(random, N, depth))
    }
}

impl<T: Typed> Typed for List<T> {
    fn kind(depth: u32) -> Value {
        json!(["list", T::kind(depth)])
    }

    fn shown(&self) -> Value {
        self.0.iter().map(T::shown).collect()
    }

    fn random(random: &mut Random, depth: u32) -> Self {
        List(some(random, LENGTH, depth))
    }
}

impl<const N: usize> Typed for Opaque<N> {
    fn kind(_: u32) -> Value {
        json!(["fopaque", N])
    }

    fn shown(&self) -> Value {
        items(&self.0)
    }

    fn random(random: &mut Random, depth: u32) -> Self {
        Opaque(std::array::from_fn(|_| u8::random(random, depth)))
    }
}

macro_rules! arrays {
    ($($length:literal),*) => { $(
        impl<T: Typed> Typed for [T; $length] {
            fn kind(depth: u32) -> Value {
                json!(["farray", $length, T::kind(depth)])
            }

            fn shown(&self) -> Value {
                self.iter().map(T::shown).collect()
            }

            fn random(random: &mut Random, depth: u32) -> Self {
                std::array::from_fn(|_| T::random(random, depth))
            }
        }
    )* };
}

arrays!(2, 3, 5);

impl<T: Typed, const N: usize> Typed for Array<T, N> {
    fn kind(depth: u32) -> Value {
        json!(["farray", N, T::kind(depth)])
    }

    fn shown(&self) -> Value {
        self.0.iter().map(T::shown).collect()
    }

    fn random(random: &mut Random, depth: u32) -> Self {
        Array(std::array::from_fn(|_| T::random(random, depth)))
    }
}

impl<T: Typed> Typed for Option<T> {
    fn kind(depth: u32) -> Value {
        match depth.checked_sub(1) {
            Some(depth) => json!(["optional", T::kind(depth)]),
            None => json!(["optional", "void"]),
        }
    }

    fn shown(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::shown)
    }

    fn random(random: &mut Random, depth: u32) -> Self {
        let depth = depth.checked_sub(1)?;
        (!random.one_in(3)).then(|| T::random(random, depth))
    }
}

impl<T: Typed> Typed for Box<T> {
    fn kind(depth: u32) -> Value {
        T::kind(depth)
    }

    fn shown(&self) -> Value {
        T::shown(self)
    }

    fn random(random: &mut Random, depth: u32) -> Self {
        Box::new(T::random(random, depth))
    }
}

macro_rules! tuples {
    ($(($($name:ident $at:tt),*))*) => { $(
        impl<$($name: Typed),*> Typed for ($($name,)*) {
            fn kind(depth: u32) -> Value {
                json!(["struct", $($name::kind(depth)),*])
            }

            fn shown(&self) -> Value {
                json!([$(self.$at.shown()),*])
            }

            fn random(random: &mut Random, depth: u32) -> Self {
                ($($name::random(random, depth),)*)
            }
        }
    )* };
}

tuples! { (A 0, B 1) (A 0, B 1, C 2) }

/// The oracle's name for what a field has.
fn kind_of<S, T: Typed>(_field: fn(&S) -> &T, depth: u32) -> Value {
    T::kind(depth)
}

macro_rules! structs {
    ($($type:ident { $($field:ident),* $(,)? })*) => { $(
        impl Typed for $type {
            fn kind(depth: u32) -> Value {
                json!(["struct", $(kind_of(|this: &$type| &this.$field, depth)),*])
            }

            fn shown(&self) -> Value {
                json!([$(self.$field.shown()),*])
            }

            fn random(random: &mut Random, depth: u32) -> Self {
                $type { $($field: Typed::random(random, depth)),* }
            }
        }
    )* };
}

structs! {
    Numbers {
        tiny, unsigned_tiny, small, unsigned_small, normal, bare, unsigned_normal, four_bytes,
        unsigned_four_bytes, big, unsigned_big, single, real, flag,
    }
    Pair { width, height }
    Sides { outer, inner }
    Note { r#type, r#ref, r#in, r#match, r#fn }
    Entry { name, value }
    Node { value, left, right }
    Blobs { key, body, rest }
    Sequences { samples, readings, names, colors, flags, grid, pairs }
}

const COLORS: [(Color, i32); 4] = [
    (Color::Red, -7),
    (Color::Green, 0),
    (Color::Lime, 1),
    (Color::Blue, 100_000),
];

impl Typed for Color {
    fn kind(_: u32) -> Value {
        json!("enum")
    }

    fn shown(&self) -> Value {
        let found = COLORS.iter().find(|(color, _)| color == self);
        json!(found.unwrap().1)
    }

    fn random(random: &mut Random, _: u32) -> Color {
        COLORS[random.below(COLORS.len())].0
    }
}

/// A discriminant without a label of its own.
fn other(random: &mut Random, labels: &[i32]) -> i32 {
    loop {
        let number = i32::random(random, 0);
        if !labels.contains(&number) {
            return number;
        }
    }
}

impl Typed for Setting {
    fn kind(depth: u32) -> Value {
        json!(["union", "uint", {"1": Color::kind(depth), "default": "void"}])
    }

    fn shown(&self) -> Value {
        match self {
            Setting::Color(color) => json!([1, color.shown()]),
            // The discriminant is unsigned in C, and has the same bits.
            Setting::Default(kind) => json!([*kind as u32, null]),
        }
    }

    fn random(random: &mut Random, depth: u32) -> Setting {
        match random.one_in(2) {
            true => Setting::Color(Color::random(random, depth)),
            false => Setting::Default(other(random, &[1])),
        }
    }
}

impl Typed for Shape {
    fn kind(depth: u32) -> Value {
        json!(["union", "enum", {
            "1": f64::kind(depth),
            "2": Sides::kind(depth),
            "5": "void",
            "9": Vec::<f64>::kind(depth),
            "default": String::kind(depth),
        }])
    }

    fn shown(&self) -> Value {
        match self {
            Shape::Circle(radius) => json!([1, radius.shown()]),
            Shape::Rectangle(sides) => json!([2, sides.shown()]),
            Shape::Nothing => json!([5, null]),
            Shape::Polygon(corners) => json!([9, corners.shown()]),
            Shape::Default(kind, title) => json!([kind, title.shown()]),
        }
    }

    fn random(random: &mut Random, depth: u32) -> Shape {
        match random.below(5) {
            0 => Shape::Circle(f64::random(random, depth)),
            1 => Shape::Rectangle(Sides::random(random, depth)),
            2 => Shape::Nothing,
            3 => Shape::Polygon(Typed::random(random, depth)),
            _ => Shape::Default(other(random, &[1, 2, 5, 9]), Typed::random(random, depth)),
        }
    }
}

impl Typed for Answer {
    fn kind(depth: u32) -> Value {
        json!(["union", "int", {
            "0": String::kind(depth),
            "-7": Opaque::<5>::kind(depth),
            "3": "void",
            "4": "void",
            "default": i32::kind(depth),
        }])
    }

    fn shown(&self) -> Value {
        match self {
            Answer::Text(text) => json!([0, text.shown()]),
            Answer::Lowest(digest) => json!([-7, digest.shown()]),
            Answer::Case3 => json!([3, null]),
            Answer::Case4 => json!([4, null]),
            Answer::Default(status, code) => json!([status, code.shown()]),
        }
    }

    fn random(random: &mut Random, depth: u32) -> Answer {
        match random.below(5) {
            0 => Answer::Text(String::random(random, depth)),
            1 => Answer::Lowest(Typed::random(random, depth)),
            2 => Answer::Case3,
            3 => Answer::Case4,
            _ => Answer::Default(other(random, &[0, -7, 3, 4]), i32::random(random, depth)),
        }
    }
}

impl Typed for MaybeHyper {
    fn kind(depth: u32) -> Value {
        json!(["union", "bool", {"true": i64::kind(depth), "false": "void"}])
    }

    fn shown(&self) -> Value {
        match self {
            MaybeHyper::True(value) => json!([true, value.shown()]),
            MaybeHyper::False => json!([false, null]),
        }
    }

    fn random(random: &mut Random, depth: u32) -> MaybeHyper {
        match random.one_in(2) {
            true => MaybeHyper::True(i64::random(random, depth)),
            false => MaybeHyper::False,
        }
    }
}

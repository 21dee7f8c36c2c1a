//! Numbers and truth values in the lexical forms of XML Schema (part 2, 3.2 and 3.3).

use rmix_abi::tables::{Fault, fault};

use super::is_space;

/// Text without white space around it.
#[inline]
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let mut text = text;
    while let [first, rest @ ..] = text
        && is_space(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_space(*last)
    {
        text = rest;
    }
    text
}

/// A number type of the boundary.
pub(crate) trait Number: Copy + Default {
    /// Reads trimmed text.
    fn parse(text: &[u8]) -> Result<Self, Fault>;
    /// Appends the shortest text.
    fn put(self, out: &mut Vec<u8>);
}

macro_rules! integers {
    ($($ty:ident),*) => { $(
        impl Number for $ty {
            #[inline]
            fn parse(text: &[u8]) -> Result<$ty, Fault> {
                let parsed = std::str::from_utf8(text).ok().map(str::parse::<$ty>);
                match parsed {
                    Some(Ok(value)) => Ok(value),
                    _ => Err(misfit(text, concat!("the number does not fit ", stringify!($ty)))),
                }
            }
            #[inline]
            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(itoa::Buffer::new().format(self).as_bytes());
            }
        }
    )* };
}
integers!(i8, i16, i32, i64, i128, u8, u16, u32, u64, u128);

macro_rules! floats {
    ($($ty:ident $put:ident),*) => { $(
        impl Number for $ty {
            #[inline]
            fn parse(text: &[u8]) -> Result<$ty, Fault> {
                let plain = text.last().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.');
                if plain && let Some(Ok(value)) = std::str::from_utf8(text).ok().map(str::parse) {
                    return Ok(value);
                }
                match text {
                    b"INF" | b"+INF" => Ok($ty::INFINITY),
                    b"-INF" => Ok($ty::NEG_INFINITY),
                    b"NaN" => Ok($ty::NAN),
                    _ => Err(Fault::new(fault::MALFORMED, "the text is not a number")),
                }
            }
            #[inline]
            fn put(self, out: &mut Vec<u8>) {
                $put(self, out);
            }
        }

        /// Appends the shortest text that reads back as the same number.
        #[inline]
        fn $put(value: $ty, out: &mut Vec<u8>) {
            if value.is_finite() {
                out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
                return;
            }
            out.extend_from_slice(match value {
                $ty::INFINITY => b"INF",
                $ty::NEG_INFINITY => b"-INF",
                _ => b"NaN",
            });
        }
    )* };
}
floats!(f32 put_f32, f64 put_f64);

/// Reads a truth value from trimmed text.
pub(crate) fn parse_bool(text: &[u8]) -> Result<bool, Fault> {
    match text {
        b"true" | b"1" => Ok(true),
        b"false" | b"0" => Ok(false),
        _ => Err(Fault::new(
            fault::MALFORMED,
            "the text is not a truth value (true, false, 1, 0)",
        )),
    }
}

#[cold]
fn misfit(text: &[u8], rule: &'static str) -> Fault {
    let digits = match text {
        [b'+' | b'-', digits @ ..] => digits,
        digits => digits,
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Fault::new(fault::MALFORMED, "the text is not an integer");
    }
    Fault::new(fault::MALFORMED, rule)
}

/// Numbers of one kind that were read ahead.
macro_rules! numbers {
    ($($kind:ident $variant:ident $ty:ident),*) => {
        #[derive(Debug)]
        pub(crate) enum Numbers { $($variant(Vec<$ty>),)* }

        impl Numbers {
            /// None of a kind of the boundary's `type_kind`, when it is a number's.
            pub(crate) fn of_kind(kind: u32) -> Option<Numbers> {
                use rmix_abi::describe::type_kind;
                Some(match kind {
                    $(type_kind::$kind => Numbers::$variant(Vec::new()),)*
                    _ => return None,
                })
            }

            /// Reads one more.
            #[inline]
            pub(crate) fn push(&mut self, text: &[u8]) -> Result<(), Fault> {
                match self { $(Numbers::$variant(values) => values.push($ty::parse(text)?),)* }
                Ok(())
            }

            pub(crate) fn len(&self) -> usize {
                match self { $(Numbers::$variant(values) => values.len(),)* }
            }

            /// Copies values from `from` on; false when the kinds differ or there are not as many.
            pub(crate) fn copy(&self, from: usize, out: &mut rmix_abi::guest::PrimsMut<'_>) -> Option<usize> {
                use rmix_abi::guest::PrimsMut;
                match (self, out) {
                    $((Numbers::$variant(values), PrimsMut::$variant(out)) => {
                        let source = values.get(from..from.checked_add(out.len())?)?;
                        out.copy_from_slice(source);
                        Some(source.len())
                    })*
                    _ => None,
                }
            }

            /// The text of one, for a reader that asks for another type.
            #[cold]
            pub(crate) fn text(&self, place: usize) -> Option<Vec<u8>> {
                let mut out = Vec::new();
                match self { $(Numbers::$variant(values) => values.get(place)?.put(&mut out),)* }
                Some(out)
            }
        }
    };
}
numbers!(
    I8 I8 i8, I16 I16 i16, I32 I32 i32, I64 I64 i64, U8 U8 u8, U16 U16 u16, U32 U32 u32, U64 U64 u64, F32 F32 f32,
    F64 F64 f64
);

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
    /// Reads the number that a text begins with, and where it ends; none of what is written in an unusual way, or is no
    /// number, which [`Number::parse`] is to look at.
    fn parse_front(text: &[u8]) -> Option<(Self, usize)>;
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
            fn parse_front(text: &[u8]) -> Option<($ty, usize)> {
                let (negative, digits) = match text {
                    [b'-', digits @ ..] => (true, digits),
                    digits => (false, digits),
                };
                let mut value: $ty = 0;
                let mut len = usize::from(negative);
                for byte in digits {
                    let digit = byte.wrapping_sub(b'0');
                    if digit > 9 {
                        break;
                    }
                    let digit = <$ty>::try_from(digit).ok()?;
                    value = value.checked_mul(10)?;
                    value = match negative {
                        true => value.checked_sub(digit)?,
                        false => value.checked_add(digit)?,
                    };
                    len += 1;
                }
                (len > usize::from(negative)).then_some((value, len))
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
            fn parse_front(text: &[u8]) -> Option<($ty, usize)> {
                // Names of infinities and the like are other ones than XML Schema's.
                match text {
                    [b'0'..=b'9' | b'.', ..] | [b'-', b'0'..=b'9' | b'.', ..] => {
                        fast_float2::parse_partial(text).ok()
                    }
                    _ => None,
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

fn push_alike<T: Number>(values: &mut Vec<T>, text: &[u8], open: &[u8], close: &[u8]) -> usize {
    let mut rest = text;
    while let Some(content) = rest.strip_prefix(open)
        && let Some((value, len)) = T::parse_front(content)
        && let Some(after) = content.get(len..)
        && let Some(after) = after.strip_prefix(close)
    {
        values.push(value);
        rest = after;
    }
    text.len() - rest.len()
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

            /// Reads those that `text` begins with, each between `open` and `close`; how long they are.
            pub(crate) fn push_alike(&mut self, text: &[u8], open: &[u8], close: &[u8]) -> usize {
                match self { $(Numbers::$variant(values) => push_alike(values, text, open, close),)* }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The front of a text is read as the whole of it is, or not at all.
    fn check<T: Number + PartialEq + std::fmt::Debug>(text: &str) -> bool {
        let Some((value, len)) = T::parse_front(text.as_bytes()) else {
            return false;
        };
        let front = &text.as_bytes()[..len];
        assert_eq!(T::parse(front).ok(), Some(value), "{text}");
        true
    }

    #[test]
    fn fronts_are_read_as_whole_texts_are() {
        for text in ["0", "-0", "7<", "-128</", "255", "00012 ", "1x"] {
            assert!(check::<i16>(text) && check::<i128>(text), "{text}");
        }
        for text in [
            "",
            "-",
            "+1",
            " 1",
            "x",
            "256",
            "-1",
            "99999999999999999999",
            "--1",
            "-x",
        ] {
            assert!(!check::<u8>(text), "{text}");
        }
        assert!(check::<i8>("-128") && !check::<i8>("128") && !check::<i8>("-129"));
        for text in [
            "0",
            "-0.0",
            "1.5<",
            ".5",
            "5.",
            "1e5",
            "1E-5<",
            "1e",
            "1.7976931348623157e308<",
            "4.9e-324",
            "123456789012345678901234567890",
            "0.1234567890123456789",
        ] {
            assert!(check::<f64>(text) && check::<f32>(text), "{text}");
        }
        for text in [
            "", "-", ".", "-.", "+1", " 1", "inf", "INF", "-INF", "NaN", "nan", "-nan", "infinity",
            "e5", "-e5",
        ] {
            assert!(!check::<f64>(text), "{text}");
        }
    }

    #[test]
    fn runs_end_where_something_is_written_otherwise() {
        for (text, expected, len) in [
            ("<i>1</i><i>-2</i>", vec![1, -2], 17),
            ("<i>1</i><i>2 </i>", vec![1], 8),
            ("<i>1</i><i></i>", vec![1], 8),
            ("<i>1</i><i>3000000000</i>", vec![1], 8),
            ("<i>1</i><j>2</j>", vec![1], 8),
            ("<i>1", vec![], 0),
            ("", vec![], 0),
        ] {
            let mut values: Vec<i32> = Vec::new();
            assert_eq!(
                push_alike(&mut values, text.as_bytes(), b"<i>", b"</i>"),
                len
            );
            assert_eq!(values, expected);
        }
    }
}

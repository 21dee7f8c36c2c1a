//! JSON in place of values whose types are described ([`TypeDesc`]) and not in the program: what calls from a shell carry.
//! Any protocol can carry them, for names, positions and shapes are those of the generated types.
//!
//! | type | JSON |
//! |---|---|
//! | integer | number, or text of digits where a number would lose some |
//! | `f32`, `f64` | number, or `"NaN"`, `"INF"`, `"-INF"` |
//! | `bool`, text, `char`, date | `true`, `false`; text |
//! | octets | text of hexadecimal digits |
//! | nothing | `null` |
//! | optional value | the value, or `null`; of an optional optional one, a missing member is the outer `None` |
//! | sequence, array, tuple | array |
//! | map | object if its keys are text, else array of pairs |
//! | struct | object; a missing member is `null` |
//! | variant without content | its name as text |
//! | other variant | object with one member, the variant's name |

mod check;
mod put;
mod read;
mod texts;

use rmix_abi::describe::TypeDesc;
use serde_json::Value;

pub use check::Unfit;

/// A JSON value that serialises as a value of the type.
#[derive(Debug, Clone, Copy)]
pub struct Described<'a> {
    /// The type.
    pub ty: &'static TypeDesc,
    /// The value; `None` is a missing member of a struct.
    pub value: Option<&'a Value>,
}

/// Reads a value of the type as JSON.
#[derive(Debug, Clone, Copy)]
pub struct DescribedSeed {
    /// The type.
    pub ty: &'static TypeDesc,
}

/// A float, which may be a word of XML Schema.
fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "INF" => Some(f64::INFINITY),
            "-INF" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// How a type is called in messages.
fn kind_name(ty: &TypeDesc) -> String {
    use rmix_abi::describe::type_kind as kind;
    let plain = match ty.kind {
        kind::UNIT => "nothing (null)",
        kind::BOOL => "true or false",
        kind::I8 => "an integer of 8 bits",
        kind::I16 => "an integer of 16 bits",
        kind::I32 => "an integer of 32 bits",
        kind::I64 => "an integer of 64 bits",
        kind::I128 => "an integer of 128 bits",
        kind::U8 => "an unsigned integer of 8 bits",
        kind::U16 => "an unsigned integer of 16 bits",
        kind::U32 => "an unsigned integer of 32 bits",
        kind::U64 => "an unsigned integer of 64 bits",
        kind::U128 => "an unsigned integer of 128 bits",
        kind::F32 | kind::F64 => "a number",
        kind::CHAR => "text of one character",
        kind::STRING if !ty.xml().builtin().is_empty() => {
            return format!("text of the form xs:{}", ty.xml().builtin());
        }
        kind::STRING => "text",
        kind::BYTES | kind::OPAQUE => "text of hexadecimal digits",
        kind::OPTION => return ty.element().map_or_else(String::new, kind_name) + " or null",
        kind::SEQ | kind::LIST => "an array",
        kind::ARRAY => return format!("an array of {}", ty.len),
        kind::TUPLE => return format!("an array of {}", ty.fields().len()),
        kind::MAP => "an object or an array of pairs",
        kind::STRUCT => return format!("an object ({})", ty.name()),
        kind::ENUM => return format!("a variant of {}", ty.name()),
        _ => "any value",
    };
    plain.to_owned()
}

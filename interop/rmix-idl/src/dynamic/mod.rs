//! Values whose types are known at run time only: what calls without generated Rust carry. A [`Value`] stands as XDR has
//! it, by position and number; names are in the model. With a type, [`Typed`] writes it and a [`Seed`] reads it, as the
//! generated types do: the same bytes travel. For XDR only: other formats would want names of fields.

mod put;
mod read;

use std::fmt;

use crate::model::{Model, Type};

/// A value of a type of a model.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Void,
    /// `bool`.
    Bool(bool),
    /// An integer of any width.
    Integer(i128),
    /// `float`.
    Float(f32),
    /// `double`.
    Double(f64),
    /// `string`.
    Text(String),
    /// `opaque`, or a `string` that is not UTF-8.
    Octets(Vec<u8>),
    /// A value of an enum; the file need not name it.
    Enum(i32),
    /// `type *name`, if it is no linked list.
    Optional(Option<Box<Value>>),
    /// Elements of an array, a sequence or a linked list. An element of a linked list has the fields of one item
    /// ([`Struct::item_fields`](crate::model::Struct::item_fields)).
    List(Vec<Value>),
    /// Fields of a struct, in the order of the file. The last one of a list node that stands alone is the list after it.
    Struct(Vec<Value>),
    /// A union: its discriminant, and what the arm holds; `None` is void.
    Union(i64, Option<Box<Value>>),
}

impl Value {
    /// What it is, for messages.
    fn kind(&self) -> &'static str {
        match self {
            Value::Void => "nothing",
            Value::Bool(_) => "a bool",
            Value::Integer(_) => "an integer",
            Value::Float(_) => "a float",
            Value::Double(_) => "a double",
            Value::Text(_) => "a text",
            Value::Octets(_) => "octets",
            Value::Enum(_) => "a value of an enum",
            Value::Optional(_) => "an optional value",
            Value::List(_) => "a list",
            Value::Struct(_) => "a struct",
            Value::Union(..) => "a union",
        }
    }
}

/// A value with its type; serialises as the generated type does.
///
/// ```
/// use rmix_idl::dynamic::{Typed, Value};
///
/// let model = rmix_idl::Import::text("pair.x", "struct pair { int first; string second<8>; };").model()?;
/// let (id, _) = model.find_type("pair").expect("it is defined");
/// let value = Value::Struct(vec![Value::Integer(7), Value::Text("seven".to_owned())]);
/// let ty = rmix_idl::model::Type::Named(id);
/// // To be handed to `rmix::DynamicStub::call_typed`, or to any other serializer for XDR.
/// let argument = Typed { model: &model, ty: &ty, value: &value };
/// # let _ = argument;
/// # Ok::<(), rmix_idl::IdlError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    /// Where the type is defined.
    pub model: &'a Model,
    /// The type.
    pub ty: &'a Type,
    /// The value, which must be one of the type: serialising another one fails.
    pub value: &'a Value,
}

/// Reads a value of a type, as the generated type does, but for two things: an enum's value need not have a name, and a
/// string need not be UTF-8.
#[derive(Debug, Clone, Copy)]
pub struct Seed<'a> {
    /// Where the type is defined.
    pub model: &'a Model,
    /// The type.
    pub ty: &'a Type,
}

/// A length beyond its bound.
struct Beyond {
    length: usize,
    max: u32,
}

impl fmt::Display for Beyond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Beyond { length, max } = self;
        write!(f, "a length of {length}, beyond the bound of {max}")
    }
}

fn check_bound(length: usize, max: Option<u32>) -> Result<(), Beyond> {
    match max {
        Some(max) if u32::try_from(length).map_or(true, |length| length > max) => {
            Err(Beyond { length, max })
        }
        _ => Ok(()),
    }
}

/// The discriminant as serde's index of a variant, which XDR writes: its 32 bits.
fn bits(discriminant: i64) -> Option<u32> {
    match i32::try_from(discriminant) {
        Ok(signed) => Some(signed.cast_unsigned()),
        Err(_) => u32::try_from(discriminant).ok(),
    }
}

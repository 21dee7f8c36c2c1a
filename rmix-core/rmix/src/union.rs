//! What `derive(rmix::Union)` writes calls to: unions whose declared discriminants stand on the wire where variants are
//! numbered (RFC 4506, 4.3 and 4.15), and their names where variants are named.

use std::fmt;
use std::marker::PhantomData;

use rmix_abi::host::magic;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, VariantAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeStructVariant, Serializer};

/// The discriminant as serde's index of a variant: the same bits.
pub const fn index(discriminant: i32) -> u32 {
    discriminant.cast_unsigned()
}

/// Which arm stands in the input.
#[derive(Debug, Clone, Copy)]
pub enum Arm {
    /// The one of this discriminant.
    Discriminant(i32),
    /// The one at this position.
    Position(usize),
}

/// Reads an [`Arm`]; the names are those of all arms.
pub struct ArmSeed(pub &'static [&'static str]);

impl<'de> DeserializeSeed<'de> for ArmSeed {
    type Value = Arm;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Arm, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for ArmSeed {
    type Value = Arm;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the discriminant or the name of an arm")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Arm, E> {
        match u32::try_from(value) {
            Ok(bits) => Ok(Arm::Discriminant(bits.cast_signed())),
            Err(_) => Err(E::invalid_value(de::Unexpected::Unsigned(value), &self)),
        }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Arm, E> {
        let position = self.0.iter().position(|name| *name == value);
        position
            .map(Arm::Position)
            .ok_or_else(|| E::unknown_variant(value, self.0))
    }

    fn visit_bytes<E: de::Error>(self, value: &[u8]) -> Result<Arm, E> {
        match std::str::from_utf8(value) {
            Ok(name) => self.visit_str(name),
            Err(_) => Err(E::invalid_value(de::Unexpected::Bytes(value), &self)),
        }
    }
}

/// The position of an arm among all, of which the default arm is the last.
///
/// # Errors
/// No arm has this discriminant, and there is no default arm.
pub fn position<E: de::Error>(
    arm: Arm,
    discriminants: &[i32],
    has_default: bool,
) -> Result<usize, E> {
    match arm {
        Arm::Position(position) => Ok(position),
        Arm::Discriminant(value) => match discriminants.iter().position(|known| *known == value) {
            Some(position) => Ok(position),
            None if has_default => Ok(discriminants.len()),
            None => Err(no_such_arm(arm)),
        },
    }
}

/// No arm is this one.
#[cold]
pub fn no_such_arm<E: de::Error>(arm: Arm) -> E {
    match arm {
        Arm::Discriminant(value) => E::custom(format_args!("no arm has the discriminant {value}")),
        Arm::Position(position) => E::custom(format_args!("there is no arm at {position}")),
    }
}

/// Writes a default arm: `names` are the union's and the arm's, `numbers` the discriminants of the other arms and its own.
///
/// # Errors
/// The discriminant is another arm's, or whatever the serializer says.
pub fn put_default<S: Serializer, T: Serialize>(
    serializer: S,
    (name, arm): (&'static str, &'static str),
    (others, discriminant): (&[i32], i32),
    value: Option<&T>,
) -> Result<S::Ok, S::Error> {
    if others.contains(&discriminant) {
        return Err(S::Error::custom(format_args!(
            "`{name}::{arm}` holds the discriminant {discriminant}, which has an arm of its own"
        )));
    }
    let fields = if value.is_some() { 2 } else { 1 };
    let index = index(discriminant);
    let mut fields = serializer.serialize_struct_variant(name, index, arm, fields)?;
    fields.serialize_field(magic::DISCRIMINANT, &discriminant)?;
    if let Some(value) = value {
        fields.serialize_field(VALUE, value)?;
    }
    fields.end()
}

/// Reads a default arm without a value.
///
/// # Errors
/// Whatever the deserializer says.
pub fn default_void<'de, A: VariantAccess<'de>>(arm: Arm, content: A) -> Result<i32, A::Error> {
    match arm {
        Arm::Discriminant(discriminant) => content.unit_variant().map(|()| discriminant),
        Arm::Position(_) => {
            let fields = NamedArm::<()> {
                needs_value: false,
                value: PhantomData,
            };
            let (discriminant, _) = content.struct_variant(&[magic::DISCRIMINANT], fields)?;
            Ok(discriminant)
        }
    }
}

/// Reads a default arm with a value.
///
/// # Errors
/// Whatever the deserializer says.
pub fn default_value<'de, A: VariantAccess<'de>, T: Deserialize<'de>>(
    arm: Arm,
    content: A,
) -> Result<(i32, T), A::Error> {
    match arm {
        Arm::Discriminant(discriminant) => Ok((discriminant, content.newtype_variant()?)),
        Arm::Position(_) => {
            let fields = NamedArm::<T> {
                needs_value: true,
                value: PhantomData,
            };
            let fields = content.struct_variant(&[magic::DISCRIMINANT, VALUE], fields)?;
            match fields {
                (discriminant, Some(value)) => Ok((discriminant, value)),
                (_, None) => Err(de::Error::missing_field(VALUE)),
            }
        }
    }
}

/// Key of a default arm's value.
const VALUE: &str = "value";

/// The default arm in a format that names variants.
struct NamedArm<T> {
    needs_value: bool,
    value: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for NamedArm<T> {
    type Value = (i32, Option<T>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the discriminant, and the value if the default arm has one")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut input: A) -> Result<Self::Value, A::Error> {
        let (mut discriminant, mut value) = (None, None);
        while let Some(key) = input.next_key::<String>()? {
            match key.as_str() {
                magic::DISCRIMINANT => discriminant = Some(input.next_value()?),
                VALUE if self.needs_value => value = Some(input.next_value()?),
                _ => {
                    input.next_value::<de::IgnoredAny>()?;
                }
            }
        }
        let discriminant =
            discriminant.ok_or_else(|| de::Error::missing_field(magic::DISCRIMINANT))?;
        Ok((discriminant, value))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut input: A) -> Result<Self::Value, A::Error> {
        let discriminant = input.next_element()?;
        let discriminant =
            discriminant.ok_or_else(|| de::Error::missing_field(magic::DISCRIMINANT))?;
        let value = if self.needs_value {
            input.next_element()?
        } else {
            None
        };
        Ok((discriminant, value))
    }
}

//! Definitions of types, name by name.

use std::collections::BTreeSet;

use crate::error::IdlError;
use crate::model::{Arm, DefaultArm, Enum, Field, Kind, Label, Member, Struct, Type, Union};
use crate::parse::ast::{self, Declaration, Declarator, Definition, Item, Specifier, ValueKind};
use crate::place::Place;

use super::declared::Declared;
use super::numbers::Numbers;

/// What names mean.
pub(super) struct Types<'a> {
    pub(super) numbers: &'a Numbers,
    pub(super) declared: &'a Declared<'a>,
}

impl Types<'_> {
    /// What a definition of a type is.
    pub(super) fn kind(&self, item: &Item) -> Result<Kind, IdlError> {
        Ok(match &item.definition {
            Definition::Enum(members) => Kind::Enum(self.enumeration(members)?),
            Definition::Struct(fields) => Kind::Struct(self.structure(fields)?),
            Definition::Union(union) => Kind::Union(self.union(union)?),
            Definition::Typedef(declaration) => Kind::Alias(self.declared_type(declaration)?),
            Definition::Constant(_) | Definition::Text(_) | Definition::Program(_) => {
                Kind::Alias(Type::Void)
            }
        })
    }

    /// The type of a declaration.
    pub(super) fn declared_type(&self, declaration: &Declaration) -> Result<Type, IdlError> {
        let bound = |max: &Option<ast::Value>| match max {
            Some(max) => self.numbers.unsigned(max, "the greatest length").map(Some),
            None => Ok(None),
        };
        let base = match (&declaration.specifier, &declaration.declarator) {
            (Specifier::String, Declarator::Variable(max)) => {
                return Ok(Type::String { max: bound(max)? });
            }
            (Specifier::Opaque, Declarator::Variable(max)) => {
                return Ok(Type::Opaque { max: bound(max)? });
            }
            (Specifier::Opaque, Declarator::Fixed(length)) => {
                let length = self.numbers.unsigned(length, "the length")?;
                return Ok(Type::FixedOpaque { length });
            }
            _ => self.named(declaration)?,
        };
        let element = || Box::new(base.clone());
        Ok(match &declaration.declarator {
            Declarator::Plain => base,
            Declarator::Pointer => Type::Optional(element()),
            Declarator::Fixed(length) => Type::Array {
                element: element(),
                length: self.numbers.unsigned(length, "the length")?,
            },
            Declarator::Variable(max) => Type::Sequence {
                element: element(),
                max: bound(max)?,
            },
        })
    }

    fn named(&self, declaration: &Declaration) -> Result<Type, IdlError> {
        Ok(match &declaration.specifier {
            Specifier::Void => Type::Void,
            Specifier::Bool => Type::Bool,
            Specifier::Char => Type::Char,
            Specifier::UnsignedChar => Type::UnsignedChar,
            Specifier::Short => Type::Short,
            Specifier::UnsignedShort => Type::UnsignedShort,
            Specifier::Int => Type::Int,
            Specifier::UnsignedInt => Type::UnsignedInt,
            Specifier::Hyper => Type::Hyper,
            Specifier::UnsignedHyper => Type::UnsignedHyper,
            Specifier::Float => Type::Float,
            Specifier::Double => Type::Double,
            // The grammar leaves no string or opaque without a length, and no body in its place.
            Specifier::String | Specifier::Body(..) => Type::String { max: None },
            Specifier::Opaque => Type::Opaque { max: None },
            Specifier::Named(name) => {
                let found = self.declared.find(name);
                return found.ok_or_else(|| undefined(name, &declaration.place));
            }
        })
    }

    fn enumeration(&self, written: &[ast::Member]) -> Result<Enum, IdlError> {
        let mut members = Vec::with_capacity(written.len());
        for member in written {
            members.push(Member {
                name: member.name.text.clone(),
                value: self.numbers.member(&member.name)?,
            });
        }
        Ok(Enum { members })
    }

    fn structure(&self, written: &[Declaration]) -> Result<Struct, IdlError> {
        let mut fields: Vec<Field> = Vec::with_capacity(written.len());
        let mut names = BTreeSet::new();
        for declaration in written {
            let Some(field) = self.field(declaration)? else {
                continue;
            };
            if !names.insert(field.name.clone()) {
                let first = fields.iter().find(|earlier| earlier.name == field.name);
                return Err(IdlError::Duplicate {
                    first: first.map_or_else(|| field.place.clone(), |first| first.place.clone()),
                    place: field.place,
                    name: field.name,
                });
            }
            fields.push(field);
        }
        Ok(Struct {
            fields,
            is_list_node: false,
        })
    }

    /// What a declaration holds; `None` is void.
    fn field(&self, declaration: &Declaration) -> Result<Option<Field>, IdlError> {
        let Some(name) = &declaration.name else {
            return Ok(None);
        };
        Ok(Some(Field {
            name: name.text.clone(),
            ty: self.declared_type(declaration)?,
            place: name.place.clone(),
        }))
    }

    fn union(&self, written: &ast::Union) -> Result<Union, IdlError> {
        let place = &written.discriminant.place;
        let field = self.field(&written.discriminant)?;
        let discriminant = field.ok_or_else(|| not_a_discriminant(place))?;
        let (least, greatest) = self.range(&discriminant.ty, place)?;
        let mut seen = BTreeSet::new();
        let mut arms = Vec::with_capacity(written.arms.len());
        for arm in &written.arms {
            let mut labels = Vec::with_capacity(arm.labels.len());
            for label in &arm.labels {
                let value =
                    self.numbers
                        .within(label, "the case of this discriminant", least, greatest)?;
                let value = i64::try_from(value).unwrap_or(i64::MAX);
                if !seen.insert(value) {
                    let reason = format!("the case {value} has an arm already");
                    return Err(IdlError::malformed(&label.place, reason));
                }
                let name = match &label.kind {
                    ValueKind::Name(name) => Some(name.clone()),
                    ValueKind::Number(_) => None,
                };
                labels.push(Label { name, value });
            }
            let content = self.field(&arm.content)?;
            arms.push(Arm { labels, content });
        }
        let default = match &written.default {
            Some(declaration) => Some(DefaultArm {
                content: self.field(declaration)?,
            }),
            None => None,
        };
        Ok(Union {
            discriminant,
            arms,
            default,
        })
    }

    /// The values a discriminant can have.
    fn range(&self, ty: &Type, place: &Place) -> Result<(i128, i128), IdlError> {
        let signed = (i128::from(i32::MIN), i128::from(i32::MAX));
        let mut ty = ty.clone();
        // A typedef that leads back to itself is refused later: go no further than there are types.
        for _ in 0..=self.declared.items.len() {
            let id = match ty {
                Type::Bool => return Ok((0, 1)),
                Type::Int => return Ok(signed),
                Type::UnsignedInt => return Ok((0, i128::from(u32::MAX))),
                Type::Char => return Ok((i128::from(i8::MIN), i128::from(i8::MAX))),
                Type::UnsignedChar => return Ok((0, i128::from(u8::MAX))),
                Type::Short => return Ok((i128::from(i16::MIN), i128::from(i16::MAX))),
                Type::UnsignedShort => return Ok((0, i128::from(u16::MAX))),
                Type::Named(id) => usize::try_from(id.0).unwrap_or(usize::MAX),
                _ => break,
            };
            match self.declared.items.get(id).map(|item| &item.definition) {
                Some(Definition::Enum(_)) => return Ok(signed),
                Some(Definition::Typedef(declaration)) => ty = self.declared_type(declaration)?,
                _ => break,
            }
        }
        Err(not_a_discriminant(place))
    }
}

fn not_a_discriminant(place: &Place) -> IdlError {
    IdlError::Expected {
        place: place.clone(),
        expected: "an integer of four bytes, a bool or an enum as the discriminant".to_owned(),
        found: "another type".to_owned(),
    }
}

fn undefined(name: &str, place: &Place) -> IdlError {
    IdlError::Undefined {
        place: place.clone(),
        name: name.to_owned(),
        expected: "the type",
        hint: "if it comes from a C header, read the .x file that defines it before this one"
            .to_owned(),
    }
}

//! Simple types.

use std::collections::BTreeSet;

use super::types::{Resolver, builtin, path};
use crate::error::IdlError;
use crate::place::Place;
use crate::wsdl::model::{Builtin, Content, EnumValue, Kind, Type, shared};
use crate::wsdl::name::QName;
use crate::wsdl::syntax::schema::{Simple, TypeKind, TypeUse};

impl<'a> Resolver<'a> {
    pub(super) fn simple(
        &mut self,
        simple: &'a Simple,
        name: &QName,
        place: &Place,
    ) -> Result<(Kind, Vec<String>), IdlError> {
        match simple {
            Simple::Restriction {
                base: Some(base),
                values,
                facets,
            } => {
                let notes = match facets.is_empty() {
                    true => Vec::new(),
                    false => vec![format!("Values are restricted: {}.", facets.join(", "))],
                };
                if !values.is_empty()
                    && let Some(Content::One(base)) = self.content_of(base, place)?
                {
                    let mut seen = BTreeSet::new();
                    let values = values.iter().filter(|it| seen.insert(&it.value));
                    let values = values.map(|it| EnumValue {
                        value: it.value.clone(),
                        documentation: shared(&it.documentation),
                    });
                    let values = values.collect();
                    return Ok((Kind::Enumeration { base, values }, notes));
                }
                let target = self.type_use(base, &path(name, "base"), place)?;
                Ok((Kind::Alias(target), notes))
            }
            Simple::Restriction { base: None, .. } => Err(undefined_base(place)),
            Simple::List(item) => {
                let item = self.type_use(item, &path(name, "item"), place)?;
                Ok((Kind::Alias(Type::List(Box::new(item))), Vec::new()))
            }
            Simple::Union(members) => {
                for member in members {
                    // Their names are to be right although their values are only text here.
                    self.content_of(member, place)?;
                }
                let note = "Values of one of several types, as their text.".to_owned();
                Ok((Kind::Alias(Type::Builtin(Builtin::String)), vec![note]))
            }
        }
    }

    /// A simple type without a name that needs no definition of its own.
    pub(super) fn transparent(
        &mut self,
        simple: &'a Simple,
        name: &QName,
        place: &Place,
    ) -> Result<Option<Type>, IdlError> {
        if let Simple::Restriction { values, .. } = simple
            && !values.is_empty()
        {
            return Ok(None);
        }
        let (kind, _) = self.deeper(place, |it| it.simple(simple, name, place))?;
        match kind {
            Kind::Alias(ty) => Ok(Some(ty)),
            _ => Ok(None),
        }
    }

    /// What a simple type is in the end; nothing for a complex one.
    pub(super) fn content_of(
        &mut self,
        used: &'a TypeUse,
        place: &Place,
    ) -> Result<Option<Content>, IdlError> {
        let decl = match used {
            TypeUse::Inline(decl) => &**decl,
            TypeUse::Named(name) => match builtin(name) {
                Some(Type::Builtin(builtin)) => return Ok(Some(Content::One(builtin))),
                Some(_) => return Ok(Some(Content::List(Builtin::String))),
                None => match self.index.types.get(name) {
                    Some(decl) => *decl,
                    None => return Err(super::index::undefined(name, "the type", place)),
                },
            },
        };
        let TypeKind::Simple(simple) = &decl.kind else {
            return Ok(None);
        };
        self.deeper(place, |it| match simple {
            Simple::Restriction {
                base: Some(base), ..
            } => it.content_of(base, &decl.place),
            Simple::Restriction { base: None, .. } => Err(undefined_base(&decl.place)),
            Simple::List(item) => match it.content_of(item, &decl.place)? {
                Some(Content::One(item)) => Ok(Some(Content::List(item))),
                _ => Err(IdlError::malformed(
                    &decl.place,
                    "the items of a list are simple, and no lists",
                )),
            },
            Simple::Union(_) => Ok(Some(Content::One(Builtin::String))),
        })
    }
}

fn undefined_base(place: &Place) -> IdlError {
    IdlError::malformed(place, "a restriction needs a base")
}

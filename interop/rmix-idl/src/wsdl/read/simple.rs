//! `simpleType`: restrictions, lists, unions.

use super::schema::Context;
use super::{annotation, unexpected};
use crate::error::IdlError;
use crate::wsdl::name::{QName, XSD};
use crate::wsdl::syntax::schema::{Simple, TypeDecl, TypeKind, TypeUse, Value};
use crate::wsdl::xml::{Element, Reader};

impl Context {
    pub(super) fn simple_type(
        &self,
        reader: &mut Reader<'_>,
        element: &Element,
        name: QName,
    ) -> Result<TypeDecl, IdlError> {
        let mut documentation = String::new();
        let mut simple = None;
        while let Some(child) = reader.child()? {
            if child.name.is(XSD, "annotation") {
                annotation(&mut documentation, reader)?;
            } else if child.name.is(XSD, "restriction") {
                simple = Some(self.restriction(reader, &child)?);
            } else if child.name.is(XSD, "list") {
                simple = Some(self.list(reader, &child)?);
            } else if child.name.is(XSD, "union") {
                simple = Some(self.union(reader, &child)?);
            } else {
                return Err(unexpected(&child, "simpleType"));
            }
        }
        let Some(simple) = simple else {
            return Err(IdlError::malformed(
                &element.place,
                "a simpleType is a restriction, a list or a union",
            ));
        };
        Ok(TypeDecl {
            place: element.place.clone(),
            documentation,
            name,
            kind: TypeKind::Simple(simple),
        })
    }

    fn restriction(&self, reader: &mut Reader<'_>, element: &Element) -> Result<Simple, IdlError> {
        let mut base = self.qname(element, "base")?.map(TypeUse::Named);
        let mut values = Vec::new();
        let mut facets = Vec::new();
        while let Some(child) = reader.child()? {
            if child.name.is(XSD, "enumeration") {
                let mut value = Value {
                    value: child.attribute("value").unwrap_or_default().to_owned(),
                    documentation: String::new(),
                };
                while let Some(inner) = reader.child()? {
                    match inner.name.is(XSD, "annotation") {
                        true => annotation(&mut value.documentation, reader)?,
                        false => reader.skip()?,
                    }
                }
                values.push(value);
            } else if let Some(ty) = self.inline_type(reader, &child)? {
                base = Some(TypeUse::Inline(Box::new(ty)));
            } else {
                if let Some(value) = child.attribute("value") {
                    let value = value.replace('`', "'");
                    facets.push(format!("{} `{value}`", child.name.local));
                }
                reader.skip()?;
            }
        }
        if base.is_none() {
            return Err(IdlError::malformed(
                &element.place,
                "a restriction needs the attribute `base` or a type within",
            ));
        }
        Ok(Simple::Restriction {
            base,
            values,
            facets,
        })
    }

    fn list(&self, reader: &mut Reader<'_>, element: &Element) -> Result<Simple, IdlError> {
        let mut item = self.qname(element, "itemType")?.map(TypeUse::Named);
        for ty in self.inner_types(reader)? {
            item = Some(TypeUse::Inline(Box::new(ty)));
        }
        match item {
            Some(item) => Ok(Simple::List(item)),
            None => Err(IdlError::malformed(
                &element.place,
                "a list needs the attribute `itemType` or a type within",
            )),
        }
    }

    fn union(&self, reader: &mut Reader<'_>, element: &Element) -> Result<Simple, IdlError> {
        let mut members = Vec::new();
        let named = element.attribute("memberTypes").unwrap_or_default();
        for name in named.split_ascii_whitespace() {
            members.push(TypeUse::Named(self.resolve(element, name)?));
        }
        for ty in self.inner_types(reader)? {
            members.push(TypeUse::Inline(Box::new(ty)));
        }
        Ok(Simple::Union(members))
    }

    fn inner_types(&self, reader: &mut Reader<'_>) -> Result<Vec<TypeDecl>, IdlError> {
        let mut types = Vec::new();
        while let Some(child) = reader.child()? {
            match self.inline_type(reader, &child)? {
                Some(ty) => types.push(ty),
                None => reader.skip()?,
            }
        }
        Ok(types)
    }
}

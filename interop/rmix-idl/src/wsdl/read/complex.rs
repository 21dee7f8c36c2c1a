//! `complexType`: content, attributes, and what it derives from.

use std::sync::Arc;

use super::schema::Context;
use super::{annotation, unexpected};
use crate::error::IdlError;
use crate::wsdl::name::{QName, XSD};
use crate::wsdl::syntax::schema::{Complex, Derivation, TypeDecl, TypeKind};
use crate::wsdl::xml::{Element, Reader};

impl Context {
    /// The type within an element or attribute; nothing when the element is no type, which is then not walked.
    pub(super) fn inline_type(
        &self,
        reader: &mut Reader<'_>,
        element: &Element,
    ) -> Result<Option<TypeDecl>, IdlError> {
        let name = QName::new(Arc::clone(&self.namespace), "");
        if element.name.is(XSD, "complexType") {
            return self.complex_type(reader, element, name).map(Some);
        }
        if element.name.is(XSD, "simpleType") {
            return self.simple_type(reader, element, name).map(Some);
        }
        Ok(None)
    }

    pub(super) fn complex_type(
        &self,
        reader: &mut Reader<'_>,
        element: &Element,
        name: QName,
    ) -> Result<TypeDecl, IdlError> {
        let mut documentation = String::new();
        let mut complex = Complex {
            is_abstract: element.boolean("abstract")?,
            is_mixed: element.boolean("mixed")?,
            ..Complex::default()
        };
        while let Some(child) = reader.child()? {
            if child.name.is(XSD, "annotation") {
                annotation(&mut documentation, reader)?;
            } else if child.name.is(XSD, "complexContent") {
                complex.is_mixed |= child.boolean("mixed")?;
                self.derived(reader, &mut complex, false)?;
            } else if child.name.is(XSD, "simpleContent") {
                self.derived(reader, &mut complex, true)?;
            } else {
                self.content(reader, &child, &mut complex, "complexType")?;
            }
        }
        Ok(TypeDecl {
            place: element.place.clone(),
            documentation,
            name,
            kind: TypeKind::Complex(complex),
        })
    }

    fn derived(
        &self,
        reader: &mut Reader<'_>,
        complex: &mut Complex,
        is_simple: bool,
    ) -> Result<(), IdlError> {
        while let Some(child) = reader.child()? {
            if child.name.is(XSD, "annotation") {
                reader.skip()?;
                continue;
            }
            let is_extension = child.name.is(XSD, "extension");
            if !is_extension && !child.name.is(XSD, "restriction") {
                return Err(unexpected(&child, "complexContent and simpleContent"));
            }
            let base = self.resolve(&child, child.required("base")?)?;
            let mut narrowed = None;
            while let Some(inner) = reader.child()? {
                if inner.name.is(XSD, "annotation") || (is_simple && is_facet(&inner)) {
                    reader.skip()?;
                } else if is_simple && inner.name.is(XSD, "simpleType") {
                    let name = QName::new(Arc::clone(&self.namespace), "");
                    narrowed = Some(Box::new(self.simple_type(reader, &inner, name)?));
                } else {
                    self.content(reader, &inner, complex, &child.name.local)?;
                }
            }
            complex.derivation = Some(Derivation {
                place: child.place.clone(),
                base,
                is_extension,
                is_simple,
                narrowed,
            });
        }
        Ok(())
    }

    fn content(
        &self,
        reader: &mut Reader<'_>,
        child: &Element,
        complex: &mut Complex,
        within: &str,
    ) -> Result<(), IdlError> {
        if let Some(used) = self.attribute_use(reader, child)? {
            complex.attributes.push(used);
            return Ok(());
        }
        if complex.content.is_some() || child.name.is(XSD, "element") {
            return Err(unexpected(child, within));
        }
        match self.particle(reader, child)? {
            Some(particle) => complex.content = Some(particle),
            None => return Err(unexpected(child, within)),
        }
        Ok(())
    }
}

/// Facets narrow the values of a type, which Rust's types do not say.
fn is_facet(element: &Element) -> bool {
    &*element.name.namespace == XSD
        && matches!(
            &*element.name.local,
            "enumeration"
                | "pattern"
                | "whiteSpace"
                | "length"
                | "minLength"
                | "maxLength"
                | "minInclusive"
                | "maxInclusive"
                | "minExclusive"
                | "maxExclusive"
                | "totalDigits"
                | "fractionDigits"
        )
}

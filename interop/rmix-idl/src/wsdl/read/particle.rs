//! What complex types are made of: groups, elements, attributes.

use std::sync::Arc;

use super::schema::Context;
use super::{annotation, unexpected};
use crate::error::IdlError;
use crate::wsdl::name::{QName, WSDL, XSD};
use crate::wsdl::syntax::schema::{
    Attribute, AttributeUse, Element as Declared, Occurs, Particle, ParticleKind, Presence, TypeUse,
};
use crate::wsdl::xml::{Element, Reader};

impl Context {
    /// A group, element or wildcard; nothing when the element is something else, which is then not walked.
    pub(super) fn particle(
        &self,
        reader: &mut Reader<'_>,
        element: &Element,
    ) -> Result<Option<Particle>, IdlError> {
        if &*element.name.namespace != XSD {
            return Ok(None);
        }
        let occurs = occurs(element)?;
        let kind = match &*element.name.local {
            "sequence" | "all" => ParticleKind::Sequence(self.particles(reader, element)?),
            "choice" => ParticleKind::Choice(self.particles(reader, element)?),
            "element" => {
                ParticleKind::Element(Box::new(self.local_element(reader, element, occurs)?))
            }
            "group" => {
                let Some(name) = self.qname(element, "ref")? else {
                    return Err(IdlError::malformed(
                        &element.place,
                        "a group within a type needs the attribute `ref`",
                    ));
                };
                reader.skip()?;
                ParticleKind::Group(name)
            }
            "any" => {
                reader.skip()?;
                ParticleKind::Any
            }
            _ => return Ok(None),
        };
        Ok(Some(Particle {
            place: element.place.clone(),
            occurs,
            kind,
        }))
    }

    fn particles(
        &self,
        reader: &mut Reader<'_>,
        element: &Element,
    ) -> Result<Vec<Particle>, IdlError> {
        let mut particles = Vec::new();
        while let Some(child) = reader.child()? {
            if child.name.is(XSD, "annotation") {
                reader.skip()?;
                continue;
            }
            match self.particle(reader, &child)? {
                Some(particle) => particles.push(particle),
                None => return Err(unexpected(&child, &element.name.local)),
            }
        }
        Ok(particles)
    }

    pub(super) fn global_element(
        &self,
        reader: &mut Reader<'_>,
        element: &Element,
    ) -> Result<Declared, IdlError> {
        let name = self.declared(element)?;
        self.element(reader, element, name, false, Occurs::ONCE)
    }

    fn local_element(
        &self,
        reader: &mut Reader<'_>,
        element: &Element,
        occurs: Occurs,
    ) -> Result<Declared, IdlError> {
        if let Some(name) = self.qname(element, "ref")? {
            return self.element(reader, element, name, true, occurs);
        }
        let is_qualified = is_qualified(element, self.elements_are_qualified)?;
        let name = self.local_name(element, is_qualified)?;
        self.element(reader, element, name, false, occurs)
    }

    fn local_name(&self, element: &Element, is_qualified: bool) -> Result<QName, IdlError> {
        let local = element.required("name")?;
        Ok(match is_qualified {
            true => QName::new(Arc::clone(&self.namespace), local),
            false => QName::new("", local),
        })
    }

    fn element(
        &self,
        reader: &mut Reader<'_>,
        element: &Element,
        name: QName,
        is_reference: bool,
        occurs: Occurs,
    ) -> Result<Declared, IdlError> {
        let mut declared = Declared {
            place: element.place.clone(),
            documentation: String::new(),
            name,
            is_reference,
            ty: self.qname(element, "type")?.map(TypeUse::Named),
            occurs,
            nillable: element.boolean("nillable")?,
            is_abstract: element.boolean("abstract")?,
            substitutes: self.qname(element, "substitutionGroup")?,
            default: element.attribute("default").map(str::to_owned),
            fixed: element.attribute("fixed").map(str::to_owned),
        };
        while let Some(child) = reader.child()? {
            if child.name.is(XSD, "annotation") {
                annotation(&mut declared.documentation, reader)?;
            } else if let Some(ty) = self.inline_type(reader, &child)? {
                declared.ty = Some(TypeUse::Inline(Box::new(ty)));
            } else {
                // Keys and references between elements say nothing of types.
                reader.skip()?;
            }
        }
        Ok(declared)
    }

    /// An attribute, group of attributes or wildcard; nothing when the element is something else, which is not walked.
    pub(super) fn attribute_use(
        &self,
        reader: &mut Reader<'_>,
        element: &Element,
    ) -> Result<Option<AttributeUse>, IdlError> {
        if &*element.name.namespace != XSD {
            return Ok(None);
        }
        match &*element.name.local {
            "attribute" => {
                let attribute = self.attribute(reader, element, false)?;
                Ok(Some(AttributeUse::Attribute(attribute)))
            }
            "attributeGroup" => {
                let Some(name) = self.qname(element, "ref")? else {
                    return Err(IdlError::malformed(
                        &element.place,
                        "an attributeGroup within a type needs the attribute `ref`",
                    ));
                };
                reader.skip()?;
                Ok(Some(AttributeUse::Group(name, element.place.clone())))
            }
            "anyAttribute" => {
                reader.skip()?;
                Ok(Some(AttributeUse::Any))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn attribute(
        &self,
        reader: &mut Reader<'_>,
        element: &Element,
        is_global: bool,
    ) -> Result<Attribute, IdlError> {
        let reference = self.qname(element, "ref")?;
        let is_reference = reference.is_some();
        let name = match reference {
            Some(name) => name,
            None if is_global => self.declared(element)?,
            None => {
                let is_qualified = is_qualified(element, self.attributes_are_qualified)?;
                self.local_name(element, is_qualified)?
            }
        };
        let presence = match element.attribute("use").map(str::trim) {
            None | Some("optional") => Presence::Optional,
            Some("required") => Presence::Required,
            Some("prohibited") => Presence::Prohibited,
            Some(other) => {
                return Err(IdlError::malformed(
                    &element.place,
                    format!("`use` is optional, required or prohibited, not `{other}`"),
                ));
            }
        };
        let array_type = element.attribute_in(WSDL, "arrayType");
        let array_type = array_type.map(|value| {
            let (name, rest) = value.split_at(value.find('[').unwrap_or(value.len()));
            Ok::<_, IdlError>((self.resolve(element, name)?, rest.trim().to_owned()))
        });
        let mut attribute = Attribute {
            place: element.place.clone(),
            documentation: String::new(),
            name,
            is_reference,
            ty: self.qname(element, "type")?.map(TypeUse::Named),
            presence,
            default: element.attribute("default").map(str::to_owned),
            fixed: element.attribute("fixed").map(str::to_owned),
            array_type: array_type.transpose()?,
        };
        while let Some(child) = reader.child()? {
            if child.name.is(XSD, "annotation") {
                annotation(&mut attribute.documentation, reader)?;
            } else if let Some(ty) = self.inline_type(reader, &child)? {
                attribute.ty = Some(TypeUse::Inline(Box::new(ty)));
            } else {
                return Err(unexpected(&child, "attribute"));
            }
        }
        Ok(attribute)
    }
}

fn is_qualified(element: &Element, default: bool) -> Result<bool, IdlError> {
    match element.attribute("form").map(str::trim) {
        None => Ok(default),
        Some("qualified") => Ok(true),
        Some("unqualified") => Ok(false),
        Some(other) => Err(IdlError::malformed(
            &element.place,
            format!("`form` is qualified or unqualified, not `{other}`"),
        )),
    }
}

fn occurs(element: &Element) -> Result<Occurs, IdlError> {
    let number = |name: &str, value: &str| match value.parse::<u64>() {
        // What a file allows more often than this is never counted.
        Ok(value) => Ok(u32::try_from(value).unwrap_or(u32::MAX)),
        Err(_) => Err(IdlError::malformed(
            &element.place,
            format!("`{name}` is a number, not `{value}`"),
        )),
    };
    let min = match element.attribute("minOccurs").map(str::trim) {
        None => 1,
        Some(value) => number("minOccurs", value)?,
    };
    let max = match element.attribute("maxOccurs").map(str::trim) {
        None => Some(1),
        Some("unbounded") => None,
        Some(value) => Some(number("maxOccurs", value)?),
    };
    match max {
        Some(max) if max < min => Err(IdlError::malformed(
            &element.place,
            format!("`minOccurs` is {min}, which is more than `maxOccurs`, {max}"),
        )),
        _ => Ok(Occurs { min, max }),
    }
}

//! `xsd:schema`: its global declarations.

use std::sync::Arc;

use super::{annotation, unexpected};
use crate::error::IdlError;
use crate::wsdl::name::{QName, XSD};
use crate::wsdl::syntax::schema::{AttributeGroup, Group, Reference, ReferenceKind, Schema};
use crate::wsdl::xml::{Element, Reader};

/// What holds for all of a schema.
pub(super) struct Context {
    pub(super) namespace: Arc<str>,
    pub(super) elements_are_qualified: bool,
    pub(super) attributes_are_qualified: bool,
    /// Whether names without a namespace are those of the schema that includes this one.
    takes_namespace: bool,
}

impl Context {
    /// A name that refers to something.
    pub(super) fn resolve(&self, element: &Element, value: &str) -> Result<QName, IdlError> {
        let name = element.resolve(value)?;
        if self.takes_namespace && name.namespace.is_empty() {
            return Ok(QName::new(Arc::clone(&self.namespace), name.local));
        }
        Ok(name)
    }

    /// The attribute as a name that refers to something.
    pub(super) fn qname(&self, element: &Element, name: &str) -> Result<Option<QName>, IdlError> {
        let value = element.attribute(name);
        value.map(|value| self.resolve(element, value)).transpose()
    }

    /// The name of what a global declaration declares.
    pub(super) fn declared(&self, element: &Element) -> Result<QName, IdlError> {
        let local = element.required("name")?;
        Ok(QName::new(Arc::clone(&self.namespace), local))
    }
}

pub(super) fn read(
    reader: &mut Reader<'_>,
    root: &Element,
    namespace: &Arc<str>,
) -> Result<Schema, IdlError> {
    let own = root.attribute("targetNamespace").map(str::trim);
    let qualified = |name: &str| match root.attribute(name).map(str::trim) {
        None | Some("unqualified") => Ok(false),
        Some("qualified") => Ok(true),
        Some(other) => Err(IdlError::malformed(
            &root.place,
            format!("`{name}` is qualified or unqualified, not `{other}`"),
        )),
    };
    let context = Context {
        namespace: own.map_or_else(|| Arc::clone(namespace), Arc::from),
        elements_are_qualified: qualified("elementFormDefault")?,
        attributes_are_qualified: qualified("attributeFormDefault")?,
        takes_namespace: own.is_none() && !namespace.is_empty(),
    };
    let mut schema = Schema {
        namespace: Arc::clone(&context.namespace),
        references: Vec::new(),
        types: Vec::new(),
        elements: Vec::new(),
        attributes: Vec::new(),
        groups: Vec::new(),
        attribute_groups: Vec::new(),
    };
    while let Some(child) = reader.child()? {
        match &*child.name.namespace {
            XSD => declaration(reader, &context, &child, &mut schema)?,
            _ => reader.skip()?,
        }
    }
    Ok(schema)
}

/// Reads one global declaration, or a reference to another file.
fn declaration(
    reader: &mut Reader<'_>,
    context: &Context,
    child: &Element,
    schema: &mut Schema,
) -> Result<(), IdlError> {
    match &*child.name.local {
        "annotation" | "notation" => reader.skip()?,
        "import" | "include" => {
            schema.references.push(reference(context, child));
            reader.skip()?;
        }
        "element" => {
            let element = context.global_element(reader, child)?;
            schema.elements.push(element);
        }
        "complexType" => {
            let name = context.declared(child)?;
            let ty = context.complex_type(reader, child, name)?;
            schema.types.push(ty);
        }
        "simpleType" => {
            let name = context.declared(child)?;
            let ty = context.simple_type(reader, child, name)?;
            schema.types.push(ty);
        }
        "attribute" => {
            let attribute = context.attribute(reader, child, true)?;
            schema.attributes.push(attribute);
        }
        "group" => schema.groups.push(context.group(reader, child)?),
        "attributeGroup" => {
            let group = context.attribute_group(reader, child)?;
            schema.attribute_groups.push(group);
        }
        "redefine" => {
            return Err(IdlError::Unsupported {
                place: child.place.clone(),
                what: "`redefine`".to_owned(),
                instead: REDEFINE.to_owned(),
            });
        }
        _ => return Err(unexpected(child, "schema")),
    }
    Ok(())
}

const REDEFINE: &str = "include the schema, and write the changed types under names of their own";

fn reference(context: &Context, element: &Element) -> Reference {
    let kind = match &*element.name.local {
        "include" => ReferenceKind::Include(Arc::clone(&context.namespace)),
        _ => ReferenceKind::Import(Arc::from(element.attribute("namespace").unwrap_or(""))),
    };
    let location = element.attribute("schemaLocation").map(str::trim);
    Reference {
        place: element.place.clone(),
        kind,
        location: location.map(str::to_owned),
    }
}

impl Context {
    fn group(&self, reader: &mut Reader<'_>, element: &Element) -> Result<Group, IdlError> {
        let mut group = Group {
            place: element.place.clone(),
            name: self.declared(element)?,
            content: None,
        };
        while let Some(child) = reader.child()? {
            match self.particle(reader, &child)? {
                Some(content) => group.content = Some(content),
                None if child.name.is(XSD, "annotation") => reader.skip()?,
                None => return Err(unexpected(&child, "group")),
            }
        }
        Ok(group)
    }

    fn attribute_group(
        &self,
        reader: &mut Reader<'_>,
        element: &Element,
    ) -> Result<AttributeGroup, IdlError> {
        let mut group = AttributeGroup {
            place: element.place.clone(),
            name: self.declared(element)?,
            attributes: Vec::new(),
        };
        let mut documentation = String::new();
        while let Some(child) = reader.child()? {
            if child.name.is(XSD, "annotation") {
                annotation(&mut documentation, reader)?;
            } else if let Some(used) = self.attribute_use(reader, &child)? {
                group.attributes.push(used);
            } else {
                return Err(unexpected(&child, "attributeGroup"));
            }
        }
        Ok(group)
    }
}

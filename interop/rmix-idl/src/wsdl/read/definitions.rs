//! `wsdl:definitions`: messages, port types, services.

use std::sync::Arc;

use super::{add_documentation, binding, schema};
use crate::error::IdlError;
use crate::wsdl::name::{
    ADDRESSING_BINDING, ADDRESSING_METADATA, QName, WSDL, WSDL_SOAP_11, WSDL_SOAP_12, XSD,
};
use crate::wsdl::syntax::definitions::{
    Definitions, Message, MessageUse, Operation, Part, PartContent, Port, PortType, Service,
};
use crate::wsdl::syntax::schema::{Reference, ReferenceKind};
use crate::wsdl::xml::{Element, Reader};

pub(super) fn read(reader: &mut Reader<'_>, root: &Element) -> Result<Definitions, IdlError> {
    let namespace: Arc<str> = Arc::from(root.attribute("targetNamespace").unwrap_or("").trim());
    let mut all = Definitions {
        namespace: Arc::clone(&namespace),
        ..Definitions::default()
    };
    while let Some(child) = reader.child()? {
        if &*child.name.namespace != WSDL {
            reader.skip()?;
            continue;
        }
        let name = || -> Result<QName, IdlError> {
            let local = child.required("name")?;
            Ok(QName::new(Arc::clone(&namespace), local))
        };
        match &*child.name.local {
            "import" => {
                let location = child.attribute("location").map(str::trim);
                let imported = child.attribute("namespace").unwrap_or("").trim();
                all.references.push(Reference {
                    place: child.place.clone(),
                    kind: ReferenceKind::Definitions(Arc::from(imported)),
                    location: location.map(str::to_owned),
                });
                reader.skip()?;
            }
            "types" => types(reader, &mut all)?,
            "message" => all.messages.push(message(reader, &child, name()?)?),
            "portType" => all.port_types.push(port_type(reader, &child, name()?)?),
            "binding" => all.bindings.push(binding::read(reader, &child, name()?)?),
            "service" => all.services.push(service(reader, name()?)?),
            _ => reader.skip()?,
        }
    }
    Ok(all)
}

fn types(reader: &mut Reader<'_>, all: &mut Definitions) -> Result<(), IdlError> {
    while let Some(child) = reader.child()? {
        if child.name.is(XSD, "schema") {
            let none = Arc::from("");
            all.schemas.push(schema::read(reader, &child, &none)?);
        } else {
            reader.skip()?;
        }
    }
    Ok(())
}

fn message(reader: &mut Reader<'_>, element: &Element, name: QName) -> Result<Message, IdlError> {
    let mut message = Message {
        place: element.place.clone(),
        name,
        parts: Vec::new(),
    };
    while let Some(child) = reader.child()? {
        if !child.name.is(WSDL, "part") {
            reader.skip()?;
            continue;
        }
        let content = match (child.qname("element")?, child.qname("type")?) {
            (Some(element), _) => PartContent::Element(element),
            (None, Some(ty)) => PartContent::Type(ty),
            (None, None) => {
                return Err(IdlError::malformed(
                    &child.place,
                    "a part needs the attribute `element` or `type`",
                ));
            }
        };
        let mut part = Part {
            place: child.place.clone(),
            documentation: String::new(),
            name: child.required("name")?.to_owned(),
            content,
        };
        documentation(reader, &mut part.documentation)?;
        message.parts.push(part);
        reader.check_parts(message.parts.len(), &child.place)?;
    }
    Ok(message)
}

fn port_type(
    reader: &mut Reader<'_>,
    element: &Element,
    name: QName,
) -> Result<PortType, IdlError> {
    let mut port_type = PortType {
        place: element.place.clone(),
        documentation: String::new(),
        name,
        operations: Vec::new(),
    };
    while let Some(child) = reader.child()? {
        if child.name.is(WSDL, "documentation") {
            add_documentation(&mut port_type.documentation, reader)?;
        } else if child.name.is(WSDL, "operation") {
            port_type.operations.push(operation(reader, &child)?);
        } else {
            reader.skip()?;
        }
    }
    Ok(port_type)
}

fn operation(reader: &mut Reader<'_>, element: &Element) -> Result<Operation, IdlError> {
    let mut operation = Operation {
        place: element.place.clone(),
        documentation: String::new(),
        name: element.required("name")?.to_owned(),
        input: None,
        output: None,
        output_is_first: false,
        faults: Vec::new(),
    };
    while let Some(child) = reader.child()? {
        if &*child.name.namespace != WSDL {
            reader.skip()?;
            continue;
        }
        match &*child.name.local {
            "documentation" => add_documentation(&mut operation.documentation, reader)?,
            "input" => operation.input = Some(message_use(reader, &child)?),
            "output" => {
                operation.output_is_first = operation.input.is_none();
                operation.output = Some(message_use(reader, &child)?);
            }
            "fault" => operation.faults.push(message_use(reader, &child)?),
            _ => reader.skip()?,
        }
    }
    Ok(operation)
}

fn message_use(reader: &mut Reader<'_>, element: &Element) -> Result<MessageUse, IdlError> {
    let actions = [ADDRESSING_METADATA, ADDRESSING_BINDING].into_iter();
    let actions = actions.filter_map(|namespace| element.attribute_in(namespace, "Action"));
    let action = actions.map(str::trim).find(|action| !action.is_empty());
    let mut used = MessageUse {
        place: element.place.clone(),
        documentation: String::new(),
        name: element.attribute("name").map(str::to_owned),
        action: action.unwrap_or_default().to_owned(),
        message: element.resolve(element.required("message")?)?,
    };
    documentation(reader, &mut used.documentation)?;
    Ok(used)
}

fn service(reader: &mut Reader<'_>, name: QName) -> Result<Service, IdlError> {
    let mut service = Service {
        documentation: String::new(),
        name,
        ports: Vec::new(),
    };
    while let Some(child) = reader.child()? {
        if child.name.is(WSDL, "documentation") {
            add_documentation(&mut service.documentation, reader)?;
        } else if child.name.is(WSDL, "port") {
            service.ports.push(port(reader, &child)?);
        } else {
            reader.skip()?;
        }
    }
    Ok(service)
}

fn port(reader: &mut Reader<'_>, element: &Element) -> Result<Port, IdlError> {
    let mut port = Port {
        documentation: String::new(),
        name: element.required("name")?.to_owned(),
        binding: element.resolve(element.required("binding")?)?,
        address: None,
    };
    while let Some(child) = reader.child()? {
        if child.name.is(WSDL, "documentation") {
            add_documentation(&mut port.documentation, reader)?;
            continue;
        }
        if child.name.is(WSDL_SOAP_11, "address") || child.name.is(WSDL_SOAP_12, "address") {
            let location = child.attribute("location").map(str::trim);
            port.address = location.map(str::to_owned);
        }
        reader.skip()?;
    }
    Ok(port)
}

/// Walks an element of which only the documentation matters.
fn documentation(reader: &mut Reader<'_>, to: &mut String) -> Result<(), IdlError> {
    while let Some(child) = reader.child()? {
        match child.name.is(WSDL, "documentation") {
            true => add_documentation(to, reader)?,
            false => reader.skip()?,
        }
    }
    Ok(())
}

//! `wsdl:binding` with its extensions for SOAP 1.1 and 1.2.

use crate::error::IdlError;
use crate::wsdl::model::SoapVersion;
use crate::wsdl::name::{QName, WSDL, WSDL_MIME, WSDL_SOAP_11, WSDL_SOAP_12};
use crate::wsdl::syntax::definitions::{
    Binding, BindingMessage, BindingOperation, Body, Header, SoapBinding,
};
use crate::wsdl::xml::{Element, Reader};

pub(super) fn read(
    reader: &mut Reader<'_>,
    element: &Element,
    name: QName,
) -> Result<Binding, IdlError> {
    let mut binding = Binding {
        place: element.place.clone(),
        name,
        port_type: element.resolve(element.required("type")?)?,
        soap: None,
        operations: Vec::new(),
    };
    while let Some(child) = reader.child()? {
        if child.name.is(WSDL, "operation") {
            binding.operations.push(operation(reader, &child)?);
            continue;
        }
        if &*child.name.local == "binding"
            && let Some(version) = version(&child)
        {
            binding.soap = Some(SoapBinding {
                version,
                is_rpc: is_rpc(&child)?.unwrap_or(false),
            });
        }
        reader.skip()?;
    }
    Ok(binding)
}

fn version(element: &Element) -> Option<SoapVersion> {
    match &*element.name.namespace {
        WSDL_SOAP_11 => Some(SoapVersion::Soap11),
        WSDL_SOAP_12 => Some(SoapVersion::Soap12),
        _ => None,
    }
}

fn is_rpc(element: &Element) -> Result<Option<bool>, IdlError> {
    match element.attribute("style").map(str::trim) {
        None => Ok(None),
        Some("document") => Ok(Some(false)),
        Some("rpc") => Ok(Some(true)),
        Some(other) => Err(IdlError::malformed(
            &element.place,
            format!("`style` is document or rpc, not `{other}`"),
        )),
    }
}

fn operation(reader: &mut Reader<'_>, element: &Element) -> Result<BindingOperation, IdlError> {
    let mut operation = BindingOperation {
        name: element.required("name")?.to_owned(),
        action: String::new(),
        is_rpc: None,
        input: BindingMessage::default(),
        output: BindingMessage::default(),
    };
    while let Some(child) = reader.child()? {
        if child.name.is(WSDL, "input") {
            operation.input = message(reader, &child)?;
            continue;
        }
        if child.name.is(WSDL, "output") {
            operation.output = message(reader, &child)?;
            continue;
        }
        if &*child.name.local == "operation" && version(&child).is_some() {
            let action = child.attribute("soapAction").unwrap_or_default();
            operation.action = action.trim().to_owned();
            operation.is_rpc = is_rpc(&child)?;
        }
        reader.skip()?;
    }
    Ok(operation)
}

fn message(reader: &mut Reader<'_>, element: &Element) -> Result<BindingMessage, IdlError> {
    let mut message = BindingMessage {
        name: element.attribute("name").map(str::to_owned),
        ..BindingMessage::default()
    };
    parts(reader, &mut message)?;
    Ok(message)
}

/// What an input or output holds. Within `multipartRelated` the parts with the envelope are those of SOAP; the recursion
/// is bounded by the depth of the file.
fn parts(reader: &mut Reader<'_>, message: &mut BindingMessage) -> Result<(), IdlError> {
    while let Some(child) = reader.child()? {
        if &*child.name.namespace == WSDL_MIME {
            match &*child.name.local {
                "multipartRelated" | "part" => {
                    parts(reader, message)?;
                    continue;
                }
                _ => message.attachment = Some(child.place.clone()),
            }
        }
        if version(&child).is_some() {
            match &*child.name.local {
                "body" => message.body = body(&child)?,
                "header" => {
                    message.headers.push(Header {
                        place: child.place.clone(),
                        message: child.resolve(child.required("message")?)?,
                        part: child.required("part")?.to_owned(),
                    });
                    reader.check_parts(message.headers.len(), &child.place)?;
                }
                _ => {}
            }
        }
        reader.skip()?;
    }
    Ok(())
}

fn body(element: &Element) -> Result<Body, IdlError> {
    let parts = element.attribute("parts").map(|parts| {
        let parts = parts.split_ascii_whitespace();
        parts.map(str::to_owned).collect()
    });
    let is_encoded = match element.attribute("use").map(str::trim) {
        None | Some("literal") => false,
        Some("encoded") => true,
        Some(other) => {
            return Err(IdlError::malformed(
                &element.place,
                format!("`use` is literal or encoded, not `{other}`"),
            ));
        }
    };
    Ok(Body {
        parts,
        is_encoded,
        namespace: element.attribute("namespace").map(str::to_owned),
    })
}

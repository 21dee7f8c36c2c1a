//! Messages of operations: what stands in the body, what in headers, what in the detail of faults.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::index::undefined;
use super::types::Resolver;
use crate::error::IdlError;
use crate::place::Place;
use crate::wsdl::model::{Fault, Field, Form, Message, Occurs, Style, shared};
use crate::wsdl::name::QName;
use crate::wsdl::syntax::definitions::{
    BindingMessage, BindingOperation, Message as Declared, MessageUse, Operation, Part, PartContent,
};

/// An operation with what its binding says of it.
pub(super) struct Ends<'a, 'b> {
    pub(super) declared: &'a Operation,
    pub(super) bound: Option<&'a BindingOperation>,
    pub(super) style: Style,
    /// Namespace of the port type, which wrappers have that are told no other.
    pub(super) namespace: &'b Arc<str>,
}

impl<'a> Resolver<'a> {
    pub(super) fn request(
        &mut self,
        ends: &Ends<'a, '_>,
        input: &'a MessageUse,
    ) -> Result<Message, IdlError> {
        let bound = ends.bound.map(|it| &it.input);
        let message = self.message(ends, input, bound, &ends.declared.name)?;
        if message.parts.len() > self.limits.arguments_max {
            let max = self.limits.arguments_max;
            return Err(IdlError::limit(&ends.declared.place, "arguments_max", max));
        }
        Ok(message)
    }

    pub(super) fn response(
        &mut self,
        ends: &Ends<'a, '_>,
        output: &'a MessageUse,
    ) -> Result<Message, IdlError> {
        let bound = ends.bound.map(|it| &it.output);
        let wrapper = format!("{}Response", ends.declared.name);
        let mut message = self.message(ends, output, bound, &wrapper)?;
        for part in &mut message.parts {
            // Servers leave out the headers of answers that they do not need.
            if part.form == Form::Header && part.occurs == Occurs::Once {
                part.occurs = Occurs::Optional;
            }
        }
        Ok(message)
    }

    fn message(
        &mut self,
        ends: &Ends<'a, '_>,
        used: &'a MessageUse,
        bound: Option<&'a BindingMessage>,
        wrapper: &str,
    ) -> Result<Message, IdlError> {
        if let Some(place) = bound.and_then(|it| it.attachment.as_ref()) {
            return Err(IdlError::Unsupported {
                place: place.clone(),
                what: "a part that is sent as an attachment".to_owned(),
                instead: "send it within the body, as base64Binary".to_owned(),
            });
        }
        let declared = self.declared(used)?;
        let parts = body_parts(declared, bound);
        let mut message = match ends.style {
            Style::Rpc | Style::Encoded => {
                let namespace = bound.and_then(|it| it.body.namespace.as_deref());
                let namespace = namespace.map_or_else(|| Arc::clone(ends.namespace), Arc::from);
                let mut fields = Vec::new();
                for part in parts {
                    fields.push(self.rpc_part(part)?);
                }
                Message {
                    wrapper: Some(QName::new(namespace, wrapper)),
                    parts: fields,
                    notes: Vec::new(),
                }
            }
            Style::Wrapped | Style::Bare => {
                let part = document_part(used, &parts)?;
                self.document(ends.style, part)?
            }
        };
        for header in bound.into_iter().flat_map(|it| &it.headers) {
            let Some(&declared) = self.index.messages.get(&header.message) else {
                return Err(undefined(&header.message, "the message", &header.place));
            };
            let mut parts = declared.parts.iter();
            let Some(part) = parts.find(|part| part.name == header.part) else {
                let name = QName::new("", header.part.as_str());
                return Err(undefined(&name, "the part", &header.place));
            };
            let mut field = self.part(part)?;
            field.form = Form::Header;
            message.parts.push(field);
        }
        Ok(message)
    }

    fn document(&mut self, style: Style, part: Option<&'a Part>) -> Result<Message, IdlError> {
        let Some(part) = part else {
            return Ok(Message::default());
        };
        let PartContent::Element(name) = &part.content else {
            return Err(IdlError::Unsupported {
                place: part.place.clone(),
                what: "a part of a type in the style document".to_owned(),
                instead: "give it an element, or use the style rpc".to_owned(),
            });
        };
        if style == Style::Wrapped
            && let Some(body) = self.wrapper(name)?
        {
            return Ok(Message {
                wrapper: Some(name.clone()),
                parts: body.fields,
                notes: body.notes,
            });
        }
        Ok(Message {
            wrapper: None,
            parts: vec![self.part(part)?],
            notes: Vec::new(),
        })
    }

    fn rpc_part(&mut self, part: &'a Part) -> Result<Field, IdlError> {
        if let PartContent::Element(_) = &part.content {
            return Err(IdlError::Unsupported {
                place: part.place.clone(),
                what: "a part that is an element in the style rpc".to_owned(),
                instead: "give it a type, or use the style document".to_owned(),
            });
        }
        self.part(part)
    }

    fn part(&mut self, part: &'a Part) -> Result<Field, IdlError> {
        match &part.content {
            PartContent::Element(name) => self.global(name, &part.place),
            PartContent::Type(name) => Ok(Field {
                name: QName::new("", part.name.as_str()),
                form: Form::Element,
                ty: self.named(name, &part.place)?,
                occurs: Occurs::Once,
                nillable: false,
                default: None,
                documentation: shared(&part.documentation),
                place: part.place.clone(),
            }),
        }
    }

    pub(super) fn faults(&mut self, declared: &'a Operation) -> Result<Vec<Fault>, IdlError> {
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        for used in &declared.faults {
            let message = self.declared(used)?;
            let [part] = message.parts.as_slice() else {
                return Err(IdlError::malformed(
                    &message.place,
                    format!(
                        "a fault has one part, `{}` has {}",
                        message.name,
                        message.parts.len()
                    ),
                ));
            };
            let detail = self.part(part)?;
            if seen.insert(detail.name.clone()) {
                faults.push(Fault {
                    name: used.name.clone().unwrap_or_else(|| part.name.clone()),
                    detail,
                    documentation: shared(&used.documentation),
                });
            }
        }
        Ok(faults)
    }

    pub(super) fn declared(&self, used: &MessageUse) -> Result<&'a Declared, IdlError> {
        match self.index.messages.get(&used.message) {
            Some(message) => Ok(message),
            None => Err(undefined(&used.message, "the message", &used.place)),
        }
    }
}

/// The parts that stand in the body: those that are told, or all that are in no header.
pub(super) fn body_parts<'a>(
    message: &'a Declared,
    bound: Option<&BindingMessage>,
) -> Vec<&'a Part> {
    let told = bound.and_then(|it| it.body.parts.as_ref());
    let is_header = |part: &Part| {
        let mut headers = bound.into_iter().flat_map(|it| &it.headers);
        headers.any(|it| it.message == message.name && it.part == part.name)
    };
    let is_body = |part: &&Part| match told {
        Some(names) => names.contains(&part.name),
        None => !is_header(part),
    };
    message.parts.iter().filter(is_body).collect()
}

/// The one part of a document.
fn document_part<'a>(used: &MessageUse, parts: &[&'a Part]) -> Result<Option<&'a Part>, IdlError> {
    match parts {
        [] => Ok(None),
        [part] => Ok(Some(part)),
        [_, second, ..] => Err(many(&second.place, used)),
    }
}

fn many(place: &Place, used: &MessageUse) -> IdlError {
    IdlError::Unsupported {
        place: place.clone(),
        what: format!(
            "a second part of the body of the message `{}` in the style document",
            used.message
        ),
        instead: "let one element hold both, or name the parts of the body in the binding"
            .to_owned(),
    }
}

//! Elements as fields: their types, how often they occur, and what may stand for them.

use super::complex::Body;
use super::index::undefined;
use super::types::{Key, Resolver, path};
use crate::error::IdlError;
use crate::place::Place;
use crate::wsdl::model::{Builtin, Field, Form, Occurs, Type, shared};
use crate::wsdl::name::{ADDRESSING, QName, XSD};
use crate::wsdl::syntax::schema::Element;

/// Whether it is the global element of a remote reference, which is known without its schema.
fn is_reference(name: &QName) -> bool {
    name.is(ADDRESSING, "EndpointReference")
}

fn reference(name: &QName, documentation: &str, place: &Place) -> Field {
    Field {
        name: name.clone(),
        form: Form::Element,
        ty: Type::Builtin(Builtin::Reference),
        occurs: Occurs::Once,
        nillable: false,
        default: None,
        documentation: shared(documentation),
        place: place.clone(),
    }
}

impl<'a> Resolver<'a> {
    /// The field of an element within a type; nothing for what stands for a schema within a message.
    pub(super) fn element(
        &mut self,
        element: &'a Element,
        is_optional: bool,
        body: &mut Body,
    ) -> Result<Option<Field>, IdlError> {
        if element.is_reference && &*element.name.namespace == XSD {
            body.note("Elements that are not named here are left out.");
            return Ok(None);
        }
        let mut field = match self.substitutable(element)? {
            Some(head) => self.head(head, &element.place)?,
            None => self.declared_element(element, body)?,
        };
        field.occurs = match (element.occurs.repeats(), is_optional) {
            (true, _) => Occurs::Repeated,
            (false, true) => Occurs::Optional,
            (false, false) => Occurs::Once,
        };
        Ok(Some(field))
    }

    /// The field of an element itself, whatever may stand for it.
    pub(super) fn declared_element(
        &mut self,
        element: &'a Element,
        body: &Body,
    ) -> Result<Field, IdlError> {
        let declared = match element.is_reference {
            false => element,
            true => match self.index.elements.get(&element.name) {
                Some(declared) => *declared,
                None if is_reference(&element.name) => {
                    return Ok(reference(
                        &element.name,
                        &element.documentation,
                        &element.place,
                    ));
                }
                None => return Err(undefined(&element.name, "the element", &element.place)),
            },
        };
        let is_global = self.is_global(declared);
        let name = match is_global {
            true => declared.name.clone(),
            false => path(&body.name, &declared.name.local),
        };
        let ty = self.element_type(declared, &name)?;
        let documentation = match element.documentation.is_empty() {
            true => &declared.documentation,
            false => &element.documentation,
        };
        let value = [
            &element.fixed,
            &element.default,
            &declared.fixed,
            &declared.default,
        ];
        let value = value.into_iter().find_map(Option::as_deref);
        Ok(Field {
            name: declared.name.clone(),
            form: Form::Element,
            ty,
            occurs: Occurs::Once,
            nillable: declared.nillable,
            default: value.map(shared),
            documentation: shared(documentation),
            place: element.place.clone(),
        })
    }

    /// The field of a global element where it stands alone: in a body, a header or a fault.
    pub(super) fn global(&mut self, name: &QName, place: &Place) -> Result<Field, IdlError> {
        let Some(&declared) = self.index.elements.get(name) else {
            if is_reference(name) {
                return Ok(reference(name, "", place));
            }
            return Err(undefined(name, "the element", place));
        };
        self.plain_element(declared)
    }

    pub(super) fn plain_element(&mut self, declared: &'a Element) -> Result<Field, IdlError> {
        let body = Body::new(declared.name.clone());
        self.declared_element(declared, &body)
    }

    fn is_global(&self, element: &Element) -> bool {
        let known = self.index.elements.get(&element.name);
        known.is_some_and(|known| std::ptr::eq(*known, element))
    }

    fn element_type(&mut self, element: &'a Element, name: &QName) -> Result<Type, IdlError> {
        let mut at = element;
        let mut steps = 0;
        // An element that may stand for another has the type of that one, unless it has its own.
        loop {
            if let Some(ty) = &at.ty {
                return self.type_use(ty, name, &at.place);
            }
            let head = at.substitutes.as_ref();
            match head.and_then(|head| self.index.elements.get(head)) {
                Some(head) if steps < self.limits.nesting_max => at = head,
                Some(_) => {
                    let max = self.limits.nesting_max;
                    return Err(IdlError::limit(&element.place, "nesting_max", max));
                }
                None => return Ok(Type::Builtin(Builtin::AnyType)),
            }
            steps += 1;
        }
    }

    /// The global element that is referred to, when others may stand for it.
    fn substitutable(&self, element: &Element) -> Result<Option<&'a Element>, IdlError> {
        if !element.is_reference {
            return Ok(None);
        }
        let Some(&head) = self.index.elements.get(&element.name) else {
            if is_reference(&element.name) {
                return Ok(None);
            }
            return Err(undefined(&element.name, "the element", &element.place));
        };
        let is_head = self.index.substitutes.contains_key(&head.name);
        if head.is_abstract && !is_head {
            return Err(IdlError::Unsupported {
                place: element.place.clone(),
                what: format!("the abstract element `{}`", head.name),
                instead: "no element of the files that were read may stand for it; import the schema that has one"
                    .to_owned(),
            });
        }
        Ok(is_head.then_some(head))
    }

    fn head(&mut self, head: &'a Element, place: &Place) -> Result<Field, IdlError> {
        let mut elements = Vec::new();
        self.add_substitutes(head, &mut elements)?;
        let key = Key::Head(head.name.clone());
        let ty = self.choice(key, &head.name, elements, place)?;
        Ok(Field {
            name: head.name.clone(),
            form: Form::Choice,
            ty,
            occurs: Occurs::Once,
            nillable: false,
            default: None,
            documentation: shared(&head.documentation),
            place: place.clone(),
        })
    }
}

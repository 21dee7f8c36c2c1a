//! Whether documents are wrappers around arguments and results, and what they wrap.

use super::complex::Body;
use super::messages::body_parts;
use super::types::Resolver;
use crate::error::IdlError;
use crate::wsdl::model::Form;
use crate::wsdl::name::QName;
use crate::wsdl::syntax::definitions::{
    BindingMessage, BindingOperation, MessageUse, Operation, PartContent,
};

impl<'a> Resolver<'a> {
    /// Whether all operations wrap: the body's one part is an element named as the operation, and the answer's one too
    /// holds fields only.
    pub(super) fn are_wrapped(
        &mut self,
        operations: impl Iterator<Item = (&'a Operation, Option<&'a BindingOperation>)>,
    ) -> Result<bool, IdlError> {
        for (declared, bound) in operations {
            let Some(input) = &declared.input else {
                return Ok(false);
            };
            let request = bound.map(|it| &it.input);
            let headers = request.map_or(0, |it| it.headers.len());
            match self.wrapping(input, request)? {
                Some((name, body)) => {
                    let arguments = body.fields.len() + headers;
                    if *name.local != *declared.name || arguments > self.limits.arguments_max {
                        return Ok(false);
                    }
                }
                None => return Ok(false),
            }
            if let Some(output) = &declared.output
                && self.wrapping(output, bound.map(|it| &it.output))?.is_none()
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn wrapping(
        &mut self,
        used: &'a MessageUse,
        bound: Option<&'a BindingMessage>,
    ) -> Result<Option<(&'a QName, Body)>, IdlError> {
        let message = self.declared(used)?;
        let parts = body_parts(message, bound);
        let [part] = parts.as_slice() else {
            return Ok(None);
        };
        let PartContent::Element(name) = &part.content else {
            return Ok(None);
        };
        let body = self.wrapper(name)?;
        Ok(body.map(|body| (name, body)))
    }

    /// What an element wraps; nothing when it is more than a wrapper.
    pub(super) fn wrapper(&mut self, name: &QName) -> Result<Option<Body>, IdlError> {
        let Some(&element) = self.index.elements.get(name) else {
            return Ok(None);
        };
        if element.nillable || self.index.substitutes.contains_key(name) {
            return Ok(None);
        }
        let Some((decl, complex)) = element.ty.as_ref().and_then(|ty| self.complex_of(ty)) else {
            return Ok(None);
        };
        if complex.is_abstract || complex.is_mixed || self.has_extensions(decl) {
            return Ok(None);
        }
        let mut body = Body::new(name.clone());
        self.complex(decl, complex, &mut body)?;
        let are_fields = body.fields.iter().all(|it| it.form != Form::Text);
        Ok(are_fields.then_some(body))
    }
}

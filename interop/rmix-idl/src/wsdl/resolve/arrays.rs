//! Arrays of the SOAP encoding: types that restrict `soapenc:Array`.

use std::sync::Arc;

use super::complex::Body;
use super::types::{Resolver, path};
use crate::error::IdlError;
use crate::wsdl::model::{Builtin, Type};
use crate::wsdl::name::{QName, SOAP_ENCODING_11, SOAP_ENCODING_12};
use crate::wsdl::syntax::schema::{AttributeUse, Complex, TypeDecl};

impl<'a> Resolver<'a> {
    /// The type of the items, when the type is an array.
    pub(super) fn array_item(
        &mut self,
        decl: &'a TypeDecl,
        complex: &'a Complex,
        name: &QName,
    ) -> Result<Option<(Arc<str>, Type)>, IdlError> {
        let base = complex.derivation.as_ref().map(|it| &it.base);
        let is_array = base.is_some_and(|base| {
            base.is(SOAP_ENCODING_11, "Array") || base.is(SOAP_ENCODING_12, "Array")
        });
        if !is_array {
            return Ok(None);
        }
        let mut elements = Vec::new();
        if let Some(content) = &complex.content {
            self.all_elements(content, &mut elements)?;
        }
        let first = elements.first().map(|it| Arc::clone(&it.name.local));
        let item_name = first.unwrap_or_else(|| Arc::from("item"));
        for used in &complex.attributes {
            let AttributeUse::Attribute(attribute) = used else {
                continue;
            };
            let Some((item, dimensions)) = &attribute.array_type else {
                continue;
            };
            let inner = dimensions
                .strip_prefix('[')
                .and_then(|it| it.strip_suffix(']'));
            let is_plain = inner.is_some_and(|it| it.bytes().all(|c| c.is_ascii_digit()));
            if !is_plain {
                return Err(IdlError::Unsupported {
                    place: attribute.place.clone(),
                    what: format!("an array of the dimensions `{dimensions}`"),
                    instead: "give the inner arrays a type of their own, of one dimension"
                        .to_owned(),
                });
            }
            let ty = self.named(item, &attribute.place)?;
            return Ok(Some((item_name, ty)));
        }
        let [item] = elements.as_slice() else {
            return Ok(Some((item_name, Type::Builtin(Builtin::AnyType))));
        };
        let body = Body::new(path(name, "item"));
        self.deeper(&decl.place, |it| it.declared_element(item, &body))
            .map(|field| Some((item_name, field.ty)))
    }
}

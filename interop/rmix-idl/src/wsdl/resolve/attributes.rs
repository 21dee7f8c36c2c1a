//! Attributes as fields.

use super::complex::Body;
use super::index::undefined;
use super::types::{Resolver, path};
use crate::error::IdlError;
use crate::wsdl::model::{Builtin, Field, Form, Occurs, Type, shared};
use crate::wsdl::name;
use crate::wsdl::syntax::schema::{Attribute, AttributeUse, Presence};

impl<'a> Resolver<'a> {
    /// Adds attributes; those of the same name that the type has inherited are replaced.
    pub(super) fn attributes(
        &mut self,
        uses: &'a [AttributeUse],
        body: &mut Body,
    ) -> Result<(), IdlError> {
        for used in uses {
            match used {
                AttributeUse::Any => body.note("Attributes that are not named here are left out."),
                AttributeUse::Group(name, place) => {
                    let Some(&group) = self.index.attribute_groups.get(name) else {
                        return Err(undefined(name, "the attribute group", place));
                    };
                    self.deeper(&group.place, |it| it.attributes(&group.attributes, body))?;
                }
                AttributeUse::Attribute(attribute) => {
                    self.count(&attribute.place)?;
                    self.attribute(attribute, body)?;
                }
            }
        }
        Ok(())
    }

    fn attribute(&mut self, attribute: &'a Attribute, body: &mut Body) -> Result<(), IdlError> {
        let is_same = |field: &Field| field.form == Form::Attribute && field.name == attribute.name;
        let inherited = body.fields.iter().position(is_same);
        if attribute.presence == Presence::Prohibited {
            body.fields.retain(|field| !is_same(field));
            return Ok(());
        }
        let declared = match (
            attribute.is_reference,
            self.index.attributes.get(&attribute.name),
        ) {
            (false, _) => Some(attribute),
            (true, Some(declared)) => Some(*declared),
            // `xml:lang` and the like; those of the SOAP encoding are the encoder's.
            (true, None) if name::is_known(&attribute.name.namespace) => None,
            (true, None) => {
                return Err(undefined(
                    &attribute.name,
                    "the attribute",
                    &attribute.place,
                ));
            }
        };
        let mut ty = Type::Builtin(Builtin::String);
        let mut default = attribute.fixed.as_deref().or(attribute.default.as_deref());
        let mut documentation = attribute.documentation.as_str();
        if let Some(declared) = declared {
            if let Some(used) = &declared.ty {
                let name = path(&body.name, &declared.name.local);
                ty = self.type_use(used, &name, &declared.place)?;
            }
            default = default.or(declared.fixed.as_deref().or(declared.default.as_deref()));
            if documentation.is_empty() {
                documentation = &declared.documentation;
            }
        }
        let field = Field {
            name: attribute.name.clone(),
            form: Form::Attribute,
            ty,
            occurs: match attribute.presence {
                Presence::Required => Occurs::Once,
                _ => Occurs::Optional,
            },
            nillable: false,
            default: default.map(shared),
            documentation: shared(documentation),
            place: attribute.place.clone(),
        };
        match inherited.and_then(|index| body.fields.get_mut(index)) {
            Some(known) => *known = field,
            None => body.fields.push(field),
        }
        self.check_members(body, &attribute.place)
    }
}

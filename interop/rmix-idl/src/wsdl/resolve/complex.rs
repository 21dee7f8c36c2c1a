//! Complex types: what they extend or restrict, then their own content and attributes.

use std::sync::Arc;

use super::types::{Key, Resolver, builtin, path};
use crate::error::IdlError;
use crate::place::Place;
use crate::wsdl::model::{Builtin, Field, Form, Kind, Occurs, Type, TypeId, shared};
use crate::wsdl::name::QName;
use crate::wsdl::syntax::schema::{
    Complex, Derivation, Element, Occurs as Often, Particle, ParticleKind, TypeDecl, TypeKind,
    TypeUse,
};

/// A struct as it grows.
pub(super) struct Body {
    /// Name of the type, or the path to it.
    pub(super) name: QName,
    pub(super) fields: Vec<Field>,
    pub(super) notes: Vec<String>,
}

impl Body {
    pub(super) fn new(name: QName) -> Body {
        Body {
            name,
            fields: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if self.notes.len() < NOTES_MAX && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

impl<'a> Resolver<'a> {
    pub(super) fn complex_definition(
        &mut self,
        id: TypeId,
        decl: &'a TypeDecl,
        complex: &'a Complex,
        name: &QName,
    ) -> Result<(Kind, Vec<String>), IdlError> {
        if let Some((name, item)) = self.array_item(decl, complex, name)? {
            return Ok((Kind::Array { name, item }, Vec::new()));
        }
        if let Some(elements) = self.only_choice(decl, complex)? {
            let variants = self.variants(&elements, name)?;
            return Ok((Kind::Choice { variants }, Vec::new()));
        }
        let mut body = Body::new(name.clone());
        self.complex(decl, complex, &mut body)?;
        if let Some(derivation) = &complex.derivation
            && derivation.is_extension
        {
            self.bases.push((id, derivation.base.clone()));
        }
        let kind = Kind::Struct {
            fields: body.fields,
            base: None,
            is_abstract: complex.is_abstract,
        };
        Ok((kind, body.notes))
    }

    /// Adds the fields of a type.
    pub(super) fn complex(
        &mut self,
        decl: &'a TypeDecl,
        complex: &'a Complex,
        body: &mut Body,
    ) -> Result<(), IdlError> {
        if complex.is_mixed {
            body.note("Text between the elements is left out.");
        }
        self.deeper(&decl.place, |it| {
            if let Some(derivation) = &complex.derivation {
                it.base(derivation, body)?;
            }
            if let Some(content) = &complex.content {
                it.particle(content, false, body)?;
            }
            it.attributes(&complex.attributes, body)
        })
    }

    fn base(&mut self, derivation: &'a Derivation, body: &mut Body) -> Result<(), IdlError> {
        let place = &derivation.place;
        if let Some(ty) = builtin(&derivation.base) {
            if ty != Type::Builtin(Builtin::AnyType) || derivation.is_simple {
                body.fields.push(text(ty, place));
            }
            return Ok(());
        }
        let Some(&decl) = self.index.types.get(&derivation.base) else {
            return Err(super::index::undefined(&derivation.base, "the type", place));
        };
        let TypeKind::Complex(base) = &decl.kind else {
            if !derivation.is_simple {
                return Err(IdlError::malformed(
                    place,
                    format!(
                        "`{}` is a simple type: what derives from it has simpleContent",
                        decl.name
                    ),
                ));
            }
            let ty = self.named(&derivation.base, place)?;
            body.fields.push(text(ty, place));
            return Ok(());
        };
        if derivation.is_extension {
            return self.complex(decl, base, body);
        }
        // A restriction says its elements again, and inherits its attributes.
        let mut inherited = Body::new(body.name.clone());
        self.complex(decl, base, &mut inherited)?;
        let is_kept = |form: Form| form == Form::Attribute || form == Form::Text;
        body.fields
            .extend(inherited.fields.into_iter().filter(|it| is_kept(it.form)));
        if let Some(narrowed) = &derivation.narrowed {
            let name = path(&body.name, "value");
            let ty = match &narrowed.kind {
                TypeKind::Simple(simple) => self.transparent(simple, &name, &narrowed.place)?,
                TypeKind::Complex(_) => None,
            };
            let field = body.fields.iter_mut().find(|it| it.form == Form::Text);
            match (field, ty) {
                (Some(field), Some(ty)) => field.ty = ty,
                (None, Some(ty)) => body.fields.push(text(ty, place)),
                (_, None) => {}
            }
        }
        Ok(())
    }

    /// The elements of a type that is nothing but a choice between them: it is the enum itself.
    fn only_choice(
        &mut self,
        decl: &TypeDecl,
        complex: &'a Complex,
    ) -> Result<Option<Vec<&'a Element>>, IdlError> {
        let is_plain = complex.derivation.is_none()
            && complex.attributes.is_empty()
            && !complex.is_mixed
            && !complex.is_abstract
            && !self.has_extensions(decl);
        let content = complex.content.as_ref().filter(|it| {
            let is_element =
                |it: &Particle| it.occurs.min > 0 && matches!(it.kind, ParticleKind::Element(_));
            let ParticleKind::Choice(inner) = &it.kind else {
                return false;
            };
            it.occurs == Often::ONCE && inner.iter().all(is_element)
        });
        match content {
            Some(content) if is_plain => self.single_elements(content),
            _ => Ok(None),
        }
    }

    /// The declaration of a complex type that a use leads to.
    pub(super) fn complex_of(&self, used: &'a TypeUse) -> Option<(&'a TypeDecl, &'a Complex)> {
        let decl = match used {
            TypeUse::Inline(decl) => &**decl,
            TypeUse::Named(name) => *self.index.types.get(name)?,
        };
        match &decl.kind {
            TypeKind::Complex(complex) => Some((decl, complex)),
            TypeKind::Simple(_) => None,
        }
    }

    /// The type of a choice at a place of a file.
    pub(super) fn choice_at<T>(
        &mut self,
        at: &'a T,
        elements: Vec<&'a Element>,
        body: &Body,
        place: &Place,
    ) -> Result<Field, IdlError> {
        let key = Key::Choice(std::ptr::from_ref(at).cast());
        let ty = self.choice(key, &path(&body.name, "choice"), elements, place)?;
        Ok(Field {
            name: QName::new("", "choice"),
            form: Form::Choice,
            ty,
            occurs: Occurs::Once,
            nillable: false,
            default: None,
            documentation: shared(""),
            place: place.clone(),
        })
    }
}

/// The text of an element whose content is simple.
fn text(ty: Type, place: &Place) -> Field {
    Field {
        name: QName::new(Arc::from(""), "value"),
        form: Form::Text,
        ty,
        occurs: Occurs::Once,
        nillable: false,
        default: None,
        documentation: shared(""),
        place: place.clone(),
    }
}

/// How many sentences a type has.
const NOTES_MAX: usize = 32;

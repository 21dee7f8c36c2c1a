//! Definitions of types: structs, tuples, enums, and the arrays of SOAP's encoding.

use rmix_abi::describe::{FieldDesc, TypeDesc, field_flags, type_kind};

use super::build::Builder;
use super::model::{Attribute, AttributeOf, Base, Complex, Content, Definition, Occurs, Particle};
use super::place::Place;
use super::shape::{Facets, Shape, optional};
use super::simple::enumeration;
use crate::error::Error;
use crate::names::{self, QName, is_derived, is_enumeration, own_fields};

impl Builder {
    /// Defines all types that have names.
    pub(crate) fn define_types(&mut self, interface: &str) -> Result<(), Error> {
        let named: Vec<_> = self
            .names
            .iter()
            .map(|(name, ty)| (name.clone(), ty))
            .collect();
        for (name, ty) in named {
            let place = Place::new(interface, name.namespace.clone()).within(&name.local)?;
            let definition = self.definition(ty, &name.local, &place)?;
            let schema = self.schema(&name);
            schema.types.push((name.local, definition));
        }
        Ok(())
    }

    /// What a type is; `name` is its own, or that of what it is in.
    pub(super) fn definition(
        &mut self,
        ty: &'static TypeDesc,
        name: &str,
        place: &Place,
    ) -> Result<Definition, Error> {
        if is_derived(ty) {
            return Err(place.unsupported(
                "an enum of derived types without a base",
                "its variants are newtypes of structs, the first of which is the base",
            ));
        }
        if is_enumeration(ty) {
            return Ok(Definition::Simple(enumeration(ty)));
        }
        if ty.kind == type_kind::ENUM {
            let variants = self.variants(ty, place)?;
            return Ok(Definition::Complex(Complex {
                particles: vec![Particle::Choice(variants, Occurs::ONCE)],
                ..Complex::default()
            }));
        }
        let Some(base) = self.base(ty, place)? else {
            return Ok(Definition::Complex(self.complex(
                ty.fields(),
                name,
                place,
            )?));
        };
        let Some(fields) = own_fields(base, ty) else {
            return Err(place.unsupported(
                "derived from a type whose fields it does not start with",
                "repeat the fields of the first variant, in their order, before its own",
            ));
        };
        let mut complex = self.complex(fields, name, place)?;
        let Some(base_name) = self.names.get(base).cloned() else {
            return Err(place.unsupported("derived from a type without a name", "name it"));
        };
        complex.base = match has_text(base) {
            true => Base::Text(base_name),
            false => Base::Type(base_name),
        };
        Ok(Definition::Complex(complex))
    }

    /// The type that a type extends.
    fn base(
        &self,
        ty: &'static TypeDesc,
        place: &Place,
    ) -> Result<Option<&'static TypeDesc>, Error> {
        let mut bases = self.names.bases(ty);
        let base = bases.next();
        if bases.next().is_some() {
            return Err(place.unsupported(
                "derived from two types",
                "a type has one base: let it be in one enum with `xsi_type`",
            ));
        }
        let mut above = base;
        for _ in 0..=self.names.iter().count() {
            let Some(one) = above else {
                return Ok(base);
            };
            above = self.names.bases(one).next();
        }
        Err(place.unsupported(
            "derived from itself",
            "the variants of an enum with `xsi_type` are different types",
        ))
    }

    /// A type with these fields.
    pub(super) fn complex(
        &mut self,
        fields: &'static [FieldDesc],
        name: &str,
        place: &Place,
    ) -> Result<Complex, Error> {
        let mut complex = Complex::default();
        for (index, field) in fields.iter().enumerate() {
            let name = names::field(index, field);
            self.member(
                &mut complex,
                &name,
                field.ty(),
                Facets::of(field.xml()),
                place,
            )?;
        }
        self.name_text(&mut complex, name);
        Ok(complex)
    }

    /// Adds an argument, output or field.
    pub(crate) fn member(
        &mut self,
        complex: &mut Complex,
        name: &QName,
        ty: &'static TypeDesc,
        facets: Facets,
        place: &Place,
    ) -> Result<(), Error> {
        let inner = place.within(&name.local)?;
        self.check_facets(facets, &inner)?;
        if facets.has(field_flags::ATTRIBUTE) {
            let attribute = self.attribute(name, ty, facets, place)?;
            complex.attributes.push(attribute);
        } else if facets.has(field_flags::TEXT) {
            let text = self.simple(optional(ty).unwrap_or(ty), facets, &inner)?;
            if complex.text.replace(text).is_some() {
                return Err(inner.unsupported("the text of an element that has one", "leave one"));
            }
        } else {
            let particle = self.value(name, ty, facets, place)?;
            if particle.names().any(|name| complex.has(name)) {
                return Err(inner.unsupported(
                    "an element of a name that another one in its type has",
                    "rename one of the two on the wire",
                ));
            }
            complex.particles.push(particle);
        }
        if complex.text.is_some() && !complex.particles.is_empty() {
            return Err(inner.unsupported(
                "in a type with text and elements",
                "beside `text` there are attributes only",
            ));
        }
        Ok(())
    }

    fn check_facets(&self, facets: Facets, place: &Place) -> Result<(), Error> {
        if facets.has(field_flags::HEADER) {
            return Err(place.unsupported(
                "a header block in a type",
                "`header` stands on arguments, and on fields of a result with `outputs`",
            ));
        }
        let in_text = field_flags::ATTRIBUTE | field_flags::TEXT | field_flags::LIST;
        if self.is_encoded && facets.has(in_text | field_flags::CHOICE) {
            return Err(place.unsupported(
                "no element of its own, which the encoding wants (SOAP 1.1, section 5)",
                "use another style",
            ));
        }
        Ok(())
    }

    fn attribute(
        &mut self,
        name: &QName,
        ty: &'static TypeDesc,
        facets: Facets,
        place: &Place,
    ) -> Result<Attribute, Error> {
        let inner = place.within(&name.local)?;
        let content = self.simple(optional(ty).unwrap_or(ty), facets, &inner)?;
        let required = optional(ty).is_none();
        if name.is_unqualified() || name.namespace == place.scope {
            let of = AttributeOf::Local {
                name: name.local.clone(),
                qualified: !name.is_unqualified(),
                content,
            };
            return Ok(Attribute { required, of });
        }
        let attributes = &mut self.schema(name).attributes;
        match attributes.iter().find(|(known, _)| *known == name.local) {
            Some((_, known)) if *known != content => {
                return Err(Error::SameElement {
                    path: inner.path(),
                    name: name.clone(),
                });
            }
            Some(_) => {}
            None => attributes.push((name.local.clone(), content)),
        }
        let of = AttributeOf::Reference(name.clone());
        Ok(Attribute { required, of })
    }

    /// Makes a type's text what it is based on, which needs a name.
    pub(crate) fn name_text(&mut self, complex: &mut Complex, name: &str) {
        let Some(text) = complex.text.take() else {
            return;
        };
        let base = self.named(Content::simple(text), format!("{name}Text"));
        complex.base = Base::Text(base);
    }

    /// The type of an encoded array.
    pub(super) fn array(
        &mut self,
        element: &'static TypeDesc,
        place: &Place,
    ) -> Result<QName, Error> {
        let place = place.within(names::ITEM)?;
        let facets = Facets::of(&rmix_abi::describe::FieldXml::PLAIN);
        let shape = Shape::of(element, facets, true, &place)?;
        let content = self.content(shape.ty, facets, &QName::new("", names::ITEM), &place)?;
        let element = self.named(content, "Item".to_owned());
        if let Some((_, known)) = self.arrays.iter().find(|(of, _)| *of == element) {
            return Ok(known.clone());
        }
        let array = Complex {
            base: Base::Array(element.clone()),
            ..Complex::default()
        };
        let name = format!("ArrayOf{}", capitalised(&element.local));
        let name = self.named(Content::complex(array), name);
        self.arrays.push((element, name.clone()));
        Ok(name)
    }
}

/// The name with its first letter as a capital.
pub(crate) fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}

fn has_text(ty: &TypeDesc) -> bool {
    ty.fields()
        .iter()
        .any(|field| field.xml().has(field_flags::TEXT))
}

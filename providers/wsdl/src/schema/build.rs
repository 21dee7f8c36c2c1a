//! Elements of values: from descriptions to the model of a schema.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rmix_abi::describe::{TypeDesc, VariantDesc, field_flags, type_kind};
use rmix_abi::tables::shape;

use super::model::{Complex, Content, Definition, Element, Occurs, Particle, Schema, Simple};
use super::place::Place;
use super::shape::{Facets, Shape, optional, sequence};
use super::simple::primitive;
use crate::error::Error;
use crate::names::{ITEM, QName, TypeNames, extended, is_derived, item};

/// Collects the schemas of an interface.
pub(crate) struct Builder {
    pub(crate) names: TypeNames,
    /// The interface's namespace.
    pub(crate) namespace: &'static str,
    /// Whether values are written as SOAP 1.1, section 5 has it.
    pub(crate) is_encoded: bool,
    schemas: BTreeMap<Cow<'static, str>, Schema>,
    /// Types of encoded arrays, by their elements' types.
    pub(super) arrays: Vec<(QName, QName)>,
}

impl Builder {
    pub(crate) fn new(namespace: &'static str, names: TypeNames, is_encoded: bool) -> Builder {
        Builder {
            names,
            namespace,
            is_encoded,
            schemas: BTreeMap::new(),
            arrays: Vec::new(),
        }
    }

    /// The schema that something of this name is in.
    pub(crate) fn schema(&mut self, of: &QName) -> &mut Schema {
        let schema = self.schemas.entry(of.namespace.clone());
        schema.or_insert_with(|| Schema {
            namespace: of.namespace.clone(),
            elements: Vec::new(),
            attributes: Vec::new(),
            types: Vec::new(),
        })
    }

    /// The schemas, that of the interface first, then by namespace.
    pub(crate) fn schemas(&self) -> Vec<&Schema> {
        let (first, others): (Vec<_>, Vec<_>) = self
            .schemas
            .values()
            .partition(|schema| schema.namespace == self.namespace);
        first.into_iter().chain(others).collect()
    }

    /// Declares an element that stands alone; the same one may be declared again.
    pub(crate) fn declare(
        &mut self,
        name: &QName,
        nillable: bool,
        content: Content,
        place: &Place,
    ) -> Result<(), Error> {
        let element = Element {
            name: name.local.clone(),
            qualified: true,
            occurs: Occurs::ONCE,
            nillable,
            content,
        };
        let schema = self.schema(name);
        match schema.elements.iter().find(|one| one.name == element.name) {
            Some(known) if *known == element => Ok(()),
            Some(_) => Err(Error::SameElement {
                path: place.path(),
                name: name.clone(),
            }),
            None => {
                schema.elements.push(element);
                Ok(())
            }
        }
    }

    /// Declares the element of a value that stands alone; says whether it may be missing.
    pub(crate) fn alone(
        &mut self,
        name: &QName,
        ty: &'static TypeDesc,
        facets: Facets,
        place: &Place,
    ) -> Result<bool, Error> {
        let place = place.within(&name.local)?.in_schema(name);
        let shape = Shape::of(ty, facets, self.is_encoded, &place)?;
        if shape.occurs.max != Some(1) {
            return Err(place.unsupported(
                "a sequence where one element stands alone",
                "put it into an element with `#[rmix(wrapped = \"item\")]` or a struct",
            ));
        }
        let content = self.content(shape.ty, facets, name, &place)?;
        self.declare(name, shape.nillable, content, &place)?;
        Ok(shape.occurs.min == 0)
    }

    /// What stands for a value in a sequence.
    pub(crate) fn value(
        &mut self,
        name: &QName,
        ty: &'static TypeDesc,
        facets: Facets,
        place: &Place,
    ) -> Result<Particle, Error> {
        let inner = place.within(&name.local)?;
        if facets.has(field_flags::CHOICE) {
            return self.choice(ty, facets, &inner);
        }
        let inner = inner.in_schema(name);
        let shape = Shape::of(ty, facets, self.is_encoded, &inner)?;
        let content = self.content(shape.ty, facets, name, &inner)?;
        self.particle(name, &shape, content, place)
    }

    /// The element itself, or a reference to it when it is of another namespace than what it stands in.
    fn particle(
        &mut self,
        name: &QName,
        shape: &Shape,
        content: Content,
        place: &Place,
    ) -> Result<Particle, Error> {
        if !name.is_unqualified() && name.namespace != place.scope {
            self.declare(name, shape.nillable, content, &place.within(&name.local)?)?;
            return Ok(Particle::Reference(name.clone(), shape.occurs));
        }
        Ok(Particle::Element(Element {
            name: name.local.clone(),
            qualified: !name.is_unqualified(),
            occurs: shape.occurs,
            nillable: shape.nillable,
            content,
        }))
    }

    /// The variants of an enum in place of its element.
    fn choice(
        &mut self,
        ty: &'static TypeDesc,
        facets: Facets,
        place: &Place,
    ) -> Result<Particle, Error> {
        let shape = Shape::of(ty, facets, self.is_encoded, place)?;
        if shape.ty.kind != type_kind::ENUM {
            return Err(place.unsupported(
                "a choice that is no enum",
                "`choice` stands on enums, options and sequences of them",
            ));
        }
        let variants = self.variants(shape.ty, place)?;
        Ok(Particle::Choice(variants, shape.occurs))
    }

    pub(super) fn variants(
        &mut self,
        ty: &'static TypeDesc,
        place: &Place,
    ) -> Result<Vec<Particle>, Error> {
        let variants = ty.variants().iter();
        variants
            .map(|variant| {
                let name = QName::new(variant.xml().namespace(), variant.xml_name());
                let inner = place.within(&name.local)?.in_schema(&name);
                let (shape, content) = self.variant(variant, &name, &inner)?;
                self.particle(&name, &shape, content, place)
            })
            .collect()
    }

    /// Declares the element of a fault's detail.
    pub(crate) fn fault(
        &mut self,
        name: &QName,
        variant: &'static VariantDesc,
        place: &Place,
    ) -> Result<(), Error> {
        let place = place.within(&name.local)?.in_schema(name);
        let (shape, content) = self.variant(variant, name, &place)?;
        if shape.occurs != Occurs::ONCE {
            return Err(place.unsupported(
                "a fault with a sequence as its content",
                "put it into a struct",
            ));
        }
        self.declare(name, shape.nillable, content, &place)
    }

    fn variant(
        &mut self,
        variant: &'static VariantDesc,
        name: &QName,
        place: &Place,
    ) -> Result<(Shape, Content), Error> {
        let facets = Facets::of(variant.xml());
        let once = |ty| Shape {
            occurs: Occurs::ONCE,
            nillable: false,
            ty,
        };
        match (variant.shape, variant.fields()) {
            (shape::NEWTYPE, [only]) => {
                let shape = Shape::of(only.ty(), facets, self.is_encoded, place)?;
                if shape.occurs.min == 0 && shape.occurs.max == Some(1) {
                    return Err(place.unsupported(
                        "a variant that may be absent",
                        "let it be nil with `#[rmix(nillable)]`",
                    ));
                }
                let content = self.content(shape.ty, facets, name, place)?;
                Ok((shape, content))
            }
            (_, fields) => {
                let complex = self.complex(fields, &name.local, place)?;
                Ok((once(&NOTHING), Content::complex(complex)))
            }
        }
    }

    /// What is in a value's element, which is called `around`.
    pub(crate) fn content(
        &mut self,
        ty: &'static TypeDesc,
        facets: Facets,
        around: &QName,
        place: &Place,
    ) -> Result<Content, Error> {
        if facets.has(field_flags::LIST) {
            return Ok(Content::simple(self.simple(ty, facets, place)?));
        }
        if let Some(element) = sequence(ty) {
            if self.is_encoded {
                return Ok(Content::Named(self.array(element, place)?));
            }
            let name = QName::new(around.namespace.clone(), item(facets.item));
            let items = self.value(&name, ty, facets.of_items(), place)?;
            return Ok(Content::complex(Complex {
                particles: vec![items],
                ..Complex::default()
            }));
        }
        if facets.has(field_flags::WRAPPED) {
            return Err(place.unsupported(
                "no sequence, but `wrapped`",
                "the facet stands on sequences and options of them",
            ));
        }
        self.of_type(ty, facets, place)
    }

    fn of_type(
        &mut self,
        ty: &'static TypeDesc,
        facets: Facets,
        place: &Place,
    ) -> Result<Content, Error> {
        if primitive(ty, facets).is_some() || !ty.xml().builtin().is_empty() {
            return Ok(Content::simple(self.simple(ty, facets, place)?));
        }
        if is_derived(ty) && ty.variants().iter().any(|one| extended(one).is_none()) {
            return Err(place.unsupported(
                "an enum with `xsi_type` and a variant that is no derived type",
                "let each variant be a newtype of a struct",
            ));
        }
        if let Some(name) = self.names.get(ty) {
            return Ok(Content::Named(name.clone()));
        }
        let definition = match ty.kind {
            type_kind::UNIT => Definition::Complex(Complex::default()),
            type_kind::MAP => {
                return Err(place.unsupported(
                    "a map, which XML Schema does not have",
                    "use a sequence of structs with key and value",
                ));
            }
            type_kind::ANY => {
                return Err(place.unsupported(
                    "any value, which SOAP cannot carry without a type",
                    "use an enum of what it may be",
                ));
            }
            type_kind::STRUCT | type_kind::TUPLE | type_kind::ENUM => {
                self.definition(ty, ITEM, place)?
            }
            type_kind::OPTION if optional(ty).is_some() => {
                return Err(place.unsupported(
                    "an option where nothing can be absent",
                    "put it into a struct",
                ));
            }
            _ => return Err(place.unsupported("of a kind that SOAP does not have", "leave it out")),
        };
        Ok(Content::Defined(Box::new(definition)))
    }

    /// A type with a name for what is in an element.
    pub(crate) fn named(&mut self, content: Content, wanted: String) -> QName {
        let definition = match content {
            Content::Named(name) => return name,
            Content::Defined(definition) => *definition,
        };
        if let Definition::Simple(Simple::Bounded { base, .. }) = definition {
            return base;
        }
        let name = self.names.take(QName::new(self.namespace, wanted));
        let schema = self.schema(&name);
        schema.types.push((name.local.clone(), definition));
        name
    }
}

static NOTHING: TypeDesc = TypeDesc::plain(type_kind::UNIT);

//! Types on their way into the description: each gets an id when it is first asked for, and its content later, so that
//! types may contain themselves and no type is looked at twice.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::complex::Body;
use super::index::{Index, undefined};
use crate::error::IdlError;
use crate::place::Place;
use crate::wsdl::limits::Limits;
use crate::wsdl::load::Loaded;
use crate::wsdl::model::{Builtin, Field, Kind, Type, TypeDef, TypeId, shared};
use crate::wsdl::name::{ADDRESSING, QName, SOAP_ENCODING_11, SOAP_ENCODING_12, XSD};
use crate::wsdl::syntax::schema::{Element, TypeDecl, TypeKind, TypeUse};

/// What has the same type each time it is asked for. Declarations without a name are told apart by where they are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Type(QName),
    Derived(QName),
    Head(QName),
    Inline(*const TypeDecl),
    Choice(*const ()),
}

/// What is still to be filled in.
enum Job<'a> {
    Type(&'a TypeDecl),
    Derived(&'a TypeDecl),
    Choice(Vec<&'a Element>),
}

pub(super) struct Resolver<'a> {
    pub(super) index: &'a Index<'a>,
    pub(super) limits: &'a Limits,
    types: Vec<TypeDef>,
    ids: BTreeMap<Key, TypeId>,
    jobs: VecDeque<(TypeId, Job<'a>)>,
    /// Types that extend another, which may come to be part of the description after them.
    pub(super) bases: Vec<(TypeId, QName)>,
    pub(super) operations: usize,
    particles_left: usize,
    depth: usize,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(index: &'a Index<'a>, limits: &'a Limits) -> Resolver<'a> {
        Resolver {
            index,
            limits,
            types: Vec::new(),
            ids: BTreeMap::new(),
            jobs: VecDeque::new(),
            bases: Vec::new(),
            operations: 0,
            particles_left: limits.particles_max,
            depth: 0,
        }
    }

    /// Asks for all types and elements of the schemas, and gives the elements.
    pub(super) fn all(&mut self, loaded: &'a Loaded) -> Result<Vec<Field>, IdlError> {
        let mut elements = Vec::new();
        for schema in &loaded.schemas {
            for ty in &schema.types {
                self.named(&ty.name, &ty.place)?;
            }
            for element in &schema.elements {
                elements.push(self.plain_element(element)?);
            }
        }
        Ok(elements)
    }

    /// Fills in everything that was asked for.
    pub(super) fn finish(mut self) -> Result<Vec<TypeDef>, IdlError> {
        while let Some((id, job)) = self.jobs.pop_front() {
            let (kind, notes) = match job {
                Job::Type(decl) => self.definition(id, decl)?,
                Job::Derived(decl) => self.derived(decl)?,
                Job::Choice(elements) => {
                    let name = self.name_of(id);
                    let variants = self.variants(&elements, &name)?;
                    (Kind::Choice { variants }, Vec::new())
                }
            };
            if let Some(def) = self.types.get_mut(id.0) {
                def.kind = kind;
                def.notes = notes;
            }
        }
        for (id, name) in std::mem::take(&mut self.bases) {
            let found = self.ids.get(&Key::Type(name)).copied();
            if let Some(def) = self.types.get_mut(id.0)
                && let Kind::Struct { base, .. } = &mut def.kind
            {
                *base = found;
            }
        }
        Ok(self.types)
    }

    pub(super) fn name_of(&self, id: TypeId) -> QName {
        let def = self.types.get(id.0);
        def.map_or_else(|| QName::new("", "Type"), |def| def.name.clone())
    }

    /// The type of a use; one without a name gets the path to it.
    pub(super) fn type_use(
        &mut self,
        used: &'a TypeUse,
        path: &QName,
        place: &Place,
    ) -> Result<Type, IdlError> {
        match used {
            TypeUse::Named(name) => self.named(name, place),
            TypeUse::Inline(decl) => self.inline(decl, path),
        }
    }

    fn inline(&mut self, decl: &'a TypeDecl, path: &QName) -> Result<Type, IdlError> {
        if let TypeKind::Simple(simple) = &decl.kind
            && let Some(ty) = self.transparent(simple, path, &decl.place)?
        {
            return Ok(ty);
        }
        let key = Key::Inline(std::ptr::from_ref(decl));
        let id = self.ask(key, path, decl, Job::Type(decl))?;
        Ok(Type::Named(id))
    }

    /// The type of a name: one of XML Schema itself, or of the description. Where types extend a complex type, one of them
    /// may stand in its place.
    pub(super) fn named(&mut self, name: &QName, place: &Place) -> Result<Type, IdlError> {
        if let Some(ty) = builtin(name) {
            return Ok(ty);
        }
        // Whatever the files say of it: a reference is read and written as one.
        if name.is(ADDRESSING, "EndpointReferenceType") {
            return Ok(Type::Builtin(Builtin::Reference));
        }
        let Some(&decl) = self.index.types.get(name) else {
            if name.is(SOAP_ENCODING_11, "Array") || name.is(SOAP_ENCODING_12, "Array") {
                return Err(IdlError::Unsupported {
                    place: place.clone(),
                    what: "an array whose items have any type".to_owned(),
                    instead: "restrict it to an arrayType".to_owned(),
                });
            }
            return Err(undefined(name, "the type", place));
        };
        if self.has_extensions(decl) {
            let id = self.ask(Key::Derived(name.clone()), name, decl, Job::Derived(decl))?;
            return Ok(Type::Named(id));
        }
        self.exactly(decl).map(Type::Named)
    }

    /// The global type itself, not what extends it.
    pub(super) fn exactly(&mut self, decl: &'a TypeDecl) -> Result<TypeId, IdlError> {
        let key = Key::Type(decl.name.clone());
        self.ask(key, &decl.name, decl, Job::Type(decl))
    }

    /// Whether types extend a complex type. What extends a simple one adds attributes to its text, and never stands for it.
    pub(super) fn has_extensions(&self, decl: &TypeDecl) -> bool {
        matches!(decl.kind, TypeKind::Complex(_))
            && !decl.name.local.is_empty()
            && self.index.extensions.contains_key(&decl.name)
    }

    /// The type of a choice between elements.
    pub(super) fn choice(
        &mut self,
        key: Key,
        path: &QName,
        elements: Vec<&'a Element>,
        place: &Place,
    ) -> Result<Type, IdlError> {
        if let Some(id) = self.ids.get(&key) {
            return Ok(Type::Named(*id));
        }
        let def = empty(path.clone(), false, "", place);
        let id = self.add(key, def, Job::Choice(elements))?;
        Ok(Type::Named(id))
    }

    fn ask(
        &mut self,
        key: Key,
        path: &QName,
        decl: &TypeDecl,
        job: Job<'a>,
    ) -> Result<TypeId, IdlError> {
        if let Some(id) = self.ids.get(&key) {
            return Ok(*id);
        }
        let is_named = !decl.name.local.is_empty();
        let name = match is_named {
            true => decl.name.clone(),
            false => QName::new(Arc::clone(&decl.name.namespace), Arc::clone(&path.local)),
        };
        let def = empty(name, is_named, &decl.documentation, &decl.place);
        self.add(key, def, job)
    }

    fn add(&mut self, key: Key, def: TypeDef, job: Job<'a>) -> Result<TypeId, IdlError> {
        if self.types.len() >= self.limits.types_max {
            let max = self.limits.types_max;
            return Err(IdlError::limit(&def.place, "types_max", max));
        }
        let id = TypeId(self.types.len());
        self.types.push(def);
        self.ids.insert(key, id);
        self.jobs.push_back((id, job));
        Ok(id)
    }

    fn definition(
        &mut self,
        id: TypeId,
        decl: &'a TypeDecl,
    ) -> Result<(Kind, Vec<String>), IdlError> {
        let name = self.name_of(id);
        match &decl.kind {
            TypeKind::Simple(simple) => self.simple(simple, &name, &decl.place),
            TypeKind::Complex(complex) => self.complex_definition(id, decl, complex, &name),
        }
    }

    /// A type, and all named ones that extend it, directly or through others, each after the one that it extends.
    fn derived(&mut self, decl: &'a TypeDecl) -> Result<(Kind, Vec<String>), IdlError> {
        let base = self.exactly(decl)?;
        let mut seen = BTreeSet::from([&decl.name]);
        let mut waiting = VecDeque::from([&decl.name]);
        let mut derived = Vec::new();
        while let Some(name) = waiting.pop_front() {
            let extensions = self.index.extensions.get(name);
            for extension in extensions.into_iter().flatten() {
                self.count(&extension.place)?;
                if seen.insert(&extension.name) {
                    derived.push(self.exactly(extension)?);
                    waiting.push_back(&extension.name);
                }
            }
        }
        Ok((Kind::Derived { base, derived }, Vec::new()))
    }

    /// Counts an element, group or attribute.
    pub(super) fn count(&mut self, place: &Place) -> Result<(), IdlError> {
        match self.particles_left.checked_sub(1) {
            Some(left) => self.particles_left = left,
            None => {
                let max = self.limits.particles_max;
                return Err(IdlError::limit(place, "particles_max", max));
            }
        }
        Ok(())
    }

    /// Checks that a type has not come to have too many fields.
    pub(super) fn check_members(&self, body: &Body, place: &Place) -> Result<(), IdlError> {
        let max = self.limits.members_max;
        match body.fields.len() > max {
            true => Err(IdlError::limit(place, "members_max", max)),
            false => Ok(()),
        }
    }

    /// Goes one step further from one declaration to the next.
    pub(super) fn deeper<T>(
        &mut self,
        place: &Place,
        run: impl FnOnce(&mut Self) -> Result<T, IdlError>,
    ) -> Result<T, IdlError> {
        self.count(place)?;
        if self.depth >= self.limits.nesting_max {
            let max = self.limits.nesting_max;
            return Err(IdlError::limit(place, "nesting_max", max));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }
}

/// The types of XML Schema itself, and of the SOAP encoding.
pub(super) fn builtin(name: &QName) -> Option<Type> {
    if ![XSD, SOAP_ENCODING_11, SOAP_ENCODING_12].contains(&&*name.namespace) {
        return None;
    }
    match &*name.local {
        "NMTOKENS" | "IDREFS" | "ENTITIES" => {
            Some(Type::List(Box::new(Type::Builtin(Builtin::String))))
        }
        local => Builtin::find(local).map(Type::Builtin),
    }
}

/// A path one step further.
pub(super) fn path(to: &QName, step: &str) -> QName {
    let local = format!("{}_{step}", to.local);
    // A path of long names is cut: it is a suggestion for a name.
    let end = local.floor_char_boundary(PATH_LENGTH_MAX);
    let local = local.get(..end).unwrap_or_default();
    QName::new(Arc::clone(&to.namespace), local)
}

fn empty(name: QName, is_named: bool, documentation: &str, place: &Place) -> TypeDef {
    TypeDef {
        name,
        is_named,
        documentation: shared(documentation),
        notes: Vec::new(),
        kind: Kind::Alias(Type::Builtin(Builtin::AnyType)),
        place: place.clone(),
    }
}

/// Bytes of a name that is made from a path.
const PATH_LENGTH_MAX: usize = 200;

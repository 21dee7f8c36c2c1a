//! All files that the first one leads to, each read once. Cycles are as fine as they are common.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use crate::error::IdlError;
use crate::place::Place;

use super::limits::Limits;
use super::name;
use super::read::{self, Document};
use super::source::{Found, Reach, Source, Sources, without_user};
use super::syntax::definitions::Definitions;
use super::syntax::schema::{Reference, ReferenceKind, Schema};

/// What all files say.
#[derive(Default)]
pub(crate) struct Loaded {
    pub(crate) files: Vec<String>,
    pub(crate) definitions: Vec<Definitions>,
    pub(crate) schemas: Vec<Schema>,
}

/// Reads the first file and all that it leads to.
pub(crate) fn load(sources: &Sources, first: Reach, limits: &Limits) -> Result<Loaded, IdlError> {
    let mut run = Run {
        sources,
        limits,
        loaded: Loaded::default(),
        seen: BTreeSet::new(),
        with_namespace: BTreeSet::new(),
        count: 0,
        missing: Vec::new(),
        elements_left: limits.elements_max,
        bytes_left: limits.total_bytes_max,
    };
    run.all(first)?;
    let schemas = run.loaded.schemas.iter().map(|it| &*it.namespace);
    let messages = run
        .loaded
        .definitions
        .iter()
        .filter(|it| !it.messages.is_empty());
    let known = Known {
        schemas: schemas.collect(),
        definitions: messages.map(|it| &*it.namespace).collect(),
    };
    for (reference, reason) in run.missing {
        known.check(&reference, reason)?;
    }
    Ok(run.loaded)
}

/// A file to be read, with the namespace that it takes when it has none.
type Next = (Arc<Source>, Arc<str>);

struct Run<'a> {
    sources: &'a Sources,
    limits: &'a Limits,
    loaded: Loaded,
    /// Files that were read, each with the namespace that it was given.
    seen: BTreeSet<(String, Arc<str>)>,
    /// Files among them whose schema has a namespace of its own.
    with_namespace: BTreeSet<String>,
    /// How many were read.
    count: usize,
    /// What is not there, and may be known otherwise.
    missing: Vec<(Reference, String)>,
    elements_left: usize,
    bytes_left: usize,
}

impl Run<'_> {
    fn all(&mut self, first: Reach) -> Result<(), IdlError> {
        let none: Arc<str> = Arc::from("");
        let start = Place::start(&first.name);
        self.count(&start)?;
        let first = Arc::new(self.read(first, &start)?);
        let mut queue = VecDeque::new();
        queue.push_back((Arc::clone(&first), none));
        self.seen.insert((first.key.clone(), Arc::from("")));
        while let Some((source, namespace)) = queue.pop_front() {
            let references = self.one(&source, &namespace)?;
            for reference in references {
                let found = self.follow(reference, &source, &first)?;
                queue.extend(found);
            }
        }
        Ok(())
    }

    fn count(&mut self, place: &Place) -> Result<(), IdlError> {
        if self.count >= self.limits.files_max {
            return Err(IdlError::limit(place, "files_max", self.limits.files_max));
        }
        self.count += 1;
        Ok(())
    }

    /// The text of a file that is named at a place.
    fn read(&mut self, reach: Reach, place: &Place) -> Result<Source, IdlError> {
        let source = self.sources.read(reach, self.limits)?;
        match self.bytes_left.checked_sub(source.text.len()) {
            Some(left) => self.bytes_left = left,
            None => {
                let max = self.limits.total_bytes_max;
                return Err(IdlError::limit(place, "total_bytes_max", max));
            }
        }
        Ok(source)
    }

    /// Reads one file, and gives what it refers to.
    fn one(&mut self, source: &Source, namespace: &Arc<str>) -> Result<Vec<Reference>, IdlError> {
        let document = read::read(source, namespace, self.limits, &mut self.elements_left)?;
        let name = source.name.to_string();
        if !self.loaded.files.contains(&name) {
            self.loaded.files.push(name);
        }
        let mut references = Vec::new();
        match document {
            Document::Definitions(mut definitions) => {
                references.append(&mut definitions.references);
                for mut schema in definitions.schemas.drain(..) {
                    references.append(&mut schema.references);
                    self.loaded.schemas.push(schema);
                }
                self.loaded.definitions.push(*definitions);
            }
            Document::Schema(mut schema) => {
                references.append(&mut schema.references);
                self.loaded.schemas.push(*schema);
            }
        }
        Ok(references)
    }

    /// The file that a reference leads to, unless it was read already.
    fn follow(
        &mut self,
        reference: Reference,
        from: &Source,
        first: &Source,
    ) -> Result<Option<Next>, IdlError> {
        let Some(location) = reference.location.as_deref().filter(|it| !it.is_empty()) else {
            return Ok(None);
        };
        if let ReferenceKind::Import(namespace) = &reference.kind
            && name::is_known(namespace)
        {
            return Ok(None);
        }
        match self.sources.find(location, from, first, &reference.place)? {
            Found::Elsewhere(reason) => {
                self.missing.push((reference, reason));
                Ok(None)
            }
            Found::File(reach) => {
                let namespace = match reference.kind {
                    ReferenceKind::Include(namespace) => namespace,
                    _ => Arc::from(""),
                };
                // An included schema with a namespace of its own is the same in all of them.
                let plain = (reach.key.clone(), Arc::from(""));
                let key = (reach.key.clone(), Arc::clone(&namespace));
                if self.seen.contains(&key) || self.with_namespace.contains(&reach.key) {
                    return Ok(None);
                }
                self.count(&reference.place)?;
                let source = self.read(reach, &reference.place)?;
                if has_namespace(&source.text) {
                    self.with_namespace.insert(source.key.clone());
                    if !self.seen.insert(plain) {
                        return Ok(None);
                    }
                } else {
                    self.seen.insert(key);
                }
                Ok(Some((Arc::new(source), namespace)))
            }
        }
    }
}

/// Whether the file's first element has a target namespace. When in doubt it has none, and the file is read once for each
/// namespace that it is included into.
fn has_namespace(text: &str) -> bool {
    let mut elements_left = 1;
    let limits = Limits::default();
    let file = Arc::from("");
    let mut reader = super::xml::Reader::new(file, text, &limits, &mut elements_left);
    let root = reader.root();
    root.is_ok_and(|root| root.attribute("targetNamespace").is_some())
}

/// Namespaces of what was read.
struct Known<'a> {
    schemas: BTreeSet<&'a str>,
    definitions: BTreeSet<&'a str>,
}

impl Known<'_> {
    /// What was not found is fine when its names are known otherwise.
    fn check(&self, reference: &Reference, reason: String) -> Result<(), IdlError> {
        let is_known = match &reference.kind {
            // Of WS-Addressing the reference is known, which is what descriptions take of it.
            ReferenceKind::Import(namespace) => {
                &**namespace == name::ADDRESSING || self.schemas.contains(&**namespace)
            }
            ReferenceKind::Definitions(namespace) => self.definitions.contains(&**namespace),
            ReferenceKind::Include(_) => false,
        };
        if is_known {
            return Ok(());
        }
        Err(IdlError::Location {
            place: reference.place.clone(),
            location: without_user(reference.location.as_deref().unwrap_or_default()),
            reason,
        })
    }
}

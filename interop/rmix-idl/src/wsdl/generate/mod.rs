//! Rust for a description: types with serde's traits and facets, and a trait for every interface.

mod answers;
mod attribute;
mod docs;
mod endpoints;
mod fields;
mod interface;
mod names;
mod rust_type;
mod types;

use std::collections::BTreeSet;

use crate::generate::text::Text;

use super::model::{Description, Field, Kind, Type, TypeId};

use answers::Answers;
use names::Names;

/// How Rust is generated.
#[derive(Debug, Clone, Default)]
pub struct Generate {
    keep_arrays: bool,
}

impl Generate {
    /// The default way.
    pub fn new() -> Generate {
        Generate::default()
    }

    /// Sets whether types that only hold items of one name stay structs. They become `Vec` with `#[rmix(wrapped = "…")]`
    /// otherwise, where one field holds one of them.
    #[must_use]
    pub fn keep_arrays(mut self, keep: bool) -> Generate {
        self.keep_arrays = keep;
        self
    }

    /// Rust source for a description, formatted as rustfmt does. Its documentation has the texts of the files.
    pub fn rust(&self, description: &Description) -> String {
        let mut names = Names::of(description);
        let mut generator = Generator {
            description,
            options: self,
            names: Names::of(description),
            cycles: description.cycles(),
            answers: Answers::new(),
        };
        let mut out = Text::default();
        generator.endpoints(&mut out);
        let used = generator.used();
        for (id, def) in description.types() {
            if used.contains(&id) || !generator.is_array(id) {
                generator.type_def(id, def, &mut out);
            }
        }
        generator.answers = generator.answers(&mut names, &mut out);
        for (index, interface) in description.interfaces.iter().enumerate() {
            generator.interface(index, interface, &mut out);
        }
        let head = "// Generated from a WSDL or an XML Schema. Changes are lost when it is generated again.\n";
        match out.text.is_empty() {
            true => head.to_owned(),
            false => format!("{head}\n{}", out.text),
        }
    }
}

/// One run over one description.
struct Generator<'a> {
    description: &'a Description,
    options: &'a Generate,
    names: Names,
    /// Number of the cycle that each type is in.
    cycles: Vec<usize>,
    answers: Answers,
}

impl Generator<'_> {
    /// Types that are named by something: arrays whose fields hold their items themselves are not among them.
    fn used(&self) -> BTreeSet<TypeId> {
        let mut used = BTreeSet::new();
        let mut add = |field: &Field| {
            let mut ty = self.items(field).map_or(&field.ty, |items| items.ty);
            while let Type::List(item) = ty {
                ty = item;
            }
            if let Type::Named(id) = ty {
                used.insert(*id);
            }
        };
        for interface in &self.description.interfaces {
            for operation in &interface.operations {
                let response = operation.response.iter().flat_map(|it| &it.parts);
                operation
                    .request
                    .parts
                    .iter()
                    .chain(response)
                    .for_each(&mut add);
                let faults = operation.faults.iter().map(|fault| &fault.detail);
                faults.for_each(&mut add);
            }
        }
        for (_, def) in self.description.types() {
            match &def.kind {
                Kind::Struct { fields, .. } => fields.iter().for_each(&mut add),
                Kind::Choice { variants } => variants.iter().for_each(&mut add),
                _ => {}
            }
        }
        for (_, def) in self.description.types() {
            match &def.kind {
                Kind::Derived { base, derived } => {
                    used.insert(*base);
                    used.extend(derived);
                }
                Kind::Array {
                    item: Type::Named(id),
                    ..
                } => {
                    used.insert(*id);
                }
                _ => {}
            }
        }
        used
    }

    /// Whether a type may be left out when nothing names it: an array that fields hold as their own.
    fn is_array(&self, id: TypeId) -> bool {
        match &self.description.type_def(id).kind {
            Kind::Array { .. } => true,
            Kind::Struct { fields, .. } => {
                // Of a schema alone all types are wanted.
                let is_lone = self.description.interfaces.is_empty();
                !is_lone && !self.options.keep_arrays && fields.len() == 1
            }
            _ => false,
        }
    }
}

//! What methods give: a result, a struct of several outputs, an error for the declared faults.

use std::collections::BTreeMap;

use super::attribute::{self, Meta};
use super::fields::{document_name, qualified, rename, variant};
use super::names::{Names, identifier};
use super::types::DERIVES;
use super::{Generator, docs};
use crate::generate::names::Members;
use crate::generate::text::Text;
use crate::wsdl::keys;
use crate::wsdl::model::{Fault, Field, Form, Message, Operation};
use crate::wsdl::name::QName;

/// What a method gives.
#[derive(Default)]
pub(super) struct Answer {
    /// The return type, with its arrow.
    pub(super) returned: String,
    /// The element of the only output, where that is the result itself.
    pub(super) result: Option<QName>,
    /// Whether the result is a struct of outputs.
    pub(super) is_outputs: bool,
}

/// A struct or enum that no file names.
enum Item {
    Outputs { name: String, of: (usize, usize) },
    Faults { name: String, of: (usize, usize) },
}

/// Answers by interface and operation.
pub(super) type Answers = BTreeMap<(usize, usize), Answer>;

impl Generator<'_> {
    /// Finds what all methods give, and writes the structs and enums for it.
    pub(super) fn answers(&mut self, names: &mut Names, out: &mut Text) -> Answers {
        let mut answers = Answers::new();
        let mut items = Vec::new();
        // Operations with the same faults share their error.
        let mut errors: BTreeMap<Vec<QName>, String> = BTreeMap::new();
        for (index, interface) in self.description.interfaces.iter().enumerate() {
            for (number, operation) in interface.operations.iter().enumerate() {
                let of = (index, number);
                let mut answer = Answer::default();
                let mut value = String::new();
                if let Some(response) = &operation.response {
                    match self.only_result(response) {
                        Only::Nothing => {}
                        Only::Result(field) => {
                            value = self.field_type(None, field);
                            answer.result = Some(field.name.clone());
                        }
                        Only::Outputs => {
                            let name = names.item(&format!("{}_outputs", operation.name));
                            value.clone_from(&name);
                            answer.is_outputs = true;
                            items.push(Item::Outputs { name, of });
                        }
                    }
                }
                answer.returned = match self.error(operation, of, names, &mut errors, &mut items) {
                    Some(error) if value.is_empty() => format!(" -> Result<(), {error}>"),
                    Some(error) => format!(" -> Result<{value}, {error}>"),
                    None if value.is_empty() => String::new(),
                    None => format!(" -> {value}"),
                };
                answers.insert(of, answer);
            }
        }
        for item in &items {
            self.item_of(item, out);
        }
        answers
    }

    fn error(
        &self,
        operation: &Operation,
        of: (usize, usize),
        names: &mut Names,
        errors: &mut BTreeMap<Vec<QName>, String>,
        items: &mut Vec<Item>,
    ) -> Option<String> {
        if operation.faults.is_empty() || operation.response.is_none() {
            return None;
        }
        let faults = operation
            .faults
            .iter()
            .map(|fault| fault.detail.name.clone());
        let faults: Vec<QName> = faults.collect();
        if let Some(name) = errors.get(&faults) {
            return Some(name.clone());
        }
        let wanted = match faults.as_slice() {
            [only] => format!("{}_error", only.local),
            _ => format!("{}_error", operation.name),
        };
        let name = names.item(&wanted);
        errors.insert(faults, name.clone());
        items.push(Item::Faults {
            name: name.clone(),
            of,
        });
        Some(name)
    }

    fn item_of(&self, item: &Item, out: &mut Text) {
        let (Item::Outputs { of, .. } | Item::Faults { of, .. }) = item;
        let interface = self.description.interfaces.get(of.0);
        let Some(operation) = interface.and_then(|it| it.operations.get(of.1)) else {
            return;
        };
        out.gap();
        let of = docs::quoted(&operation.name);
        match (item, &operation.response) {
            (Item::Outputs { name, .. }, Some(response)) => {
                docs::write(out, 0, &format!("What {of} gives."), "", &[]);
                out.line(DERIVES);
                let mut elements = response.parts.iter().filter(|it| it.form == Form::Element);
                let first = elements.next();
                let qualified = first.and_then(|it| qualified(&response.parts, &it.name.namespace));
                if let Some(namespace) = &qualified {
                    let facets = [Meta::text("namespace", namespace), Meta::word("qualified")];
                    attribute::write(out, 0, "rmix", &facets);
                }
                out.line(format!("pub struct {name} {{"));
                self.fields(None, &response.parts, &qualified, out);
                out.line("}");
            }
            (Item::Faults { name, .. }, _) => {
                docs::write(out, 0, &format!("Faults that {of} declares."), "", &[]);
                out.line(DERIVES);
                out.line(format!("pub enum {name} {{"));
                self.faults(&operation.faults, out);
                out.line("}");
            }
            (Item::Outputs { .. }, None) => {}
        }
    }

    fn faults(&self, faults: &[Fault], out: &mut Text) {
        let mut members = Members::new(&[]);
        let keys = keys::keys(faults.iter().map(|fault| &fault.detail));
        for (fault, key) in faults.iter().zip(keys) {
            let detail = &fault.detail;
            let rust = members.camel(&identifier(&detail.name.local));
            let head = format!("Fault {}.", docs::quoted(&fault.name));
            docs::write(out, 4, &head, &fault.documentation, &self.notes(detail));
            rename(&key, &rust, out);
            let mut facets = self.facets(detail, &None);
            if detail.name.namespace.is_empty() {
                facets.insert(0, Meta::word("unqualified"));
            }
            facets.extend(document_name(&key, detail));
            attribute::write(out, 4, "rmix", &facets);
            variant(out, &rust, &self.field_type(None, detail));
        }
    }

    /// Whether an answer is one value that a method can give by itself.
    fn only_result<'a>(&self, response: &'a Message) -> Only<'a> {
        let [only] = response.parts.as_slice() else {
            return match response.parts.is_empty() {
                true => Only::Nothing,
                false => Only::Outputs,
            };
        };
        // What a result is beside its name and type cannot be said but on a field.
        let mut plain = only.clone();
        plain.name.namespace = "".into();
        match only.form == Form::Element && self.facets(&plain, &None).is_empty() {
            true => Only::Result(only),
            false => Only::Outputs,
        }
    }
}

enum Only<'a> {
    Nothing,
    Result(&'a Field),
    Outputs,
}

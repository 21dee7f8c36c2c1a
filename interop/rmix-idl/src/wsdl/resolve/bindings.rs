//! What bindings say of operations.

use std::collections::BTreeMap;

use crate::wsdl::syntax::definitions::{Binding, BindingOperation, Operation};

/// The operations of the bindings of one port type.
pub(super) struct Lookup<'a> {
    bindings: Vec<Named<'a>>,
    /// How many operations of each name were looked up.
    before: BTreeMap<&'a str, usize>,
}

/// The operations of one binding.
struct Named<'a> {
    binding: &'a Binding,
    by_name: BTreeMap<&'a str, Vec<&'a BindingOperation>>,
    by_messages: BTreeMap<Messages<'a>, &'a BindingOperation>,
}

/// Name of an operation, and those of its input and output.
type Messages<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

impl<'a> Lookup<'a> {
    pub(super) fn of(bindings: &[&'a Binding]) -> Lookup<'a> {
        let named = |binding: &&'a Binding| {
            let mut named = Named {
                binding,
                by_name: BTreeMap::new(),
                by_messages: BTreeMap::new(),
            };
            for operation in &binding.operations {
                let same = named.by_name.entry(&operation.name).or_default();
                same.push(operation);
                let input = operation.input.name.as_deref();
                let output = operation.output.name.as_deref();
                if input.is_some() || output.is_some() {
                    let messages = (operation.name.as_str(), input, output);
                    named.by_messages.entry(messages).or_insert(operation);
                }
            }
            named
        };
        Lookup {
            bindings: bindings.iter().map(named).collect(),
            before: BTreeMap::new(),
        }
    }

    /// What the bindings say of the next operation. Of operations of the same name, the names of inputs and outputs tell
    /// which is meant, or their order.
    pub(super) fn bound(
        &mut self,
        declared: &'a Operation,
    ) -> Vec<(&'a Binding, Option<&'a BindingOperation>)> {
        let nth = self.before.entry(&declared.name).or_default();
        let input = declared.input.as_ref().and_then(|it| it.name.as_deref());
        let output = declared.output.as_ref().and_then(|it| it.name.as_deref());
        let messages = (declared.name.as_str(), input, output);
        let in_binding = |named: &Named<'a>| {
            let by_messages = named.by_messages.get(&messages).copied();
            let by_order = || {
                let same = named.by_name.get(declared.name.as_str())?;
                same.get(*nth).copied()
            };
            (named.binding, by_messages.or_else(by_order))
        };
        let bound = self.bindings.iter().map(in_binding).collect();
        *nth += 1;
        bound
    }
}

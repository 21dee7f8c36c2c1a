//! Gives bodies that stand inside other definitions a place and a name of their own.

use super::ast::{Declaration, Definition, Item, Name, Specifier};
use super::definition::inner_name;

/// The same definitions without bodies inside others. Recursion is bounded by the parser's nesting limit.
pub(super) fn hoist(items: Vec<Item>) -> Vec<Item> {
    let mut flat = Vec::with_capacity(items.len());
    for item in items {
        add(item, &mut flat);
    }
    flat
}

fn add(mut item: Item, flat: &mut Vec<Item>) {
    let owner = item.name.clone();
    match &mut item.definition {
        Definition::Struct(fields) => {
            for field in fields {
                replace(field, &owner, flat);
            }
        }
        Definition::Union(union) => {
            replace(&mut union.discriminant, &owner, flat);
            for arm in &mut union.arms {
                replace(&mut arm.content, &owner, flat);
            }
            if let Some(default) = &mut union.default {
                replace(default, &owner, flat);
            }
        }
        Definition::Typedef(declaration) => {
            // `typedef struct { … } *name;` needs a name for what is pointed at.
            if let Some(name) = &mut declaration.name {
                name.text = "item".to_owned();
            }
            replace(declaration, &owner, flat);
            declaration.name = Some(owner);
        }
        Definition::Constant(_)
        | Definition::Text(_)
        | Definition::Enum(_)
        | Definition::Program(_) => {}
    }
    flat.push(item);
}

fn replace(declaration: &mut Declaration, owner: &Name, flat: &mut Vec<Item>) {
    let Specifier::Body(tag, body) = &declaration.specifier else {
        return;
    };
    let name = match tag {
        Some(tag) => tag.clone(),
        None => inner_name(&owner.text, declaration.name.as_ref(), owner),
    };
    let inner = Item {
        name: name.clone(),
        definition: (**body).clone(),
    };
    declaration.specifier = Specifier::Named(name.text);
    add(inner, flat);
}

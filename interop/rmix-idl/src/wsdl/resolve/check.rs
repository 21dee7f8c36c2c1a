//! What only shows once all types are there: names of simple types that lead back to themselves.

use crate::error::IdlError;
use crate::wsdl::limits::Limits;
use crate::wsdl::model::{Kind, Type, TypeDef};

/// Every chain of other names ends, and within the limit.
pub(super) fn check(types: &[TypeDef], limits: &Limits) -> Result<(), IdlError> {
    for def in types {
        let mut steps = 0;
        let mut next = aliased(def);
        while let Some(Type::Named(id)) = next {
            let Some(target) = types.get(id.0) else {
                break;
            };
            if std::ptr::eq(target, def) {
                return Err(IdlError::Endless {
                    place: def.place.clone(),
                    name: def.name.to_string(),
                    reason: "is a type that restricts itself",
                });
            }
            steps += 1;
            if steps > limits.nesting_max {
                let max = limits.nesting_max;
                return Err(IdlError::limit(&def.place, "nesting_max", max));
            }
            next = aliased(target);
        }
    }
    Ok(())
}

/// What an alias leads to, through lists.
fn aliased(def: &TypeDef) -> Option<&Type> {
    let Kind::Alias(target) = &def.kind else {
        return None;
    };
    let mut ty = target;
    while let Type::List(item) = ty {
        ty = item;
    }
    Some(ty)
}

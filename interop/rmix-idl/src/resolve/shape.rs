//! What types look like from a distance: whether they end, how large their fixed parts are, which are nodes of linked
//! lists, and which contain each other.

use super::graph::groups;
use super::is_alias;
use crate::error::IdlError;
use crate::limits::Limits;
use crate::model::{Kind, Model, Type, TypeDef, TypeId};

/// Refuses types that cannot be, and marks list nodes and types that contain each other.
pub(super) fn check(model: &mut Model, limits: &Limits) -> Result<(), IdlError> {
    let order = refuse_endless(model)?;
    refuse_endless_aliases(model)?;
    check_sizes(model, &order, limits)?;
    mark_list_nodes(model);
    mark_cycles(model);
    Ok(())
}

/// Refuses a type that contains itself by value; gives types in an order of contained first.
fn refuse_endless(model: &Model) -> Result<Vec<usize>, IdlError> {
    let edges = edges(model, |_, ty, targets| by_value(ty, targets));
    let groups = groups(&edges);
    refuse_cycles(model, &edges, "contains itself, so no value of it ends")?;
    Ok(groups.order)
}

/// Refuses typedefs that lead to nothing but typedefs.
fn refuse_endless_aliases(model: &Model) -> Result<(), IdlError> {
    let edges = edges(model, |def, ty, targets| {
        if is_alias(&def.kind) {
            innermost(ty, targets);
        }
    });
    refuse_cycles(model, &edges, "stands for itself")
}

fn refuse_cycles(
    model: &Model,
    edges: &[Vec<usize>],
    reason: &'static str,
) -> Result<(), IdlError> {
    let groups = groups(edges);
    for (def, group) in model.types.iter().zip(&groups.of) {
        let group = usize::try_from(*group).unwrap_or(usize::MAX);
        if groups.is_cycle.get(group).copied().unwrap_or(false) {
            return Err(IdlError::Endless {
                place: def.place.clone(),
                name: def.name.clone(),
                reason,
            });
        }
    }
    Ok(())
}

fn check_sizes(model: &Model, order: &[usize], limits: &Limits) -> Result<(), IdlError> {
    let mut sizes: Vec<u64> = vec![0; model.types.len()];
    for &index in order {
        let Some(def) = model.types.get(index) else {
            continue;
        };
        let size = |ty: &Type| size(ty, &sizes);
        let total = match &def.kind {
            Kind::Enum(_) => 4,
            Kind::Alias(ty) => size(ty),
            Kind::Struct(structure) => structure
                .fields
                .iter()
                .fold(0, |sum: u64, field| sum.saturating_add(size(&field.ty))),
            Kind::Union(union) => {
                let default = union.default.as_ref().and_then(|arm| arm.content.as_ref());
                let contents = union.arms.iter().filter_map(|arm| arm.content.as_ref());
                let contents = contents.chain(default);
                let largest = contents.map(|field| size(&field.ty)).max();
                largest.unwrap_or(0).saturating_add(4)
            }
        };
        if total > limits.fixed_bytes_max {
            return Err(IdlError::Limit {
                place: def.place.clone(),
                limit: "fixed_bytes_max",
                max: limits.fixed_bytes_max,
            });
        }
        if let Some(known) = sizes.get_mut(index) {
            *known = total;
        }
    }
    Ok(())
}

/// Bytes of the fixed parts; `sizes` are those of named types.
fn size(ty: &Type, sizes: &[u64]) -> u64 {
    match ty {
        Type::Void => 0,
        Type::Hyper | Type::UnsignedHyper | Type::Double => 8,
        Type::FixedOpaque { length } => u64::from(*length).next_multiple_of(4),
        Type::Array { element, length } => {
            // Elements of no bytes cost memory all the same.
            size(element, sizes)
                .max(1)
                .saturating_mul(u64::from(*length))
        }
        Type::Named(id) => sizes.get(index(*id)).copied().unwrap_or(0),
        _ => 4,
    }
}

/// A struct whose last field is an optional of the struct itself. When another field is too, it is a list only if the
/// last field says so: else it is a tree.
fn mark_list_nodes(model: &mut Model) {
    let leads_to = |ty: &Type, id: TypeId| match model.resolve(ty) {
        Type::Optional(target) => *model.resolve(target) == Type::Named(id),
        _ => false,
    };
    let nodes: Vec<bool> = model
        .types()
        .map(|(id, def)| {
            let Kind::Struct(structure) = &def.kind else {
                return false;
            };
            let Some((last, others)) = structure.fields.split_last() else {
                return false;
            };
            let branches = others.iter().any(|field| leads_to(&field.ty, id));
            let says_next = last.name.to_ascii_lowercase().contains("next");
            leads_to(&last.ty, id) && (says_next || !branches)
        })
        .collect();
    for (def, is_node) in model.types.iter_mut().zip(nodes) {
        if let Kind::Struct(structure) = &mut def.kind {
            structure.is_list_node = is_node;
        }
    }
}

/// Types that contain each other by value or by an optional, lists aside: there an optional needs a box.
fn mark_cycles(model: &mut Model) {
    let edges = edges(model, |_, ty, targets| {
        by_value(ty, targets);
        if let Type::Optional(target) = ty
            && !model.is_list(ty)
        {
            by_value(target, targets);
        }
    });
    let groups = groups(&edges);
    for (def, group) in model.types.iter_mut().zip(&groups.of) {
        let index = usize::try_from(*group).unwrap_or(usize::MAX);
        let is_cycle = groups.is_cycle.get(index).copied().unwrap_or(false);
        def.cycle = is_cycle.then_some(*group);
    }
}

/// For each type the types it leads to, as `follow` finds them in each of its parts.
fn edges(model: &Model, follow: impl Fn(&TypeDef, &Type, &mut Vec<usize>)) -> Vec<Vec<usize>> {
    let mut edges = Vec::with_capacity(model.types.len());
    for def in &model.types {
        let mut targets = Vec::new();
        match &def.kind {
            Kind::Enum(_) => {}
            Kind::Alias(ty) => follow(def, ty, &mut targets),
            Kind::Struct(structure) => {
                for field in structure.item_fields() {
                    follow(def, &field.ty, &mut targets);
                }
            }
            Kind::Union(union) => {
                let default = union.default.as_ref().and_then(|arm| arm.content.as_ref());
                let contents = union.arms.iter().filter_map(|arm| arm.content.as_ref());
                for field in contents.chain(default) {
                    follow(def, &field.ty, &mut targets);
                }
                follow(def, &union.discriminant.ty, &mut targets);
            }
        }
        edges.push(targets);
    }
    edges
}

fn by_value(ty: &Type, targets: &mut Vec<usize>) {
    match ty {
        Type::Named(id) => targets.push(index(*id)),
        Type::Array { element, .. } => by_value(element, targets),
        _ => {}
    }
}

/// The named type that a typedef's target is made of.
fn innermost(ty: &Type, targets: &mut Vec<usize>) {
    match ty {
        Type::Named(id) => targets.push(index(*id)),
        Type::Array { element, .. } | Type::Sequence { element, .. } => innermost(element, targets),
        Type::Optional(target) => innermost(target, targets),
        _ => {}
    }
}

fn index(id: TypeId) -> usize {
    usize::try_from(id.0).unwrap_or(usize::MAX)
}

//! Whether two descriptions are of the same type. One type may have several descriptions in memory.

use std::collections::BTreeSet;

use rmix_abi::describe::{FieldDesc, FieldXml, TypeDesc, VariantDesc};

/// Compares all there is, types that contain themselves included.
pub fn same(left: &'static TypeDesc, right: &'static TypeDesc) -> bool {
    let mut seen = BTreeSet::new();
    let mut pending = vec![(left, right)];
    while let Some((left, right)) = pending.pop() {
        let key = (place(left), place(right));
        if key.0 == key.1 || !seen.insert(key) {
            continue;
        }
        if !same_here(left, right) {
            return false;
        }
        pending.extend(left.element().zip(right.element()));
        pending.extend(left.key().zip(right.key()));
        let mut fields = |left: &'static [FieldDesc], right: &'static [FieldDesc]| {
            let pairs = left.iter().zip(right);
            pending.extend(pairs.map(|(left, right)| (left.ty(), right.ty())));
        };
        fields(left.fields(), right.fields());
        for (left, right) in left.variants().iter().zip(right.variants()) {
            fields(left.fields(), right.fields());
        }
    }
    true
}

/// Where a description lies.
pub(super) fn place(ty: &TypeDesc) -> usize {
    std::ptr::from_ref(ty).addr()
}

/// Compares all but the types within.
fn same_here(left: &TypeDesc, right: &TypeDesc) -> bool {
    let (one, other) = (left.xml(), right.xml());
    left.kind == right.kind
        && left.len == right.len
        && left.name() == right.name()
        && (one.flags, one.namespace(), one.builtin())
            == (other.flags, other.namespace(), other.builtin())
        && left.element().is_some() == right.element().is_some()
        && left.key().is_some() == right.key().is_some()
        && same_fields(left.fields(), right.fields())
        && left.variants().len() == right.variants().len()
        && left
            .variants()
            .iter()
            .zip(right.variants())
            .all(|(left, right)| same_variant(left, right))
}

fn same_variant(left: &VariantDesc, right: &VariantDesc) -> bool {
    left.name() == right.name()
        && left.shape == right.shape
        && same_xml(left.xml(), right.xml())
        && same_fields(left.fields(), right.fields())
}

/// Compares the names of fields and how they are written, not their types.
pub(super) fn same_fields(left: &[FieldDesc], right: &[FieldDesc]) -> bool {
    let alike = |(left, right): (&FieldDesc, &FieldDesc)| {
        left.name() == right.name() && same_xml(left.xml(), right.xml())
    };
    left.len() == right.len() && left.iter().zip(right).all(alike)
}

fn same_xml(left: &FieldXml, right: &FieldXml) -> bool {
    left.flags == right.flags
        && left.namespace() == right.namespace()
        && left.item() == right.item()
        && left.name() == right.name()
}

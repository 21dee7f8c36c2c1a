//! Whether two descriptions are of the same shape. One type may have several descriptions in memory.

use std::collections::BTreeSet;

use rmix_abi::describe::{FieldDesc, TypeDesc};

/// Compares all there is, types that contain themselves included.
pub(super) fn same(left: &'static TypeDesc, right: &'static TypeDesc) -> bool {
    let mut seen = BTreeSet::new();
    let mut pending = vec![(left, right)];
    while let Some((left, right)) = pending.pop() {
        let key = (
            std::ptr::from_ref(left).addr(),
            std::ptr::from_ref(right).addr(),
        );
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

/// Compares all but the types within.
fn same_here(left: &TypeDesc, right: &TypeDesc) -> bool {
    let names = |fields: &[FieldDesc]| -> Vec<String> {
        fields.iter().map(|field| field.name().to_owned()).collect()
    };
    let (left_variants, right_variants) = (left.variants(), right.variants());
    left.kind == right.kind
        && left.len == right.len
        && left.name() == right.name()
        && left.element().is_some() == right.element().is_some()
        && left.key().is_some() == right.key().is_some()
        && names(left.fields()) == names(right.fields())
        && left_variants.len() == right_variants.len()
        && left_variants
            .iter()
            .zip(right_variants)
            .all(|(left, right)| {
                left.name() == right.name()
                    && left.index == right.index
                    && left.shape == right.shape
                    && left.flags == right.flags
                    && names(left.fields()) == names(right.fields())
            })
}

//! Names of the types of an interface, as WSDL defines them and `xsi:type` says them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rmix_abi::describe::{
    FieldDesc, InterfaceDesc, TypeDesc, VariantDesc, field_flags, type_flags, type_kind,
};
use rmix_abi::tables::shape;

use super::operation::{Fault, Operation, Part};
use super::qname::QName;
use super::same::{place, same, same_fields};
use super::type_namespace;

/// The names of all types of an interface that have one: structs, enums and named tuples.
///
/// A type has its own name. Where another type of the same namespace has it already (they come in the order of the
/// operations, and in one operation of arguments, results and faults), a number follows, from 2.
#[derive(Debug, Default, Clone)]
pub struct TypeNames {
    /// By the places of descriptions, of which a type may have several.
    by_place: BTreeMap<usize, usize>,
    /// In the order in which they are met.
    named: Vec<(QName, &'static TypeDesc)>,
    taken: BTreeSet<QName>,
    /// Base types by the places of the descriptions of those that extend them.
    bases: Vec<(&'static TypeDesc, &'static TypeDesc)>,
    /// By place, and whether it stood in place of a field.
    seen: BTreeSet<(usize, bool)>,
}

impl TypeNames {
    /// The names of an interface's types.
    pub fn of(interface: &InterfaceDesc) -> TypeNames {
        let mut names = TypeNames::default();
        let namespace = interface.namespace();
        for method in interface.methods() {
            let operation = Operation::of(interface, method);
            let mut pending = Vec::new();
            let messages = std::iter::once(&operation.request).chain(&operation.response);
            for message in messages {
                pending.extend(message.parts.iter().chain(&message.headers).map(Use::part));
            }
            pending.extend(operation.faults.iter().flat_map(Use::fault));
            names.walk(namespace, pending);
        }
        names
    }

    /// The name of a type; of a type that is an enum of derived types, its base's.
    pub fn get(&self, ty: &TypeDesc) -> Option<&QName> {
        let index = self.by_place.get(&place(ty))?;
        self.named.get(*index).map(|(name, _)| name)
    }

    /// All types with a name, in the order of their first use.
    pub fn iter(&self) -> impl Iterator<Item = (&QName, &'static TypeDesc)> {
        self.named.iter().map(|(name, ty)| (name, *ty))
    }

    /// The types that a type extends.
    pub fn bases(&self, ty: &'static TypeDesc) -> impl Iterator<Item = &'static TypeDesc> {
        let of = self
            .bases
            .iter()
            .filter(move |(derived, _)| same(derived, ty));
        of.map(|(_, base)| *base)
    }

    fn walk(&mut self, namespace: &'static str, mut pending: Vec<Use>) {
        pending.reverse();
        while let Some(used) = pending.pop() {
            let ty = used.ty;
            if is_derived(ty) {
                self.derived(namespace, ty);
            } else if !used.in_place {
                self.name(namespace, ty);
            }
            if !self.seen.insert((place(ty), used.in_place)) {
                continue;
            }
            let mut within: Vec<Use> = ty.element().into_iter().map(Use::whole).collect();
            within.extend(ty.fields().iter().map(Use::field));
            within.extend(ty.variants().iter().flat_map(Use::variant));
            // A choice stands in place of its field, whether it is optional or repeated.
            if used.in_place
                && matches!(
                    ty.kind,
                    type_kind::OPTION | type_kind::SEQ | type_kind::LIST
                )
            {
                for inner in &mut within {
                    inner.in_place = true;
                }
            }
            pending.extend(within.into_iter().rev());
        }
    }

    fn name(&mut self, namespace: &'static str, ty: &'static TypeDesc) {
        if ty.name().is_empty()
            || !ty.xml().builtin().is_empty()
            || self.by_place.contains_key(&place(ty))
        {
            return;
        }
        let known = self.named.iter().position(|(_, known)| same(known, ty));
        let index = known.unwrap_or_else(|| {
            let namespace = type_namespace(ty, namespace);
            let name = self.take(QName::new(namespace, ty.name()));
            self.named.push((name, ty));
            self.named.len() - 1
        });
        self.by_place.insert(place(ty), index);
    }

    /// A free name like this one, which is then taken.
    pub fn take(&mut self, wanted: QName) -> QName {
        let mut name = wanted.clone();
        let mut number: u64 = 2;
        while !self.taken.insert(name.clone()) {
            name.local = Cow::Owned(format!("{}{number}", wanted.local));
            number += 1;
        }
        name
    }

    /// Names the types that an enum tells apart, and the enum as the base.
    fn derived(&mut self, namespace: &'static str, ty: &'static TypeDesc) {
        if self.by_place.contains_key(&place(ty)) {
            return;
        }
        let mut variants = ty.variants().iter().filter_map(extended);
        let Some(base) = variants.next() else {
            return;
        };
        self.name(namespace, base);
        if let Some(index) = self.by_place.get(&place(base)) {
            self.by_place.insert(place(ty), *index);
        }
        for one in variants {
            self.name(namespace, one);
            if !self.bases(one).any(|known| same(known, base)) {
                self.bases.push((one, base));
            }
        }
    }
}

/// Where a type is used.
struct Use {
    ty: &'static TypeDesc,
    /// Its variants stand where its own element would: the type itself is nowhere.
    in_place: bool,
}

impl Use {
    fn whole(ty: &'static TypeDesc) -> Use {
        Use {
            ty,
            in_place: false,
        }
    }

    fn part(part: &Part) -> Use {
        Use {
            ty: part.ty,
            in_place: part.xml.has(field_flags::CHOICE),
        }
    }

    fn field(field: &'static FieldDesc) -> Use {
        Use {
            ty: field.ty(),
            in_place: field.xml().has(field_flags::CHOICE),
        }
    }

    fn variant(variant: &'static VariantDesc) -> impl Iterator<Item = Use> {
        variant.fields().iter().map(Use::field)
    }

    fn fault(fault: &Fault) -> Vec<Use> {
        match fault.variant {
            None => vec![Use::whole(fault.ty)],
            Some(variant) => Use::variant(variant).collect(),
        }
    }
}

/// Whether the variants of an enum are types told apart by `xsi:type`.
pub fn is_derived(ty: &TypeDesc) -> bool {
    ty.kind == type_kind::ENUM && ty.xml().has(type_flags::DERIVED)
}

/// The struct that a variant of such an enum holds.
pub fn extended(variant: &VariantDesc) -> Option<&'static TypeDesc> {
    match variant.fields() {
        [one] if variant.shape == shape::NEWTYPE && one.ty().kind == type_kind::STRUCT => {
            Some(one.ty())
        }
        _ => None,
    }
}

/// Whether a type is an enum without content: a string out of a fixed set.
pub fn is_enumeration(ty: &TypeDesc) -> bool {
    ty.kind == type_kind::ENUM
        && !is_derived(ty)
        && ty
            .variants()
            .iter()
            .all(|variant| variant.shape == shape::UNIT)
}

/// The fields that a type has besides those of its base; absent when it does not start with them.
pub fn own_fields(base: &TypeDesc, ty: &'static TypeDesc) -> Option<&'static [FieldDesc]> {
    let count = base.fields().len();
    let start = ty.fields().get(..count)?;
    let alike = start
        .iter()
        .zip(base.fields())
        .all(|(one, other)| same(one.ty(), other.ty()));
    (alike && same_fields(start, base.fields()))
        .then(|| ty.fields().get(count..).unwrap_or_default())
}

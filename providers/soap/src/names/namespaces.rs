//! The namespaces that a message of an operation may use, and the prefix of each: found once, when the interface is
//! planned.

use std::collections::BTreeSet;

use rmix_abi::describe::{FieldDesc, TypeDesc, VariantDesc, field_flags, type_flags, type_kind};
use rmix_wsdl::names::type_namespace;

/// Namespaces and prefixes, in a fixed order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Namespaces {
    /// `ns0`, `ns1`, … by place.
    all: Vec<(&'static str, String)>,
    /// Whether `xsi` is needed.
    pub(crate) instance: bool,
    /// Whether values say of what type they are, so that the namespaces of types are needed as well.
    typed: bool,
}

impl Namespaces {
    /// None yet; `typed` when values say of what type they are.
    pub(crate) fn new(typed: bool) -> Namespaces {
        Namespaces {
            typed,
            ..Namespaces::default()
        }
    }

    /// Adds one, unless it is there or empty.
    pub(crate) fn add(&mut self, uri: &'static str) {
        if uri.is_empty() || self.all.iter().any(|(known, _)| *known == uri) {
            return;
        }
        let prefix = format!("ns{}", self.all.len());
        self.all.push((uri, prefix));
    }

    /// Adds what a field's element and everything in it use.
    pub(crate) fn add_field(&mut self, field: &FieldDesc, interface: &'static str) {
        let mut walk = Walk {
            found: self,
            interface,
            seen: BTreeSet::new(),
        };
        walk.field(field);
    }

    /// Adds what a value of this type uses.
    pub(crate) fn add_type(&mut self, ty: &'static TypeDesc, interface: &'static str) {
        let mut walk = Walk {
            found: self,
            interface,
            seen: BTreeSet::new(),
        };
        walk.ty(ty);
    }

    /// The prefix of a namespace, empty for none.
    #[inline]
    pub(crate) fn prefix(&self, uri: &str) -> &str {
        if uri.is_empty() {
            return "";
        }
        let same = |known: &&'static str| std::ptr::eq(*known, uri) || **known == *uri;
        let found = self.all.iter().find(|(known, _)| same(known));
        found.map_or("", |(_, prefix)| prefix)
    }

    /// All, with prefixes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.all.iter().map(|(uri, prefix)| (*uri, prefix.as_str()))
    }
}

struct Walk<'a> {
    found: &'a mut Namespaces,
    interface: &'static str,
    /// Types that were walked, by place: they may contain themselves.
    seen: BTreeSet<usize>,
}

impl Walk<'_> {
    fn field(&mut self, field: &FieldDesc) {
        self.found.add(field.xml().namespace());
        self.found.instance |= field.xml().has(field_flags::NILLABLE);
        self.ty(field.ty());
    }

    fn variant(&mut self, variant: &VariantDesc) {
        self.found.add(variant.xml().namespace());
        variant.fields().iter().for_each(|field| self.field(field));
    }

    fn ty(&mut self, ty: &'static TypeDesc) {
        if !self.seen.insert(std::ptr::from_ref(ty).addr()) {
            return;
        }
        let is_named =
            matches!(ty.kind, type_kind::STRUCT | type_kind::ENUM) && !ty.name().is_empty();
        if self.found.typed && is_named && ty.xml().builtin().is_empty() {
            self.found.add(type_namespace(ty, self.interface));
        }
        if ty.xml().has(type_flags::DERIVED) {
            self.found.instance = true;
            for field in ty
                .variants()
                .iter()
                .filter_map(|variant| variant.fields().first())
            {
                self.found.add(type_namespace(field.ty(), self.interface));
            }
        }
        ty.fields().iter().for_each(|field| self.field(field));
        ty.variants()
            .iter()
            .for_each(|variant| self.variant(variant));
        if let Some(element) = ty.element() {
            // An absent item keeps its place as a nil one.
            self.found.instance |= element.kind == type_kind::OPTION;
            self.ty(element);
        }
    }
}

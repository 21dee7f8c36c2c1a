//! Structs, enums and typedefs as Rust.

use std::collections::BTreeMap;

use super::Generator;
use super::names::Members;
use super::text::Text;
use super::union::unused;
use crate::model::{Enum, Kind, Struct, Type, TypeDef, TypeId};

impl Generator<'_> {
    /// Writes one definition.
    pub(super) fn type_def(&self, id: TypeId, def: &TypeDef, out: &mut Text) {
        out.gap();
        match &def.kind {
            Kind::Alias(ty) => self.alias(id, def, ty, out),
            Kind::Struct(structure) => self.structure(id, def, structure, out),
            Kind::Enum(enumeration) => self.enumeration(id, def, enumeration, out),
            Kind::Union(union) => self.union(id, def, union, out),
        }
    }

    fn alias(&self, id: TypeId, def: &TypeDef, ty: &Type, out: &mut Text) {
        out.line(format!("/// `typedef {}`.", def.name));
        let target = format!("{};", self.rust_type(Some(id), ty));
        out.broken(0, &format!("pub type {} =", self.names.ty(id)), &target);
    }

    fn structure(&self, id: TypeId, def: &TypeDef, structure: &Struct, out: &mut Text) {
        match structure.is_list_node {
            true => out.line(format!(
                "/// `struct {}`: one item of a linked list.",
                def.name
            )),
            false => out.line(format!("/// `struct {}`.", def.name)),
        }
        out.line(
            "#[derive(rmix::Data, serde::Serialize, serde::Deserialize, Clone, Debug, PartialEq)]",
        );
        let name = self.names.ty(id);
        if name != def.name {
            out.attribute(0, "serde", &[format!("rename = \"{}\"", def.name)]);
        }
        let fields = structure.item_fields();
        if fields.is_empty() {
            out.line(format!("pub struct {name} {{}}"));
            return;
        }
        out.line(format!("pub struct {name} {{"));
        let mut members = Members::new(&[]);
        for field in fields {
            let rust = members.snake(&field.name);
            out.line(format!("    /// `{}`.", field.name));
            if rust.trim_start_matches("r#") != field.name {
                out.attribute(4, "serde", &[format!("rename = \"{}\"", field.name)]);
            }
            let ty = self.rust_type(Some(id), &field.ty);
            out.broken(4, &format!("pub {rust}:"), &format!("{ty},"));
        }
        out.line("}");
    }

    fn enumeration(&self, id: TypeId, def: &TypeDef, enumeration: &Enum, out: &mut Text) {
        let name = self.names.ty(id);
        let mut members = Members::new(&[]);
        // The first member of each value is a variant, the others are constants.
        let mut variants: BTreeMap<i32, String> = BTreeMap::new();
        let mut repeated: Vec<(&str, String)> = Vec::new();
        out.line(format!("/// `enum {}`.", def.name));
        out.line(
            "#[derive(rmix::Union, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]",
        );
        self.union_attributes(def, out);
        out.line("#[allow(clippy::enum_variant_names)]");
        out.line(format!("pub enum {name} {{"));
        for member in &enumeration.members {
            if let Some(first) = variants.get(&member.value) {
                repeated.push((&member.name, first.clone()));
                continue;
            }
            let variant = members.camel(&member.name);
            out.line(format!("    /// `{}`.", member.name));
            if variant != member.name {
                out.attribute(4, "rmix", &[format!("name = \"{}\"", member.name)]);
            }
            out.line(format!("    {variant} = {},", member.value));
            variants.insert(member.value, variant);
        }
        if self.options.open_enums {
            let known: Vec<i32> = variants.keys().copied().collect();
            out.line("    /// Every other value.");
            out.line("    #[rmix(default)]");
            out.variant(&members.camel("other"), &["i32".to_owned()], unused(&known));
        }
        out.line("}");
        if repeated.is_empty() {
            return;
        }
        out.gap();
        out.line(format!("impl {name} {{"));
        let mut constants = Members::new(&[]);
        for (index, (c_name, first)) in repeated.iter().enumerate() {
            if index > 0 {
                out.gap();
            }
            out.line(format!(
                "    /// `{c_name}`, another name of the same value."
            ));
            let constant = constants.shouty(c_name);
            let head = format!("pub const {constant}: Self =");
            out.broken(4, &head, &format!("Self::{first};"));
        }
        out.line("}");
    }

    /// What every enum that travels by number has beside its derives.
    pub(super) fn union_attributes(&self, def: &TypeDef, out: &mut Text) {
        out.attribute(0, "rmix", &[format!("name = \"{}\"", def.name)]);
        out.line("#[repr(i32)]");
    }
}

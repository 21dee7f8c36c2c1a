//! Rust enums: an enum of the interface language when no variant holds anything, else a discriminated union.

use std::fmt::Write;

use rmix_abi::describe::{TypeDesc, VariantDesc, variant_flags};
use rmix_abi::tables::shape;

use super::error::ExportError;
use super::names::{Names, capitals, identifier};
use super::types::{Types, unsupported};

impl Types {
    /// Defines a Rust enum under a name.
    pub(super) fn enumeration(
        &mut self,
        name: &str,
        desc: &'static TypeDesc,
        path: &str,
    ) -> Result<(), ExportError> {
        let variants = desc.variants();
        if variants.is_empty() {
            return Err(unsupported(
                path,
                "an enum without variants",
                "leave it out",
            ));
        }
        let holds_nothing = |variant: &VariantDesc| {
            variant.shape == shape::UNIT && variant.flags & variant_flags::DEFAULT == 0
        };
        if variants.iter().all(holds_nothing) {
            self.members(name, variants);
            return Ok(());
        }
        self.arms(name, variants, path)
    }

    fn members(&mut self, name: &str, variants: &[VariantDesc]) {
        // Names in capitals are C's own, as an import leaves them; others get the type's in front.
        let capitals_of = |variant: &VariantDesc| capitals(variant.name());
        let are_kept = variants.iter().all(|variant| {
            capitals_of(variant) == variant.name() && !self.names.is_taken(variant.name())
        });
        let mut lines = Vec::new();
        for variant in variants {
            let wanted = match are_kept {
                true => variant.name().to_owned(),
                false => format!("{}_{}", capitals(name), capitals_of(variant)),
            };
            let member = self.names.take(&wanted);
            lines.push(format!("    {member} = {}", variant.index.cast_signed()));
        }
        self.define(&format!("enum {name} {{\n{}\n}};\n", lines.join(",\n")));
    }

    fn arms(
        &mut self,
        name: &str,
        variants: &'static [VariantDesc],
        path: &str,
    ) -> Result<(), ExportError> {
        let mut lines = String::new();
        let mut members = Names::default();
        let mut cases = 0;
        for variant in variants {
            let path = format!("{path}.{}", variant.name());
            let is_default = variant.flags & variant_flags::DEFAULT != 0;
            let label = match is_default {
                true => "default".to_owned(),
                false => format!("case {}", variant.index.cast_signed()),
            };
            cases += usize::from(!is_default);
            let content = self.content(name, variant, is_default, &path)?;
            let content = match content {
                Some(declared) => {
                    let member = members.take(&member_name(variant.name()));
                    format!("{};", declared.named(&member))
                }
                None => format!("void; /* {} */", variant.name().replace("*/", "")),
            };
            write!(lines, "{label}:\n    {content}\n").unwrap_or_default();
        }
        if cases == 0 {
            let instead = "declare a struct of the number and the value";
            return Err(unsupported(path, "a union of a default arm only", instead));
        }
        self.define(&format!("union {name} switch (int kind) {{\n{lines}}};\n"));
        Ok(())
    }

    /// What an arm holds; the default arm's first field is the discriminant, which stands there already.
    fn content(
        &mut self,
        owner: &str,
        variant: &'static VariantDesc,
        is_default: bool,
        path: &str,
    ) -> Result<Option<super::types::Declared>, ExportError> {
        let hint = format!("{owner}_{}", identifier(variant.name()));
        let fields = match variant.fields().split_first() {
            Some((_, rest)) if is_default => rest,
            _ => variant.fields(),
        };
        match fields {
            [] => Ok(None),
            [only] if is_default || variant.shape == shape::NEWTYPE => {
                self.declare_within(only.ty(), &hint, path)
            }
            several
                if several
                    .iter()
                    .all(|field| super::types::takes_nothing(field.ty())) =>
            {
                Ok(None)
            }
            several => {
                let name = self.names.take(&hint);
                self.structure(&name, several, path)?;
                Ok(Some(super::types::Declared::plain(name)))
            }
        }
    }
}

/// A member of C's union, in lower case as C programs have it.
fn member_name(variant: &str) -> String {
    use heck::ToSnakeCase;
    let name = variant.to_snake_case();
    if name.is_empty() {
        "value".to_owned()
    } else {
        name
    }
}

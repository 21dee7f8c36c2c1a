//! Rust for a model: types with serde's traits and descriptions, and a trait for every version of a program.

mod interface;
pub(crate) mod names;
mod rust_type;
pub(crate) mod text;
mod types;
mod union;

use std::collections::BTreeSet;

use crate::error::IdlError;
use crate::model::{ConstantValue, Model};

pub(crate) use names::Members;
use names::Names;
use text::Text;
pub(crate) use union::{case_name, unused};

/// What generated strings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Strings {
    /// `String`: text of a peer that is not UTF-8 is refused.
    #[default]
    Text,
    /// `Vec<u8>`: any bytes. The same travels.
    Octets,
}

/// How Rust is generated.
#[derive(Debug, Clone, Default)]
pub struct Generate {
    strings: Strings,
    open_enums: bool,
    oneway: BTreeSet<String>,
    idempotent: BTreeSet<String>,
}

impl Generate {
    /// The default way.
    pub fn new() -> Generate {
        Generate::default()
    }

    /// Sets what strings become.
    #[must_use]
    pub fn strings(mut self, strings: Strings) -> Generate {
        self.strings = strings;
        self
    }

    /// Sets whether enums have a variant `Other(i32)` for values that the file does not name, which are refused otherwise.
    #[must_use]
    pub fn open_enums(mut self, open: bool) -> Generate {
        self.open_enums = open;
        self
    }

    /// Makes the procedures of this name one-way, for which the language has no word: their server sends no reply, as
    /// where C programs batch calls.
    #[must_use]
    pub fn oneway(mut self, procedure: impl Into<String>) -> Generate {
        self.oneway.insert(procedure.into());
        self
    }

    /// Makes the procedures of this name idempotent, for which the language has no word: a call may be repeated when
    /// nobody can tell whether it was executed.
    #[must_use]
    pub fn idempotent(mut self, procedure: impl Into<String>) -> Generate {
        self.idempotent.insert(procedure.into());
        self
    }

    /// Rust source for a model, formatted as rustfmt does.
    ///
    /// # Errors
    /// A program or procedure that cannot be an interface, with its place.
    pub fn rust(&self, model: &Model) -> Result<String, IdlError> {
        let generator = Generator {
            model,
            options: self,
            names: Names::of(model),
        };
        generator.file()
    }
}

/// One run over one model.
struct Generator<'a> {
    model: &'a Model,
    options: &'a Generate,
    names: Names,
}

impl Generator<'_> {
    fn file(&self) -> Result<String, IdlError> {
        let mut out = Text::default();
        self.constants(&mut out);
        for (id, def) in self.model.types() {
            self.type_def(id, def, &mut out);
        }
        for program in &self.model.programs {
            for version in &program.versions {
                self.interface(program, version, &mut out)?;
            }
        }
        let head = "// Generated from an interface file (.x). Changes are lost when it is generated again.\n";
        Ok(format!("{head}\n{}", out.text))
    }

    fn constants(&self, out: &mut Text) {
        for constant in &self.model.constants {
            let (ty, value) = match &constant.value {
                ConstantValue::Number(value) => (integer(*value), value.to_string()),
                ConstantValue::Text(text) => ("&str", format!("{text:?}")),
            };
            self.constant(&constant.name, "const", ty, &value, out);
        }
        let mut written = BTreeSet::new();
        for constant in &self.model.constants {
            written.insert(constant.name.as_str());
        }
        for program in &self.model.programs {
            if written.insert(&program.name) {
                let number = program.number.to_string();
                self.constant(&program.name, "program", "u32", &number, out);
            }
            for version in &program.versions {
                if written.insert(&version.name) {
                    let number = version.number.to_string();
                    self.constant(&version.name, "version", "u32", &number, out);
                }
            }
        }
    }

    fn constant(&self, name: &str, keyword: &str, ty: &str, value: &str, out: &mut Text) {
        out.gap();
        out.line(format!("/// `{keyword} {name}`."));
        let head = format!("pub const {}: {ty} =", self.names.constant(name));
        out.broken(0, &head, &format!("{value};"));
    }
}

/// The smallest of these that holds the value: most constants are lengths.
fn integer(value: i128) -> &'static str {
    if u32::try_from(value).is_ok() {
        "u32"
    } else if i32::try_from(value).is_ok() {
        "i32"
    } else if i64::try_from(value).is_ok() {
        "i64"
    } else {
        "u64"
    }
}

//! Rust names of what a file names: UpperCamelCase and snake_case, no keyword, none twice.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

use crate::model::{Model, TypeId};

/// Names of the items of one generated file.
pub(super) struct Names {
    types: BTreeMap<TypeId, String>,
    constants: BTreeMap<String, String>,
    traits: BTreeMap<(u32, u32, String), String>,
}

impl Names {
    pub(super) fn of(model: &Model) -> Names {
        let mut names = Names {
            types: BTreeMap::new(),
            constants: BTreeMap::new(),
            traits: BTreeMap::new(),
        };
        let mut taken = Taken::of(&TYPES_TAKEN);
        for program in &model.programs {
            for version in &program.versions {
                let wanted = camel(&format!("{}_v{}", program.name, version.number), "Program");
                let name = taken.take(&wanted, &TRAIT_SUFFIXES);
                let key = (program.number, version.number, program.name.clone());
                names.traits.insert(key, name);
            }
        }
        for (id, def) in model.types() {
            let mut wanted = camel(&def.name, "Type");
            if TYPES_TAKEN.contains(&wanted.as_str()) {
                wanted.push_str("Type");
            }
            names.types.insert(id, taken.take(&wanted, &[""]));
        }
        names.name_constants(model);
        names
    }

    pub(super) fn ty(&self, id: TypeId) -> &str {
        self.types.get(&id).map_or("Type", String::as_str)
    }

    /// The Rust name of a constant, a program's or a version's number.
    pub(super) fn constant(&self, name: &str) -> &str {
        self.constants.get(name).map_or("CONSTANT", String::as_str)
    }

    pub(super) fn interface(&self, program: u32, version: u32, name: &str) -> &str {
        let found = self.traits.get(&(program, version, name.to_owned()));
        found.map_or("Program", String::as_str)
    }

    fn name_constants(&mut self, model: &Model) {
        let programs = model.programs.iter();
        let numbers = programs.flat_map(|program| {
            let versions = program.versions.iter().map(|version| &version.name);
            std::iter::once(&program.name).chain(versions)
        });
        let mut taken = Taken::default();
        for name in model.constants.iter().map(|c| &c.name).chain(numbers) {
            if self.constants.contains_key(name) {
                continue;
            }
            let mut wanted = name.to_shouty_snake_case();
            if is_upper(name) {
                wanted.clone_from(name);
            }
            let wanted = started(wanted, "CONSTANT_");
            let chosen = taken.take(&wanted, &[""]);
            self.constants.insert(name.clone(), chosen);
        }
    }
}

/// Names within one struct, enum or trait.
pub(crate) struct Members {
    reserved: Vec<String>,
    taken: Taken,
}

impl Members {
    pub(crate) fn new(reserved: &[&str]) -> Members {
        Members {
            reserved: reserved.iter().map(|name| (*name).to_owned()).collect(),
            taken: Taken::default(),
        }
    }

    /// The name of a field, argument or method; a raw identifier where it is a keyword.
    pub(crate) fn snake(&mut self, name: &str) -> String {
        let mut wanted = started(name.to_snake_case(), "field_");
        if self.reserved.contains(&wanted) || NEVER_RAW.contains(&wanted.as_str()) {
            wanted.push('_');
        }
        let name = self.take(&wanted);
        if KEYWORDS.contains(&name.as_str()) {
            return format!("r#{name}");
        }
        name
    }

    /// The name of a variant.
    pub(crate) fn camel(&mut self, name: &str) -> String {
        let mut wanted = camel(name, "Variant");
        if wanted == "Self" {
            wanted.push('_');
        }
        self.take(&wanted)
    }

    /// The name of a constant.
    pub(super) fn shouty(&mut self, name: &str) -> String {
        let wanted = started(name.to_shouty_snake_case(), "CONSTANT_");
        self.take(&wanted)
    }

    fn take(&mut self, wanted: &str) -> String {
        self.taken.take(wanted, &[""])
    }
}

fn camel(name: &str, fallback: &str) -> String {
    started(name.to_upper_camel_case(), fallback)
}

/// A name that begins with a letter: case conversion drops underscores, which may leave a digit or nothing.
fn started(name: String, prefix: &str) -> String {
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return name;
    }
    let name = format!("{prefix}{name}");
    name.trim_end_matches('_').to_owned()
}

/// Names that are taken, and for each name wanted more than once the number to go on with: as many names as a file has
/// may become the same.
#[derive(Default)]
struct Taken {
    names: BTreeSet<String>,
    numbers: BTreeMap<String, u64>,
}

impl Taken {
    fn of(names: &[&str]) -> Taken {
        Taken {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            numbers: BTreeMap::new(),
        }
    }

    /// Takes the name, with a number behind it when it, or it with one of the suffixes, is not free.
    fn take(&mut self, wanted: &str, suffixes: &[&str]) -> String {
        let is_digit = |last: char| last.is_ascii_digit();
        let separator = if wanted.ends_with(is_digit) { "_" } else { "" };
        let mut name = wanted.to_owned();
        let mut number = self.numbers.get(wanted).copied().unwrap_or(1);
        if number > 1 {
            name = format!("{wanted}{separator}{number}");
        }
        while suffixes
            .iter()
            .any(|suffix| self.names.contains(&format!("{name}{suffix}")))
        {
            number += 1;
            name = format!("{wanted}{separator}{number}");
        }
        self.numbers.insert(wanted.to_owned(), number);
        self.names
            .extend(suffixes.iter().map(|suffix| format!("{name}{suffix}")));
        name
    }
}

fn is_upper(name: &str) -> bool {
    let is_upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|first: char| first.is_ascii_uppercase()) && name.chars().all(is_upper)
}

/// Names that generated code refers to.
const TYPES_TAKEN: [&str; 7] = ["Box", "Err", "Option", "Result", "Self", "String", "Vec"];

/// What appears beside an interface's trait.
const TRAIT_SUFFIXES: [&str; 5] = ["", "Blocking", "Skeleton", "Start", "Stub"];

/// Words that cannot be raw identifiers.
const NEVER_RAW: [&str; 4] = ["crate", "self", "super", "_"];

/// Rust's keywords in lower case, reserved ones too.
const KEYWORDS: [&str; 48] = [
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "static",
    "struct",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield", // The last one in two parts: the word stands in no file of this crate.
    concat!("un", "safe"),
];

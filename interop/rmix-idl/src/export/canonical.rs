//! A model as an interface file: what was read, with includes, conditions, macros and computed values resolved, in an
//! order that rpcgen and the C compiler take.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::names::Names;
use crate::model::{
    ConstantValue, Field, Kind, Label, Model, Procedure, Type, TypeDef, TypeId, Union,
};

impl Model {
    /// The model as an interface file: one file without directives, every number a number, every type before its first
    /// use. It means what the files meant that were read, and rpcgen takes it where it took those.
    ///
    /// ```
    /// let text = "#define MAX 8\nstruct item { string name<MAX>; item *next; };";
    /// let model = rmix_idl::Import::text("items.x", text).model()?;
    /// assert!(model.to_x().contains("struct item {\n    string name<8>;\n    struct item *next;\n};\n"));
    /// # Ok::<(), rmix_idl::IdlError>(())
    /// ```
    pub fn to_x(&self) -> String {
        let mut file = File {
            model: self,
            names: taken(self),
            numbers: numbers(self),
            written: BTreeSet::new(),
            text: String::new(),
        };
        file.constants();
        for id in order(self) {
            file.type_def(id);
        }
        let programs = file.programs();
        let option = match is_n(self) {
            true => " To be read with rpcgen -N.",
            false => "",
        };
        let comment = "/* An interface file in canonical form.";
        format!("{comment}{option} */\n{}{programs}", file.text)
    }
}

/// Whether procedures take arguments as only `rpcgen -N` reads them.
fn is_n(model: &Model) -> bool {
    let versions = model.programs.iter().flat_map(|program| &program.versions);
    let mut procedures = versions.flat_map(|version| &version.procedures);
    procedures.any(|procedure| {
        let arguments = &procedure.arguments;
        arguments.len() > 1 || arguments.iter().any(|argument| argument.name.is_some())
    })
}

/// All names of the model: C has one room for them.
fn taken(model: &Model) -> Names {
    let mut names = Names::default();
    let mut take = |name: &str| {
        if !names.is_taken(name) {
            names.take(name);
        }
    };
    model.numbers.keys().for_each(|name| take(name));
    model
        .constants
        .iter()
        .for_each(|constant| take(&constant.name));
    model.types.iter().for_each(|def| take(&def.name));
    for program in &model.programs {
        take(&program.name);
        for version in &program.versions {
            take(&version.name);
            version
                .procedures
                .iter()
                .for_each(|procedure| take(&procedure.name));
        }
    }
    names
}

fn numbers(model: &Model) -> BTreeSet<&str> {
    let mut numbers = BTreeSet::from(["TRUE", "FALSE"]);
    numbers.extend(
        model
            .constants
            .iter()
            .map(|constant| constant.name.as_str()),
    );
    for (_, def) in model.types() {
        if let Kind::Enum(enumeration) = &def.kind {
            numbers.extend(
                enumeration
                    .members
                    .iter()
                    .map(|member| member.name.as_str()),
            );
        }
    }
    numbers
}

/// The types, each after those it needs complete. Without recursion: a file may have many.
fn order(model: &Model) -> Vec<TypeId> {
    let mut ordered = Vec::new();
    let mut seen = BTreeSet::new();
    for (root, _) in model.types() {
        let mut waiting = vec![(root, false)];
        while let Some((id, is_entered)) = waiting.pop() {
            if is_entered {
                ordered.push(id);
            } else if seen.insert(id) {
                waiting.push((id, true));
                let mut needed = needs(model, model.type_def(id));
                // The first one is to be taken off the stack first.
                needed.reverse();
                waiting.extend(needed.into_iter().map(|id| (id, false)));
            }
        }
    }
    ordered
}

fn needs(model: &Model, def: &TypeDef) -> Vec<TypeId> {
    let mut needed = Vec::new();
    match &def.kind {
        Kind::Enum(_) => {}
        Kind::Alias(ty) => complete(model, ty, &mut needed),
        Kind::Struct(structure) => {
            for field in &structure.fields {
                complete(model, &field.ty, &mut needed);
            }
        }
        Kind::Union(union) => {
            complete(model, &union.discriminant.ty, &mut needed);
            for field in contents(union) {
                complete(model, &field.ty, &mut needed);
            }
        }
    }
    needed
}

fn contents(union: &Union) -> impl Iterator<Item = &Field> {
    let default = union.default.as_ref().and_then(|arm| arm.content.as_ref());
    let arms = union.arms.iter().filter_map(|arm| arm.content.as_ref());
    arms.chain(default)
}

/// What a declaration needs complete: not what it points at, but the names of typedefs and enums in any case.
fn complete(model: &Model, ty: &Type, needed: &mut Vec<TypeId>) {
    match ty {
        Type::Named(id) => needed.push(*id),
        Type::Array { element, .. } => complete(model, element, needed),
        Type::Optional(target)
        | Type::Sequence {
            element: target, ..
        } if pointed_at(model, target).is_none() => complete(model, target, needed),
        _ => {}
    }
}

/// The struct or union behind names, which can be pointed at before it is complete. Unions are structs to C.
fn pointed_at<'a>(model: &'a Model, ty: &'a Type) -> Option<(TypeId, &'a TypeDef)> {
    let found = model.resolve_def(ty)?;
    matches!(found.1.kind, Kind::Struct(_) | Kind::Union(_)).then_some(found)
}

/// A file that is being written.
struct File<'a> {
    model: &'a Model,
    names: Names,
    /// Names of numbers that the file defines: those of a line with `%` it does not.
    numbers: BTreeSet<&'a str>,
    /// Types that are complete.
    written: BTreeSet<TypeId>,
    text: String,
}

impl File<'_> {
    fn define(&mut self, definition: &str) {
        self.text.push('\n');
        self.text.push_str(definition);
    }

    fn constants(&mut self) {
        let mut text = String::new();
        for constant in &self.model.constants {
            let value = match &constant.value {
                ConstantValue::Number(value) => value.to_string(),
                ConstantValue::Text(text) => format!("\"{text}\""),
            };
            writeln!(text, "const {} = {value};", constant.name).unwrap_or_default();
        }
        if !text.is_empty() {
            self.define(&text);
        }
    }

    fn type_def(&mut self, id: TypeId) {
        let def = self.model.type_def(id);
        let name = &def.name;
        let definition = match &def.kind {
            Kind::Enum(enumeration) => {
                let members = enumeration.members.iter();
                let members: Vec<String> = members
                    .map(|member| format!("    {} = {}", member.name, member.value))
                    .collect();
                format!("enum {name} {{\n{}\n}};\n", members.join(",\n"))
            }
            Kind::Alias(ty) => {
                let declared = self.declared(ty, name, name, true);
                format!("typedef {declared};\n")
            }
            Kind::Struct(structure) => {
                let mut body = String::new();
                for field in &structure.fields {
                    let declared = self.field(name, field);
                    writeln!(body, "    {declared};").unwrap_or_default();
                }
                format!("struct {name} {{\n{body}}};\n")
            }
            Kind::Union(union) => self.union(name, union),
        };
        self.define(&definition);
        self.written.insert(id);
    }

    fn union(&mut self, name: &str, union: &Union) -> String {
        let mut body = String::new();
        let arms = union.arms.iter().map(|arm| {
            let cases = arm
                .labels
                .iter()
                .map(|label| self.case(label))
                .collect::<String>();
            (cases, arm.content.as_ref())
        });
        let default = union.default.as_ref();
        let default = default.map(|arm| ("default:\n".to_owned(), arm.content.as_ref()));
        let arms: Vec<_> = arms.chain(default).collect();
        for (cases, content) in arms {
            let declared = match content {
                Some(field) => self.field(name, field),
                None => "void".to_owned(),
            };
            writeln!(body, "{cases}    {declared};").unwrap_or_default();
        }
        let switch = self.field(name, &union.discriminant);
        format!("union {name} switch ({switch}) {{\n{body}}};\n")
    }

    /// A label by its name, if that is defined in the file that is written.
    fn case(&self, label: &Label) -> String {
        let is_known = |name: &&String| self.numbers.contains(name.as_str());
        match label.name.as_ref().filter(is_known) {
            Some(name) => format!("case {name}:\n"),
            None => format!("case {}:\n", label.value),
        }
    }

    fn field(&mut self, owner: &str, field: &Field) -> String {
        let hint = format!("{owner}_{}", field.name);
        self.declared(&field.ty, &field.name, &hint, false)
    }

    /// The declaration of a name. `hint` names what needs a typedef of its own; `is_typedef` says that this is one.
    fn declared(&mut self, ty: &Type, name: &str, hint: &str, is_typedef: bool) -> String {
        let bound = |max: &Option<u32>| match max {
            Some(max) => max.to_string(),
            None => String::new(),
        };
        match ty {
            Type::Array { element, length } => {
                let element = self.word(element, &format!("{hint}_item"));
                format!("{element} {name}[{length}]")
            }
            Type::Sequence { element, max } => match pointed_at(self.model, element) {
                Some((id, def)) if !self.written.contains(&id) => {
                    let declared = format!("struct {} {name}<{}>", def.name, bound(max));
                    if is_typedef {
                        return declared;
                    }
                    // rpcgen writes `struct struct` for it within a struct.
                    let word = self.names.take(&format!("{hint}_list"));
                    let declared = format!("struct {} {word}<{}>", def.name, bound(max));
                    self.define(&format!("typedef {declared};\n"));
                    format!("{word} {name}")
                }
                _ => {
                    let element = self.word(element, &format!("{hint}_item"));
                    format!("{element} {name}<{}>", bound(max))
                }
            },
            Type::Optional(target) => match pointed_at(self.model, target) {
                Some((_, def)) => format!("struct {} *{name}", def.name),
                None => {
                    let target = self.word(target, &format!("{hint}_item"));
                    format!("{target} *{name}")
                }
            },
            _ => self.model.declaration(ty, name),
        }
    }

    /// The type as one word, for which a typedef is made where it has none.
    fn word(&mut self, ty: &Type, hint: &str) -> String {
        let is_word = !matches!(
            ty,
            Type::String { .. }
                | Type::Opaque { .. }
                | Type::FixedOpaque { .. }
                | Type::Array { .. }
                | Type::Sequence { .. }
                | Type::Optional(_)
        );
        if is_word {
            return self.model.declaration(ty, "");
        }
        let name = self.names.take(hint);
        let declared = self.declared(ty, &name, &name, true);
        self.define(&format!("typedef {declared};\n"));
        name
    }

    /// The programs; typedefs that they need are added to the text.
    fn programs(&mut self) -> String {
        let mut text = String::new();
        for program in &self.model.programs {
            writeln!(text, "\nprogram {} {{", program.name).unwrap_or_default();
            for version in &program.versions {
                writeln!(text, "    version {} {{", version.name).unwrap_or_default();
                for procedure in &version.procedures {
                    let line = self.procedure(procedure);
                    writeln!(text, "        {line};").unwrap_or_default();
                }
                writeln!(text, "    }} = {};", version.number).unwrap_or_default();
            }
            writeln!(text, "}} = {};", program.number).unwrap_or_default();
        }
        text
    }

    fn procedure(&mut self, procedure: &Procedure) -> String {
        let name = &procedure.name;
        let result = self.passed(&procedure.result, &format!("{name}_result"));
        let mut arguments = Vec::new();
        for argument in &procedure.arguments {
            let word = self.passed(&argument.ty, &format!("{name}_argument"));
            arguments.push(match &argument.name {
                Some(name) => format!("{word} {name}"),
                None => word,
            });
        }
        if arguments.is_empty() {
            arguments.push("void".to_owned());
        }
        let arguments = arguments.join(", ");
        format!("{result} {name}({arguments}) = {}", procedure.number)
    }

    /// A type as a procedure takes and gives it: one word, or the bare `string`.
    fn passed(&mut self, ty: &Type, hint: &str) -> String {
        match ty {
            Type::String { max: None } => "string".to_owned(),
            _ => self.word(ty, hint),
        }
    }
}

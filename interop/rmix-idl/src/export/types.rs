//! Types of an interface as definitions of the interface language, each before its first use.

use std::fmt::Write;

use rmix_abi::describe::{FieldDesc, TypeDesc, type_kind};

use super::error::ExportError;
use super::names::{Names, identifier};
use super::same::same;

/// A type as a declaration has it: a name, and what is made of it.
pub(super) struct Declared {
    pub(super) ty: String,
    form: Form,
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Plain,
    Pointer,
    Fixed(u32),
    Variable(u32),
}

impl Declared {
    pub(super) fn plain(ty: impl Into<String>) -> Declared {
        Declared {
            ty: ty.into(),
            form: Form::Plain,
        }
    }

    fn of(ty: impl Into<String>, form: Form) -> Declared {
        Declared {
            ty: ty.into(),
            form,
        }
    }

    /// The declaration of a name.
    pub(super) fn named(&self, name: &str) -> String {
        let ty = &self.ty;
        match self.form {
            Form::Plain => format!("{ty} {name}"),
            Form::Pointer => format!("{ty} *{name}"),
            Form::Fixed(length) => format!("{ty} {name}[{length}]"),
            Form::Variable(0) => format!("{ty} {name}<>"),
            Form::Variable(max) => format!("{ty} {name}<{max}>"),
        }
    }
}

impl Declared {
    /// Whether a value of it needs a type that is not complete yet.
    fn is_open(&self) -> bool {
        self.form == Form::Plain && self.ty.starts_with(OPEN)
    }
}

/// What stands before a type that is not complete yet.
const OPEN: &str = "struct ";

/// Definitions written so far.
#[derive(Default)]
pub(super) struct Types {
    pub(super) names: Names,
    pub(super) text: String,
    known: Vec<Known>,
    typedefs: Vec<(String, String)>,
    /// Definitions that wait for a type that is not complete yet.
    waiting: String,
}

/// A struct, enum or union that has a name.
struct Known {
    desc: &'static TypeDesc,
    name: String,
    /// Its definition is being written, so that it can only be pointed at.
    is_open: bool,
}

impl Types {
    /// How a value of the type is declared; `None` when it takes no bytes. `hint` names what has no name of its own.
    pub(super) fn declare(
        &mut self,
        desc: &'static TypeDesc,
        hint: &str,
        path: &str,
    ) -> Result<Option<Declared>, ExportError> {
        if takes_nothing(desc) {
            return Ok(None);
        }
        let element = || desc.element().ok_or_else(|| no_schema(path));
        Ok(Some(match desc.kind {
            type_kind::BOOL => Declared::plain("bool"),
            type_kind::I8 => Declared::plain("char"),
            type_kind::I16 => Declared::plain("short"),
            type_kind::I32 => Declared::plain("int"),
            type_kind::I64 => Declared::plain("hyper"),
            type_kind::U8 => Declared::plain("unsigned char"),
            type_kind::U16 => Declared::plain("unsigned short"),
            type_kind::U32 | type_kind::CHAR => Declared::plain("unsigned int"),
            type_kind::U64 => Declared::plain("unsigned hyper"),
            type_kind::F32 => Declared::plain("float"),
            type_kind::F64 => Declared::plain("double"),
            type_kind::STRING => Declared::of("string", Form::Variable(desc.len)),
            type_kind::BYTES => Declared::of("opaque", Form::Variable(desc.len)),
            type_kind::OPAQUE => Declared::of("opaque", Form::Fixed(desc.len)),
            type_kind::OPTION => Declared::of(self.named(element()?, hint, path)?, Form::Pointer),
            type_kind::SEQ => {
                let element = self.element(element()?, hint, path)?;
                Declared::of(element, Form::Variable(desc.len))
            }
            type_kind::ARRAY => {
                let element = self.element(element()?, hint, path)?;
                Declared::of(element, Form::Fixed(desc.len))
            }
            type_kind::LIST => self.list(element()?, hint, path)?,
            type_kind::MAP => self.map(desc, hint, path)?,
            type_kind::STRUCT | type_kind::TUPLE | type_kind::ENUM => {
                Declared::plain(self.defined(desc, hint, path)?)
            }
            type_kind::I128 | type_kind::U128 => {
                let instead = "declare two integers of 64 bits, or 16 octets";
                return Err(unsupported(path, "an integer of 128 bits", instead));
            }
            _ => {
                let instead = "declare its type";
                return Err(unsupported(path, "a value of any type", instead));
            }
        }))
    }

    /// A name for the type, with a typedef where the language has none.
    pub(super) fn named(
        &mut self,
        desc: &'static TypeDesc,
        hint: &str,
        path: &str,
    ) -> Result<String, ExportError> {
        let declared = self.declare(desc, hint, path)?;
        let declared = declared.ok_or_else(|| {
            let instead = "leave it out, or declare a bool";
            unsupported(path, "an optional or repeated value of no bytes", instead)
        })?;
        if declared.form == Form::Plain {
            return Ok(declared.ty);
        }
        // Typedefs that differ in their names only would be different types to C.
        let shape = declared.named("");
        if let Some((_, name)) = self.typedefs.iter().find(|(known, _)| *known == shape) {
            return Ok(name.clone());
        }
        let name = self.names.take(&match (desc.kind, desc.len) {
            (type_kind::STRING, 0) => "text".to_owned(),
            (type_kind::BYTES, 0) => "octets".to_owned(),
            _ => hint.to_owned(),
        });
        self.define(&format!("typedef {};\n", declared.named(&name)));
        self.typedefs.push((shape, name.clone()));
        Ok(name)
    }

    /// Adds a struct of these fields under a new name.
    pub(super) fn structure(
        &mut self,
        name: &str,
        fields: &[FieldDesc],
        path: &str,
    ) -> Result<(), ExportError> {
        let body = self.fields(name, fields, path)?;
        self.define(&format!("struct {name} {{\n{body}}};\n"));
        Ok(())
    }

    /// Adds a definition.
    pub(super) fn define(&mut self, definition: &str) {
        self.text.push('\n');
        self.text.push_str(definition);
    }

    /// Adds a definition that holds a value of a type; while that is open, it has to wait.
    fn define_when_complete(&mut self, definition: &str, is_open: bool) {
        if is_open {
            self.waiting.push('\n');
            self.waiting.push_str(definition);
        } else {
            self.define(definition);
        }
    }

    /// The element of an array or sequence.
    fn element(
        &mut self,
        desc: &'static TypeDesc,
        hint: &str,
        path: &str,
    ) -> Result<String, ExportError> {
        self.named(desc, &format!("{hint}_item"), path)
    }

    /// A linked list: a pointer to its first node.
    fn list(
        &mut self,
        item: &'static TypeDesc,
        hint: &str,
        path: &str,
    ) -> Result<Declared, ExportError> {
        let declared = self.declare(item, &format!("{hint}_item"), path)?;
        let shape = match &declared {
            Some(declared) => format!("list of {}", declared.named("")),
            None => "list of void".to_owned(),
        };
        if let Some((_, node)) = self.typedefs.iter().find(|(known, _)| *known == shape) {
            return Ok(Declared::of(node.clone(), Form::Pointer));
        }
        let name = self.names.take(&format!("{hint}_node"));
        let is_open = declared.as_ref().is_some_and(Declared::is_open);
        let item = declared.map(|declared| format!("    {};\n", declared.named("item")));
        let item = item.unwrap_or_default();
        let definition = format!("struct {name} {{\n{item}    struct {name} *next;\n}};\n");
        self.define_when_complete(&definition, is_open);
        let node = format!("struct {name}");
        self.typedefs.push((shape, node.clone()));
        Ok(Declared::of(node, Form::Pointer))
    }

    /// A map: a sequence of pairs.
    fn map(
        &mut self,
        desc: &'static TypeDesc,
        hint: &str,
        path: &str,
    ) -> Result<Declared, ExportError> {
        let (Some(key), Some(value)) = (desc.key(), desc.element()) else {
            return Err(no_schema(path));
        };
        let mut body = String::new();
        let mut is_open = false;
        for (name, part) in [("key", key), ("value", value)] {
            let hint = format!("{hint}_{name}");
            if let Some(declared) = self.declare(part, &hint, path)? {
                is_open |= declared.is_open();
                body.push_str(&format!("    {};\n", declared.named(name)));
            }
        }
        if body.is_empty() {
            let instead = "declare the number of its entries";
            return Err(unsupported(
                path,
                "a map whose entries take no bytes",
                instead,
            ));
        }
        let shape = format!("entry {body}");
        if let Some((_, entry)) = self.typedefs.iter().find(|(known, _)| *known == shape) {
            return Ok(Declared::of(entry.clone(), Form::Variable(0)));
        }
        let name = self.names.take(&format!("{hint}_entry"));
        self.define_when_complete(&format!("struct {name} {{\n{body}}};\n"), is_open);
        let entry = if is_open {
            format!("struct {name}")
        } else {
            name
        };
        self.typedefs.push((shape, entry.clone()));
        Ok(Declared::of(entry, Form::Variable(0)))
    }

    /// The name of a struct, tuple or enum, which is defined if it is not yet.
    fn defined(
        &mut self,
        desc: &'static TypeDesc,
        hint: &str,
        path: &str,
    ) -> Result<String, ExportError> {
        if let Some(known) = self.known.iter().find(|known| same(known.desc, desc)) {
            // Unions are structs to C.
            let prefix = if known.is_open { OPEN } else { "" };
            return Ok(format!("{prefix}{}", known.name));
        }
        let wanted = if desc.name().is_empty() {
            hint
        } else {
            desc.name()
        };
        let name = self.names.take(wanted);
        let position = self.known.len();
        self.known.push(Known {
            desc,
            name: name.clone(),
            is_open: true,
        });
        if desc.kind == type_kind::ENUM {
            self.enumeration(&name, desc, path)?;
        } else {
            self.structure(&name, desc.fields(), path)?;
        }
        if let Some(known) = self.known.get_mut(position) {
            known.is_open = false;
        }
        if self.known.iter().all(|known| !known.is_open) {
            let waiting = std::mem::take(&mut self.waiting);
            self.text.push_str(&waiting);
        }
        Ok(name)
    }

    /// Fields as lines; those that take no bytes are left out.
    fn fields(
        &mut self,
        owner: &str,
        fields: &[FieldDesc],
        path: &str,
    ) -> Result<String, ExportError> {
        let mut lines = String::new();
        let mut names = Names::default();
        for (index, field) in fields.iter().enumerate() {
            let wanted = match field.name() {
                "" => format!("field_{index}"),
                name => name.to_owned(),
            };
            let path = format!("{path}.{wanted}");
            let hint = format!("{owner}_{}", identifier(&wanted));
            let Some(declared) = self.declare_within(field.ty(), &hint, &path)? else {
                continue;
            };
            let name = names.take(&wanted);
            writeln!(lines, "    {};", declared.named(&name)).unwrap_or_default();
        }
        Ok(lines)
    }

    /// As [`Types::declare`]; a sequence of a type that is not complete yet goes by a typedef, `typedef struct t ts<>;`,
    /// because rpcgen writes `struct struct` otherwise.
    pub(super) fn declare_within(
        &mut self,
        desc: &'static TypeDesc,
        hint: &str,
        path: &str,
    ) -> Result<Option<Declared>, ExportError> {
        let declared = self.declare(desc, hint, path)?;
        match declared {
            Some(declared) if declared.ty.starts_with(OPEN) && declared.form != Form::Pointer => {
                let name = self.names.take(hint);
                self.define(&format!("typedef {};\n", declared.named(&name)));
                Ok(Some(Declared::plain(name)))
            }
            other => Ok(other),
        }
    }
}

/// Whether values of the type stand for nothing on the wire.
pub(super) fn takes_nothing(desc: &TypeDesc) -> bool {
    match desc.kind {
        type_kind::UNIT => true,
        type_kind::STRUCT | type_kind::TUPLE => {
            desc.fields().iter().all(|field| takes_nothing(field.ty()))
        }
        type_kind::ARRAY => desc.len == 0 || desc.element().is_some_and(takes_nothing),
        type_kind::OPAQUE => desc.len == 0,
        _ => false,
    }
}

pub(super) fn unsupported(path: &str, what: &'static str, instead: &'static str) -> ExportError {
    ExportError::Unsupported {
        path: path.to_owned(),
        what,
        instead,
    }
}

fn no_schema(path: &str) -> ExportError {
    let instead = "describe it with `derive(rmix::Data)`";
    unsupported(path, "a value whose parts are not described", instead)
}

//! `rmix describe`: what an interface file defines, for people and as JSON.

use std::fmt::Write as _;
use std::process::ExitCode;

use rmix_idl::Model;
use rmix_idl::model::{ConstantValue, Field, Kind, Label, Type, TypeDef, Union};
use serde_json::{Value as Json, json};

use crate::arguments::Describe;
use crate::failure::{self, Failure};
use crate::{idl, json, output, wsdl};

/// Reads the file, and prints what it defines.
///
/// # Errors
/// The file is wrong.
pub(crate) fn run(options: &Describe) -> Result<ExitCode, Failure> {
    if wsdl::is_xml(&options.file) {
        let mut description = wsdl::import(&options.file, &options.source)?.description()?;
        if let Some(wanted) = &options.interface {
            let found = wsdl::named(&description, wanted, &options.file)?;
            let (name, style) = (found.name.clone(), found.style);
            let is_it = |name_of: &_, style_of| *name_of == name && style_of == style;
            description
                .interfaces
                .retain(|one| is_it(&one.name, one.style));
            for service in &mut description.services {
                service.ports.retain(|port| port.interface == name);
            }
            description
                .services
                .retain(|service| !service.ports.is_empty());
        }
        match options.json {
            true => output::result(&json::text(&wsdl::described(&description), false))?,
            false => output::text(&wsdl::shown(&description))?,
        }
        return Ok(ExitCode::from(failure::OK));
    }
    idl::refuse_interface(options.interface.as_deref())?;
    let model = idl::model(&options.file, &options.source)?;
    match options.json {
        true => output::result(&json::text(&described(&model), false))?,
        false => output::text(&shown(&model))?,
    }
    Ok(ExitCode::from(failure::OK))
}

/// For people.
fn shown(model: &Model) -> String {
    let mut parts = Vec::new();
    for program in &model.programs {
        let mut text = format!("program {} = {}\n", program.name, program.number);
        for version in &program.versions {
            let _ = writeln!(text, "  version {} = {}", version.name, version.number);
            for procedure in &version.procedures {
                let signature = idl::signature(model, procedure);
                let _ = writeln!(text, "    {:<5} {signature}", procedure.number);
            }
        }
        parts.push(text);
    }
    let constants: String = model
        .constants
        .iter()
        .map(|constant| match &constant.value {
            ConstantValue::Text(text) => format!("const {} = \"{text}\"\n", constant.name),
            ConstantValue::Number(value) => format!("const {} = {value}\n", constant.name),
            _ => String::new(),
        })
        .collect();
    if !constants.is_empty() {
        parts.push(constants);
    }
    parts.extend(model.types().map(|(_, def)| shown_type(model, def)));
    match parts.is_empty() {
        true => "nothing is defined\n".to_owned(),
        false => parts.join("\n"),
    }
}

fn shown_type(model: &Model, def: &TypeDef) -> String {
    let name = &def.name;
    let field = |field: &Field| model.declaration(&field.ty, &field.name);
    match &def.kind {
        Kind::Enum(enumeration) => {
            let members = enumeration.members.iter();
            let members: String = members
                .map(|member| format!("  {} = {}\n", member.name, member.value))
                .collect();
            format!("enum {name}\n{members}")
        }
        Kind::Struct(structure) => {
            let fields = structure.fields.iter();
            let fields: String = fields.map(|f| format!("  {}\n", field(f))).collect();
            let list = match structure.is_list_node {
                true => " (node of a linked list)",
                false => "",
            };
            format!("struct {name}{list}\n{fields}")
        }
        Kind::Union(union) => {
            let holds = |content: Option<&Field>| content.map_or_else(|| "void".to_owned(), field);
            let mut arms = String::new();
            for arm in &union.arms {
                let labels: Vec<String> = arm.labels.iter().map(shown_label).collect();
                let content = holds(arm.content.as_ref());
                let _ = writeln!(arms, "  case {}: {content}", labels.join(", "));
            }
            if let Some(default) = &union.default {
                let _ = writeln!(arms, "  default: {}", holds(default.content.as_ref()));
            }
            format!(
                "union {name} switch ({})\n{arms}",
                field(&union.discriminant)
            )
        }
        Kind::Alias(ty) => format!("typedef {}\n", model.declaration(ty, name)),
        _ => format!("{name}\n"),
    }
}

fn shown_label(label: &Label) -> String {
    match &label.name {
        Some(name) => format!("{name} ({})", label.value),
        None => label.value.to_string(),
    }
}

/// As JSON.
fn described(model: &Model) -> Json {
    let of_type = |ty: &Type| model.declaration(ty, "");
    let programs = model.programs.iter().map(|program| {
        let versions = program.versions.iter().map(|version| {
            let procedures = version.procedures.iter().map(|procedure| {
                let arguments = procedure
                    .arguments
                    .iter()
                    .map(|argument| json!({"name": argument.name, "type": of_type(&argument.ty)}));
                json!({
                    "name": procedure.name,
                    "number": procedure.number,
                    "signature": idl::signature(model, procedure),
                    "arguments": arguments.collect::<Vec<_>>(),
                    "result": of_type(&procedure.result),
                })
            });
            let procedures: Vec<_> = procedures.collect();
            json!({"name": version.name, "number": version.number, "procedures": procedures})
        });
        let versions: Vec<_> = versions.collect();
        json!({"name": program.name, "number": program.number, "versions": versions})
    });
    let constants = model.constants.iter().map(|constant| {
        let value = match &constant.value {
            ConstantValue::Number(value) => number(*value),
            ConstantValue::Text(text) => json!(text),
            _ => Json::Null,
        };
        json!({"name": constant.name, "value": value})
    });
    json!({
        "programs": programs.collect::<Vec<_>>(),
        "constants": constants.collect::<Vec<_>>(),
        "types": model.types().map(|(_, def)| described_type(model, def)).collect::<Vec<_>>(),
        "files": model.files,
    })
}

fn described_type(model: &Model, def: &TypeDef) -> Json {
    let name = &def.name;
    let field =
        |field: &Field| json!({"name": field.name, "type": model.declaration(&field.ty, "")});
    match &def.kind {
        Kind::Enum(enumeration) => {
            let members = enumeration.members.iter();
            let members = members.map(|member| json!({"name": member.name, "value": member.value}));
            json!({"name": name, "kind": "enum", "members": members.collect::<Vec<_>>()})
        }
        Kind::Struct(structure) => {
            let fields: Vec<_> = structure.fields.iter().map(field).collect();
            let is_list = structure.is_list_node;
            json!({"name": name, "kind": "struct", "fields": fields, "is_list": is_list})
        }
        Kind::Union(union) => described_union(name, union, field),
        Kind::Alias(ty) => {
            json!({"name": name, "kind": "typedef", "type": model.declaration(ty, "")})
        }
        _ => json!({"name": name}),
    }
}

fn described_union(name: &str, union: &Union, field: impl Fn(&Field) -> Json) -> Json {
    let arms = union.arms.iter().map(|arm| {
        let labels = arm.labels.iter();
        let labels = labels.map(|label| json!({"name": label.name, "value": label.value}));
        let labels: Vec<_> = labels.collect();
        json!({"labels": labels, "field": arm.content.as_ref().map(&field)})
    });
    let default = union.default.as_ref();
    let default = default.map(|arm| json!({"field": arm.content.as_ref().map(&field)}));
    json!({
        "name": name,
        "kind": "union",
        "discriminant": field(&union.discriminant),
        "arms": arms.collect::<Vec<_>>(),
        "default": default,
    })
}

/// A number that readers of JSON keep, or text.
fn number(value: i128) -> Json {
    match i64::try_from(value) {
        Ok(value) if value.unsigned_abs() <= 1 << 53 => json!(value),
        _ => json!(value.to_string()),
    }
}

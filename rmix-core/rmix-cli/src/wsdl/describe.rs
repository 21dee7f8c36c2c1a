//! What a WSDL or schema describes, for people and as JSON.

use std::fmt::Write as _;

use rmix_idl::wsdl::Description;
use rmix_idl::wsdl::model::{
    Field, Form, Interface, Kind, Message, Occurs, Operation, Port, SoapVersion, Style, Type,
    TypeDef,
};
use serde_json::{Value as Json, json};

/// For people.
pub(crate) fn shown(description: &Description) -> String {
    let mut parts = Vec::new();
    for interface in &description.interfaces {
        parts.push(shown_interface(description, interface));
    }
    for service in &description.services {
        let mut text = format!("service {}\n", service.name.local);
        for port in &service.ports {
            let (name, address) = (&port.name, &port.address);
            let version = version(port);
            let interface = &port.interface.local;
            let _ = writeln!(
                text,
                "  port {name}: {interface} by SOAP {version} at {address}"
            );
            if let Some(endpoint) = port.endpoint() {
                let _ = writeln!(text, "    {endpoint}");
            }
        }
        parts.push(text);
    }
    let elements = description.elements.iter();
    let elements = elements.map(|element| format!("element {}\n", field(description, element)));
    let elements: String = elements.collect();
    if !elements.is_empty() {
        parts.push(elements);
    }
    let types = description.types();
    parts.extend(types.map(|(_, def)| shown_type(description, def)));
    match parts.is_empty() {
        true => "nothing is described\n".to_owned(),
        false => parts.join("\n"),
    }
}

fn shown_interface(description: &Description, interface: &Interface) -> String {
    let name = &interface.name;
    let style = style(interface.style);
    let mut text = format!("interface {} in {}: {style}\n", name.local, name.namespace);
    for operation in &interface.operations {
        let _ = writeln!(text, "  {}", signature(description, operation));
        let faults = operation.faults.iter();
        let faults = faults.map(|fault| field(description, &fault.detail));
        let faults: Vec<String> = faults.collect();
        if !faults.is_empty() {
            let _ = writeln!(text, "    faults {}", faults.join("; "));
        }
    }
    text
}

fn shown_type(description: &Description, def: &TypeDef) -> String {
    let name = &def.name.local;
    let lines = |fields: &[Field]| -> String {
        let lines = fields
            .iter()
            .map(|one| format!("  {}\n", field(description, one)));
        lines.collect()
    };
    match &def.kind {
        Kind::Struct {
            fields,
            base,
            is_abstract,
        } => {
            let base = base.map(|base| &description.type_def(base).name.local);
            let base = base.map_or_else(String::new, |base| format!(" extends {base}"));
            let kind = if *is_abstract {
                "abstract struct"
            } else {
                "struct"
            };
            format!("{kind} {name}{base}\n{}", lines(fields))
        }
        Kind::Choice { variants } => format!("choice {name}\n{}", lines(variants)),
        Kind::Derived { base, derived } => {
            let derived = std::iter::once(base).chain(derived);
            let names = derived.map(|id| &*description.type_def(*id).name.local);
            let names: Vec<&str> = names.collect();
            format!("{name} by xsi:type\n  {}\n", names.join("\n  "))
        }
        Kind::Enumeration { values, .. } => {
            let values: String = values
                .iter()
                .map(|it| format!("  {:?}\n", it.value))
                .collect();
            format!("enumeration {name}\n{values}")
        }
        Kind::Alias(ty) => format!("type {name} = {}\n", type_name(description, ty)),
        Kind::Array { item, .. } => format!("array {name} of {}\n", type_name(description, item)),
        _ => format!("{name}\n"),
    }
}

/// An operation with its arguments and result: `add(a: int, b: int): int`.
fn signature(description: &Description, operation: &Operation) -> String {
    let arguments = operation.request.parts.iter();
    let arguments: Vec<String> = arguments.map(|part| field(description, part)).collect();
    let gives = match &operation.response {
        None => ", one-way".to_owned(),
        Some(response) => match outputs(response) {
            [] => String::new(),
            [only] => format!(": {}", written_type(description, only)),
            several => {
                let several: Vec<String> = several
                    .iter()
                    .map(|part| field(description, part))
                    .collect();
                format!(": ({})", several.join(", "))
            }
        },
    };
    format!("{}({}){gives}", operation.name, arguments.join(", "))
}

fn outputs(response: &Message) -> &[Field] {
    &response.parts
}

/// A field: `name: type`, with what it is where it is no element.
fn field(description: &Description, field: &Field) -> String {
    let form = match field.form {
        Form::Attribute => "@",
        Form::Header => "header ",
        Form::Text => "text ",
        Form::Choice => "one of ",
        _ => "",
    };
    let name = &field.name.local;
    format!("{form}{name}: {}", written_type(description, field))
}

/// A field's type, `?` where it may be absent, `[]` where it repeats, and whether it may be nil.
fn written_type(description: &Description, field: &Field) -> String {
    let name = type_name(description, &field.ty);
    let nil = if field.nillable { " or nil" } else { "" };
    match field.occurs {
        Occurs::Once => format!("{name}{nil}"),
        Occurs::Optional => format!("{name}?{nil}"),
        Occurs::Repeated => format!("{name}[]{nil}"),
    }
}

fn type_name(description: &Description, ty: &Type) -> String {
    match ty {
        Type::Builtin(builtin) => builtin.name().to_owned(),
        Type::Named(id) => description.type_def(*id).name.local.to_string(),
        Type::List(item) => format!("list of {}", type_name(description, item)),
        _ => String::new(),
    }
}

/// As JSON.
pub(crate) fn described(description: &Description) -> Json {
    let interfaces = description.interfaces.iter().map(|interface| {
        let operations = interface.operations.iter();
        let operations = operations.map(|operation| described_operation(description, operation));
        json!({
            "name": &*interface.name.local,
            "namespace": &*interface.name.namespace,
            "style": style(interface.style),
            "operations": operations.collect::<Vec<_>>(),
        })
    });
    let services = description.services.iter().map(|service| {
        let ports = service.ports.iter().map(|port| {
            json!({
                "name": port.name,
                "interface": &*port.interface.local,
                "version": version(port),
                "address": port.address,
                "endpoint": port.endpoint(),
            })
        });
        json!({"name": &*service.name.local, "ports": ports.collect::<Vec<_>>()})
    });
    let types = description.types();
    let types = types.map(|(_, def)| described_type(description, def));
    json!({
        "interfaces": interfaces.collect::<Vec<_>>(),
        "services": services.collect::<Vec<_>>(),
        "elements": described_fields(description, &description.elements),
        "types": types.collect::<Vec<_>>(),
        "files": description.files,
    })
}

fn described_operation(description: &Description, operation: &Operation) -> Json {
    let results = operation.response.as_ref().map(outputs).unwrap_or_default();
    let faults = operation.faults.iter();
    let faults: Vec<Json> = faults
        .map(|fault| described_field(description, &fault.detail))
        .collect();
    json!({
        "name": operation.name,
        "action": operation.action,
        "signature": signature(description, operation),
        "oneway": operation.response.is_none(),
        "arguments": described_fields(description, &operation.request.parts),
        "results": described_fields(description, results),
        "faults": faults,
    })
}

fn described_type(description: &Description, def: &TypeDef) -> Json {
    let names = |ids: &mut dyn Iterator<Item = &rmix_idl::wsdl::model::TypeId>| -> Vec<String> {
        ids.map(|id| description.type_def(*id).name.local.to_string())
            .collect()
    };
    let (kind, key, what) = match &def.kind {
        Kind::Struct { fields, .. } => (
            "struct",
            "fields",
            json!(described_fields(description, fields)),
        ),
        Kind::Choice { variants } => (
            "choice",
            "variants",
            json!(described_fields(description, variants)),
        ),
        Kind::Derived { base, derived } => {
            let all = names(&mut std::iter::once(base).chain(derived));
            ("derived", "types", json!(all))
        }
        Kind::Enumeration { values, .. } => {
            let values: Vec<&str> = values.iter().map(|it| it.value.as_str()).collect();
            ("enumeration", "values", json!(values))
        }
        Kind::Alias(ty) => ("alias", "type", json!(type_name(description, ty))),
        Kind::Array { item, .. } => ("array", "item", json!(type_name(description, item))),
        _ => ("", "", Json::Null),
    };
    let name = &def.name;
    let mut object = json!({"name": &*name.local, "namespace": &*name.namespace, "kind": kind});
    if let Kind::Struct {
        base, is_abstract, ..
    } = &def.kind
    {
        object["extends"] = json!(base.map(|id| description.type_def(id).name.local.to_string()));
        object["abstract"] = json!(is_abstract);
    }
    object[key] = what;
    object
}

fn described_fields(description: &Description, fields: &[Field]) -> Vec<Json> {
    fields
        .iter()
        .map(|field| described_field(description, field))
        .collect()
}

fn described_field(description: &Description, field: &Field) -> Json {
    let form = match field.form {
        Form::Attribute => "attribute",
        Form::Header => "header",
        Form::Text => "text",
        Form::Choice => "choice",
        _ => "element",
    };
    let occurs = match field.occurs {
        Occurs::Once => "once",
        Occurs::Optional => "optional",
        Occurs::Repeated => "repeated",
    };
    json!({
        "name": &*field.name.local,
        "namespace": &*field.name.namespace,
        "form": form,
        "type": type_name(description, &field.ty),
        "occurs": occurs,
        "nillable": field.nillable,
    })
}

fn style(style: Style) -> &'static str {
    match style {
        Style::Wrapped => "document/literal wrapped",
        Style::Bare => "document/literal bare",
        Style::Rpc => "rpc/literal",
        Style::Encoded => "rpc/encoded",
        _ => "",
    }
}

fn version(port: &Port) -> &'static str {
    match port.version {
        SoapVersion::Soap11 => "1.1",
        SoapVersion::Soap12 => "1.2",
    }
}

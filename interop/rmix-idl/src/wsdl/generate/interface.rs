//! Interfaces as traits with `#[rmix::remote]`.

use super::answers::Answer;
use super::attribute::{self, Meta};
use super::names::identifier;
use super::{Generator, docs};
use crate::generate::names::Members;
use crate::generate::text::{Text, WIDTH};
use crate::wsdl::model::{Field, Interface, Message, Operation, Style};

impl Generator<'_> {
    pub(super) fn interface(&self, index: usize, interface: &Interface, out: &mut Text) {
        out.gap();
        let head = format!("Port type {}.", docs::quoted(&interface.name.local));
        docs::write(out, 0, &head, &interface.documentation, &[]);
        let mut arguments = Vec::new();
        if !interface.name.namespace.is_empty() {
            arguments.push(Meta::text("namespace", &interface.name.namespace));
        }
        let style = match interface.style {
            Style::Wrapped => None,
            Style::Bare => Some("bare"),
            Style::Rpc => Some("rpc"),
            Style::Encoded => Some("encoded"),
        };
        if let Some(style) = style {
            arguments.push(Meta::Call("soap", vec![Meta::text("style", style)]));
        }
        match arguments.is_empty() {
            true => out.line("#[rmix::remote]"),
            false => attribute::write(out, 0, "rmix::remote", &arguments),
        }
        out.line(format!("pub trait {} {{", self.names.interface(index)));
        let mut members = Members::new(&METHODS_TAKEN);
        for (number, operation) in interface.operations.iter().enumerate() {
            if number > 0 {
                out.gap();
            }
            let answer = self.answers.get(&(index, number));
            self.method(interface, operation, answer, &mut members, out);
        }
        out.line("}");
    }

    fn method(
        &self,
        interface: &Interface,
        operation: &Operation,
        answer: Option<&Answer>,
        members: &mut Members,
        out: &mut Text,
    ) {
        let rust = members.snake(&identifier(&operation.name));
        let head = format!("Operation {}.", docs::quoted(&operation.name));
        let mut notes = operation.request.notes.clone();
        let response = operation.response.iter().flat_map(|it| &it.notes);
        let response = response.filter(|note| !operation.request.notes.contains(note));
        notes.extend(response.cloned());
        docs::write(out, 4, &head, &operation.documentation, &notes);
        let mut attributes = Vec::new();
        if rust.trim_start_matches("r#") != operation.name {
            attributes.push(Meta::text("name", &operation.name));
        }
        if operation.response.is_none() {
            attributes.push(Meta::word("oneway"));
        }
        let soap = soap(interface, operation, answer);
        if !soap.is_empty() {
            attributes.push(Meta::Call("soap", soap));
        }
        attribute::write(out, 4, "rmix", &attributes);
        let mut names = Members::new(&[]);
        let parameters = operation
            .request
            .parts
            .iter()
            .map(|part| self.parameter(part, &mut names));
        let parameters: Vec<Parameter> = parameters.collect();
        let returned = answer.map_or("", |it| it.returned.as_str());
        signature(&rust, &parameters, returned, out);
    }

    fn parameter(&self, part: &Field, names: &mut Members) -> Parameter {
        let rust = names.snake(&identifier(&part.name.local));
        let mut facets = Vec::new();
        if rust.trim_start_matches("r#") != &*part.name.local {
            facets.push(Meta::text("name", &part.name.local));
        }
        facets.extend(self.facets(part, &None));
        Parameter {
            facets,
            text: format!("{rust}: {}", self.field_type(None, part)),
        }
    }
}

/// What `soap(…)` says of a method: what is not as it would be otherwise.
fn soap(interface: &Interface, operation: &Operation, answer: Option<&Answer>) -> Vec<Meta> {
    let mut soap = Vec::new();
    if !operation.action.is_empty() {
        soap.push(Meta::text("action", &operation.action));
    }
    let mut wrapper = |message: &Message, kind: &str, usual: &str| {
        let Some(name) = &message.wrapper else {
            return;
        };
        if *name.local != *usual {
            soap.push(Meta::text(kind, &name.local));
        }
        if name.namespace != interface.name.namespace {
            soap.push(Meta::text(&format!("{kind}_namespace"), &name.namespace));
        }
    };
    wrapper(&operation.request, "request", &operation.name);
    if let Some(response) = &operation.response {
        wrapper(response, "response", &format!("{}Response", operation.name));
    }
    match answer {
        Some(answer) if answer.is_outputs => soap.push(Meta::word("outputs")),
        Some(answer) => {
            let result = answer.result.as_ref();
            if let Some(name) = result {
                let is_usual = &*name.local == "return" && name.namespace.is_empty();
                if !is_usual {
                    soap.push(Meta::text("result", &name.local));
                }
                if !name.namespace.is_empty() {
                    soap.push(Meta::text("result_namespace", &name.namespace));
                }
            }
        }
        None => {}
    }
    soap
}

struct Parameter {
    facets: Vec<Meta>,
    text: String,
}

/// The method on one line, or each parameter on its own.
fn signature(name: &str, parameters: &[Parameter], returned: &str, out: &mut Text) {
    let mut one = vec!["&self".to_owned()];
    let mut fits = true;
    let mut many = vec!["        &self,".to_owned()];
    for parameter in parameters {
        if parameter.facets.is_empty() {
            one.push(parameter.text.clone());
            many.extend(parameter_lines(&parameter.text));
            continue;
        }
        let lines = attribute::lines(8, "rmix", &parameter.facets);
        let joined = lines
            .last()
            .map(|line| format!("{line} {},", parameter.text));
        match (lines.len(), joined) {
            (1, Some(joined)) if attribute::width(&joined) <= WIDTH => {
                let joined = joined.trim_start().trim_end_matches(',');
                one.push(joined.to_owned());
                many.push(format!("        {joined},"));
            }
            _ => {
                fits = false;
                many.extend(broken(&lines, &parameter.text));
            }
        }
    }
    let line = format!("    async fn {name}({}){returned};", one.join(", "));
    // At the full width rustfmt treats attributes unlike plain parameters.
    let has_facets = parameters.iter().any(|it| !it.facets.is_empty());
    let is_full = has_facets && !returned.is_empty() && attribute::width(&line) == WIDTH;
    if fits && is_full {
        out.line(format!("    async fn {name}({})", one.join(", ")));
        out.line(format!("    {};", returned.trim_start()));
        return;
    }
    if fits && attribute::width(&line) <= WIDTH {
        out.line(line);
        return;
    }
    out.line(format!("    async fn {name}("));
    for line in many {
        out.line(line);
    }
    out.line(format!("    ){returned};"));
}

/// A parameter that does not fit behind its attribute: rustfmt breaks within the type first.
fn broken(lines: &[String], text: &str) -> Vec<String> {
    if let [line] = lines
        && let Some((head, rest)) = text.split_once('<')
        && attribute::width(line) + 2 + attribute::width(head) <= WIDTH
    {
        return within_type(&format!("{line} {head}"), rest);
    }
    let mut all = lines.to_vec();
    all.extend(parameter_lines(text));
    all
}

/// A parameter on a line of its own, or broken within its type.
fn parameter_lines(text: &str) -> Vec<String> {
    let one = format!("        {text},");
    match text.split_once('<') {
        Some((head, rest)) if attribute::width(&one) > WIDTH => {
            within_type(&format!("        {head}"), rest)
        }
        _ => vec![one],
    }
}

fn within_type(head: &str, rest: &str) -> Vec<String> {
    let inner = rest.strip_suffix('>').unwrap_or(rest);
    vec![
        format!("{head}<"),
        format!("            {inner},"),
        "        >,".to_owned(),
    ]
}

/// Methods of every stub.
const METHODS_TAKEN: [&str; 3] = ["blocking", "flush", "start"];

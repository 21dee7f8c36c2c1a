//! Attributes with nested arguments, broken into lines as rustfmt breaks them.

use crate::generate::text::{ATTRIBUTE_WIDTH, Text, WIDTH};

/// An argument of an attribute.
pub(super) enum Meta {
    /// `nillable`, or `name = "value"`.
    Plain(String),
    /// `soap(…)`.
    Call(&'static str, Vec<Meta>),
}

impl Meta {
    pub(super) fn word(word: &str) -> Meta {
        Meta::Plain(word.to_owned())
    }

    /// A name with a text as its value.
    pub(super) fn text(name: &str, value: &str) -> Meta {
        Meta::Plain(format!("{name} = {value:?}"))
    }
}

/// The attribute on lines of its own, each within the width where that can be.
pub(super) fn lines(indent: usize, name: &str, arguments: &[Meta]) -> Vec<String> {
    let mut lines = Vec::new();
    call(indent, &format!("#[{name}"), arguments, "]", &mut lines);
    lines
}

/// Writes an attribute, unless it says nothing.
pub(super) fn write(out: &mut Text, indent: usize, name: &str, arguments: &[Meta]) {
    if arguments.is_empty() {
        return;
    }
    for line in lines(indent, name, arguments) {
        out.line(line);
    }
}

fn call(indent: usize, head: &str, arguments: &[Meta], tail: &str, to: &mut Vec<String>) {
    let spaces = " ".repeat(indent);
    let joined = joined(arguments);
    let one = format!("{spaces}{head}({joined}){tail}");
    // Within another attribute's arguments there is to be room for a comma.
    let comma = usize::from(tail.is_empty());
    if width(&one) + comma <= WIDTH && is_narrow(arguments) {
        to.push(one);
        return;
    }
    // The only argument shares its parentheses' lines.
    if let [Meta::Call(name, inner)] = arguments {
        let tail = format!("){tail}");
        call(indent, &format!("{head}({name}"), inner, &tail, to);
        return;
    }
    to.push(format!("{spaces}{head}("));
    for (index, argument) in arguments.iter().enumerate() {
        let comma = if index + 1 < arguments.len() { "," } else { "" };
        match argument {
            Meta::Plain(text) => to.push(format!("{spaces}    {text}{comma}")),
            Meta::Call(name, inner) => call(indent + 4, name, inner, comma, to),
        }
    }
    to.push(format!("{spaces}){tail}"));
}

fn is_narrow(arguments: &[Meta]) -> bool {
    let inner = arguments.iter().all(|argument| match argument {
        Meta::Plain(_) => true,
        Meta::Call(_, inner) => is_narrow(inner),
    });
    inner && (arguments.len() < 2 || width(&joined(arguments)) <= ATTRIBUTE_WIDTH)
}

fn joined(arguments: &[Meta]) -> String {
    let one = |argument: &Meta| match argument {
        Meta::Plain(text) => text.clone(),
        Meta::Call(name, inner) => format!("{name}({})", joined(inner)),
    };
    let all: Vec<String> = arguments.iter().map(one).collect();
    all.join(", ")
}

pub(super) fn width(line: &str) -> usize {
    line.chars().count()
}

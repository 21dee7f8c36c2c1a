//! Documentation of the files as documentation of Rust: text, never markup, code or a test.

use crate::generate::text::Text;

/// Writes documentation: a line of our own, then what the files say, then sentences of ours.
pub(super) fn write(
    out: &mut Text,
    indent: usize,
    head: &str,
    documentation: &str,
    notes: &[String],
) {
    let spaces = " ".repeat(indent);
    out.line(format!("{spaces}/// {}", plain(head)));
    let lines: Vec<String> = documentation
        .lines()
        .map(|line| escaped(line.trim()))
        .collect();
    let first = lines.iter().position(|line| !line.is_empty());
    if let Some(first) = first {
        out.line(format!("{spaces}///"));
        let mut gap = false;
        for line in lines.iter().skip(first) {
            if line.is_empty() {
                gap = true;
                continue;
            }
            if std::mem::take(&mut gap) {
                out.line(format!("{spaces}///"));
            }
            out.line(format!("{spaces}/// {line}"));
        }
    }
    for note in notes {
        out.line(format!("{spaces}///"));
        out.line(format!("{spaces}/// {}", plain(note)));
    }
}

/// A text between the quotes of documentation.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", plain(text).replace('`', "'"))
}

/// Without characters that end a line or hide one.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !is_hidden(*c)).collect()
}

/// Without any meaning for rustdoc: no markup, links, HTML, or code.
fn escaped(line: &str) -> String {
    let mut all = String::with_capacity(line.len());
    for c in line.chars().filter(|c| !is_hidden(*c)) {
        if matches!(
            c,
            '\\' | '`' | '<' | '>' | '[' | ']' | '*' | '_' | '#' | '|' | '~'
        ) {
            all.push('\\');
        }
        all.push(c);
    }
    // A line of an address alone would be a link that rustdoc wants marked.
    for scheme in ["http://", "https://"] {
        all = all.replace(scheme, &format!("{}\\://", scheme.trim_end_matches("://")));
    }
    match all.trim_start() {
        rest if rest.starts_with(['-', '+', '=']) => format!("\\{rest}"),
        _ => all,
    }
}

/// Control characters, and those that change the direction of what is shown.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

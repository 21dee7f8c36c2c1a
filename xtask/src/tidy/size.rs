//! Rules 3 and 4: files of at most 800 lines, tests excepted, and functions of at most 70, as a
//! ratchet.
//!
//! What is older than the rule is listed with its size in `RATCHET`: it may not grow, and when it
//! shrinks the entry must follow. A function counts from its `fn` to its closing brace.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::scan::Token;
use super::source::SourceFile;

pub(super) fn check(files: &[SourceFile], ratchet: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut entries = BTreeMap::new();
    for (index, line) in ratchet.lines().enumerate() {
        match parse_entry(line) {
            Ok(Some((item, lines))) => {
                entries.insert(
                    item,
                    Entry {
                        line: index + 1,
                        lines,
                    },
                );
            }
            Ok(None) => {}
            Err(NotAnEntry) => findings.push(Finding::new(
                RATCHET,
                index + 1,
                "ratchet",
                "expected `file PATH LINES` or `function PATH NAME LINES`",
            )),
        }
    }
    for (item, size) in oversized(files) {
        findings.extend(judge(&item, &size, entries.remove(&item)));
    }
    findings.extend(entries.into_iter().map(|(item, entry)| {
        Finding::new(
            RATCHET,
            entry.line,
            "ratchet",
            format!("{item} is within the limit or gone: remove the entry"),
        )
    }));
    findings
}

struct Entry {
    line: usize,
    lines: usize,
}

/// Where an oversized file or function is, and how long.
struct Size {
    path: String,
    line: usize,
    lines: usize,
    lines_max: usize,
}

/// What is over its limit, by the words of its entry in the ratchet; of equal names in a file the
/// longest.
fn oversized(files: &[SourceFile]) -> BTreeMap<String, Size> {
    let mut oversized: BTreeMap<String, Size> = BTreeMap::new();
    for file in files {
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX && !file.is_test() {
            let size = Size {
                path: file.path.clone(),
                line: 1,
                lines,
                lines_max: FILE_LINES_MAX,
            };
            oversized.insert(format!("file {}", file.path), size);
        }
        for function in functions(&file.tokens) {
            let item = format!("function {} {}", file.path, function.name);
            let known = oversized.get(&item).map_or(0, |size| size.lines);
            if function.lines > FUNCTION_LINES_MAX.max(known) {
                let size = Size {
                    path: file.path.clone(),
                    line: function.line,
                    lines: function.lines,
                    lines_max: FUNCTION_LINES_MAX,
                };
                oversized.insert(item, size);
            }
        }
    }
    oversized
}

fn judge(item: &str, size: &Size, entry: Option<Entry>) -> Option<Finding> {
    let Size {
        path,
        line,
        lines,
        lines_max,
    } = size;
    let at_source = |message| Some(Finding::new(path, *line, "size", message));
    match entry {
        None => at_source(format!(
            "{item} has {lines} lines, the limit is {lines_max}: split it"
        )),
        Some(entry) if *lines > entry.lines => at_source(format!(
            "{item} has {lines} lines and may not grow beyond the {} in {RATCHET}",
            entry.lines
        )),
        Some(entry) if *lines < entry.lines => Some(Finding::new(
            RATCHET,
            entry.line,
            "ratchet",
            format!("{item} shrank to {lines} lines: write that"),
        )),
        Some(_) => None,
    }
}

struct NotAnEntry;

fn parse_entry(line: &str) -> Result<Option<(String, usize)>, NotAnEntry> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (item, lines) = line.rsplit_once(' ').ok_or(NotAnEntry)?;
    let lines = lines.parse().map_err(|_| NotAnEntry)?;
    let words: Vec<_> = item.split(' ').collect();
    match words.as_slice() {
        ["file", _] | ["function", _, _] => Ok(Some((item.to_owned(), lines))),
        _ => Err(NotAnEntry),
    }
}

struct Function<'a> {
    name: &'a str,
    line: usize,
    lines: usize,
}

/// Every function with a body, nested ones too.
fn functions(tokens: &[Token]) -> Vec<Function<'_>> {
    let mut functions = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let name = tokens.get(index + 1).and_then(Token::word);
        if let (true, Some(name)) = (token.is_word("fn"), name)
            && let Some(end) = body_end(&tokens[index + 2..])
        {
            functions.push(Function {
                name,
                line: token.line,
                lines: end - token.line + 1,
            });
        }
    }
    functions
}

/// The line of the brace that closes the body, for tokens from after a function's name; `None`
/// without a body.
fn body_end(tokens: &[Token]) -> Option<usize> {
    let mut brackets = 0_usize;
    let body = tokens.iter().position(|token| {
        brackets += usize::from(token.is('(') || token.is('['));
        brackets = brackets.saturating_sub(usize::from(token.is(')') || token.is(']')));
        brackets == 0 && (token.is('{') || token.is(';'))
    })?;
    let mut braces = 0_usize;
    let end = tokens[body..].iter().find(|token| {
        braces += usize::from(token.is('{'));
        braces = braces.saturating_sub(usize::from(token.is('}')));
        braces == 0
    })?;
    end.is('}').then_some(end.line)
}

const FILE_LINES_MAX: usize = 800;
const FUNCTION_LINES_MAX: usize = 70;
/// Where older exceptions are listed.
pub(super) const RATCHET: &str = "xtask/ratchet.txt";

//! No path attribute, which hides where a module is, and no ignored test without a reason.

use super::finding::Finding;
use super::scan::Token;
use super::source::SourceFile;

pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    attributes(&file.tokens)
        .into_iter()
        .flat_map(|attribute| check_attribute(file, attribute))
        .collect()
}

fn check_attribute(file: &SourceFile, attribute: &[Token]) -> Vec<Finding> {
    let conditional = attribute
        .first()
        .is_some_and(|token| token.is_word("cfg_attr"));
    let mut findings = Vec::new();
    for (index, token) in attribute.iter().enumerate() {
        let names_attribute = match index.checked_sub(1).map(|before| &attribute[before]) {
            None => true,
            Some(before) => conditional && before.is(','),
        };
        let has_value = attribute.get(index + 1).is_some_and(|after| after.is('='));
        if !names_attribute {
            continue;
        }
        if token.is_word("path") && has_value {
            findings.push(Finding::new(
                &file.path,
                token.line,
                "path-attribute",
                "a module lies where its name says: move the file",
            ));
        }
        if token.is_word("ignore") && !has_value {
            findings.push(Finding::new(
                &file.path,
                token.line,
                "ignored-test",
                "say why the test is ignored: `ignore = \"reason\"`",
            ));
        }
    }
    findings
}

/// What stands between the brackets of each attribute.
fn attributes(tokens: &[Token]) -> Vec<&[Token]> {
    let mut attributes = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if !token.is('#') {
            continue;
        }
        let after_hash = &tokens[index + 1..];
        let inner = after_hash.first().is_some_and(|token| token.is('!'));
        let opening = &after_hash[usize::from(inner)..];
        let Some(content) = opening
            .split_first()
            .filter(|(bracket, _)| bracket.is('['))
            .map(|(_, content)| content)
        else {
            continue;
        };
        let mut depth = 1_usize;
        let end = content.iter().position(|token| {
            depth += usize::from(token.is('['));
            depth -= usize::from(token.is(']'));
            depth == 0
        });
        attributes.push(&content[..end.unwrap_or(content.len())]);
    }
    attributes
}

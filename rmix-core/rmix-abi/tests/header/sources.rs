//! What the Rust sources of the boundary declare: every struct with the C type of every field, every alias, and the name
//! of every number. A token scanner, not a parser of Rust: it knows the way those files are written.

use std::path::Path;

use super::c_types::{c_type, split};

/// Everything that crosses, as written in the sources.
pub(super) struct Sources {
    /// Name, and fields with their C types.
    pub(super) structs: Vec<(String, Vec<(String, String)>)>,
    /// Name and C type.
    pub(super) aliases: Vec<(String, String)>,
    /// Names as in the header.
    pub(super) constants: Vec<String>,
}

impl Sources {
    /// Reads `tables` and `describe`.
    pub(super) fn read() -> Sources {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = vec![source.join("describe.rs")];
        for folder in ["describe", "tables"] {
            for entry in std::fs::read_dir(source.join(folder)).expect("the crate has tables") {
                files.push(entry.expect("the folder is readable").path());
            }
        }
        let mut sources = Sources {
            structs: Vec::new(),
            aliases: Vec::new(),
            constants: Vec::new(),
        };
        for file in files {
            let text = std::fs::read_to_string(&file).expect("the source is readable");
            let tokens = tokens(&text);
            let words: Vec<&str> = tokens.iter().map(String::as_str).collect();
            sources.items(&words, "");
        }
        sources
    }

    /// Takes the items of a file or of a public module in it; what stands in other braces is passed over.
    fn items(&mut self, words: &[&str], module: &str) {
        let mut rest = words;
        while let Some((first, after)) = rest.split_first() {
            rest = match rest {
                ["pub", "mod", name, "{", body @ ..] => {
                    let end = block(body);
                    self.items(&body[..end], name);
                    &body[end + 1..]
                }
                ["pub", "struct", name, "{", body @ ..] => {
                    let end = block(body);
                    self.structure(name, &body[..end]);
                    &body[end + 1..]
                }
                ["table", "!", "{", name, "(", this, ")", "{", body @ ..] => {
                    let end = block(body);
                    self.table(name, this, &body[..end]);
                    &body[end + 2..]
                }
                ["pub", "type", name, "=", body @ ..] => {
                    let end = until(body, ";");
                    self.aliases
                        .push(((*name).to_owned(), words_type(&body[..end])));
                    &body[end..]
                }
                ["pub", "const", name, ":", ty, "=", ..] if INTEGERS.contains(ty) => {
                    self.constants.push(constant(module, name));
                    after
                }
                ["{", body @ ..] => &body[block(body) + 1..],
                _ => {
                    let _ = first;
                    after
                }
            };
        }
    }

    fn structure(&mut self, name: &str, body: &[&str]) {
        let fields: Vec<(String, String)> = split(body).into_iter().filter_map(field).collect();
        // Handles whose inside is the host's have no layout.
        if !fields.iter().any(|(field, _)| field == "_opaque") {
            self.structs.push((name.to_owned(), fields));
        }
    }

    /// A codec table: `name(argument: type, ...);` rows that become optional functions over `this`.
    fn table(&mut self, name: &str, this: &str, body: &[&str]) {
        let mut fields = vec![("size".to_owned(), "size_t".to_owned())];
        for row in body
            .split(|word| *word == ";")
            .filter(|row| !row.is_empty())
        {
            let mut function = vec![
                "unsafe", "extern", "\"C\"", "fn", "(", "*", "mut", this, ",",
            ];
            function.extend(&row[2..]);
            function.extend(["->", "Status"]);
            fields.push((row[0].to_owned(), words_type(&function)));
        }
        self.structs.push((name.to_owned(), fields));
    }
}

fn field(words: &[&str]) -> Option<(String, String)> {
    let words = match words {
        ["pub", "(", _, ")", rest @ ..] | ["pub", rest @ ..] => rest,
        rest => rest,
    };
    match words {
        [name, ":", ty @ ..] => Some(((*name).to_owned(), words_type(ty))),
        _ => None,
    }
}

fn words_type(words: &[&str]) -> String {
    let opaque = matches!(words, ["[", "u8", ";", "0", "]"]);
    if opaque {
        return String::new();
    }
    let tokens: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    c_type(&tokens)
}

fn constant(module: &str, name: &str) -> String {
    if module.is_empty() {
        return format!("RMIX_{name}");
    }
    format!("RMIX_{}_{name}", module.to_ascii_uppercase())
}

/// The index of the brace that closes one opened before `words`.
fn block(words: &[&str]) -> usize {
    let mut depth = 1;
    let end = words.iter().position(|word| {
        depth += i32::from(*word == "{") - i32::from(*word == "}");
        depth == 0
    });
    end.expect("a compiled source has balanced braces")
}

fn until(words: &[&str], stop: &str) -> usize {
    let end = words.iter().position(|word| *word == stop);
    end.expect("a compiled source ends its items")
}

/// Words and punctuation, without comments and attributes.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let plain = text.lines().filter(|line| {
        let line = line.trim_start();
        !line.starts_with("//") && !line.starts_with("#[") && !line.starts_with("#!")
    });
    for line in plain {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let len = if word(first) {
                rest.find(|c| !word(c)).unwrap_or(rest.len())
            } else if let Some(content) = rest.strip_prefix('"') {
                content.find('"').map_or(rest.len(), |end| end + 2)
            } else if rest.starts_with("->") || rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (token, after) = rest.split_at(len);
            tokens.push(token.to_owned());
            rest = after.trim_start();
        }
    }
    tokens
}

const INTEGERS: [&str; 6] = ["u16", "u32", "u64", "i32", "i64", "Status"];

//! Rust types of the boundary written as C type names. Knows the few forms that cross and panics at any other, so that a
//! new form is not compared with the wrong thing.

/// The field's name in C: two of Rust's are keywords in C++.
pub(super) fn c_field(field: &str) -> String {
    match field {
        "class" | "namespace" => format!("{field}_"),
        _ => field.to_owned(),
    }
}

/// The C type name of a Rust type given as tokens.
pub(super) fn c_type(tokens: &[String]) -> String {
    let words: Vec<&str> = tokens.iter().map(String::as_str).collect();
    of(&words)
}

fn of(words: &[&str]) -> String {
    match words {
        ["(", ")"] => "void".to_owned(),
        ["*", "const", inner @ ..] => format!("{} const *", of(inner)),
        ["*", "mut", inner @ ..] => format!("{} *", of(inner)),
        ["Option", "<", inner @ .., ">"] => of(inner),
        ["MaybeUninit", "<", inner @ .., ">"] => of(inner),
        ["[", inner @ .., ";", count, "]"] => format!("{}[{count}]", of(inner)),
        ["unsafe", rest @ ..] | ["extern", "\"C\"", rest @ ..] => of(rest),
        ["fn", "(", rest @ ..] => function(rest),
        [.., "::", name] => of(&[name]),
        [name] => scalar(name),
        _ => panic!("no C form is known for `{}`", words.join(" ")),
    }
}

/// A function pointer, from after the opening parenthesis.
fn function(words: &[&str]) -> String {
    let close = closing(words);
    let (arguments, result) = (&words[..close], &words[close + 1..]);
    let result = match result {
        [] => "void".to_owned(),
        ["->", result @ ..] => of(result),
        _ => panic!("no C form is known for `{}`", words.join(" ")),
    };
    let arguments: Vec<String> = split(arguments)
        .into_iter()
        .map(|argument| match argument {
            [_name, ":", ty @ ..] => of(ty),
            ty => of(ty),
        })
        .collect();
    let arguments = if arguments.is_empty() {
        "void".to_owned()
    } else {
        arguments.join(", ")
    };
    format!("{result} (*)({arguments})")
}

fn scalar(name: &str) -> String {
    match name {
        "u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64" => {
            let (sign, bits) = name.split_at(1);
            format!("{}int{bits}_t", if sign == "u" { "u" } else { "" })
        }
        "usize" => "size_t".to_owned(),
        "f32" => "float".to_owned(),
        "f64" => "double".to_owned(),
        name if name.starts_with(|c: char| c.is_ascii_uppercase()) => format!("Rmix{name}"),
        _ => panic!("no C form is known for `{name}`"),
    }
}

/// The index of the parenthesis that closes one opened before `words`.
fn closing(words: &[&str]) -> usize {
    let mut depth = 1;
    let end = words.iter().position(|word| {
        depth += i32::from(*word == "(") - i32::from(*word == ")");
        depth == 0
    });
    end.expect("a compiled source has balanced parentheses")
}

/// The parts between commas that stand in no bracket.
pub(super) fn split<'a, 'b>(words: &'a [&'b str]) -> Vec<&'a [&'b str]> {
    let mut depth = 0;
    let parts = words.split(|word| {
        match *word {
            "(" | "[" | "<" | "{" => depth += 1,
            ")" | "]" | ">" | "}" => depth -= 1,
            _ => {}
        }
        *word == "," && depth == 0
    });
    parts.filter(|part| !part.is_empty()).collect()
}

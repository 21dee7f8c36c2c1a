//! The C header is true: a generated C file prints every size, alignment, offset and constant of it, and asserts the C type
//! of every field and function against the Rust sources. The header's prose is not checked.

mod c_types;
mod constants;
mod sources;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use rmix_abi::{layout, tables};

use crate::compiler;
use sources::Sources;

/// What C must print, and the assertions it must compile with.
fn expected_lines() -> Vec<String> {
    let mut lines = Vec::new();
    for ty in layout::TYPES {
        lines.push(format!("type {} {} {}", ty.name, ty.size, ty.align));
        for (field, offset) in ty.fields {
            lines.push(format!("field {}.{field} {offset}", ty.name));
        }
    }
    for (name, value) in constants::ALL {
        lines.push(format!("constant {name} {value}"));
    }
    lines.push(format!("layout 0x{:016x}", layout::HASH));
    lines
}

fn program(sources: &Sources) -> String {
    let mut text = String::from("#include <stdio.h>\n#include \"rmix_provider.h\"\n");
    for (name, ty) in &sources.aliases {
        let _ = writeln!(
            text,
            "_Static_assert(__builtin_types_compatible_p(Rmix{name}, {ty}), \"{name}\");"
        );
    }
    for (name, fields) in &sources.structs {
        for (field, ty) in fields {
            let field = c_types::c_field(field);
            let _ = writeln!(
                text,
                "_Static_assert(__builtin_types_compatible_p(__typeof__(((Rmix{name} *)0)->{field}), {ty}), \
                 \"{name}.{field} is {ty} in Rust\");"
            );
        }
    }
    text.push_str("int main(void) {\n");
    for ty in layout::TYPES {
        let name = ty.name;
        let _ = writeln!(
            text,
            "printf(\"type {name} %zu %zu\\n\", sizeof(Rmix{name}), _Alignof(Rmix{name}));"
        );
        for (field, _) in ty.fields {
            let c_field = c_types::c_field(field);
            let _ = writeln!(
                text,
                "printf(\"field {name}.{field} %zu\\n\", offsetof(Rmix{name}, {c_field}));"
            );
        }
    }
    for (name, _) in constants::ALL {
        let _ = writeln!(
            text,
            "printf(\"constant {name} %llu\\n\", (unsigned long long)({name}));"
        );
    }
    text.push_str(
        "printf(\"layout 0x%016llx\\n\", (unsigned long long)RMIX_LAYOUT_HASH);\nreturn 0;\n}\n",
    );
    text
}

#[test]
fn header_has_the_layout_types_and_numbers_of_rust() {
    let folder = compiler::folder("header");
    let source = folder.join("header.c");
    std::fs::write(&source, program(&Sources::read())).expect("the test folder is writable");
    let program = folder.join("header");
    compiler::compile(&source, &program, &["-std=gnu11"]);

    let output = Command::new(&program)
        .output()
        .expect("the program just compiled runs");

    let printed = String::from_utf8(output.stdout).expect("the program prints ASCII");
    let printed: Vec<&str> = printed.lines().collect();
    let expected = expected_lines();
    for (found, wanted) in printed.iter().zip(&expected) {
        assert_eq!(found, wanted, "C printed the left, Rust has the right");
    }
    assert_eq!(printed.len(), expected.len());
}

#[test]
fn every_type_and_field_of_the_sources_is_in_the_layout_list() {
    let sources = Sources::read();

    let listed: Vec<(&str, Vec<&str>)> = sorted(layout::TYPES.iter().map(|ty| {
        let fields = ty.fields.iter().map(|(field, _)| *field).collect();
        (ty.name, fields)
    }));
    let written: Vec<(&str, Vec<&str>)> = sorted(sources.structs.iter().map(|(name, fields)| {
        let fields = fields.iter().map(|(field, _)| field.as_str()).collect();
        (name.as_str(), fields)
    }));

    assert_eq!(listed, written);
}

#[test]
fn every_constant_of_the_sources_is_compared() {
    let sources = Sources::read();

    let written: BTreeSet<&str> = sources.constants.iter().map(String::as_str).collect();
    let compared: BTreeSet<&str> = constants::ALL.iter().map(|(name, _)| *name).collect();

    assert_eq!(compared, written);
}

#[test]
fn header_magic_is_the_magic_of_rust() {
    let header = std::fs::read_to_string(compiler::include().join("rmix_provider.h"))
        .expect("the header stands in the crate");
    let letters: Vec<String> = tables::MAGIC
        .iter()
        .map(|byte| format!("'{}'", char::from(*byte)))
        .collect();

    assert!(header.contains(&format!("#define RMIX_MAGIC {{ {} }}", letters.join(", "))));
}

#[test]
fn header_compiles_as_strict_c99_and_as_cplusplus() {
    let folder = compiler::folder("strict");
    let use_it = "#include \"rmix_provider.h\"\nstatic const RmixStr name = RMIX_STR(\"x\");\n\
                  int used(void);\nint used(void) { return (int)name.n; }\n";
    for (file, language) in [("strict.c", "-std=c99"), ("strict.cc", "-std=c++11")] {
        let source = folder.join(file);
        std::fs::write(&source, use_it).expect("the test folder is writable");
        compiler::compile(
            &source,
            Path::new("/dev/null"),
            &[
                language,
                "-pedantic-errors",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-fsyntax-only",
            ],
        );
    }
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items
}

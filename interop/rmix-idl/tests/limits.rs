//! Every limit: what is at it is read, what is one beyond is refused by the limit's name.

use rmix_idl::{IdlError, Import, Limits};

/// Reads `at` and refuses `beyond`, both with the limit set by `set`.
#[track_caller]
fn check(name: &str, set: impl Fn(&mut Limits), at: &str, beyond: &str) {
    let mut limits = Limits::default();
    set(&mut limits);
    let import = |text: &str| {
        Import::text("it.x", text)
            .include_text(
                "inner.x",
                "#ifdef DEEPER\n#undef DEEPER\n#include \"most.x\"\n#endif\n",
            )
            .include_text("most.x", "")
            .limits(limits)
            .model()
    };
    if let Err(error) = import(at) {
        panic!("at the limit: {error}");
    }
    match import(beyond) {
        Err(IdlError::Limit { limit, .. }) => assert_eq!(limit, name),
        other => panic!("beyond the limit: {other:?}"),
    }
}

#[test]
fn bytes_files_and_depth() {
    check(
        "source_bytes_max",
        |l| l.source_bytes_max = 4,
        " \n \n",
        " \n \n ",
    );
    let once = "#include \"most.x\"\n";
    let twice = once.repeat(2);
    check("files_max", |l| l.files_max = 2, once, &twice);
    let deeper = "#define DEEPER\n#include \"inner.x\"\n";
    check(
        "include_depth_max",
        |l| l.include_depth_max = 2,
        "#include \"inner.x\"\n",
        deeper,
    );
}

#[test]
fn nesting_of_conditionals_expressions_and_bodies() {
    let conditionals = |n: usize| "#if 1\n".repeat(n) + &"#endif\n".repeat(n);
    check(
        "nesting_max",
        |l| l.nesting_max = 5,
        &conditionals(5),
        &conditionals(6),
    );
    let skipped = |n: usize| "#if 0\n".repeat(n) + &"#endif\n".repeat(n);
    check(
        "nesting_max",
        |l| l.nesting_max = 5,
        &skipped(5),
        &skipped(6),
    );
    let bodies = |n: usize| "struct { ".repeat(n) + "int x; " + &"} y; ".repeat(n);
    let typed = |n: usize| format!("typedef {}", bodies(n));
    check("nesting_max", |l| l.nesting_max = 5, &typed(5), &typed(6));
    let signs = |n: usize| format!("#if {} 1\n#endif\n", "!".repeat(n));
    // The whole expression and its operand are one step each.
    check("nesting_max", |l| l.nesting_max = 9, &signs(7), &signs(8));
    let parentheses = |n: usize| format!("#if {}1{}\n#endif\n", "(".repeat(n), ")".repeat(n));
    check(
        "nesting_max",
        |l| l.nesting_max = 10,
        &parentheses(4),
        &parentheses(5),
    );
}

#[test]
fn tokens_expansion_and_words() {
    check(
        "tokens_max",
        |l| l.tokens_max = 5,
        "const A = 1;",
        "const A = 1;;",
    );
    let uses = |n: usize| format!("#define M 1\n{}", "const A = M;".repeat(n));
    // The macro and its token count.
    check("expansion_max", |l| l.expansion_max = 6, &uses(3), &uses(4));
    let word = |n: usize| format!("const {} = 1;", "A".repeat(n));
    check(
        "word_length_max",
        |l| l.word_length_max = 9,
        &word(9),
        &word(10),
    );
    let quote = |n: usize| format!("const A = \"{}\";", "a".repeat(n));
    check(
        "word_length_max",
        |l| l.word_length_max = 9,
        &quote(9),
        &quote(10),
    );
}

#[test]
fn definitions_members_and_arguments() {
    let constants = |n: usize| {
        (0..n)
            .map(|i| format!("const C{i} = 1;"))
            .collect::<String>()
    };
    check(
        "definitions_max",
        |l| l.definitions_max = 7,
        &constants(7),
        &constants(8),
    );
    let procedures = |n: usize| {
        let list: String = (1..=n).map(|i| format!("void P{i}(void) = {i};")).collect();
        format!("program P {{ version V {{ {list} }} = 1; }} = 1;")
    };
    check(
        "definitions_max",
        |l| l.definitions_max = 7,
        &procedures(5),
        &procedures(6),
    );
    let fields = |n: usize| {
        let list: String = (0..n).map(|i| format!("int f{i};")).collect();
        format!("struct s {{ {list} }};")
    };
    check("members_max", |l| l.members_max = 7, &fields(7), &fields(8));
    let members = |n: usize| {
        let list: Vec<String> = (0..n).map(|i| format!("M{i}")).collect();
        format!("enum e {{ {} }};", list.join(","))
    };
    check(
        "members_max",
        |l| l.members_max = 7,
        &members(7),
        &members(8),
    );
    let labels = |n: usize| {
        let list: String = (0..n).map(|i| format!("case {i}:")).collect();
        format!("union u switch (int k) {{ {list} void; }};")
    };
    check("members_max", |l| l.members_max = 7, &labels(7), &labels(8));
    let arguments = |n: usize| {
        let list = vec!["int"; n].join(",");
        format!("program P {{ version V {{ void A({list}) = 1; }} = 1; }} = 1;")
    };
    check("arguments_max", |_| {}, &arguments(16), &arguments(17));
}

#[test]
fn fixed_bytes_of_nested_arrays() {
    let array = |n: usize| {
        format!("typedef int a[10]; typedef a b[10]; struct s {{ b x; opaque y[{n}]; }};")
    };
    check(
        "fixed_bytes_max",
        |l| l.fixed_bytes_max = 408,
        &array(8),
        &array(9),
    );
    let huge = "typedef int a[4294967295]; typedef a b[4294967295]; typedef b c[4294967295];";
    check("fixed_bytes_max", |_| {}, "typedef int a[4194304];", huge);
}

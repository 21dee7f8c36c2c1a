//! What is read, and what is refused: the sentence with its place.

use std::fs;

use rmix_idl::model::{ConstantValue, Kind, Type};
use rmix_idl::{Import, Model};

pub(crate) fn read(text: &str) -> Model {
    let model = Import::text("it.x", text).model();
    model.unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[track_caller]
fn check_refused(text: &str, sentence: &str) {
    let error = Import::text("it.x", text).model().expect_err("refused");
    assert_eq!(error.to_string(), sentence);
}

fn field(model: &Model, owner: &str, name: &str) -> Type {
    let (_, def) = model.find_type(owner).expect("it is defined");
    let Kind::Struct(structure) = &def.kind else {
        panic!("{owner} is a struct");
    };
    let mut fields = structure.fields.iter();
    fields
        .find(|field| field.name == name)
        .expect("it is there")
        .ty
        .clone()
}

#[test]
fn integers_of_c_are_known_in_every_spelling() {
    let model = read(
        "struct s { unsigned a; unsigned int b; u_int c; uint32_t d; long e; long int f; short int g;
         unsigned short h; unsigned char i; char j; hyper int k; unsigned hyper l; u_quad_t m; bool_t n;
         unsigned long int o; netobj p; };",
    );
    let expected = [
        ("a", Type::UnsignedInt),
        ("b", Type::UnsignedInt),
        ("c", Type::UnsignedInt),
        ("d", Type::UnsignedInt),
        ("e", Type::Int),
        ("f", Type::Int),
        ("g", Type::Short),
        ("h", Type::UnsignedShort),
        ("i", Type::UnsignedChar),
        ("j", Type::Char),
        ("k", Type::Hyper),
        ("l", Type::UnsignedHyper),
        ("m", Type::UnsignedHyper),
        ("n", Type::Bool),
        ("o", Type::UnsignedInt),
        ("p", Type::Opaque { max: Some(1024) }),
    ];
    for (name, ty) in expected {
        assert_eq!(field(&model, "s", name), ty, "{name}");
    }
}

#[test]
fn numbers_are_computed_in_any_order() {
    let model = read(
        "const A = B; const B = C; enum e { C = 0x20, D, E = -3, F = D, G }; const H = 010; const I = 'a';
         const J = G; const K = \"text\";",
    );
    for (name, value) in [
        ("A", 32),
        ("D", 33),
        ("E", -3),
        ("F", 33),
        ("G", 34),
        ("H", 8),
        ("I", 97),
        ("J", 34),
    ] {
        assert_eq!(model.number(name), Some(value), "{name}");
    }
    let text = model.constants.last().expect("it is the last");
    assert_eq!(text.value, ConstantValue::Text("text".to_owned()));
}

#[test]
fn typedefs_lists_and_unions_are_looked_through() {
    let model = read(
        "typedef struct node *list; struct node { int x; list next; }; typedef list again; struct h { again all; };
         enum k { ONE = 1, TWO }; typedef k kk;
         union u switch (kk which) { case ONE: case 7: int i; case TWO: void; default: hyper h; };",
    );
    assert!(model.is_list(&field(&model, "h", "all")));
    let (_, def) = model.find_type("u").expect("it is defined");
    let Kind::Union(union) = &def.kind else {
        panic!("it is a union");
    };
    let name = |value| {
        union
            .arm(value)
            .map(|arm| arm.map(|field| field.name.as_str()))
    };
    assert_eq!(name(1), Some(Some("i")));
    assert_eq!(name(7), Some(Some("i")));
    assert_eq!(name(2), Some(None));
    assert_eq!(name(3), Some(Some("h")));
    let (_, discriminant) = model
        .resolve_def(&union.discriminant.ty)
        .expect("it is an enum");
    assert_eq!(discriminant.name, "k");
}

#[test]
fn types_are_shown_as_they_are_written() {
    let text =
        "struct s { int a; string b<9>; opaque c[3]; unsigned hyper d<>; s *e; t f; float g[2]; };";
    let model = read(&format!("typedef int t; {text}"));
    let (_, def) = model.find_type("s").expect("it is defined");
    let Kind::Struct(structure) = &def.kind else {
        panic!("it is a struct");
    };
    let fields = structure.fields.iter();
    let shown: String = fields
        .map(|f| model.declaration(&f.ty, &f.name) + "; ")
        .collect();
    assert_eq!(format!("struct s {{ {shown}}};"), text);
    assert_eq!(
        model.declaration(&Type::Opaque { max: None }, ""),
        "opaque<>"
    );
}

#[test]
fn bodies_in_place_of_names_get_names() {
    let model = read(
        "typedef enum { A, B } letter; typedef struct { int x; } *box;
         struct s { struct { int y; } inner; enum tag { C } t; union switch (int k) { case 0: int z; } u; };",
    );
    for name in ["letter", "box_item", "s_inner", "tag", "s_u"] {
        assert!(model.find_type(name).is_some(), "{name}");
    }
}

#[test]
fn procedures_take_what_rpcgen_takes() {
    let model = read(
        "typedef int t; program P { version V { string A(string) = 1; void B(string name<9>) = 2;
         t C(t *, unsigned int u, struct s) = 3; struct s D(void) = 4; } = 2; } = 0x20000000; struct s { int x; };",
    );
    let (_, version) = model.find_version(0x2000_0000, 2).expect("it is there");
    let arguments = |name: &str| {
        version
            .procedure(name)
            .expect("it is there")
            .arguments
            .clone()
    };
    assert_eq!(arguments("A")[0].ty, Type::String { max: None });
    assert_eq!(arguments("B")[0].ty, Type::String { max: Some(9) });
    assert_eq!(arguments("C").len(), 3);
    assert_eq!(arguments("C")[1].name.as_deref(), Some("u"));
    assert!(matches!(arguments("C")[0].ty, Type::Optional(_)));
    assert!(arguments("D").is_empty());
}

#[test]
fn wrong_declarations_are_told_with_their_place() {
    for (text, sentence) in [
        (
            "struct s {\n  int;\n};",
            "it.x:2:6: expected a name after the type, found `;`",
        ),
        ("struct s { int a }", "it.x:1:18: expected `;`, found `}`"),
        (
            "struct s { quadruple q; };",
            "it.x:1:12: `quadruple` is not supported: neither Rust nor C peers have floats of 128 bits; use `opaque name[16]`",
        ),
        (
            "struct s { void; };",
            "it.x:1:12: expected a type; only an arm of a union, an argument or a result is void, found the keyword `void`",
        ),
        (
            "struct s { string a; };",
            "it.x:1:12: expected `string name<>` or `string name<max>`, found another form",
        ),
        (
            "struct s { int *a[2]; };",
            "it.x:1:18: an array of pointers is not supported: the language has none; define a type for the pointer",
        ),
        (
            "struct s { lost a; };",
            "it.x:1:12: the type `lost` is not defined: if it comes from a C header, read the .x file that defines it before this one",
        ),
        (
            "struct s { opaque a[LOST]; };",
            "it.x:1:21: the constant `LOST` is not defined: constants are defined by `const` or as members of an enum",
        ),
        (
            "struct s { int a[-1]; };",
            "it.x:1:18: the length is -1; allowed are 0 to 4294967295",
        ),
        (
            "struct s { int a; int a; };",
            "it.x:1:23: `a` is already defined at it.x:1:16",
        ),
        (
            "struct s { int a; };\nenum s { B };",
            "it.x:2:6: `s` is already defined at it.x:1:8",
        ),
    ] {
        check_refused(text, sentence);
    }
}

#[test]
fn wrong_values_and_types_are_told_with_their_place() {
    for (text, sentence) in [
        (
            "enum e { A = 2147483647, B };",
            "it.x:1:26: the value of the member is 2147483648; allowed are -2147483648 to 2147483647",
        ),
        (
            "const A = B; const B = A;",
            "it.x:1:7: `A` is given by its own value",
        ),
        (
            "typedef a b; typedef b a;",
            "it.x:1:11: `b` contains itself, so no value of it ends",
        ),
        ("typedef a *a;", "it.x:1:12: `a` stands for itself"),
        (
            "struct s { s again; };",
            "it.x:1:8: `s` contains itself, so no value of it ends",
        ),
        (
            "union u switch (string s<>) { case 0: void; };",
            "it.x:1:17: expected an integer of four bytes, a bool or an enum as the discriminant, found another type",
        ),
        (
            "union u switch (bool b) { case 2: void; };",
            "it.x:1:32: the case of this discriminant is 2; allowed are 0 to 1",
        ),
        (
            "union u switch (int i) { case 2: case 2: void; };",
            "it.x:1:39: the case 2 has an arm already",
        ),
        (
            "union u switch (int i) { default: void; };",
            "it.x:1:26: expected `case`, found the keyword `default`",
        ),
    ] {
        check_refused(text, sentence);
    }
}

#[test]
fn wrong_programs_and_tokens_are_told_with_their_place() {
    for (text, sentence) in [
        (
            "program P { version V { int A(int, void) = 1; } = 1; } = 1;",
            "it.x:1:36: expected `void` alone, or arguments without it, found `void` among several arguments",
        ),
        (
            "program P { version V { int A(int) = 1; } = 1; }",
            "it.x:1:48: expected `=`, found the end of the file",
        ),
        (
            "program P { version V { int A(int) = 1; int B(int) = 1; } = 1; } = 1;",
            "it.x:1:45: `B` is already defined at it.x:1:29",
        ),
        (
            "struct s { int a; }; /* no end",
            "it.x:1:22: the comment has no end",
        ),
        (
            "const A = \"no end;\n",
            "it.x:1:11: the quote has no end: expected \" on the same line",
        ),
        (
            "const A = 12x;",
            "it.x:1:11: `12x` is neither a decimal, octal or hexadecimal number of up to 64 bits nor a name",
        ),
        (
            "const A = @;",
            "it.x:1:11: expected the value of the constant, found the character '@'",
        ),
        (
            "class c { };",
            "it.x:1:1: expected a definition: `const`, `enum`, `struct`, `union`, `typedef` or `program`, found `class`",
        ),
    ] {
        check_refused(text, sentence);
    }
}

#[test]
fn directives_are_obeyed() {
    let model = read(
        "#define ONE 1\n#define TWO ONE\n#if TWO == 1 && !defined(THREE) && (4 << 1) > 7 ? 1 : 0\nconst A = TWO;\n#else\n\
         don't read this \"\n\"not a /* comment\"\n#if 1\n#else\n#endif\n#endif\n#ifndef ONE\n%#define LOST 1\n#elif 0\n#elif defined RPC_HDR\n\
         const B = 2;\n#elif 1\nconst B = 3;\n#else\nconst B = 4;\n#endif\n#undef ONE\n#ifdef ONE\n#error no\n#endif\n\
         #pragma x\n#ident \"y\"\n# 12 \"z\"\n#\n%#define MAX (1 << 4)\nconst C = 1\\\n2;\ntypedef string s<MAX>;\n\
         #define F(x) x\n  /* c */ # /* d */ define G 7\nconst H = G;\n",
    );
    for (name, value) in [("A", 1), ("B", 2), ("C", 12), ("MAX", 16), ("H", 7)] {
        assert_eq!(model.number(name), Some(value), "{name}");
    }
    assert_eq!(model.number("LOST"), None);
}

#[test]
fn wrong_directives_are_told_with_their_place() {
    for (text, sentence) in [
        (
            "\n#if 1\n",
            "it.x:2:1: this conditional has no #endif in its file",
        ),
        ("#endif\n", "it.x:1:1: #endif without #if"),
        (
            "#if 0\n#else\n#else\n#endif\n",
            "it.x:3:1: #else after the #else of the #if at it.x:1:1",
        ),
        (
            "#if 1 +\n#endif\n",
            "it.x:1:1: expected a number, a name or `(`, found the end of the line",
        ),
        ("#if 1 / 0\n#endif\n", "it.x:1:7: division by zero"),
        (
            "#if (1\n#endif\n",
            "it.x:1:1: expected `)`, found the end of the line",
        ),
        (
            "#define F(x) x\nconst A = F(1);\n",
            "it.x:2:11: the use of the macro `F`, which has parameters, is not supported: write its result",
        ),
        ("#error stop here\n", "it.x:1:1: #error stop here"),
        (
            "#frobnicate\n",
            "it.x:1:2: expected a directive of the C preprocessor, found `frobnicate`",
        ),
        (
            "#include nothing\n",
            "it.x:1:1: expected \"file\" or <file> after #include, found `nothing`",
        ),
        (
            "#include \"lost.x\"\n",
            "it.x:1:1: `lost.x` is in none of the folders searched: the texts in memory",
        ),
        (
            "#define 1\n",
            "it.x:1:9: expected a name after #define, found `1`",
        ),
    ] {
        check_refused(text, sentence);
    }
}

#[test]
fn files_are_included_by_quotes_folders_and_once_at_a_time() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("more")).expect("it is made");
    fs::write(
        path("a.x"),
        "#include \"b.x\"\n#include <c.x>\n#include <c.x>\n",
    )
    .expect("it is written");
    fs::write(path("b.x"), "const B = 1;\n").expect("it is written");
    fs::write(path("more/c.x"), b"/* \xe9 */ const C = 2;\n").expect("it is written");
    let import = Import::new(path("a.x")).include_dir(path("more"));
    let model = import.model().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((model.number("B"), model.number("C")), (Some(1), Some(2)));
    assert_eq!(model.files.len(), 3);
    fs::write(path("b.x"), "#include \"a.x\"\n").expect("it is written");
    let cycle = import.model().expect_err("refused").to_string();
    assert!(cycle.contains("b.x:1:1: `"), "{cycle}");
    assert!(cycle.ends_with("a.x` is being included already"), "{cycle}");
    let lost = Import::new(path("lost.x")).model().expect_err("refused");
    assert!(lost.place().is_none());
}

#[test]
fn build_script_gets_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let import = Import::text("dir/tiny.x", "const A = 1;");
    let path = import
        .write_to(folder.path())
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(path, folder.path().join("tiny.rs"));
    let rust = fs::read_to_string(path).expect("it is there");
    assert!(rust.contains("pub const A: u32 = 1;"), "{rust}");
}

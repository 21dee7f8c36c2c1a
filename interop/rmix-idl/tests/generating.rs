//! Rust as it is written: options, refusals, long lines, names that collide.

use std::path::Path;

use rmix_idl::{Generate, Import, Strings};

use crate::wire::check_formatted;

fn rust(text: &str) -> String {
    let rust = Import::text("it.x", text).rust();
    let rust = rust.unwrap_or_else(|error| panic!("{error}\n{text}"));
    check_formatted(&rust, Path::new(text));
    rust
}

#[track_caller]
fn check_has(rust: &str, parts: &[&str]) {
    for part in parts {
        assert!(rust.contains(part), "{part}\nis not in\n{rust}");
    }
}

#[track_caller]
fn check_refused(text: &str, sentence: &str) {
    let error = Import::text("it.x", text).rust().expect_err("refused");
    assert_eq!(error.to_string(), sentence);
}

#[test]
fn strings_may_be_octets() {
    let import = Import::text("it.x", "struct s { string a<>; string b<5>; };");
    let import = import.generate(Generate::new().strings(Strings::Octets));
    let rust = import.rust().unwrap_or_else(|error| panic!("{error}"));
    check_has(
        &rust,
        &["pub a: Vec<u8>,", "pub b: rmix::Bounded<Vec<u8>, 5>,"],
    );
}

#[test]
fn enums_may_be_open() {
    let import = Import::text("it.x", "enum e { A, B = -1, other = 2 };");
    let import = import.generate(Generate::new().open_enums(true));
    let rust = import.rust().unwrap_or_else(|error| panic!("{error}"));
    check_formatted(&rust, Path::new("it.x"));
    check_has(
        &rust,
        &[
            "    Other = 2,\n",
            "    #[rmix(default)]\n    Other2(i32) = -2,\n}",
        ],
    );
}

#[test]
fn procedures_may_be_oneway() {
    let text =
        "program P { version V { void A(int) = 1; void B(int) = 2; int C(void) = 3; } = 1; } = 1;";
    let rust = |name: &str| {
        let generate = Generate::new().oneway(name);
        Import::text("it.x", text).generate(generate).rust()
    };
    let with_a = rust("A").unwrap_or_else(|error| panic!("{error}"));
    check_formatted(&with_a, Path::new("it.x"));
    check_has(
        &with_a,
        &[
            "#[rmix(procedure = 1, name = \"A\", oneway)]",
            "#[rmix(procedure = 2, name = \"B\")]",
        ],
    );
    assert_eq!(
        rust("C").expect_err("refused").to_string(),
        "it.x:1:63: a one-way procedure with a result is not supported: it is never answered; let its result be void"
    );
}

#[test]
fn procedures_may_be_idempotent() {
    let text = "program P { version V { int A(int) = 1; void B(int) = 2; } = 1; } = 1;";
    let generate = Generate::new().idempotent("A").idempotent("B").oneway("B");
    let rust = Import::text("it.x", text).generate(generate).rust();
    let rust = rust.unwrap_or_else(|error| panic!("{error}"));
    check_formatted(&rust, Path::new("it.x"));
    check_has(
        &rust,
        &[
            "#[rmix(procedure = 1, name = \"A\", idempotent)]",
            "#[rmix(procedure = 2, name = \"B\", oneway, idempotent)]",
        ],
    );
}

#[test]
fn what_cannot_be_an_interface_is_refused_with_its_place() {
    check_refused(
        "program P {\n version V { int A(void) = 0; } = 1; } = 1;",
        "it.x:2:18: a procedure 0 that takes or gives something is not supported: RFC 5531 s12.2 keeps this number for \
         the null procedure; give it another one",
    );
    check_refused(
        "program P { version V { int A(void) = 1; } = 1; } = 0;",
        "it.x:1:9: the number of a program that becomes an interface is 0; allowed are 1 to 4294967295",
    );
}

#[test]
fn names_that_become_the_same_are_numbered() {
    let rust = rust(
        "const max_size = 1; const MAX_SIZE = 2; struct my_type { int a_b; int A_B; int aB; }; struct MyType { int _; };
         enum vec { v_1, V_1 }; struct stub { int self; int Self; int type; int gen; };
         program my_type { version X { void a_b(int type, string type) = 1; void A_B(my_type) = 2; } = 1; } = 5;
         struct my_type_v1 { int x; }; struct my_type_v1_stub { int x; };",
    );
    check_has(
        &rust,
        &[
            "pub const MAX_SIZE2: u32 = 2;",
            "pub struct MyType {",
            "pub struct MyType2 {",
            "    pub a_b: i32,",
            "    pub a_b2: i32,",
            "    #[serde(rename = \"aB\")]\n    pub a_b3: i32,",
            "pub enum VecType {",
            "pub self_2: i32,",
            "pub r#type: i32,",
            "pub trait MyTypeV1 {",
            "pub struct MyTypeV1_2 {",
            "pub struct MyTypeV1Stub2 {",
            "async fn a_b2(&self, argument: MyType);",
            "async fn a_b(&self, r#type: i32, type2: String);",
        ],
    );
}

#[test]
fn long_lines_are_broken_as_rustfmt_breaks_them() {
    let long = "a_name_that_is_so_long_that_nobody_would_want_to_write_it_down_more_than_once";
    let text = "struct LONG { int LONG; struct LONG_two LONG_three; };
         struct LONG_two { LONG_five *x; int y<4>; };
         typedef hyper LONG_five<10>; const LONG = 77; const GREETING = \"LONG and more of it\";
         enum LONG_six { LONG_seven, LONG_eight = 0 };
         union LONG_nine switch (LONG_six k) { case LONG_seven: LONG l; default: LONG_five x; };
         program P { version V { LONG LONG(LONG, LONG_two) = 1; void LONG_three(int, int, int, string) = 2; } = 1; } = 1;";
    rust(&text.replace("LONG", "brief"));
    for length in 20..72 {
        rust(&text.replace("LONG", &long[..length]));
    }
}

#[test]
fn arrays_of_c_characters_are_no_opaque_data() {
    let rust =
        rust("typedef u_char c; struct s { c a<>; unsigned char b[3]; char d<4>; c e[40]; };");
    check_has(
        &rust,
        &[
            "pub a: Vec<u32>,",
            "pub b: [u32; 3],",
            "pub d: rmix::Bounded<Vec<i8>, 4>,",
            "pub e: rmix::Array<u32, 40>,",
        ],
    );
}

//! What was read, written again: rpcgen and a C compiler take it, the same bytes travel, and it reads as the same.

use std::path::Path;

use rmix_idl::{Generate, Import, Model};

use crate::export::{compile, compile_types};
use crate::{system, wire};

fn model(import: &Import) -> Model {
    import.model().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn everything_travels_as_before() {
    let first = model(&Import::new(wire::testdata("everything.x")));
    let text = first.to_x();
    compile(&text, &["-C", "-N"]);
    assert_eq!(wire::bytes_of_c_by(&text), wire::bytes_of_c());
}

#[test]
fn what_is_written_means_the_same() {
    let first = model(&Import::new(wire::testdata("everything.x")));
    let text = first.to_x();
    let second = model(&Import::text("canonical.x", &*text));
    assert_eq!(second.to_x(), text, "it is canonical");
    let names = |model: &Model| -> Vec<String> {
        let types = model.types();
        types.map(|(_, def)| def.name.clone()).collect()
    };
    for name in names(&first) {
        assert!(second.find_type(&name).is_some(), "{name}");
    }
    let (_, version) = second.find_version(0x2000_0099, 1).expect("it is there");
    let greet = version.procedure("GREET").expect("it is there");
    let argument = greet.arguments.first().expect("it takes one");
    assert_eq!(argument.name.as_deref(), Some("who"));
    Generate::new().rust(&second).expect("it is Rust");
}

#[test]
fn rpcgen_and_gcc_take_what_was_the_system_s() {
    for path in system::files() {
        let model = model(&system::import(&path));
        let text = model.to_x();
        let again = Import::text("canonical.x", &*text);
        assert_eq!(self::model(&again).to_x(), text, "{}", path.display());
        compile_types(&text, &path);
    }
}

#[test]
fn types_that_wait_for_each_other_are_put_in_order() {
    let text = "
        struct outer { inner first; tree *second; netobj keys<>; };
        struct inner { tree trees<3>; };
        typedef tree leaf;
        struct tree { leaf kids<>; leaf *parent; inner *more; pick one; };
        union pick switch (bool b) { case TRUE: forest *all; default: void; };
        typedef inner forest<>;
        program P { version V { tree GET(string key<5>) = 1; pick PUT(leaf *, string word) = 2; } = 1; } = 0x20000000;
    ";
    let first = model(&Import::text("knot.x", text));
    let written = first.to_x();
    let again = model(&Import::text("canonical.x", &*written));
    assert_eq!(again.to_x(), written);
    compile_types(&written, Path::new("knot.x"));
}

#[test]
fn many_types_need_no_stack() {
    let count = 16_000;
    let types = (0..count).map(|n| format!("struct s{n} {{ s{} next; }};\n", n + 1));
    let text: String = types.collect();
    let text = format!("{text}struct s{count} {{ int last; }};\n");
    let written = model(&Import::text("many.x", text)).to_x();
    let last = written.find("struct s16000 {").expect("it is there");
    let first = written.find("struct s0 {").expect("it is there");
    assert!(last < first, "what is contained comes first");
    assert!(written.contains("struct s0 {\n    s1 next;\n};\n"));
}

//! Rust interfaces as interface files: what they look like, and that the real rpcgen and a C compiler take them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use rmix::{Array, Bounded, List, Opaque};
use rmix_idl::{Arguments, ExportError, Generate, Import, export_x};
use serde::{Deserialize, Serialize};

/// A type for every shape.
#[derive(rmix::Data, Serialize, Deserialize)]
struct Everything {
    flag: bool,
    tiny: i8,
    small: i16,
    int: i32,
    hyper: i64,
    byte: u8,
    word: u16,
    long: u32,
    quad: u64,
    single: f32,
    double: f64,
    letter: char,
    nothing: (),
    text: String,
    name: Bounded<String, 255>,
    octets: Vec<u8>,
    short: Bounded<Vec<u8>, 16>,
    handle: Opaque<32>,
    maybe: Option<String>,
    maybe_twice: Option<Option<i32>>,
    texts: Vec<String>,
    table: Vec<Vec<f64>>,
    few: Bounded<Vec<i32>, 4>,
    three: [i32; 3],
    many: Array<u16, 40>,
    pair: (i32, String),
    ages: BTreeMap<String, u32>,
    groups: List<String>,
    r#switch: Colour,
    shape: Shape,
    tree: Tree,
}

#[derive(rmix::Data, Serialize, Deserialize)]
enum Colour {
    Red,
    DarkGreen,
}

#[derive(rmix::Data, Serialize, Deserialize)]
enum Shape {
    Nothing,
    Circle(f64),
    Rectangle { width: f64, height: f64 },
    Polygon(Vec<(f64, f64)>),
}

#[derive(rmix::Data, Serialize, Deserialize)]
struct Tree {
    name: String,
    left: Option<Box<Tree>>,
    kids: Vec<Tree>,
    chain: List<Tree>,
    by_name: BTreeMap<String, Tree>,
}

/// Numbers as a C program would have them.
#[derive(rmix::Union)]
#[rmix(name = "status")]
#[repr(i32)]
enum Status {
    #[rmix(name = "STATUS_OK")]
    Ok = 0,
    #[rmix(name = "STATUS_LOST")]
    Lost = -7,
}

#[derive(rmix::Union)]
#[repr(i32)]
enum Answer {
    Found(String) = 3,
    Nothing = -1,
    #[rmix(default)]
    Other(i32, Vec<u8>) = 9,
}

#[rmix::remote(sunrpc(program = 0x2000_0077, version = 3))]
trait Showcase {
    #[rmix(procedure = 1)]
    async fn everything(&self, everything: Everything) -> Everything;
    #[rmix(procedure = 2)]
    async fn several(&self, first: i32, second: String, third: Vec<u8>) -> u32;
    #[rmix(procedure = 3)]
    async fn may_fail(&self, place: String) -> Result<Answer, Status>;
    #[rmix(procedure = 4)]
    async fn nothing(&self);
    #[rmix(procedure = 5, oneway)]
    async fn report(&self, answer: Answer);
    #[rmix(procedure = 6)]
    async fn unit(&self, ignored: ()) -> Result<(), String>;
    #[rmix(procedure = 7)]
    async fn pick(&self, int: Option<Tree>) -> Vec<Tree>;
}

#[rmix::remote]
trait Numberless {
    #[rmix(procedure = 1)]
    async fn one(&self);
}

#[rmix::remote(sunrpc(program = 9, version = 1))]
trait Unnumbered {
    async fn one(&self);
}

#[rmix::remote(sunrpc(program = 9, version = 1))]
trait TooWide {
    #[rmix(procedure = 1)]
    async fn one(&self, numbers: Vec<Wide>);
}

#[derive(rmix::Data, Serialize, Deserialize)]
struct Wide {
    number: u128,
}

fn export<I: rmix::Interface>(arguments: Arguments) -> Result<String, ExportError> {
    export_x(I::DESCRIPTION, arguments)
}

/// Has rpcgen write header and XDR routines of the types, and compiles those.
pub(crate) fn compile_types(x: &str, of: &Path) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("it.x"), x).expect("it is written");
    let said = format!("{}:\n{x}", of.display());
    for (option, file) in [("-h", "it.h"), ("-c", "it_xdr.c")] {
        let arguments = ["-C", "-N", option, "-o", file, "it.x"];
        run("rpcgen", &arguments, folder.path(), &said);
    }
    let flags = ["-c", "-w", "-I/usr/include/tirpc", "it_xdr.c"];
    run("gcc", &flags, folder.path(), &said);
}

/// Has rpcgen write everything it can, and compiles that.
pub(crate) fn compile(x: &str, options: &[&str]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("it.x"), x).expect("it is written");
    let mut arguments = options.to_vec();
    arguments.extend(["-a", "it.x"]);
    run("rpcgen", &arguments, folder.path(), x);
    let sources = [
        "it_xdr.c",
        "it_clnt.c",
        "it_svc.c",
        "it_client.c",
        "it_server.c",
    ];
    for source in sources {
        let flags = ["-c", "-w", "-I/usr/include/tirpc", source];
        run("gcc", &flags, folder.path(), x);
    }
}

fn run(program: &str, arguments: &[&str], folder: &Path, x: &str) {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output();
    let output = output.unwrap_or_else(|error| panic!("{program} is needed: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {said}\n{x}"
    );
}

#[test]
fn rpcgen_and_gcc_take_every_shape() {
    let text = export::<ShowcaseStub>(Arguments::Struct).expect("XDR carries it");
    compile(&text, &["-C"]);
    let text = export::<ShowcaseStub>(Arguments::Several).expect("XDR carries it");
    compile(&text, &["-C", "-N"]);
}

#[test]
fn exported_text_is_the_one_in_the_repository() {
    let text = export::<ShowcaseStub>(Arguments::Struct).expect("XDR carries it");
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/showcase.x");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&committed, &text).expect("it is written");
    }
    let expected = fs::read_to_string(&committed).expect("it is there");
    assert!(
        text == expected,
        "run with UPDATE_EXPECT=1 and read the difference of showcase.x"
    );
}

#[test]
fn what_is_exported_can_be_imported() {
    let text = export::<ShowcaseStub>(Arguments::Several).expect("XDR carries it");
    let model = Import::text("showcase.x", &*text).model();
    let model = model.unwrap_or_else(|error| panic!("{error}\n{text}"));
    let (_, version) = model.find_version(0x2000_0077, 3).expect("it is there");
    assert_eq!(version.procedures.len(), 7);
    let several = version.procedure("SEVERAL").expect("it is there");
    assert_eq!((several.number, several.arguments.len()), (2, 3));
    Generate::new().rust(&model).expect("it is Rust again");
}

#[test]
fn numbers_of_unions_and_names_of_c_are_kept() {
    let text = export::<ShowcaseStub>(Arguments::Struct).expect("XDR carries it");
    for part in [
        "enum status {\n    STATUS_OK = 0,\n    STATUS_LOST = -7\n};",
        "case 3:\n    string found<>;\ncase -1:\n    void; /* Nothing */\ndefault:\n    opaque other<>;",
        "union may_fail_result switch (int status) {\ncase 0:\n    Answer ok;\ncase 1:\n    status fault;\n};",
        "struct several_arguments {\n    int first;\n    string second<>;\n    opaque third<>;\n};",
        "/* One-way: no reply is sent. */\n        void REPORT(Answer) = 5;",
        "unsigned short many[40];",
        "string name<255>;",
        "opaque handle[32];",
    ] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}

#[test]
fn what_xdr_cannot_say_is_refused_by_name() {
    let said = |result: Result<String, ExportError>| result.expect_err("refused").to_string();
    let no_program = said(export::<NumberlessStub>(Arguments::Struct));
    assert!(
        no_program.starts_with("`Numberless` has no program number"),
        "{no_program}"
    );
    let no_procedure = said(export::<UnnumberedStub>(Arguments::Struct));
    assert!(
        no_procedure.starts_with("`Unnumbered.one` has no procedure number"),
        "{no_procedure}"
    );
    let wide = said(export::<TooWideStub>(Arguments::Struct));
    assert!(
        wide.starts_with("`TooWide.one.numbers.number` is an integer of 128 bits"),
        "{wide}"
    );
}

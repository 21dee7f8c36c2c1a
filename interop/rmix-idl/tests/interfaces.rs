//! Interfaces of files as descriptions: those of the traits that are imported.

use rmix::{Array, Bounded, Interface, List, Opaque};
use rmix_abi::describe::InterfaceDesc;
use rmix_idl::Import;
use rmix_wsdl::names::same;
use serde::{Deserialize, Serialize};

const FILE: &str = "
    enum status { OK, DONE = 0, GONE = -1 };
    struct item { string key<16>; unsigned hyper size; item *next; };
    struct tree { int value; tree *left; tree *right; };
    typedef opaque handle[32];
    union answer switch (status s) { case OK: item *items; case GONE: void; };
    union other switch (int kind) { case 1: int one; case 2: case 3: handle some; default: double rest; };
    struct everything {
        bool flag; char tiny; short small; unsigned short word; unsigned int large; hyper quad; float single; double double_;
        unsigned char byte; opaque data<>; opaque few<8>; string text<>; int three[3]; unsigned char bytes<4>; int many[40];
        handle *maybe; item node;
    };
    program STORE { version ONE {
        void NULLPROC(void) = 0;
        answer FIND(string) = 1;
        other PUT(handle to, tree what) = 2;
        void ALL(everything) = 3;
    } = 1; } = 0x20000001;
";

#[derive(rmix::Union)]
#[repr(i32)]
#[allow(dead_code)]
enum Status {
    #[rmix(name = "OK")]
    Ok = 0,
    #[rmix(name = "GONE")]
    Gone = -1,
}

#[derive(rmix::Data, Serialize, Deserialize)]
#[serde(rename = "item")]
struct Item {
    key: Bounded<String, 16>,
    size: u64,
}

#[derive(rmix::Data, Serialize, Deserialize)]
#[serde(rename = "tree")]
struct Tree {
    value: i32,
    left: Option<Box<Tree>>,
    right: Option<Box<Tree>>,
}

#[derive(rmix::Union)]
#[repr(i32)]
#[rmix(name = "answer")]
#[allow(dead_code)]
enum Answer {
    #[rmix(name = "OK")]
    Ok(List<Item>) = 0,
    #[rmix(name = "GONE")]
    Gone = -1,
}

#[derive(rmix::Union)]
#[repr(i32)]
#[rmix(name = "other")]
#[allow(dead_code)]
enum Other {
    #[rmix(name = "one")]
    One(i32) = 1,
    #[rmix(name = "case_2")]
    Case2(Opaque<32>) = 2,
    #[rmix(name = "case_3")]
    Case3(Opaque<32>) = 3,
    #[rmix(default)]
    Default(i32, f64) = -1,
}

#[derive(rmix::Data, Serialize, Deserialize)]
#[serde(rename = "everything")]
struct Everything {
    flag: bool,
    tiny: i8,
    small: i16,
    word: u16,
    large: u32,
    quad: i64,
    single: f32,
    double_: f64,
    byte: u8,
    data: Vec<u8>,
    few: Bounded<Vec<u8>, 8>,
    text: String,
    three: [i32; 3],
    bytes: Bounded<Vec<u32>, 4>,
    many: Array<i32, 40>,
    maybe: Option<Opaque<32>>,
    node: (Item, List<Item>),
}

#[rmix::remote(namespace = "urn:store", sunrpc(program = 0x20000001, version = 1))]
trait StoreV1 {
    #[rmix(procedure = 1, name = "FIND")]
    async fn find(&self, argument: String) -> Answer;
    #[rmix(procedure = 2, name = "PUT")]
    async fn put(&self, to: Opaque<32>, what: Tree) -> Other;
    #[rmix(procedure = 3, name = "ALL")]
    async fn all(&self, argument: Everything);
}

fn described() -> &'static InterfaceDesc {
    let model = Import::text("store.x", FILE).model().unwrap();
    let (program, version) = model.find_version(0x2000_0001, 1).unwrap();
    model.describe(program, version, "urn:store")
}

#[test]
fn interface_is_described_as_the_trait_is() {
    let (found, expected) = (described(), StoreV1Stub::DESCRIPTION);
    assert_eq!(found.name(), expected.name());
    assert_eq!(found.namespace(), expected.namespace());
    assert_eq!(
        (found.program, found.version),
        (expected.program, expected.version)
    );
    assert_eq!(found.methods().len(), expected.methods().len());
    for (found, expected) in found.methods().iter().zip(expected.methods()) {
        assert_eq!(
            (found.name(), found.number),
            (expected.name(), expected.number)
        );
        assert_eq!(found.arguments().len(), expected.arguments().len());
        for (found, expected) in found.arguments().iter().zip(expected.arguments()) {
            assert_eq!(found.name(), expected.name());
            if found.ty().name() == "everything" {
                for (found, expected) in found.ty().fields().iter().zip(expected.ty().fields()) {
                    assert!(same(found.ty(), expected.ty()), "{}", found.name());
                }
            }
            assert!(same(found.ty(), expected.ty()), "{}", found.name());
        }
        match (found.result(), expected.result()) {
            (Some(found), Some(expected)) => assert!(same(found, expected), "{}", found.name()),
            (found, expected) => assert_eq!(found.is_some(), expected.is_some()),
        }
    }
}

#[test]
fn enums_have_the_first_name_of_each_value() {
    let model = Import::text(
        "enum.x",
        "enum status { OK, DONE = 0, GONE = -1 }; program P { version V { status ASK(void) = 1; } = 1; } = 1;",
    );
    let model = model.model().unwrap();
    let (program, version) = model.find_version(1, 1).unwrap();
    let interface = model.describe(program, version, "urn:p");
    let found = interface.methods()[0].result().unwrap();
    let names: Vec<_> = found
        .variants()
        .iter()
        .map(|one| (one.name(), one.index))
        .collect();
    assert_eq!(names, [("OK", 0), ("GONE", u32::MAX)]);
    let status = <Status as rmix::Data>::SCHEMA;
    assert_eq!(status.variants()[1].index, u32::MAX);
}

#[test]
fn interface_of_a_file_has_a_wsdl() {
    let options = rmix_wsdl::Options::new().soap_1_1("http://localhost/store");
    let text = rmix_wsdl::wsdl(described(), &options).unwrap().wsdl;
    assert!(text.contains("<xs:complexType name=\"item\">"), "{text}");
    assert!(text.contains("<xs:element name=\"FIND\">"), "{text}");
    assert!(!text.contains("NULLPROC"), "{text}");
}

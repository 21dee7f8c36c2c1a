//! What is generated from `everything.x`: compared with the text in the repository, formatted as rustfmt does, and
//! carried by XDR as a C program of rpcgen carries it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bytes::Bytes;
use rmix::{Array, Bounded, List, Opaque};
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::Buf;
use rmix_idl::{Generate, Import};
use rmix_sunrpc::XdrCodec;
use serde::Serialize;
use serde::de::DeserializeOwned;

#[allow(dead_code, unreachable_pub)]
pub(crate) mod everything {
    include!("testdata/everything.rs.txt");
}
use everything::*;

pub(crate) fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/testdata")
        .join(name)
}

/// Asserts that rustfmt would leave the text as it is.
pub(crate) fn check_formatted(rust: &str, of: &Path) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("generated.rs");
    fs::write(&file, rust).expect("it is written");
    let output = Command::new("rustfmt")
        .args(["--edition", "2024", "--check"])
        .arg(&file)
        .output();
    let output = output.expect("rustfmt is needed");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}: {said}", of.display());
}

#[test]
fn generated_rust_is_the_one_in_the_repository() {
    let model = Import::new(testdata("everything.x")).model();
    let model = model.unwrap_or_else(|error| panic!("{error}"));
    let rust = Generate::new().rust(&model).expect("it is Rust");
    check_formatted(&rust, Path::new("everything.x"));
    let committed = testdata("everything.rs.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&committed, &rust).expect("it is written");
    }
    let expected = fs::read_to_string(&committed).expect("it is there");
    assert!(
        rust == expected,
        "run with UPDATE_EXPECT=1 and read the difference of everything.rs.txt"
    );
}

pub(crate) fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut enc = XdrCodec::encoder(Buf::new(), 1 << 24);
    enc.depth_left = 64;
    encode_value(&mut enc, value).expect("XDR carries it");
    enc.buf.into_vec()
}

fn decode<T: DeserializeOwned>(bytes: Vec<u8>) -> Result<T, String> {
    let decoder = XdrCodec::decoder(Bytes::from(bytes), 64, 10_000_000);
    decode_value(decoder).map_err(|error| error.to_string())
}

/// Bytes that the C program writes.
pub(crate) fn bytes_of_c() -> Vec<u8> {
    let text = fs::read_to_string(testdata("everything.x"));
    bytes_of_c_by(&text.expect("it is there"))
}

/// Bytes that the C program writes by this interface file.
pub(crate) fn bytes_of_c_by(x: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("everything.x"), x).expect("it is written");
    for name in ["included.x", "everything_bytes.c"] {
        fs::copy(testdata(name), folder.path().join(name)).expect("it is copied");
    }
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(folder.path())
            .output();
        let output = output.unwrap_or_else(|error| panic!("{program} is needed: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {said}");
        output.stdout
    };
    run(
        "rpcgen",
        &["-C", "-N", "-h", "-o", "everything.h", "everything.x"],
    );
    run(
        "rpcgen",
        &["-C", "-N", "-c", "-o", "everything_xdr.c", "everything.x"],
    );
    let sources = ["everything_bytes.c", "everything_xdr.c"];
    let flags = ["-w", "-I/usr/include/tirpc", "-o", "everything", "-ltirpc"];
    run("gcc", &[&sources[..], &flags[..]].concat());
    run("./everything", &[])
}

fn numbers() -> Numbers {
    Numbers {
        c: -5,
        uc: 250,
        s: -300,
        us: 65_000,
        i: -70_000,
        u: 4_000_000_000,
        l: -8,
        ul: 4_000_000_001,
        h: -5_000_000_000,
        uh: 18_000_000_000_000_000_000,
        f: 1.5,
        d: -2.25,
        b: true,
        ui: 12,
        ush: 513,
    }
}

fn arrays() -> Arrays {
    let label = |text: &str| Bounded(text.to_owned());
    Arrays {
        fixed: Opaque([1, 2, 3, 4, 5]),
        text: "text".to_owned(),
        ints: vec![1, -2, 3],
        points: Bounded(vec![Point { x: 1, y: 2 }, Point { x: 3, y: 4 }]),
        labels: vec![label("a"), label("four"), label("five5")],
        triples: [[-2, -1, 0], [1, 2, 3]],
        chars: Bounded(vec![0, 127, 255]),
        signed_chars: vec![-1, 5],
        flags: vec![true, false],
        many: Array(std::array::from_fn(|i| {
            i32::try_from(i * i).expect("small")
        })),
        colours: vec![Colour::Red, Colour::ALSO_BLUE, Colour::Dark],
        file: Opaque([255, 0, 1, 2, 3, 4, 5, 6]),
        data: Bounded(vec![7, 8, 9]),
    }
}

pub(crate) fn all() -> All {
    let entry = |id, name: &str| Entry {
        id,
        name: name.to_owned(),
    };
    let leaf = Tree {
        value: 7,
        left: None,
        right: None,
    };
    let here = Point { x: -1, y: 1 };
    All {
        n: numbers(),
        a: arrays(),
        list: List(vec![entry(1, "one"), entry(2, "two")]),
        alone: (entry(3, "three"), List(vec![entry(2, "two")])),
        t: Tree {
            value: 6,
            left: Some(Box::new(leaf)),
            right: None,
        },
        results: vec![
            ResultType::Red(-44),
            ResultType::Blue("blue".to_owned()),
            ResultType::Dark,
        ],
        others: vec![
            Other::CaseMinus1,
            Other::Minus(here.clone()),
            Other::Default(-1000, 1 << 40),
        ],
        flags: vec![Flag::True(17), Flag::False],
        words: vec![Word::Top(1), Word::Default(i32::MIN)],
        m1: Some(here.clone()),
        m2: None,
        o: OptionType {
            crate_: Type {
                r#match: 1,
                self_: 2,
                r#fn: 3,
            },
        },
        f: Forward {
            found: Some(Later { x: 99 }),
            r#where: here,
        },
    }
}

#[test]
fn generated_types_carry_what_c_carries() {
    let bytes = bytes_of_c();
    assert_eq!(encode(&all()), bytes);
    assert_eq!(decode::<All>(bytes), Ok(all()));
}

#[test]
fn long_list_needs_no_stack() {
    let entry = |id| Entry {
        id,
        name: String::new(),
    };
    let list: Entries = (0..300_000).map(entry).collect();
    let bytes = encode(&list);
    assert_eq!(bytes.len(), 300_000 * 12 + 4);
    assert_eq!(decode::<Entries>(bytes), Ok(list));
}

/// As `open_enums` writes them.
#[derive(rmix::Union, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[rmix(name = "open")]
#[repr(i32)]
enum Open {
    #[rmix(name = "A")]
    A = 0,
    #[rmix(default)]
    Other(i32) = -1,
}

#[test]
fn open_enums_carry_values_without_a_name() {
    assert_eq!(decode::<Open>(vec![0, 0, 0, 0]), Ok(Open::A));
    assert_eq!(decode::<Open>(vec![0xff; 4]), Ok(Open::Other(-1)));
    assert_eq!(encode(&Open::Other(7)), [0, 0, 0, 7]);
}

#[test]
fn bounds_are_checked_both_ways() {
    let at_bound: Label = Bounded("x".repeat(16));
    assert_eq!(decode::<Label>(encode(&at_bound)), Ok(at_bound));
    let beyond = encode(&"x".repeat(17));
    assert!(decode::<Label>(beyond).is_err());
    assert_eq!(decode::<Colour>(vec![0, 0, 0, 5]), Ok(Colour::Green));
    assert!(
        decode::<Colour>(vec![0, 0, 0, 4]).is_err(),
        "no member has the value 4"
    );
    assert!(
        decode::<Flag>(vec![0, 0, 0, 2]).is_err(),
        "a bool is 0 or 1"
    );
}

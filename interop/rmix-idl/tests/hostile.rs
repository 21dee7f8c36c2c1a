//! Texts that nobody would write: none panics, hangs, or overflows the stack.

use std::fs;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rmix_idl::{Generate, Import};

use crate::system;

/// Reads, and writes Rust if it can be read: whatever comes of it is fine, as long as it comes.
fn survive(text: &str) {
    if let Ok(model) = Import::text("it.x", text).model() {
        drop(Generate::new().rust(&model));
    }
}

/// A change of a text.
#[derive(Debug, Clone)]
enum Change {
    Delete(usize, usize),
    Insert(usize, &'static str),
    Replace(usize, u8),
    Repeat(usize, usize, usize),
    Swap(usize, usize),
}

/// What is inserted: everything that means something.
const PIECES: [&str; 40] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    ";",
    ",",
    ":",
    "=",
    "*",
    "-",
    "\"",
    "'",
    "/*",
    "*/",
    "//",
    "\\\n",
    "\n#if ",
    "\n#endif\n",
    "\n#else\n",
    "\n#define A A ",
    "\n#include \"it.x\"\n",
    "\n%",
    "struct ",
    "union u switch ",
    "enum ",
    "typedef ",
    "program ",
    "version ",
    "case ",
    "default:",
    "void",
    "string ",
    "opaque ",
    "unsigned ",
    "4294967296",
    "0x",
];

fn change() -> impl Strategy<Value = Change> {
    let position = any::<usize>;
    prop_oneof![
        (position(), 0..40usize).prop_map(|(at, length)| Change::Delete(at, length)),
        (position(), 0..PIECES.len()).prop_map(|(at, piece)| Change::Insert(at, PIECES[piece])),
        (position(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (position(), 0..40usize, 1..20usize)
            .prop_map(|(at, length, n)| Change::Repeat(at, length, n)),
        (position(), position()).prop_map(|(one, other)| Change::Swap(one, other)),
    ]
}

fn changed(text: &mut Vec<u8>, change: &Change) {
    let within = |at: usize| at % (text.len() + 1);
    match *change {
        Change::Delete(at, length) => {
            let at = within(at);
            let end = (at + length).min(text.len());
            text.drain(at..end);
        }
        Change::Insert(at, piece) => {
            let at = within(at);
            text.splice(at..at, piece.bytes());
        }
        Change::Replace(at, byte) => {
            let at = within(at);
            if let Some(place) = text.get_mut(at) {
                *place = byte;
            }
        }
        Change::Repeat(at, length, times) => {
            let at = within(at);
            let part = text[at..(at + length).min(text.len())].repeat(times);
            text.splice(at..at, part);
        }
        Change::Swap(one, other) => {
            let (one, other) = (within(one), within(other));
            if one.max(other) < text.len() {
                text.swap(one, other);
            }
        }
    }
}

#[test]
fn changed_system_files_never_panic() {
    let mut texts: Vec<Vec<u8>> = system::files()
        .iter()
        .map(|path| fs::read(path).expect("it is there"))
        .collect();
    texts.push(include_bytes!("testdata/everything.x").to_vec());
    let seed: [u8; 32] = match std::env::var("RMIX_IDL_SEED") {
        Ok(text) => std::array::from_fn(|i| text.as_bytes().get(i).copied().unwrap_or(0)),
        Err(_) => *b"files that are changed at random",
    };
    eprintln!("RMIX_IDL_SEED={}", String::from_utf8_lossy(&seed));
    let config = Config {
        cases: 3_000,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let cases = (0..texts.len(), prop::collection::vec(change(), 1..12));
    let outcome = runner.run(&cases, |(index, changes)| {
        let mut text = texts[index].clone();
        for change in &changes {
            changed(&mut text, change);
        }
        survive(&String::from_utf8_lossy(&text));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_beginning_of_a_file_is_survived() {
    let text = include_str!("testdata/everything.x");
    for (end, _) in text.char_indices() {
        survive(&text[..end]);
    }
}

#[test]
fn long_chains_need_no_stack() {
    let constants: String = (0..16_000)
        .map(|i| format!("const C{i} = C{};", i + 1))
        .collect();
    survive(&format!("{constants} const C16000 = 1;"));
    let members: Vec<String> = (0..16_000).map(|i| format!("M{i}")).collect();
    let text = format!("enum e {{ {} }};", members.join(","));
    let model = Import::text("it.x", text)
        .model()
        .expect("it is within the limits");
    assert_eq!(model.number("M15999"), Some(15_999));
    let typedefs: String = (0..16_000)
        .map(|i| format!("typedef t{} t{i};", i + 1))
        .collect();
    survive(&format!("{typedefs} typedef int t16000;"));
    let structs: String = (0..16_000)
        .map(|i| format!("struct s{i} {{ s{} *x; s{i} *y; }};", i + 1))
        .collect();
    survive(&format!("{structs} struct s16000 {{ s0 *x; }};"));
}

#[test]
fn many_names_that_become_the_same_are_told_apart() {
    let structs: String = (0..15u32)
        .map(|i| {
            let case = |bit: u32, letter: char| match i >> bit & 1 {
                0 => letter,
                _ => letter.to_ascii_uppercase(),
            };
            let name: String = ['a', 'b', 'c', 'd']
                .iter()
                .zip(0..)
                .map(|(l, bit)| case(bit, *l))
                .collect();
            format!("struct _{name} {{ int {name}; }};")
        })
        .collect();
    let import = Import::text("it.x", structs);
    let rust = import.rust().unwrap_or_else(|error| panic!("{error}"));
    let mut names: Vec<&str> = rust
        .lines()
        .filter(|line| line.starts_with("pub struct"))
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 15);
    let underscores: String = (1..1_000)
        .map(|i| format!("const a{} = {i};", "_".repeat(i)))
        .collect();
    survive(&underscores);
}

#[test]
fn macros_that_grow_or_meet_themselves_end() {
    let doubling: String = (0..60)
        .map(|i| format!("#define M{i} M{} M{}\n", i + 1, i + 1))
        .collect();
    survive(&format!("{doubling}M0\n"));
    survive("#define A B\n#define B A\nconst X = A;\n");
    survive("#define A A A\nconst X = A;\n");
}

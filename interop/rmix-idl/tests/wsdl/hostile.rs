//! Texts that nobody would write: none panics, hangs, or overflows the stack; what is read gives Rust that parses.

use std::fs;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rmix_idl::IdlError;
use rmix_idl::wsdl::{Import, Limits};

use super::{check_parses, golden, schema};

/// Reads, and writes Rust if it can be read: whatever comes of it is fine, as long as it comes.
fn survive(text: &str) -> Result<(), IdlError> {
    let rust = Import::text("it.wsdl", text).rust()?;
    check_parses(&rust);
    Ok(())
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
const PIECES: [&str; 32] = [
    "<",
    ">",
    "/>",
    "</",
    "&",
    "&amp;",
    "'",
    "\"",
    "=",
    " name='",
    " type='",
    " ref='",
    " base='t:",
    ":",
    "xmlns='urn:x' ",
    "<!-- ",
    " -->",
    "<![CDATA[",
    "]]>",
    "<?x ?>",
    "<!DOCTYPE a>",
    " minOccurs='0' ",
    " maxOccurs='unbounded' ",
    " nillable='true' ",
    " abstract='true' ",
    " substitutionGroup='t:",
    " mixed='1' ",
    "<any/>",
    "\u{0}",
    "\u{202e}",
    "ß",
    " wsdl:arrayType='x:int[",
];

fn change() -> impl Strategy<Value = Change> {
    let position = any::<usize>;
    prop_oneof![
        (position(), 0..40usize).prop_map(|(at, length)| Change::Delete(at, length)),
        (position(), 0..PIECES.len()).prop_map(|(at, piece)| Change::Insert(at, PIECES[piece])),
        (position(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (position(), 0..80usize, 1..4usize)
            .prop_map(|(at, length, n)| Change::Repeat(at, length, n)),
        (position(), position()).prop_map(|(one, other)| Change::Swap(one, other)),
    ]
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for change in changes {
        let length = bytes.len().max(1);
        match *change {
            Change::Delete(at, count) => {
                let at = at % length;
                bytes.drain(at.min(bytes.len())..(at + count).min(bytes.len()));
            }
            Change::Insert(at, piece) => {
                let at = (at % length).min(bytes.len());
                bytes.splice(at..at, piece.bytes());
            }
            Change::Replace(at, byte) => {
                if let Some(old) = bytes.get_mut(at % length) {
                    *old = byte;
                }
            }
            Change::Repeat(at, count, times) => {
                let at = (at % length).min(bytes.len());
                let piece = bytes[at..(at + count).min(bytes.len())].repeat(times);
                bytes.splice(at..at, piece);
            }
            Change::Swap(one, other) => {
                if !bytes.is_empty() {
                    bytes.swap(one % length, other % length);
                }
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[test]
fn changed_files_are_read_or_refused() {
    let files = golden::files();
    let texts: Vec<String> = files
        .iter()
        .map(|path| fs::read_to_string(path).expect("it is there"))
        .collect();
    let strategy = (0..texts.len(), prop::collection::vec(change(), 1..4));
    let mut read = 0_u32;
    runner(400)
        .run(&strategy, |(which, changes)| {
            // What files import is not there: their own content is what matters.
            let text = texts[which]
                .replace("schemaLocation", "hint")
                .replace(" location=\"types.xsd\"", "");
            let _ = survive(&changed(&text, &changes)).is_ok();
            Ok(())
        })
        .expect("every text is read or refused");
    for text in &texts {
        let own = text.replace("schemaLocation", "hint");
        read += u32::from(survive(&own).is_ok());
    }
    assert!(
        read > 0,
        "some of the files are read by themselves, so that changes of them reach the end"
    );
}

#[test]
fn every_beginning_of_a_file_is_refused() {
    let path = golden::path("rpc.wsdl");
    let text = fs::read_to_string(path).expect("it is there");
    assert!(survive(&text).is_ok());
    let end = text.trim_end().len();
    for length in (0..end).filter(|length| text.is_char_boundary(*length)) {
        let error = survive(&text[..length]).expect_err("it is cut");
        assert!(error.place().is_some(), "{length}: {error}");
    }
}

#[test]
fn random_bytes_are_read_or_refused() {
    runner(500)
        .run(&prop::collection::vec(any::<u8>(), 0..300), |bytes| {
            let text = String::from_utf8_lossy(&bytes);
            prop_assert!(survive(&text).is_err());
            Ok(())
        })
        .expect("every text is refused");
}

#[test]
fn random_declarations_are_read_or_refused() {
    const WORDS: [&str; 24] = [
        "<x:complexType name='A'>",
        "<x:complexType name='B'>",
        "<x:complexType>",
        "</x:complexType>",
        "<x:sequence>",
        "</x:sequence>",
        "<x:choice maxOccurs='2'>",
        "<x:choice>",
        "</x:choice>",
        "<x:element name='a' type='t:A'/>",
        "<x:element name='b' type='t:B'/>",
        "<x:element name='c'>",
        "</x:element>",
        "<x:element ref='t:c'/>",
        "<x:group ref='t:g'/>",
        "<x:group name='g'>",
        "</x:group>",
        "<x:complexContent><x:extension base='t:A'>",
        "</x:extension></x:complexContent>",
        "<x:attribute name='a' type='t:S'/>",
        "<x:simpleType name='S'><x:restriction base='t:S2'/></x:simpleType>",
        "<x:simpleType name='S2'><x:list itemType='x:int'/></x:simpleType>",
        "<x:element name='h' substitutionGroup='t:c'/>",
        "<x:any/>",
    ];
    let words = prop::collection::vec(0..WORDS.len(), 0..16);
    runner(2000)
        .run(&words, |words| {
            let declarations: String = words.iter().map(|word| WORDS[*word]).collect();
            let _ = survive(&schema(&declarations)).is_ok();
            Ok(())
        })
        .expect("every schema is read or refused");
}

#[test]
fn the_deepest_and_longest_that_the_limits_allow_end_on_a_small_stack() {
    let deep = |before: &str, after: &str, times: usize| {
        schema(&format!(
            "<x:complexType name='T'>{}{}</x:complexType>",
            before.repeat(times),
            after.repeat(times)
        ))
    };
    let inline = deep(
        "<x:sequence><x:element name='e'><x:complexType>",
        "</x:complexType></x:element></x:sequence>",
        20,
    );
    let choices = deep("<x:choice><x:any/>", "</x:choice>", 60);
    let mut chain = "<x:complexType name='T0'><x:sequence><x:element name='e' type='t:T99'/></x:sequence></x:complexType>".to_owned();
    for n in 1..100 {
        chain.push_str(&format!(
            "<x:complexType name='T{n}'><x:complexContent><x:extension base='t:T{}'/></x:complexContent></x:complexType>",
            n - 1
        ));
    }
    // A cycle of as many types as there may be: boxes are found without recursion.
    let ring: String = (0..10_000)
        .map(|n| {
            format!(
                "<x:complexType name='R{n}'><x:sequence><x:element name='e' type='t:R{}'/></x:sequence></x:complexType>",
                (n + 1) % 10_000
            )
        })
        .collect();
    let texts = [inline, choices, schema(&chain), schema(&ring)];
    let run = move || {
        for text in texts {
            survive(&text).unwrap_or_else(|error| panic!("{error}"));
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
    thread.expect("it starts").join().expect("it ends");
}

#[test]
fn endless_nesting_is_refused_by_its_depth() {
    let root = "<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema'>";
    let text = format!("{root}{}", "<a>".repeat(1_000_000));
    let error = survive(&text).expect_err("refused");
    assert!(
        matches!(
            error,
            IdlError::Limit {
                limit: "depth_max",
                ..
            }
        ),
        "{error}"
    );
    let mut limits = Limits::default();
    limits.depth_max = 8;
    let declared = format!("{root}{}", "<x xmlns:a='b'>".repeat(8));
    let error = Import::text("it.xsd", declared)
        .limits(limits)
        .rust()
        .expect_err("refused");
    assert!(
        matches!(
            error,
            IdlError::Limit {
                limit: "depth_max",
                ..
            }
        ),
        "{error}"
    );
}

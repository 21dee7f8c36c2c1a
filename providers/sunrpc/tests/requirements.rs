//! The table of requirements names tests that are there, or a reason.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where the tests of Sun RPC are, from this crate's folder.
const PLACES: [&str; 5] = [
    ".",
    "../xdr",
    "../../tests/conformance",
    "../../tests/system",
    "../../rmix-core/rmix-provider",
];

fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.split("fn ").skip(1);
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            found.extend(names.map(|rest| rest.chars().take_while(|c| is_name(*c)).collect()));
        }
    }
}

#[test]
fn every_requirement_has_its_tests_or_a_reason() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut known = BTreeSet::new();
    for place in PLACES {
        functions(&here.join(place), &mut known);
    }
    let table = fs::read_to_string(here.join("spec/requirements.toml")).unwrap();
    let rows: Vec<&str> = table.split("\n[[requirement]]\n").skip(1).collect();
    assert!(rows.len() > 20, "{}", rows.len());
    for row in rows {
        let listed = row
            .split("tests = [")
            .nth(1)
            .and_then(|rest| rest.split(']').next());
        let tests: Vec<&str> = listed
            .unwrap_or_default()
            .split('"')
            .skip(1)
            .step_by(2)
            .collect();
        assert_ne!(tests.is_empty(), !row.contains("exception = "), "{row}");
        for test in tests {
            assert!(known.contains(test), "there is no test {test}:{row}");
        }
    }
}

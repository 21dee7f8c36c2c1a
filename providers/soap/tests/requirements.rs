//! The table of requirements names tests that are there, or a reason.

use std::fs;
use std::path::Path;

/// One requirement of the table.
struct Row<'a> {
    text: &'a str,
    tests: Vec<&'a str>,
    exception: Option<&'a str>,
}

/// The value of a line `name = "value"`.
fn value<'a>(row: &'a str, name: &str) -> Option<&'a str> {
    let start = format!("{name} = \"");
    let line = row.lines().find_map(|line| line.strip_prefix(&start));
    line.map(|line| line.strip_suffix('"').expect("a value on one line"))
}

fn rows(table: &str) -> Vec<Row<'_>> {
    let rows = table.split("\n[[requirement]]\n").skip(1);
    let rows = rows.map(|row| {
        let lines = row.lines().map(str::trim);
        let listed = lines.skip_while(|line| *line != "tests = [").skip(1);
        let listed = listed.take_while(|line| *line != "]");
        let tests = listed.map(|line| line.trim_matches(['"', ',']));
        Row {
            text: value(row, "text").expect("what is asked for"),
            tests: tests.collect(),
            exception: value(row, "exception"),
        }
    });
    rows.collect()
}

/// Whether a file has this test: a function behind an attribute that makes it one.
fn has_test(file: &str, name: &str) -> bool {
    let function = format!("fn {name}(");
    let mut is_test = false;
    for line in file.lines().map(str::trim) {
        if line.contains(&function) {
            return is_test;
        }
        match line.starts_with("#[") {
            true => is_test |= line == "#[test]" || line.starts_with("#[tokio::test"),
            false => is_test = false,
        }
    }
    false
}

#[test]
fn every_requirement_has_its_tests_or_a_reason() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(here.join("spec/requirements.toml")).unwrap();
    let rows = rows(&table);
    assert!(rows.len() > 60, "{}", rows.len());
    for row in rows {
        let text = row.text;
        assert_ne!(row.tests.is_empty(), row.exception.is_none(), "{text}");
        assert!(
            row.exception.is_none_or(|reason| reason.contains(' ')),
            "{text}"
        );
        for test in row.tests {
            let (path, name) = test.split_once("::").expect("FILE::FUNCTION");
            let file = fs::read_to_string(here.join("../..").join(path));
            let file = file.unwrap_or_else(|failure| panic!("{path}: {failure}: {text}"));
            assert!(has_test(&file, name), "there is no test {test}: {text}");
        }
    }
}

#[test]
fn a_function_is_a_test_behind_its_attribute_only() {
    let file = "#[test]\n#[should_panic]\nfn a() {}\n#[tokio::test]\nasync fn b() {}\n#[cfg(x)]\nfn c() {}\nfn d() {}\n";
    let found = ["a", "b", "c", "d", "e"].map(|name| has_test(file, name));
    assert_eq!(found, [true, true, false, false, false]);
}

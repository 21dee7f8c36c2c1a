//! The tables of options in the documentation of the crate are those that endpoints take, no more and no fewer.

use std::collections::BTreeSet;

use rmix_provider::endpoint::Parts;
use rmix_provider::tables::{Err, Limits};

use super::{Client, Server};

/// Options that exist, from what is said about one that does not.
fn known<T>(read: impl FnOnce(&Parts<'_>, &Limits) -> Result<T, Err>) -> BTreeSet<String> {
    let parts = Parts::parse("soap+http://h:1/x?none=1").unwrap();
    let Err(refusal) = read(&parts, &Limits::default()) else {
        panic!("an option that does not exist is taken");
    };
    let text = refusal.text().to_string();
    let (_, names) = text.split_once("there are ").expect("it lists them");
    names.split(", ").map(str::to_owned).collect()
}

/// Names of a row's first cell: those with a value, or, in a row without values, all.
fn names(row: &str) -> Vec<String> {
    let cell = row.split('|').nth(1).expect("a row has a first cell");
    let words: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
    let with_value: Vec<&str> = words
        .iter()
        .filter_map(|word| Some(word.split_once('=')?.0))
        .collect();
    let names = if with_value.is_empty() {
        words
    } else {
        with_value
    };
    names.into_iter().map(str::to_owned).collect()
}

/// Names of the table under this heading.
fn table(heading: &str) -> BTreeSet<String> {
    let text = include_str!("../lib.rs");
    let lines = text.lines().map(|line| line.trim_start_matches("//! "));
    let rows = lines
        .skip_while(|line| !line.starts_with(&format!("| {heading} |")))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let names: BTreeSet<String> = rows.flat_map(names).collect();
    assert!(!names.is_empty(), "no table of an {heading}");
    names
}

#[test]
fn documented_options_are_those_that_endpoints_take() {
    let either = table("option of either");
    let client = &table("option of a client") | &either;
    assert_eq!(client, known(Client::new));
    let listener = &table("option of a listener") | &either;
    assert_eq!(listener, known(Server::new));
}

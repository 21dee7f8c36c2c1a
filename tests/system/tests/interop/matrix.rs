//! The table: each operation of the station with what a peer's client prints when a fresh station answers, in this
//! order. Every client is run through all of it, against every link it can use.

use serde_json::{Value, json};

/// Elements of a large array: one megabyte of doubles.
pub(super) const MANY: usize = 125_000;
/// Bytes of a large string that still fits one argument of a command line.
const LONG: usize = 100_000;

/// One row: the words of the client's command line, and the line of JSON it must print.
pub(super) struct Row {
    pub(super) operation: Vec<String>,
    pub(super) expected: Value,
}

fn row(operation: &str, expected: Value) -> Row {
    Row {
        operation: operation.split(' ').map(str::to_owned).collect(),
        expected,
    }
}

/// What every client asks, and must print.
pub(super) fn rows() -> Vec<Row> {
    let oslo = json!({"place": "Oslo", "celsius": -3.5, "at": 1_700_000_000});
    let warm_oslo = json!({"place": "Oslo", "celsius": 21.0, "at": 9_000_000_000_i64});
    let tromso = json!({"place": "Tromsø", "celsius": -0.5, "at": -1});
    let long = "ø".repeat(LONG / 2);
    vec![
        row("count", json!({"ok": 0})),
        row("latest Oslo", json!({"ok": oslo})),
        row(
            "latest Atlantis",
            json!({"error": {"UnknownPlace": "Atlantis"}}),
        ),
        row(
            "latest Tromsø",
            json!({"error": {"UnknownPlace": "Tromsø"}}),
        ),
        row("latest 東京🌦", json!({"error": {"UnknownPlace": "東京🌦"}})),
        row(
            &format!("latest {long}"),
            json!({"error": {"UnknownPlace": long}}),
        ),
        row("mean 1 2 3", json!({"ok": 2.0})),
        row("mean -1.5", json!({"ok": -1.5})),
        row("mean", json!({"ok": 0.0})),
        many(),
        row("report Tromsø -0.5 -1", json!({"ok": 1})),
        row("latest Tromsø", json!({"ok": tromso})),
        row("report Oslo 21 9000000000", json!({"ok": 2})),
        row("latest Oslo", json!({"ok": warm_oslo})),
        row("count", json!({"ok": 2})),
    ]
}

/// A megabyte of doubles to us. Short numbers: the system limits the bytes of a command line.
fn many() -> Row {
    let numbers = ["0", ".5", "1", "1.5", "2", "2.5", "3", "3.5"];
    let mut operation = vec!["mean".to_owned()];
    operation.extend(
        numbers
            .iter()
            .cycle()
            .take(MANY)
            .map(|number| (*number).to_owned()),
    );
    Row {
        operation,
        expected: json!({"ok": 1.75}),
    }
}

/// Runs a client through the table.
pub(super) fn check(peer: &str, mut ask: impl FnMut(&[&str]) -> Value) {
    for row in rows() {
        let words: Vec<&str> = row.operation.iter().map(String::as_str).collect();
        let printed = ask(&words);
        let asked = words.join(" ");
        let asked: String = asked.chars().take(60).collect();
        assert!(
            printed == row.expected,
            "{peer}, {asked}: {} instead of {}",
            shortened(&printed),
            shortened(&row.expected)
        );
    }
}

fn shortened(value: &Value) -> String {
    value.to_string().chars().take(200).collect()
}

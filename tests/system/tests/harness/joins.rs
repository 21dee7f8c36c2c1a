//! Joining: with a state of 64 MB while others write, and by every contact there is.

use harness_cli::{Question, Said};

use super::cluster::Cluster;
use super::logs::compare;

#[test]
fn one_joins_with_a_state_of_64_megabytes_while_others_write() {
    let cluster = Cluster::new("quorum", "bidi");
    let mut a = cluster.start("A", &[]);
    a.wait_for("ready");
    let console = cluster.console("A");
    let value = "v".repeat(128 << 10);
    for number in 0..512 {
        console
            .put(&format!("large-{number}"), &value)
            .expect("it is done");
    }
    let mut b = cluster.start("B", &["A"]);
    b.wait_for("ready");
    let writer = cluster.writer("B", "B");
    writer.wait_for(20);

    let mut c = cluster.start("C", &["B"]);
    let loaded = c.wait_for("loaded");

    assert!(loaded["bytes"].as_u64() > Some(64 << 20), "{loaded}");
    writer.wait_for(20);
    writer.finish();
    let position = console.put("last", "value").expect("it is done");
    let joined = cluster.console("C");
    joined.wait_for_position(position);
    assert_eq!(
        joined.query(&Question::Size),
        console.query(&Question::Size)
    );
    let Said::Size { bytes, .. } = joined.query(&Question::Size) else {
        panic!("a size");
    };
    assert!(bytes > 64 << 20, "{bytes}");
    let compared = compare(vec![a, b, c], vec![], position);
    assert!(compared > 40, "{compared}");
}

#[test]
fn several_join_at_once() {
    let cluster = Cluster::new("quorum", "bidi");
    let mut a = cluster.start("A", &[]);
    a.wait_for("ready");
    let mut others: Vec<_> = ["B", "C", "D", "E"]
        .into_iter()
        .map(|name| cluster.start(name, &["A"]))
        .collect();
    for process in &mut others {
        process.wait_for("ready");
    }
    a.wait_for_view(5);
    let mut position = 0;
    for name in ["A", "B", "C", "D", "E"] {
        let console = cluster.console(name);
        position = console.put(name, "value").expect("it is done");
    }
    others.push(a);
    let compared = compare(others, vec![], position);
    assert!(compared >= 5, "{compared}");
}

//! Many callers on one link.

use std::sync::Arc;

use crate::interface::ConformanceStub;
use crate::rig::{Rig, asynchronously};

/// Calls of each caller.
const CALLS: i64 = 3_400;

/// Two threads and four tasks, every reply checked.
pub fn threads_and_tasks_share_one_link(rig: &Rig) {
    if rig.lacks("concurrent") {
        return;
    }
    let pair = rig.pair();
    std::thread::scope(|scope| {
        for caller in 0..2 {
            let stub = &pair.stub;
            scope.spawn(move || {
                for round in 0..CALLS {
                    let sum = stub.blocking().add(caller, round).unwrap();
                    assert_eq!(sum, caller + round);
                }
            });
        }
        asynchronously(async {
            let callers = (2..6).map(|caller| tokio::spawn(add_many(pair.stub.clone(), caller)));
            for caller in Vec::from_iter(callers) {
                caller.await.expect("every reply is right");
            }
        });
    });
    let additions = pair.stub.blocking().additions().unwrap();
    assert_eq!(additions, 6 * CALLS.unsigned_abs());
}

async fn add_many(stub: ConformanceStub, caller: i64) {
    for round in 0..CALLS {
        let sum = stub.add(caller << 32, round).await.unwrap();
        assert_eq!(sum, (caller << 32) + round);
    }
}

/// Calls, one-way calls, cancelled calls and large ones, all at once.
pub fn calls_of_all_kinds_mix_on_one_link(rig: &Rig) {
    if rig.lacks("concurrent") || rig.lacks("oneway") {
        return;
    }
    let pair = rig.pair();
    let stub = Arc::new(pair.stub.clone());
    asynchronously(async {
        let mut tasks = Vec::new();
        for caller in 0..8_i64 {
            let stub = stub.clone();
            tasks.push(tokio::spawn(async move {
                for round in 0..100 {
                    match (caller + round) % 4 {
                        0 => stub.record(round).await.unwrap(),
                        1 => drop(stub.start().add(caller, round)),
                        2 => {
                            let given = stub.give_octets(100_000).await.unwrap();
                            assert_eq!(given.len(), 100_000);
                        }
                        _ => assert_eq!(stub.add(caller, round).await.unwrap(), caller + round),
                    }
                }
            }));
        }
        for task in tasks {
            task.await.expect("every reply is right");
        }
    });
    assert_eq!(stub.blocking().recorded(200).unwrap().count, 200);
}

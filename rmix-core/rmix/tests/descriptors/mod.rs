//! What a runtime leaves behind when it is dropped. It runs this program again, for that test alone, because it counts
//! the descriptors of the whole process.

use std::process::Command;

use rmix::{DynamicStub, Runtime};
use tokio::runtime::Builder;

use crate::provider;

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Fails to call, because nobody listens; but its I/O thread was started.
fn call_nobody(rmix: &Runtime) {
    let bound: Result<DynamicStub, _> = rmix.dynamic("mem://nobody").blocking();
    bound.unwrap_err();
}

#[test]
fn dropped_runtimes_leave_no_descriptor_open() {
    const ALONE: &str = "RMIX_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return count_over_many_runtimes();
    }
    let this = std::env::current_exe().unwrap();
    let name = "descriptors::dropped_runtimes_leave_no_descriptor_open";
    let mut alone = Command::new(this);
    alone.args(["--exact", name, "--nocapture"]).env(ALONE, "1");
    let ended = alone.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

fn count_over_many_runtimes() {
    let own = || {
        let rmix = Runtime::builder().with_linked(&provider::MEM);
        let rmix = rmix.worker_threads(1).build().unwrap();
        let (_kept, mut awaited) = (rmix.clone(), rmix.dynamic("mem://nobody").into_future());
        // Awaited, a binding is opened by a task of the runtime's own thread.
        let tokio = Builder::new_current_thread().build().unwrap();
        tokio.block_on(&mut awaited).unwrap_err();
        call_nobody(&rmix);
    };
    let lent = || {
        let tokio = Builder::new_current_thread().enable_all().build().unwrap();
        let rmix = Runtime::builder().with_linked(&provider::MEM);
        let rmix = rmix.handle(tokio.handle().clone()).build().unwrap();
        call_nobody(&rmix);
        let bound = tokio.block_on(async { rmix.dynamic("mem://nobody").await });
        bound.unwrap_err();
    };
    // The first of each kind opens what a process needs once.
    own();
    lent();
    let before = descriptors();
    for _ in 0..50 {
        own();
        lent();
    }
    assert_eq!(descriptors(), before);
}

//! Where blocking is allowed: plain threads and blocking-pool threads, never a thread that runs a task.

use rmix::ErrorKind;
use tokio::runtime::{Builder, Runtime as Tokio};

use crate::station::{StationSkeleton, StationStub, runtime};

fn on(tokio: &Tokio, name: &str, in_task: bool) {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix
        .export_blocking(skeleton, [format!("mem://threads-{name}")])
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).blocking().unwrap();
    let refused = {
        let stub = stub.clone();
        let call = async move { stub.add_blocking(1, 2).unwrap_err() };
        if in_task {
            tokio.block_on(async { tokio::spawn(call).await.unwrap() })
        } else {
            tokio.block_on(call)
        }
    };
    assert_eq!(refused.kind(), ErrorKind::FixRequest);
    assert!(
        refused.to_string().contains("running an asynchronous task"),
        "{refused}"
    );
    let inner = stub.clone();
    let allowed = tokio.block_on(async move {
        tokio::task::spawn_blocking(move || inner.add_blocking(1, 2))
            .await
            .unwrap()
    });
    assert_eq!(allowed.unwrap(), 3);
    // The runtime is only known, not running a task.
    let _entered = tokio.enter();
    assert_eq!(stub.add_blocking(2, 2).unwrap(), 4);
}

fn current() -> Tokio {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi() -> Tokio {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn blocking_is_refused_in_a_task_of_one_thread() {
    on(&current(), "task-current", true);
}

#[test]
fn blocking_is_refused_in_the_main_future_of_one_thread() {
    on(&current(), "main-current", false);
}

#[test]
fn blocking_is_refused_on_a_worker() {
    on(&multi(), "task-multi", true);
}

#[test]
fn blocking_is_refused_in_the_main_future_of_many_threads() {
    on(&multi(), "main-multi", false);
}

#[test]
fn the_check_leaves_the_budget_as_it_was() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix
        .export_blocking(skeleton, ["mem://threads-budget"])
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).blocking().unwrap();
    current().block_on(async {
        tokio::task::coop::consume_budget().await;
        stub.add_blocking(1, 2).unwrap_err();
        assert!(tokio::task::coop::has_budget_remaining());
    });
}

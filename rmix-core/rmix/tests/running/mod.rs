//! Runtimes: providers and where they are looked for, shutdown, unloading.

use std::time::Duration;

use rmix::{Cause, ErrorKind, Limits, Runtime};

use crate::provider::MEM;
use crate::station::{StationSkeleton, StationStub, runtime};

#[test]
fn a_provider_that_is_not_there_lists_every_place() {
    let error = Runtime::builder()
        .provider_path("/nowhere/rmix")
        .provider_path("relative/place")
        .providers("absent")
        .build()
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("no provider `absent`: looked for /nowhere/rmix/librmix_absent.so, "),
        "{text}"
    );
    assert!(
        text.contains("relative/place (from provider_path: not an absolute path, passed over)"),
        "{text}"
    );
    let beside = std::env::current_exe().unwrap();
    let deps = beside.parent().unwrap();
    for directory in [deps, deps.parent().unwrap()] {
        let file = directory.join("librmix_absent.so");
        assert!(text.contains(&file.display().to_string()), "{text}");
    }
    let here = std::env::current_dir().unwrap().join("librmix_absent.so");
    assert!(
        !text.contains(&here.display().to_string()),
        "the working directory was looked at: {text}"
    );
}

#[test]
fn a_provider_is_named_not_pathed() {
    let error = Runtime::builder().providers("../evil").build().unwrap_err();
    assert!(
        error.to_string().contains("is not the name of a provider"),
        "{error}"
    );
    let error = Runtime::builder()
        .provider_file("librmix_x.so")
        .build()
        .unwrap_err();
    assert!(
        error.to_string().contains("named by an absolute path"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_no_provider_is_refused() {
    let directory = std::env::temp_dir().join(format!("rmix-running-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("librmix_text.so"), "not a shared object").unwrap();
    let result = Runtime::builder()
        .provider_path(&directory)
        .providers("text")
        .build();
    std::fs::remove_dir_all(&directory).unwrap();
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FixRequest);
    assert!(error.to_string().contains("cannot be loaded"), "{error}");
}

#[test]
fn loaded_providers_are_listed_and_loaded_once() {
    let rmix = runtime();
    let [info] = &rmix.providers()[..] else {
        panic!("one provider")
    };
    assert_eq!(
        (info.name.as_str(), info.version.as_str(), &info.file),
        ("mem", "1.0.0", &None)
    );
    assert_eq!(info.schemes, ["mem"]);
    assert!(
        info.capabilities.contains(&"symmetric"),
        "{:?}",
        info.capabilities
    );
    let error = Runtime::builder()
        .with_linked(&MEM)
        .with_linked(&MEM)
        .build()
        .unwrap_err();
    assert!(
        error.to_string().contains("is loaded already (linked in)"),
        "{error}"
    );
}

#[test]
fn limits_are_checked() {
    let mut limits = Limits::default();
    limits.depth = 0;
    let error = Runtime::builder().limits(limits).build().unwrap_err();
    assert_eq!(error.cause(), Cause::Limit);
}

#[tokio::test]
async fn shutdown_finishes_calls_and_then_refuses() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix
        .export(skeleton, ["mem://running-shutdown"])
        .await
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    assert_eq!(stub.add(1, 1).await.unwrap(), 2);
    rmix.shutdown(Duration::from_secs(60)).await.unwrap();
    let error = stub.add(1, 1).await.unwrap_err();
    assert_eq!(error.cause(), Cause::Shutdown);
    let error = rmix
        .bind::<StationStub>("mem://running-shutdown")
        .await
        .unwrap_err();
    assert_eq!(error.cause(), Cause::Shutdown);
}

#[test]
fn shutdown_has_a_hard_bound() {
    let rmix = runtime();
    let (skeleton, station, _) = StationSkeleton::new();
    let exported = rmix
        .export_blocking(skeleton, ["mem://running-bound"])
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).blocking().unwrap();
    let mut held = stub.start_hold(1);
    while station.started.load(std::sync::atomic::Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    let error = rmix
        .shutdown_blocking(Duration::from_millis(30))
        .unwrap_err();
    assert_eq!(error.cause(), Cause::Timeout);
    let outcome = held
        .wait(Duration::from_secs(60))
        .expect("the call has ended");
    assert_eq!(outcome.unwrap_err().cause(), Cause::LinkClosed);
}

#[tokio::test]
async fn an_unloaded_provider_takes_no_new_links() {
    let rmix = runtime();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix
        .export(skeleton, ["mem://running-unload"])
        .await
        .unwrap();
    let stub: StationStub = rmix.bind(&exported).await.unwrap();
    rmix.unload_provider("mem", Duration::from_secs(60))
        .await
        .unwrap();
    assert!(rmix.providers().is_empty());
    let error = stub.add(1, 1).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("no provider for `mem` is loaded"),
        "{error}"
    );
    let error = rmix
        .unload_provider("mem", Duration::ZERO)
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "no provider `mem` is loaded");
}

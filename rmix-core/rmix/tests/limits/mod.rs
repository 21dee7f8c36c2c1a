//! Limits of the façade's own, in pairs: what is just allowed, and what is just not.

use rmix::{CallError, Cause, Delivery, DynamicStub, ErrorKind, Limits, Runtime, Value};

use crate::provider::MEM;
use crate::station::StationSkeleton;

async fn dynamic(endpoint: &str, limits: Limits) -> (DynamicStub, rmix::Exported) {
    let rmix = Runtime::builder().with_linked(&MEM).limits(limits);
    let rmix = rmix.build().unwrap();
    let (skeleton, _, _) = StationSkeleton::new();
    let exported = rmix.export(skeleton, [endpoint]).await.unwrap();
    (rmix.dynamic(&exported).await.unwrap(), exported)
}

fn assert_refused(failed: &CallError<Value>, words: &str) {
    let error = failed.error().expect("a failure of the machinery");
    assert_eq!(
        (error.kind(), error.cause(), error.delivery()),
        (ErrorKind::FixRequest, Cause::Limit, Delivery::NotSent)
    );
    assert!(error.to_string().contains(words), "{error}");
}

#[tokio::test]
async fn dynamic_methods_limits_different_names() {
    let mut limits = Limits::default();
    limits.dynamic_methods = 2;
    let (stub, _exported) = dynamic("mem://limits-methods", limits).await;
    let two = || vec![Value::Int(1), Value::Int(2)];
    assert_eq!(stub.call("add", two()).await.unwrap(), Value::Int(3));
    assert_eq!(stub.call("echo", vec![7.into()]).await.unwrap(), 7.into());
    let failed = stub.call("numbers", vec![1.into()]).await.unwrap_err();
    assert_refused(&failed, "2 different methods were called");
    // Those that are known go on.
    assert_eq!(stub.call("add", two()).await.unwrap(), Value::Int(3));
}

#[tokio::test]
async fn method_name_bytes_limits_a_name() {
    let mut limits = Limits::default();
    limits.method_name_bytes = 4;
    let (stub, _exported) = dynamic("mem://limits-name", limits).await;
    assert_eq!(stub.call("echo", vec![7.into()]).await.unwrap(), 7.into());
    let failed = stub.call("check", vec!["".into()]).await.unwrap_err();
    assert_refused(&failed, "has 5 bytes; at most 4 are allowed");
}

//! What a provider claims, and what happens when somebody wants what it does not claim.

use rmix::{Delivery, ErrorKind};

use crate::interface::{ConformanceSkeleton, ConformanceStub};
use crate::object::Object;
use crate::rig::{Rig, limits};

/// The fixture's list is that of the entry.
pub fn claims_are_those_of_the_entry(rig: &Rig) {
    let runtime = rig.runtime(limits());
    let infos = runtime.providers();
    assert_eq!(infos.len(), 1);
    let mut claimed = rig.fixture().claims().to_vec();
    let mut found = infos[0].capabilities.clone();
    claimed.sort_unstable();
    found.sort_unstable();
    assert_eq!(claimed, found);
    assert_eq!(infos[0].name, rig.fixture().name());
    assert!(!infos[0].version.is_empty());
}

/// An object on the stub's link.
pub fn serving_on_a_link_works_or_fails_cleanly(rig: &Rig) {
    let server = rig.server(limits());
    let runtime = rig.runtime(limits());
    let bound = runtime
        .bind::<ConformanceStub>(&server.endpoint)
        .serve(ConformanceSkeleton::new(Object::default()))
        .blocking();
    if rig.lacks("symmetric") {
        let error = bound.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
        assert!(error.message().contains("symmetric"), "{error}");
        return;
    }
    let stub = bound.unwrap();
    assert_eq!(stub.blocking().add(1, 2).unwrap(), 3);
}

/// A call without a description.
pub fn dynamic_call_works_or_fails_cleanly(rig: &Rig) {
    let server = rig.server(limits());
    let runtime = rig.runtime(limits());
    let bound = runtime.dynamic(&server.endpoint).blocking();
    if rig.lacks("self-describing") {
        let error = bound.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
        return;
    }
    let arguments = vec![rmix::Value::from(40_i64), rmix::Value::from(2_i64)];
    let sum = bound.unwrap().call_blocking("add", arguments).unwrap();
    assert_eq!(sum.to_string(), "42");
}

/// An interface whose operations have no numbers.
pub fn interface_without_numbers_works_or_fails_cleanly(rig: &Rig) {
    let server = rig.server(limits());
    let runtime = rig.runtime(limits());
    let bound = runtime.bind::<UnnumberedStub>(&server.endpoint).blocking();
    if rig.fixture().claims().contains(&"numbered") {
        let error = bound.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.message().contains("procedure"), "{error}");
        return;
    }
    assert_eq!(bound.unwrap().blocking().add(40, 2).unwrap(), 42);
}

/// Operations without numbers.
#[rmix::remote(name = "Conformance")]
pub trait Unnumbered {
    /// The sum.
    async fn add(&self, left: i64, right: i64) -> i64;
}

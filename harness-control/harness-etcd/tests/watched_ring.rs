//! A ring whose members etcd watches over: the promises that depend on who is taken for gone.

use harness_conformance::{Fixture, Started};
use harness_control::{ControlConfig, ControlError, Replication, RingOrder};
use harness_etcd::LeaseDetector;
use rmix::Runtime;

use crate::support::AtEtcd;

/// Members over Unix sockets, and an etcd beside them.
struct WatchedRing {
    at: AtEtcd,
    folder: tempfile::TempDir,
}

impl WatchedRing {
    fn new() -> WatchedRing {
        WatchedRing {
            at: AtEtcd::new(),
            folder: tempfile::tempdir().expect("a folder can be made"),
        }
    }

    fn endpoint(&self, name: &str) -> String {
        format!("msgpack+unix:{}", self.folder.path().join(name).display())
    }
}

impl Fixture for WatchedRing {
    type Order = RingOrder;

    async fn start(
        &self,
        name: &str,
        contacts: &[&str],
        replica: Box<dyn Replication>,
    ) -> Result<Started<RingOrder>, ControlError> {
        let runtime = Runtime::builder()
            .with_linked(&rmix_msgpack::plugin::rmix_provider_v1_msgpack)
            .build()
            .expect("a provider that is linked in is there");
        let detector = LeaseDetector::start(self.at.config(name)).await;
        let detector = Box::new(detector.unwrap_or_else(|error| panic!("{error}")));
        let mut config = ControlConfig::new(name, vec![self.endpoint(name)]);
        config.join = contacts.iter().map(|name| self.endpoint(name)).collect();
        config.policy = harness_ring::Policy::Survivor;
        let order = RingOrder::with_detector(&runtime, config, replica, detector).await?;
        let process = Box::new(runtime);
        Ok(Started { order, process })
    }
}

harness_conformance::mount!(
    WatchedRing::new();
    nothing_is_lost_with_a_member
    a_member_that_is_started_again_has_the_state
    one_that_leaves_has_left
    nothing_is_delivered_twice
    the_next_primary_goes_on_from_what_was_agreed
);

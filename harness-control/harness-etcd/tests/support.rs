//! An etcd for one test, and members at it. Judges nothing.

use std::time::Duration;

use harness_conformance::{Fixture, Started};
use harness_control::{ControlError, Order, Replication};
use harness_etcd::{EtcdConfig, EtcdOrder};
use rmix::Runtime;
use rmix_peers::Etcd;

/// An etcd of its own.
pub(crate) struct AtEtcd {
    pub(crate) etcd: Etcd,
    pub(crate) checkpoint_every: u64,
}

impl AtEtcd {
    pub(crate) fn new() -> AtEtcd {
        AtEtcd {
            etcd: Etcd::start().unwrap_or_else(|error| panic!("{error}")),
            checkpoint_every: 1000,
        }
    }

    pub(crate) fn config(&self, name: &str) -> EtcdConfig {
        let mut config = EtcdConfig::new(name, vec![self.etcd.endpoint()]);
        config.lease = LEASE;
        config.checkpoint_every = self.checkpoint_every;
        config
    }
}

impl Fixture for AtEtcd {
    type Order = EtcdOrder;

    async fn start(
        &self,
        name: &str,
        _contacts: &[&str],
        replica: Box<dyn Replication>,
    ) -> Result<Started<EtcdOrder>, ControlError> {
        let order = EtcdOrder::start(&runtime(), self.config(name), replica).await?;
        let process = Box::new(());
        Ok(Started { order, process })
    }
}

/// Members at etcd do not use it.
pub(crate) fn runtime() -> Runtime {
    let built = Runtime::builder().build();
    built.expect("a runtime without providers can be built")
}

/// As short as a loaded host allows: members that live must not lose theirs.
pub(crate) const LEASE: Duration = Duration::from_secs(4);

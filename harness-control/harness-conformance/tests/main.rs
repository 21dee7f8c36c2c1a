//! The suite for the control ring, one way round and both ways.

use std::path::PathBuf;

use harness_conformance::{Fixture, Started};
use harness_control::{ControlConfig, ControlError, Order, Replication, RingOrder};
use harness_ring::Mode;
use rmix::Runtime;

/// Members over Unix sockets.
struct Ring {
    mode: Mode,
    folder: tempfile::TempDir,
}

impl Ring {
    fn new(mode: Mode) -> Ring {
        Ring {
            mode,
            folder: tempfile::tempdir().expect("a folder can be made"),
        }
    }

    fn endpoint(&self, name: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        format!("msgpack+unix:{}", path.display())
    }
}

impl Fixture for Ring {
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
        let mut config = ControlConfig::new(name, vec![self.endpoint(name)]);
        config.join = contacts.iter().map(|name| self.endpoint(name)).collect();
        config.mode = self.mode;
        // Two are left of three when one is gone, and then one: the tests kill on purpose, and suspect nobody else.
        config.policy = harness_ring::Policy::Survivor;
        let order = RingOrder::start(&runtime, config, replica).await?;
        let process = Box::new(runtime);
        Ok(Started { order, process })
    }
}

mod unidirectional {
    harness_conformance::mount!(super::Ring::new(harness_ring::Mode::Unidirectional));
}

mod bidirectional {
    harness_conformance::mount!(super::Ring::new(harness_ring::Mode::Bidirectional));
}

//! Calls on a warm link allocate nothing, on either side.

use rmix_shm::plugin::rmix_provider_v1_shm as ENTRY;

/// An endpoint of its own for each test.
fn endpoint(name: &str) -> String {
    format!("shm:allocations-{}-{name}", std::process::id())
}

rmix_conformance::mount_allocations!(ENTRY, endpoint);

//! Calls on a warm link allocate nothing, on either side.

use rmix_msgpack::plugin::rmix_provider_v1_msgpack as ENTRY;

rmix_conformance::mount_allocations!(ENTRY, |_: &str| "msgpack+tcp://127.0.0.1:0".to_owned());

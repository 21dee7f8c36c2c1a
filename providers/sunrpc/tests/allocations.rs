//! Calls on a warm link allocate nothing, on either side.

use rmix_sunrpc::plugin::rmix_provider_v1_sunrpc as ENTRY;

rmix_conformance::mount_allocations!(ENTRY, |_: &str| {
    "sunrpc+tcp://127.0.0.1:0/0x20000777/1".to_owned()
});

//! Rust that `build.rs` has made of interface files: what the C peers and the SOAP peers speak.

/// The interface of the C programs `diverse_client` and `diverse_server`.
pub mod diverse {
    include!(concat!(env!("OUT_DIR"), "/diverse.rs"));
}

/// The interface of rpc.rstatd.
#[cfg(system_interfaces)]
pub mod rstat {
    include!(concat!(env!("OUT_DIR"), "/rstat.rs"));
}

/// The interface of mount daemons.
#[cfg(system_interfaces)]
pub mod mount {
    include!(concat!(env!("OUT_DIR"), "/mount.rs"));
}

/// The SOAP peers' contract: document/literal wrapped.
pub mod contract {
    include!(concat!(env!("OUT_DIR"), "/contract.rs"));
}

/// The SOAP peers' service of rpc/literal.
pub mod rpc {
    include!(concat!(env!("OUT_DIR"), "/rpc.rs"));
}

/// The SOAP peers' service of rpc/encoded.
pub mod encoded {
    include!(concat!(env!("OUT_DIR"), "/encoded.rs"));
}

/// Names that only namespaces tell apart.
pub mod names {
    include!(concat!(env!("OUT_DIR"), "/names.rs"));
}

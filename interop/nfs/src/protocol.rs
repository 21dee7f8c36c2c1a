//! What `build.rs` makes of the two interface files: types, traits, stubs and skeletons. Nothing here is written by hand.

/// MOUNT, version 3 (`x/mount.x`).
pub mod mount {
    include!(concat!(env!("OUT_DIR"), "/mount.rs"));
}

/// NFS, version 3 (`x/nfs3.x`).
pub mod nfs3 {
    include!(concat!(env!("OUT_DIR"), "/nfs3.rs"));
}

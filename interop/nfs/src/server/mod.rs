//! The server's side: one folder as the two remote objects MOUNT and NFS, read-only. What the process may read, every
//! caller may: claims prove nothing, so none is looked at.

mod attributes;
mod files;
mod folder;
mod handles;
mod listing;
mod mount;
mod nfs;

pub use folder::{Folder, READ_MAX, READ_MAX_OF_DATAGRAMS};
pub use handles::HANDLES_MAX;
pub use mount::MountServer;
pub use nfs::NfsServer;

//! An example of RMIX with a protocol that C programs have spoken since 1995: NFS version 3 (RFC 1813), both ends, from
//! its `.x` files. Two programs come with it: `nfs_cat` reads a file from any server, `nfs_serve` shows one folder to any
//! client, read-only.
//!
//! | file | subject |
//! |---|---|
//! | `x/mount.x`, `x/nfs3.x` | the protocol; `build.rs` imports them |
//! | [`protocol`] | the Rust that was made of them |
//! | [`client`] | finding a server, mounting, walking a path, reading with several READs under way, listing |
//! | [`server`] | a folder as the two remote objects MOUNT and NFS |
//! | [`status`] | the protocol's error numbers, in words |
//!
//! A client in a few lines:
//!
//! ```no_run
//! # async fn read() -> Result<(), Box<dyn std::error::Error>> {
//! use rmix_nfs::client::{NfsUrl, Server, Mount};
//! use rmix_nfs::runtime;
//!
//! let rmix = runtime()?;
//! let url = NfsUrl::parse(b"nfs://files.example/export/notes/today.txt")?;
//! let (mount, path) = Mount::of_path(&rmix, &Server::of(&url), &url.path).await?;
//! let file = mount.find(&path).await?;
//! let mut text = Vec::new();
//! mount.read(&file, 8, |piece| { text.extend_from_slice(piece); Ok(()) }).await?;
//! # Ok(()) }
//! ```
//!
//! Not here: writing, locks (NLM), Kerberos, NFS version 4. The client does not use a port below 1024, which some servers
//! insist on (`insecure` in the exports of Linux lifts that).

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable
    )
)]

pub mod client;
pub mod protocol;
pub mod server;
pub mod status;

/// A runtime with the provider `sunrpc` linked in.
///
/// # Errors
/// As [`rmix::RuntimeBuilder::build`].
pub fn runtime() -> Result<rmix::Runtime, rmix::Error> {
    rmix::Runtime::builder()
        .with_linked(&rmix_sunrpc::plugin::rmix_provider_v1_sunrpc)
        .build()
}

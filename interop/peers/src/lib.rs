//! Real peers RMIX talks to in tests: how to install, build, start and stop them.
//!
//! All of them speak one small remote interface, the weather station, in their own protocol and by
//! a library of their own: C programs on libtirpc for Sun RPC, Python programs on aio-msgpack-rpc
//! and Neovim for MessagePack-RPC. A caller gives a folder for what is built, gets programs, and
//! starts servers that end with the value that holds them. Every wait has a deadline, and every
//! error shows what the peer wrote to its standard error.
//!
//! The crate knows nothing about RMIX: it depends on no other crate of the workspace, encodes no
//! message and judges no result. It skips nothing either: an absent peer is an error that says how
//! to install it.
//!
//! ```no_run
//! let peer = rmix_peers::build_c(std::path::Path::new("target/tmp/c-station")).unwrap();
//! let server = peer.start_server().unwrap();
//! let port = server.port().to_string();
//! let answer = peer.client(&[server.host(), &port, "mean", "1", "2", "3"]).unwrap();
//! assert_eq!(answer, serde_json::json!({"ok": 2.0}));
//! ```

mod c_station;
mod client;
mod error;
mod folder;
mod install;
mod neovim;
mod peer;
mod process;
mod python_station;
mod server;

pub use c_station::{CStation, build_c};
pub use error::{BuildError, CommandError, InstallError, PeerError};
pub use install::install;
pub use neovim::{nvim_callback_source, nvim_command};
pub use peer::{Peer, PeerStatus, status};
pub use python_station::PythonStation;
pub use server::{RunningServer, RunningUnixServer};

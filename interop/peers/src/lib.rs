//! Real peers RMIX talks to in tests: how to install, build, start and stop them.
//!
//! # The weather station
//!
//! Most speak one small remote interface, the weather station, in their own protocol and by a
//! library of their own: C programs on libtirpc for Sun RPC, Python programs on aio-msgpack-rpc and
//! Neovim for MessagePack-RPC. A caller gives a folder for what is built, gets programs, and starts
//! servers that end with the value that holds them. Every wait has a deadline, and every error shows
//! what the peer wrote to its standard error.
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
//!
//! # The peers of Sun RPC
//!
//! | peer | what it is | starts with |
//! |---|---|---|
//! | [`CDiverse`] | C client and server of `testdata/diverse.x`: every shape of XDR, two versions, TCP, UDP, Unix | [`build_diverse`] |
//! | [`Rpcbind`] | the system's rpcbind, alone in a [`Namespace`] | [`Rpcbind::start`] |
//! | [`Rpcinfo`] | the system's rpcinfo, its tables read into rows | [`Rpcinfo::in_namespace`] |
//! | [`StatusDaemons`] | rpc.rstatd and rpc.rusersd, with `rup` and `rusers` | [`StatusDaemons::start`] |
//! | [`Ganesha`] | nfs-ganesha: an export of known files, MOUNT and NFS version 3 | [`Ganesha::start`] |
//! | [`Libnfs`] | `nfs-ls` and `nfs-cat` | [`Libnfs::on_host`] |
//! | [`dissect`] | tshark on a [`Capture`] made of bytes | |
//! | [`XdrOracle`] | xdrlib3: bytes of values and back | [`XdrLibrary::prepare`] |
//!
//! What has fixed ports lives in a [`Namespace`], so that tests run beside one another. Into it come
//! programs by [`Namespace::command`] (also the test program itself, or `rmix`), threads of the test
//! by [`Namespace::enter`], and Unix sockets under its `/run` by [`Namespace::path`]. It takes the
//! rights of root; without them [`Namespace::start`] is an error, and nothing is skipped.
//!
//! ```no_run
//! use rmix_peers::{DiverseOptions, Rpcbind, Rpcinfo, build_diverse};
//!
//! let rpcbind = Rpcbind::start().unwrap();
//! let programs = build_diverse(std::path::Path::new("target/tmp/c-diverse")).unwrap();
//! let options = DiverseOptions { rpcbind: true, ..DiverseOptions::default() };
//! let server = programs.start_server_in(rpcbind.namespace(), &options).unwrap();
//! let rpcinfo = Rpcinfo::in_namespace(rpcbind.namespace());
//! assert_eq!(rpcinfo.ping("udp", "127.0.0.1", 0x2000_0043, None).unwrap(), [1, 2]);
//! ```
//!
//! What is known of the peers themselves:
//! - libtirpc sends a datagram again after 15 seconds (`--retry` of the client) without backing off,
//!   and its duplicate request cache is off unless asked for ([`DiverseOptions::cache_entries`]).
//! - Over UDP its client sends nothing when it is given no time at all, so that batching takes a
//!   millisecond there; and its server reads arguments past the end of a datagram, in what an earlier
//!   one has left, where GARBAGE_ARGS would be due.
//! - A server made by rpcgen serves one call after the other: a slow one holds up all.
//! - rpcgen inlines the decoding of a `long` so that a negative one loses its sign on machines with
//!   longs of eight bytes; the C client prints the lower four. It cannot compile `bool x[2]`.
//! - rpcbind is run with `-i`, never with `-h`, which aborts on 127.0.0.1.
//! - rpc.rstatd registers versions 1, 2, 3 and 5: `rpcinfo` without a version fails at 4.
//! - `rusers` lists who is logged in: in a container, nobody.
//! - nfs-ganesha refuses `Bind_addr`; it listens at every address of its namespace. It logs that
//!   D-Bus and Kerberos are missing, and needs neither.
//! - tshark reads only the RPC header of programs it does not know, such as that of `diverse.x`.
//!
//! [`Etcd`] is the second engine that distributed control runs on.
//!
//! # The peers of SOAP
//!
//! They are in [`soap`]. [`Relay`] records what a client and a server of any protocol on TCP say to one
//! another, and [`dissect_as`] has tshark read it.

mod c_build;
mod c_diverse;
mod c_station;
mod capture;
mod client;
mod error;
mod etcd;
mod folder;
mod ganesha;
mod install;
mod libnfs;
mod namespace;
mod neovim;
mod peer;
mod process;
mod python_environment;
mod python_station;
mod relay;
mod rpcbind;
mod rpcinfo;
mod server;
pub mod soap;
mod status_daemons;
mod tshark;
mod xdr_oracle;

pub use c_diverse::{
    CDiverse, DiverseOptions, DiverseServer, build_diverse, diverse_interface,
    diverse_interface_text, diverse_results,
};
pub use c_station::{CStation, build_c};
pub use capture::{Capture, Speaker};
pub use error::{BuildError, CommandError, InstallError, PeerError};
pub use etcd::Etcd;
pub use ganesha::{EXPORTED_FILES, Ganesha, ganesha_content};
pub use install::install;
pub use libnfs::{Libnfs, ListedFile, nfs_url};
pub use namespace::Namespace;
pub use neovim::{nvim_callback_source, nvim_command};
pub use peer::{Peer, PeerStatus, status};
pub use python_station::PythonStation;
pub use relay::{Recording, Relay};
pub use rpcbind::Rpcbind;
pub use rpcinfo::{AddressRow, PortRow, ProgramRow, Rpcinfo, universal_address};
pub use server::{RunningServer, RunningUnixServer};
pub use status_daemons::{RSTAT_PROGRAM, RUSERS_PROGRAM, StatusDaemons};
pub use tshark::{DissectedPacket, dissect, dissect_as};
pub use xdr_oracle::{XdrLibrary, XdrOracle};

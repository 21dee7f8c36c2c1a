//! Sun/ONC RPC (RFC 5531) over TCP, UDP and Unix sockets: the provider `sunrpc`.
//!
//! `sunrpc+tcp://HOST:PORT/PROGRAM/VERSION`, `sunrpc+udp://HOST:PORT/PROGRAM/VERSION`, `sunrpc+unix:PATH/PROGRAM/VERSION`;
//! numbers decimal or `0x…`. Without `:PORT` a client asks the host's rpcbind, and a listener takes a free port and
//! registers it. Several versions of a program, and several programs, may be exported on one port.
//!
//! | option of a client | |
//! |---|---|
//! | `auth=none` (default), `sys` | the credential that calls carry; `uid`, `gid`, `gids`, `machine` in place of this process's |
//! | `retransmit=MS` | UDP: the first wait before a call is sent again (1000), each later one twice as long, to 30 s |
//! | `longer_results=refuse` (default), `accept` | bytes behind a result, which C clients leave alone (rpc.rstatd sends some) |
//! | `callback=PROGRAM/VERSION` | what the peer calls the object served on this link as; by default as itself |
//!
//! | option of a listener | |
//! |---|---|
//! | `auth_sys=local` (default), `any`, `none` | whose AUTH_SYS credentials are accepted; they are claims, not proofs |
//! | `duplicates=on` (default), `off` | the duplicate request cache of the port |
//! | `duplicate_answers=N`, `duplicate_bytes=N`, `duplicate_seconds=N` | its bounds, as the port's first export says: 4096 answers (1 to 1048576), 4194304 bytes (to 1 GiB), for 120 s (to a day) |
//! | `rpcbind=on`, `off`, `serve` | register (default without a port); do not (default with one); be a small rpcbind on port 111 |
//!
//! | option of either | |
//! |---|---|
//! | `nul=refuse` (default), `escape`, `keep` | a NUL in text that is written, which C programs take for its end |
//!
//! | file | subject |
//! |---|---|
//! | `wire/` | records, call and reply headers, credentials |
//! | `codec` | XDR as the host's codec |
//! | `session` | what a message means, and what a failed call says |
//! | `duplicates` | the duplicate request cache |
//! | `target` | program and version, and what is exported on a port |
//! | `address`, `options` | endpoints |
//! | `datagram/` | UDP: sending again, answering from the address that was asked |
//! | `rpcbind/` | RFC 1833: asking, registering, and the small responder |
//! | `ports`, `directory`, `provider` | opening links and listeners |
//!
//! Not here yet: RPCSEC_GSS and TLS (RFC 9289). A credential is looked at in one place, `session`, where they belong.
//! Knows no user type and owns no thread.

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

mod address;
pub mod codec;
mod datagram;
mod directory;
pub mod duplicates;
mod options;
pub mod plugin;
mod ports;
mod provider;
mod rpcbind;
mod session;
mod target;
pub mod wire;

pub use codec::{Nul, XdrCodec};
pub use provider::{SunRpcListener, SunRpcProvider};
pub use session::{SunRpc, SunRpcFramer};
pub use target::{Called, Export, Exports, Program, SysAcceptance};

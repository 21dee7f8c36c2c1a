//! HTTP/1.1 under SOAP: a server that hands whole requests to a [`Handler`], and a client that posts messages. Bodies are
//! opaque: nothing here knows XML.
//!
//! | file | subject |
//! |---|---|
//! | `message` | bodies of several parts, messages, answers |
//! | `limits`, `options` | what bounds a peer; what an endpoint says |
//! | `channel`, `tls` | bytes to one peer, in the clear or by TLS; certificates and keys |
//! | `gzip` | compressed bodies, bounded |
//! | `server/` | connections that are accepted |
//! | `client/` | connections that are kept, calls on them, one-way messages |

mod channel;
pub mod client;
mod gzip;
pub mod limits;
pub mod message;
pub mod options;
pub mod server;
mod tls;

pub use client::{Exchange, HttpClient, Target};
pub use limits::HttpLimits;
pub use message::{Answer, Body, Message};
pub use options::{ClientOptions, ServerOptions};
pub use server::{Handler, HttpListener, Peer, Reply, Request, Response, Running};

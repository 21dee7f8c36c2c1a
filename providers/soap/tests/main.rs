//! The HTTP layer against real peers and raw sockets.

mod calls;
mod client;
mod envelopes;
mod hostile;
mod lent;
mod oneway;
mod peers;
mod pool;
mod raw;
mod served;
mod server;
mod slow;
mod threads;
mod tls;

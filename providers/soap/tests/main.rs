//! The HTTP layer against real peers and raw sockets.

mod calls;

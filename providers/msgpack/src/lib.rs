//! MessagePack-RPC provider over TCP and Unix sockets.

//! MessagePack-RPC over a child's standard streams, named FIFOs and inherited descriptors.

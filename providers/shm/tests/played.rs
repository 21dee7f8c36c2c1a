//! Peers that are played.

//! Models of the control ring for exhaustive search: whole rings (`cluster`), link sessions, the
//! encodings of who holds what, and the counting rule of the original paper, which must fail.
//!
//! Says nothing about larger rings, long runs or time: that is the simulator's part.

pub mod agreement;
pub mod cluster;
pub mod encodings;
pub mod force;
pub mod node;
pub mod paper;
pub mod properties;
pub mod runs;
pub mod sessions;

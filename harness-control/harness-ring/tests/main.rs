//! Tests of the ring, a file for each input. Scenario files show every action that a ring emits.

mod arcs;
mod blocking;
mod frames;
mod incarnations;
mod join;
mod leave;
mod locks;
mod packing;
mod scenario;
mod session;
mod slow;
mod strangers;
mod submit;
mod suspicion;
mod transactions;

//! Tests of members in one process, of the wire, and of the failure detector. What needs processes is in
//! tests/system.

mod blocking;
mod cuts;
mod failures;
mod greetings;
mod images;
mod joining;
mod lifeguard;
mod members;
mod standby;
mod support;
mod wire;

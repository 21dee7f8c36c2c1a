//! Tests of the built-in state: what it does, what it refuses, and that another replica can go on from its
//! bytes. What needs members is in tests/system.

mod key_value;
mod primary;

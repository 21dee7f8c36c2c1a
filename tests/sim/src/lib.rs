//! A simulator of whole rings: real members, virtual time, and faults that one seed fixes.
//!
//! First everything may go wrong and safety is checked at each step; then faults stop, and when
//! nothing moves any more liveness is required. Statistics tell a run in which nothing happened.

pub mod checkers;
pub mod detector;
pub mod faults;
pub mod network;
pub mod options;
pub mod process;
pub mod random;
pub mod report;
pub mod world;

//! A simulator of whole rings: real members, virtual time, and faults that one seed fixes.
//!
//! First everything may go wrong and safety is checked at each step; then faults stop, and when
//! nothing moves any more liveness is required. Statistics tell a run in which nothing happened.

pub mod checkers;
pub mod detector;
pub mod faults;
mod joining;
pub mod network;
mod operator;
pub mod options;
mod outputs;
pub mod process;
pub mod random;
pub mod report;
mod traffic;
mod work;
pub mod world;

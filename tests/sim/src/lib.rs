//! A simulator of whole rings: real members, virtual time, and faults that one seed fixes.
//!
//! First everything may go wrong and safety is checked at each step; then faults stop, and when
//! nothing moves any more liveness is required. Statistics tell a run in which nothing happened.
//! How a cluster grows is simulated without chance, beside the formulas.

pub mod checkers;
pub mod detector;
pub mod faults;
pub mod growth;
mod joining;
pub mod network;
pub mod options;
mod outputs;
pub mod process;
pub mod random;
pub mod report;
mod traffic;
mod work;
pub mod world;

//! The cases, by subject. Each is a function of a [`crate::rig::Rig`] whose name is the claim it checks.

pub mod callback;
pub mod capabilities;
pub mod concurrency;
pub mod deadline;
pub mod death;
pub mod errors;
pub mod hostile;
pub mod lifecycle;
pub mod limits;
pub mod modes;
pub mod order;
pub mod pressure;
pub mod timeouts;

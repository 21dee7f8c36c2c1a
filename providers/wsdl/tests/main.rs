//! What is written for interfaces as users declare them.

mod goldens;
mod interfaces;
mod references;
mod refusals;
mod rules;
mod tree;

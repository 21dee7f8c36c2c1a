//! What is written for interfaces as users declare them.

mod goldens;
mod interfaces;
mod naming;
mod references;
mod refusals;
mod rules;
mod tree;

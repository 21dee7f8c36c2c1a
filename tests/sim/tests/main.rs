//! The gate's seeds, and for each checker a proof that it can fail.

mod checkers;
mod forged;
mod frames;
mod seeds;

//! The gate's seeds, and for each checker a proof that it can fail.

mod checkers;
mod forces;
mod forged;
mod frames;
mod seeds;

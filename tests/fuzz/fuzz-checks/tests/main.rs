//! Replay of what fuzzing found, in the normal test run, and inputs too long to be found by it.

mod hostile;
mod replay;

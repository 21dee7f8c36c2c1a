//! Declare a remote interface once as a Rust trait, and pick the protocol per link at run time.

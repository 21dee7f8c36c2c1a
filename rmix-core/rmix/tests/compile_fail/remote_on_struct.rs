//! The attribute stands on traits only.

#[rmix::remote]
struct Station;

fn main() {}

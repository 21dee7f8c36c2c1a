//! Skips that serde does not treat alike when it writes and when it reads.

#[derive(rmix::Data)]
struct Only(#[serde(skip)] u32);

#[derive(rmix::Data)]
enum Place {
    #[serde(skip)]
    Hidden,
    Shown,
}

fn main() {}

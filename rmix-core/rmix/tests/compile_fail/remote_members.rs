//! An interface has operations and nothing else.

#[rmix::remote]
trait Station {
    const LIMIT: u32;
    type Place;
    async fn latest(&self) -> u32;
}

fn main() {}

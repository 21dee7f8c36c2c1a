//! Every operation may wait for the network, so every operation is asynchronous.

#[rmix::remote]
trait Station {
    fn latest(&self) -> u32;
    async unsafe fn risky(&self);
    async extern "C" fn foreign(&self);
}

fn main() {}

//! Argument names are part of the interface.

#[rmix::remote]
trait Station {
    async fn pair(&self, (x, y): (u32, u32));
    async fn nameless(&self, _: u32);
    async fn mutable(&self, mut count: u32);
}

fn main() {}

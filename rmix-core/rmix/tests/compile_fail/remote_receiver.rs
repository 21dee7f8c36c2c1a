//! Calls of one object run side by side, so an operation takes plain `&self`.

#[rmix::remote]
trait Station {
    async fn none();
    async fn unique(&mut self);
    async fn owned(self);
    async fn boxed(self: Box<Self>);
    async fn with_lifetime(&'static self);
}

fn main() {}

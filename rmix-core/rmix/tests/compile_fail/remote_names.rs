//! Names on the wire are unique, and a stub's own methods keep theirs.

#[rmix::remote]
trait Station {
    async fn latest(&self);
    #[rmix(name = "latest")]
    async fn newest(&self);
    #[rmix(name = "")]
    async fn nameless(&self);
    async fn start(&self);
    async fn blocking(&self);
    #[rmix(name = "rinse")]
    async fn flush(&self);
    async fn renamed(&self, place: String, #[rmix(name = "place")] other: String);
}

fn main() {}

//! Both sides must agree on the operations.

#[rmix::remote]
trait Station {
    #[cfg(unix)]
    async fn latest(&self);
}

fn main() {}

//! The declared fault stands in the signature.

#[rmix::remote]
trait Station {
    async fn latest(&self) -> std::io::Result<u32>;
    async fn newest(&self) -> Result;
    async fn fine(&self) -> std::result::Result<u32, String>;
}

fn main() {}

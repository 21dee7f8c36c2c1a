//! Nothing ever comes back from a one-way operation.

#[rmix::remote]
trait Station {
    #[rmix(oneway)]
    async fn count(&self) -> u32;
    #[rmix(oneway)]
    async fn report(&self, celsius: f64) -> Result<(), String>;
    #[rmix(oneway)]
    async fn fine(&self) -> ();
}

fn main() {}

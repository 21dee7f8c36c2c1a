//! Every error is reported in one run, each at its place.

#[rmix::remote(sunrpc(program = 1), colour = "red")]
trait Station<T> {
    const LIMIT: u32;
    #[rmix(procedure = 0)]
    fn latest(&mut self, place: &str, (x, y): (u32, u32)) -> std::io::Result<u32>;
    #[rmix(oneway)]
    async fn report(&self) -> u32;
}

fn main() {}

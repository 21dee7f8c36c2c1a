//! Procedure numbers are unique, literal, and not that of the null procedure.

#[rmix::remote(sunrpc(program = 0x2000_0042, version = 1))]
trait Station {
    #[rmix(procedure = 0)]
    async fn null(&self);
    #[rmix(procedure = 7)]
    async fn first(&self);
    #[rmix(procedure = 0x7)]
    async fn second(&self);
    #[rmix(procedure = 4_294_967_296)]
    async fn large(&self);
    #[rmix(procedure = -1)]
    async fn negative(&self);
    #[rmix(procedure)]
    async fn nothing(&self);
}

fn main() {}

//! Keys of the attribute on the trait.

#[rmix::remote(namespace = 7, color = "red", name = "", name = "Twice")]
trait First {}

#[rmix::remote(sunrpc(program = 0, versions = 1))]
trait Second {}

#[rmix::remote(sunrpc = 1, namespace)]
trait Third {}

#[rmix::remote(sunrpc(program = 1, version = 1), sunrpc(program = 2, version = 1))]
trait Fourth {}

fn main() {}

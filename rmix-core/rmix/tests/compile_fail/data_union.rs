//! A union has no shape that could be described.

#[derive(rmix::Data)]
union Either {
    bits: u32,
    number: f32,
}

fn main() {}

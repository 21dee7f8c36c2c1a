//! Explicit discriminants stand on enums without fields only.

#[repr(u8)]
#[derive(rmix::Data)]
enum Colour {
    Red = 3,
    Mixed(u8, u8) = 4,
}

fn main() {}

//! An interface has no parameters: both sides must know every type.

#[rmix::remote]
trait Store<'a, T, const N: usize>
where
    T: Clone,
{
    async fn get(&self) -> u32;
}

#[rmix::remote]
unsafe trait Risky {
    async fn get(&self) -> u32;
}

fn main() {}

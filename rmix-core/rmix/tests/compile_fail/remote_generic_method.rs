//! An operation has no parameters of its own.

#[rmix::remote]
trait Store {
    async fn put<T>(&self, value: T)
    where
        T: Clone;
    async fn get<'a>(&self) -> u32;
}

fn main() {}

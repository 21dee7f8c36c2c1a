//! A newtype is described as its content.

#[derive(rmix::Data)]
struct Forest(Vec<Forest>);

#[derive(rmix::Data)]
struct Own(Option<Box<Self>>);

fn main() {}

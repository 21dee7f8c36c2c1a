//! Serde's other representations of enums need a self-describing format.

#[derive(rmix::Data)]
#[serde(tag = "kind", content = "value")]
enum Adjacent {
    One(u32),
}

#[derive(rmix::Data)]
#[serde(untagged)]
enum Untagged {
    One(u32),
}

#[derive(rmix::Data)]
enum Partly {
    One(u32),
    #[serde(untagged)]
    Two(String),
}

#[derive(rmix::Data)]
#[serde(transparent)]
enum Transparent {
    One(u32),
}

fn main() {}

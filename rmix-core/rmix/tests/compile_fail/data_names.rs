//! Two fields or variants cannot share a name.

#[derive(rmix::Data)]
struct Reading {
    place: String,
    #[serde(rename = "place")]
    other: String,
}

#[derive(rmix::Data)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    RED,
}

fn main() {}

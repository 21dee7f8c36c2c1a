//! Serde attributes on types that cannot be described.

#[derive(rmix::Data)]
#[serde(rename_all = "CamelCase")]
struct Cased {
    place: String,
}

#[derive(rmix::Data)]
#[serde(into = "String")]
struct HalfWay(u32);

#[derive(rmix::Data)]
#[serde(into = "String", try_from = "u32")]
struct TwoTypes(u32);

#[derive(rmix::Data)]
#[serde(remote = "Other")]
struct Remote {
    place: String,
}

#[derive(rmix::Data)]
#[serde(transparent)]
struct Transparent {
    place: String,
    other: String,
}

fn main() {}

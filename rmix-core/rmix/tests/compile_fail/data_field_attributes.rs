//! Serde attributes that give a field a shape that cannot be described, or not the same one both ways.

#[derive(rmix::Data)]
struct Reading {
    #[serde(flatten)]
    place: String,
    #[serde(with = "somewhere")]
    celsius: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
    #[serde(skip_serializing)]
    half: u8,
    #[serde(rename(serialize = "a", deserialize = "b"))]
    two_names: u8,
    #[serde(future)]
    unknown: u8,
    #[serde(with = "serde_bytes")]
    fine: Vec<u8>,
    #[serde(skip, with = "somewhere")]
    fine_too: std::thread::ThreadId,
}

fn main() {}

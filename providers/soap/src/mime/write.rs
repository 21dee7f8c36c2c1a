//! Writes an envelope and the parts that it refers to as one body, in pieces.

use bytes::Bytes;

use crate::codec::part_id;
use crate::envelope::Version;

/// A body of several parts.
#[derive(Debug)]
pub struct OutgoingPackage {
    /// The value of `Content-Type`.
    pub content_type: String,
    /// The body, to be sent in this order.
    pub pieces: Vec<Bytes>,
}

/// Packs an envelope and its parts. `unique` tells this message's boundary from whatever stands in it: random, from the
/// caller; `action` goes into the media type of SOAP 1.2.
pub fn write_package(
    version: Version,
    action: &str,
    envelope: Bytes,
    parts: &[Bytes],
    unique: u128,
) -> OutgoingPackage {
    let boundary = format!("rmix-{unique:032x}");
    let info = version.media_type();
    let action = match version {
        Version::Soap12 if !action.is_empty() => format!("; action=\"{}\"", quoted(action)),
        _ => String::new(),
    };
    let content_type = format!(
        "multipart/related; boundary=\"{boundary}\"; type=\"application/xop+xml\"; start=\"<{ROOT_ID}>\"; \
         start-info=\"{info}\"{action}"
    );
    let mut pieces = Vec::with_capacity(2 * parts.len() + 3);
    pieces.push(Bytes::from(format!(
        "--{boundary}\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"{info}\"\r\n\
         Content-Transfer-Encoding: binary\r\nContent-ID: <{ROOT_ID}>\r\n\r\n"
    )));
    pieces.push(envelope);
    for (place, part) in parts.iter().enumerate() {
        pieces.push(Bytes::from(format!(
            "\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\n\
             Content-Transfer-Encoding: binary\r\nContent-ID: <{}>\r\n\r\n",
            part_id(place + 1)
        )));
        pieces.push(part.clone());
    }
    pieces.push(Bytes::from(format!("\r\n--{boundary}--\r\n")));
    OutgoingPackage {
        content_type,
        pieces,
    }
}

fn quoted(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .flat_map(|character| {
            let escape = matches!(character, '"' | '\\').then_some('\\');
            escape.into_iter().chain([character])
        })
        .collect()
}

/// The envelope's Content-ID.
const ROOT_ID: &str = "envelope@rmix";

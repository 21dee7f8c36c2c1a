//! The data structure of RFC 4506 s7.2 with its encoding, as the message that the hostile-input
//! tests damage.
//!
//! Composed from the crate's primitives the way a provider would; owns no values beyond what the
//! tests compare.

use rmix_xdr::{XdrDecoder, XdrEncoder, XdrError};

pub(crate) const NAME_MAX: u32 = 255;
pub(crate) const USER_MAX: u32 = 32;
pub(crate) const DATA_MAX: u32 = 65_535;

/// The union over the kind of file: text has no arm, the others name a program.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) enum Kind<'a> {
    Text,
    Data { creator: &'a str },
    Exec { interpreter: &'a str },
}

/// A file as s7.2 declares it.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) struct File<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: Kind<'a>,
    pub(crate) owner: &'a str,
    pub(crate) data: &'a [u8],
}

/// The file of s7.3: `sillyprog`, run by `lisp`, owned by `john`, containing `(quit)`.
pub(crate) const SILLYPROG: File<'static> = File {
    name: "sillyprog",
    kind: Kind::Exec {
        interpreter: "lisp",
    },
    owner: "john",
    data: b"(quit)",
};

/// The bytes that s7.3 gives for it.
pub(crate) const SILLYPROG_BYTES: [u8; 48] = [
    0x00, 0x00, 0x00, 0x09, 0x73, 0x69, 0x6c, 0x6c, 0x79, 0x70, 0x72, 0x6f, 0x67, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x04, 0x6c, 0x69, 0x73, 0x70, 0x00, 0x00, 0x00, 0x04,
    0x6a, 0x6f, 0x68, 0x6e, 0x00, 0x00, 0x00, 0x06, 0x28, 0x71, 0x75, 0x69, 0x74, 0x29, 0x00, 0x00,
];

pub(crate) fn encode(file: &File<'_>) -> Result<Vec<u8>, XdrError> {
    let mut bytes = Vec::new();
    let mut encoder = XdrEncoder::new(&mut bytes);
    encoder.string(file.name, NAME_MAX)?;
    match file.kind {
        Kind::Text => encoder.discriminant(0),
        Kind::Data { creator } => {
            encoder.discriminant(1);
            encoder.string(creator, NAME_MAX)?;
        }
        Kind::Exec { interpreter } => {
            encoder.discriminant(2);
            encoder.string(interpreter, NAME_MAX)?;
        }
    }
    encoder.string(file.owner, USER_MAX)?;
    encoder.opaque(file.data, DATA_MAX)?;
    Ok(bytes)
}

pub(crate) fn decode(bytes: &[u8]) -> Result<File<'_>, XdrError> {
    let mut decoder = XdrDecoder::new(bytes);
    let name = decoder.string(NAME_MAX)?;
    let offset = decoder.offset();
    let kind = match decoder.discriminant()? {
        0 => Kind::Text,
        1 => Kind::Data {
            creator: decoder.string(NAME_MAX)?,
        },
        2 => Kind::Exec {
            interpreter: decoder.string(NAME_MAX)?,
        },
        value => return Err(XdrError::UnknownDiscriminant { offset, value }),
    };
    let file = File {
        name,
        kind,
        owner: decoder.string(USER_MAX)?,
        data: decoder.opaque(DATA_MAX)?,
    };
    decoder.finish()?;
    Ok(file)
}

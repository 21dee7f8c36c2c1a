//! Cuts a body of several parts (RFC 2046, 5.1). Parts stay where they are in the body.

use std::fmt;
use std::ops::Range;

use base64::Engine;
use bytes::Bytes;
use rmix_provider::endpoint::Parts;
use rmix_provider::tables::Err;

use super::MediaType;
use crate::codec::Attachments;
use crate::http::limits::number;

/// What a body of several parts may hold at most; named as the endpoint's options that change it. Complete on purpose:
/// every field is a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MimeLimits {
    /// Parts, the envelope included (`mime_parts`). Default 256, from 1 to 65,536.
    pub parts: usize,
    /// Bytes of the header fields of one part (`mime_header_bytes`). Default 8,192, from 64 to 1,048,576.
    pub header_bytes: usize,
}

impl Default for MimeLimits {
    fn default() -> MimeLimits {
        MimeLimits {
            parts: 256,
            header_bytes: 8 << 10,
        }
    }
}

/// The options that [`MimeLimits::new`] reads.
pub(crate) const OPTIONS: [&str; 2] = ["mime_parts", "mime_header_bytes"];

impl MimeLimits {
    /// The defaults, and what the endpoint's options say.
    ///
    /// # Errors
    /// `FixRequest`: an option is not a number, or out of its range.
    pub(crate) fn new(endpoint: &Parts<'_>) -> Result<MimeLimits, Err> {
        let mut mime = MimeLimits::default();
        for (name, place, least, most) in [
            ("mime_parts", &mut mime.parts, 1, 65_536),
            ("mime_header_bytes", &mut mime.header_bytes, 64, 1 << 20),
        ] {
            if let Some(number) = number(endpoint, name, least, most)? {
                *place = usize::try_from(number).unwrap_or(usize::MAX);
            }
        }
        Ok(mime)
    }
}

/// A body that was cut.
#[derive(Debug)]
pub struct Package {
    /// Where the root part, the envelope, lies in the body.
    pub root: Range<usize>,
    /// The root part's media type.
    pub root_type: MediaType,
    /// The other parts.
    pub attachments: Attachments,
}

/// A body that is not what its media type says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MimeError {
    /// The media type has no boundary, or one that RFC 2046 does not allow.
    Boundary,
    /// The body has no part.
    NoParts,
    /// A part does not end.
    Unfinished {
        /// Where it begins.
        offset: usize,
    },
    /// The header fields of a part break a rule.
    Header {
        /// Where they begin.
        offset: usize,
    },
    /// The part that `start` names is not there.
    NoRoot,
    /// Two parts have the same Content-ID.
    SameId {
        /// Where the second one begins.
        offset: usize,
    },
    /// A part has a transfer encoding that is not read here.
    TransferEncoding {
        /// Where it begins.
        offset: usize,
    },
    /// A limit is exceeded.
    Limit {
        /// Its name.
        name: &'static str,
        /// Its number.
        limit: usize,
    },
}

/// Reads a body of media type `multipart/related`.
///
/// # Errors
/// The body is not what its media type says, or exceeds a limit.
pub fn read_package(
    body: &Bytes,
    media_type: &MediaType,
    limits: &MimeLimits,
) -> Result<Package, MimeError> {
    let boundary = media_type
        .parameter("boundary")
        .filter(|boundary| is_boundary(boundary));
    let delimiter = format!("\r\n--{}", boundary.ok_or(MimeError::Boundary)?);
    let finder = memchr::memmem::Finder::new(&delimiter);
    let mut at = first_delimiter(body, &finder, &delimiter).ok_or(MimeError::NoParts)?;
    let mut package = Package {
        root: 0..0,
        root_type: MediaType::default(),
        attachments: Attachments::default(),
    };
    let start = media_type.parameter("start").map(without_brackets);
    let (mut count, mut has_root) = (0, false);
    while let Some(begin) = next_part(body, at)? {
        count += 1;
        if count > limits.parts {
            return Err(MimeError::Limit {
                name: "mime_parts",
                limit: limits.parts,
            });
        }
        let content = header_end(body, begin, limits)?;
        let rest = body.get(content.saturating_sub(2)..).unwrap_or_default();
        let len = finder
            .find(rest)
            .ok_or(MimeError::Unfinished { offset: begin })?;
        let end = (content.saturating_sub(2) + len).max(content);
        let fields = Fields::read(body.get(begin..content).unwrap_or_default(), begin)?;
        let is_root = match &start {
            Some(start) => fields.id.as_deref() == Some(*start),
            None => count == 1,
        };
        if is_root && !has_root {
            has_root = true;
            fields.refuse_encoded(begin)?;
            package.root = content..end;
            package.root_type = fields.media_type.unwrap_or_default();
        } else if let Some(id) = &fields.id {
            let part = fields.decode(body.slice(content..end), begin)?;
            if !package.attachments.insert(id, part) {
                return Err(MimeError::SameId { offset: begin });
            }
        }
        at = content.saturating_sub(2) + len + delimiter.len();
    }
    if !has_root {
        return Err(if count == 0 {
            MimeError::NoParts
        } else {
            MimeError::NoRoot
        });
    }
    Ok(package)
}

/// Behind the first delimiter: at the body's beginning, or behind a preamble.
fn first_delimiter(
    body: &[u8],
    finder: &memchr::memmem::Finder<'_>,
    delimiter: &str,
) -> Option<usize> {
    let bare = delimiter.as_bytes().get(2..)?;
    if body.starts_with(bare) {
        return Some(bare.len());
    }
    finder.find(body).map(|found| found + delimiter.len())
}

/// Where the part behind a delimiter begins; none behind the last one.
fn next_part(body: &[u8], at: usize) -> Result<Option<usize>, MimeError> {
    let rest = body.get(at..).unwrap_or_default();
    if rest.starts_with(b"--") {
        return Ok(None);
    }
    let space = rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    match rest.get(space..) {
        Some([b'\r', b'\n', ..]) => Ok(Some(at + space + 2)),
        _ => Err(MimeError::Unfinished { offset: at }),
    }
}

/// Where a part's content begins.
fn header_end(body: &[u8], begin: usize, limits: &MimeLimits) -> Result<usize, MimeError> {
    let rest = body.get(begin..).unwrap_or_default();
    if rest.starts_with(b"\r\n") {
        return Ok(begin + 2);
    }
    let window = rest
        .get(..limits.header_bytes.saturating_add(4))
        .unwrap_or(rest);
    match memchr::memmem::find(window, b"\r\n\r\n") {
        Some(len) => Ok(begin + len + 4),
        None if window.len() < rest.len() => Err(MimeError::Limit {
            name: "mime_header_bytes",
            limit: limits.header_bytes,
        }),
        None => Err(MimeError::Unfinished { offset: begin }),
    }
}

/// The header fields of a part that are looked at.
#[derive(Default)]
struct Fields {
    id: Option<String>,
    media_type: Option<MediaType>,
    encoding: Option<String>,
}

impl Fields {
    fn read(text: &[u8], offset: usize) -> Result<Fields, MimeError> {
        let wrong = MimeError::Header { offset };
        let text = std::str::from_utf8(text).map_err(|_| wrong)?;
        // A line that begins with space goes on with the one before it.
        let text = text.replace("\r\n ", " ").replace("\r\n\t", " ");
        let mut fields = Fields::default();
        for line in text.split("\r\n").filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').ok_or(wrong)?;
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "content-id" => fields.id = Some(without_brackets(value).to_owned()),
                "content-type" => fields.media_type = MediaType::parse(value),
                "content-transfer-encoding" => fields.encoding = Some(value.to_ascii_lowercase()),
                _ => {}
            }
        }
        Ok(fields)
    }

    fn is_plain(&self) -> bool {
        let plain = ["binary", "8bit", "7bit"];
        self.encoding
            .as_deref()
            .is_none_or(|encoding| plain.contains(&encoding))
    }

    fn refuse_encoded(&self, offset: usize) -> Result<(), MimeError> {
        match self.is_plain() {
            true => Ok(()),
            false => Err(MimeError::TransferEncoding { offset }),
        }
    }

    fn decode(&self, part: Bytes, offset: usize) -> Result<Bytes, MimeError> {
        if self.is_plain() {
            return Ok(part);
        }
        if self.encoding.as_deref() != Some("base64") {
            return Err(MimeError::TransferEncoding { offset });
        }
        let packed: Vec<u8> = part
            .iter()
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        let decoded = base64::engine::general_purpose::STANDARD.decode(packed);
        decoded
            .map(Bytes::from)
            .map_err(|_| MimeError::TransferEncoding { offset })
    }
}

fn without_brackets(id: &str) -> &str {
    let id = id.trim();
    id.strip_prefix('<')
        .and_then(|id| id.strip_suffix('>'))
        .unwrap_or(id)
}

/// RFC 2046, 5.1.1.
fn is_boundary(text: &str) -> bool {
    let special = b"'()+_,-./:=? ";
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || special.contains(&byte);
    (1..=70).contains(&text.len()) && text.bytes().all(allowed) && !text.ends_with(' ')
}

impl fmt::Display for MimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MimeError::Boundary => {
                f.write_str("the media type multipart/related has no boundary that can be used")
            }
            MimeError::NoParts => f.write_str("a body of several parts has none"),
            MimeError::Unfinished { offset } => {
                write!(f, "the part at byte {offset} does not end")
            }
            MimeError::Header { offset } => {
                write!(
                    f,
                    "the header fields of the part at byte {offset} are not readable"
                )
            }
            MimeError::NoRoot => f.write_str("the part that start names is not there"),
            MimeError::SameId { offset } => {
                write!(
                    f,
                    "the part at byte {offset} has the Content-ID of another one"
                )
            }
            MimeError::TransferEncoding { offset } => write!(
                f,
                "the part at byte {offset} is not readable by its Content-Transfer-Encoding"
            ),
            MimeError::Limit { name, limit } => write!(f, "{name} are more than {limit}"),
        }
    }
}

impl std::error::Error for MimeError {}

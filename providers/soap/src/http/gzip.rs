//! Compressed bodies (RFC 1952), bounded while they are decompressed. Pure.

use std::fmt;
use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use http::HeaderMap;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};

use super::message::Body;

/// Bytes that a body may decompress to, however few it has itself.
pub(super) const FREE_BYTES: u64 = 64 << 10;

/// Decompressed so much at a time.
const STEP: usize = 16 << 10;

/// How a body is encoded, by its header fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    Unknown,
}

impl Coding {
    pub(crate) fn of(headers: &HeaderMap) -> Coding {
        let mut coding = Coding::Identity;
        for value in headers.get_all(CONTENT_ENCODING) {
            for token in value.as_bytes().split(|byte| *byte == b',') {
                let token = token.trim_ascii();
                let known = if token.eq_ignore_ascii_case(b"identity") || token.is_empty() {
                    continue;
                } else if token.eq_ignore_ascii_case(b"gzip")
                    || token.eq_ignore_ascii_case(b"x-gzip")
                {
                    Coding::Gzip
                } else {
                    Coding::Unknown
                };
                coding = match coding {
                    Coding::Identity => known,
                    // Twice compressed: nobody does that but to do harm.
                    _ => Coding::Unknown,
                };
            }
        }
        coding
    }
}

/// Whether the peer takes gzip, by its `Accept-Encoding`.
pub(crate) fn is_accepted(headers: &HeaderMap) -> bool {
    let mut accepted = false;
    for value in headers.get_all(ACCEPT_ENCODING) {
        for token in value.as_bytes().split(|byte| *byte == b',') {
            let mut parts = token.split(|byte| *byte == b';');
            let name = parts.next().unwrap_or_default().trim_ascii();
            if name.eq_ignore_ascii_case(b"gzip") || name == b"*" {
                accepted = !parts.any(is_zero_weight);
            }
        }
    }
    accepted
}

fn is_zero_weight(parameter: &[u8]) -> bool {
    let Some((name, weight)) = std::str::from_utf8(parameter)
        .ok()
        .and_then(|text| text.split_once('='))
    else {
        return false;
    };
    name.trim().eq_ignore_ascii_case("q") && weight.trim().parse::<f32>().is_ok_and(|q| q == 0.0)
}

/// Why a compressed body is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GzipFault {
    /// It is not gzip, damaged, or cut off.
    Broken,
    /// It decompresses to more than `message_bytes`.
    Long { limit: u64 },
    /// It decompresses to more than `gzip_ratio` times its own length.
    Bomb { ratio: u32 },
}

impl fmt::Display for GzipFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GzipFault::Broken => write!(f, "the body is not valid gzip, or was cut off"),
            GzipFault::Long { limit } => write!(
                f,
                "the body decompresses to more than {limit} bytes (message_bytes)"
            ),
            GzipFault::Bomb { ratio } => write!(
                f,
                "the body decompresses to more than {ratio} times its length (gzip_ratio)"
            ),
        }
    }
}

/// Decompresses a body to at most `bytes_max` bytes, and to at most `ratio` times its length beyond [`FREE_BYTES`].
pub(crate) fn decompress(packed: &[u8], bytes_max: u64, ratio: u32) -> Result<Vec<u8>, GzipFault> {
    let by_ratio = (packed.len() as u64)
        .saturating_mul(ratio.into())
        .max(FREE_BYTES);
    let most = usize::try_from(by_ratio.min(bytes_max)).unwrap_or(usize::MAX);
    let mut decoder = MultiGzDecoder::new(packed);
    let mut body = Vec::new();
    loop {
        let filled = body.len();
        body.resize(filled + STEP, 0);
        let room = body.get_mut(filled..).unwrap_or_default();
        let read = decoder.read(room).map_err(|_| GzipFault::Broken)?;
        body.truncate(filled + read);
        if body.len() > most {
            return Err(match by_ratio < bytes_max {
                true => GzipFault::Bomb { ratio },
                false => GzipFault::Long { limit: bytes_max },
            });
        }
        if read == 0 {
            return Ok(body);
        }
    }
}

/// Compresses a body, fast rather than small.
pub(crate) fn compress(body: &Body) -> Option<Body> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    for part in body.parts() {
        // Writing to memory does not fail.
        encoder.write_all(part).ok()?;
    }
    let packed = encoder.finish().ok()?;
    Some(Bytes::from(packed).into())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn pack(bytes: &[u8]) -> Vec<u8> {
        let packed = compress(&bytes.to_vec().into()).unwrap();
        packed.parts().flatten().copied().collect()
    }

    /// Bytes that do not compress.
    fn noise(count: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn body_at_the_limit_passes_and_one_byte_more_does_not() {
        let bytes = noise(100_000);
        let packed = pack(&bytes);
        assert_eq!(decompress(&packed, 100_000, 20).unwrap(), bytes);
        let fault = decompress(&packed, 99_999, 20).unwrap_err();
        assert_eq!(fault, GzipFault::Long { limit: 99_999 });
    }

    #[test]
    fn expansion_at_the_ratio_passes_and_beyond_it_does_not() {
        let bytes = vec![0; 1 << 20];
        let packed = pack(&bytes);
        let ratio = u32::try_from(bytes.len().div_ceil(packed.len())).unwrap();
        assert_eq!(decompress(&packed, u64::MAX, ratio).unwrap(), bytes);
        let fault = decompress(&packed, u64::MAX, ratio - 1).unwrap_err();
        assert_eq!(fault, GzipFault::Bomb { ratio: ratio - 1 });
    }

    #[test]
    fn short_bodies_may_expand_freely() {
        let packed = pack(&vec![b' '; FREE_BYTES as usize]);
        assert!(decompress(&packed, u64::MAX, 1).is_ok());
        let packed = pack(&vec![b' '; FREE_BYTES as usize + 1]);
        assert!(decompress(&packed, u64::MAX, 1).is_err());
    }

    #[test]
    fn every_truncation_is_refused() {
        let packed = pack(b"<a>some text, some text</a>");
        for length in 1..packed.len() {
            let fault = decompress(&packed[..length], 1000, 20);
            assert_eq!(fault, Err(GzipFault::Broken), "{length}");
        }
        assert_eq!(decompress(b"plain text", 1000, 20), Err(GzipFault::Broken));
    }

    #[test]
    fn members_one_after_the_other_are_one_body() {
        let mut packed = pack(b"one ");
        packed.extend(pack(b"two"));
        assert_eq!(decompress(&packed, 1000, 20).unwrap(), b"one two");
    }

    #[test]
    fn codings_and_acceptance_are_read_from_headers() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(text));
            Coding::of(&headers)
        };
        assert_eq!(Coding::of(&HeaderMap::new()), Coding::Identity);
        assert_eq!(of("GZip"), Coding::Gzip);
        assert_eq!(of("identity"), Coding::Identity);
        assert_eq!(of("deflate"), Coding::Unknown);
        assert_eq!(of("gzip, gzip"), Coding::Unknown);
        let accepts = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append(ACCEPT_ENCODING, HeaderValue::from_static(text));
            is_accepted(&headers)
        };
        assert!(accepts("deflate, gzip;q=0.5"));
        assert!(accepts("*"));
        assert!(!accepts("gzip;q=0, deflate"));
        assert!(!accepts("br"));
        assert!(!is_accepted(&HeaderMap::new()));
    }
}

//! What is carried: a body of one or more parts, with its media type. Knows neither XML nor sockets.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body::{Frame, SizeHint};

/// The bytes of a body, in parts that are written one after the other without being joined.
#[derive(Debug, Clone, Default)]
pub struct Body {
    parts: VecDeque<Bytes>,
    length: usize,
}

impl Body {
    /// Adds a part behind the others.
    pub fn push(&mut self, part: Bytes) {
        if !part.is_empty() {
            self.length += part.len();
            self.parts.push_back(part);
        }
    }

    /// Bytes of all parts.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The parts, none of them empty.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().map(|part| &part[..])
    }

    /// Appends what stands behind the first `skip` bytes to `slices`.
    pub(crate) fn slices<'a>(&'a self, mut skip: usize, slices: &mut Vec<IoSlice<'a>>) {
        for part in &self.parts {
            match part.get(skip..) {
                Some(left) => {
                    slices.push(IoSlice::new(left));
                    skip = 0;
                }
                None => skip -= part.len(),
            }
        }
    }
}

impl From<Bytes> for Body {
    fn from(part: Bytes) -> Body {
        let mut body = Body::default();
        body.push(part);
        body
    }
}

impl From<Vec<u8>> for Body {
    fn from(part: Vec<u8>) -> Body {
        Bytes::from(part).into()
    }
}

impl From<&'static str> for Body {
    fn from(part: &'static str) -> Body {
        Bytes::from_static(part.as_bytes()).into()
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let body = self.get_mut();
        let part = body.parts.pop_front();
        Poll::Ready(part.map(|part| {
            body.length -= part.len();
            Ok(Frame::data(part))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.parts.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length as u64)
    }
}

/// A message to be posted.
#[derive(Debug, Clone)]
pub struct Message {
    /// `Content-Type`.
    pub content_type: HeaderValue,
    /// Further header fields, for example `SOAPAction`.
    pub fields: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Body,
}

/// What a peer answered to a message.
#[derive(Debug)]
#[non_exhaustive]
pub struct Answer {
    /// 200, 202, 204, 400 or 500; every other status is an error.
    pub status: StatusCode,
    /// All header fields.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Bytes,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(slices: &[IoSlice<'_>]) -> Vec<u8> {
        slices.iter().flat_map(|slice| slice.to_vec()).collect()
    }

    #[test]
    fn slices_begin_at_every_byte() {
        let mut body = Body::from("abc");
        body.push(Bytes::new());
        body.push(Bytes::from_static(b"de"));
        assert_eq!(body.len(), 5);
        for skip in 0..=5 {
            let mut slices = Vec::new();
            body.slices(skip, &mut slices);
            assert_eq!(joined(&slices), b"abcde"[skip..], "{skip}");
        }
    }
}

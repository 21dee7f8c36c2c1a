//! Media types of messages: what a peer's says, what is sent, and messages of several parts. Knows no XML.

use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Range;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::codec::Attachments;
use crate::envelope::{Outgoing, Version};
use crate::http::{Body, Message, Response};
use crate::mime::{MediaType, MimeLimits, read_package, write_package};

/// What a peer says of its message.
#[derive(Debug)]
pub struct Announced {
    said: Said,
    /// The version of SOAP that goes with it, where one does.
    pub version: Option<Version>,
    has_parts: bool,
}

/// A media type as it was said.
#[derive(Debug)]
enum Said {
    /// One of [`USUAL`].
    Usual(&'static str),
    /// Another one.
    Parsed(MediaType),
}

/// A message that was cut into its parts.
#[derive(Debug)]
pub(crate) struct Cut {
    /// Where the envelope lies in the body.
    pub(crate) envelope: Range<usize>,
    /// What is said of its encoding.
    pub(crate) charset: Option<Cow<'static, str>>,
    /// The other parts.
    pub(crate) attachments: Attachments,
}

/// Types of an envelope, and the version of SOAP that is theirs.
const ENVELOPES: [(&str, Option<Version>); 3] = [
    ("text/xml", Some(Version::Soap11)),
    ("application/soap+xml", Some(Version::Soap12)),
    // Some peers have nothing better to say.
    ("application/xml", None),
];
const PARTS: &str = "multipart/related";

/// What most peers say, ours among them: known without being taken apart. The value, the type, and its version of SOAP.
const USUAL: [(&[u8], &str, Version); 4] = [
    (b"text/xml; charset=utf-8", "text/xml", Version::Soap11),
    (b"text/xml;charset=utf-8", "text/xml", Version::Soap11),
    (b"text/xml; charset=UTF-8", "text/xml", Version::Soap11),
    (
        b"application/soap+xml; charset=utf-8",
        "application/soap+xml",
        Version::Soap12,
    ),
];

impl Announced {
    /// Reads `Content-Type`.
    ///
    /// # Errors
    /// It is missing, or none of those that envelopes come with, as one sentence.
    pub fn read(headers: &HeaderMap) -> Result<Announced, String> {
        let Some(value) = headers.get(CONTENT_TYPE) else {
            return Err(
                "a message needs a Content-Type: text/xml, or application/soap+xml".to_owned(),
            );
        };
        let usual = USUAL.iter().find(|(usual, ..)| *usual == value.as_bytes());
        if let Some((_, essence, version)) = usual {
            return Ok(Announced {
                said: Said::Usual(essence),
                version: Some(*version),
                has_parts: false,
            });
        }
        let text = String::from_utf8_lossy(value.as_bytes());
        let media_type = MediaType::parse(&text);
        let media_type =
            media_type.ok_or_else(|| format!("the Content-Type {text:?} is no media type"))?;
        let has_parts = media_type.essence() == PARTS;
        let envelope = match has_parts {
            // The envelope's own type, of SOAP with MTOM.
            true => media_type
                .parameter("start-info")
                .unwrap_or("application/xml"),
            false => media_type.essence(),
        };
        let envelope = MediaType::parse(envelope).unwrap_or_default();
        let known = ENVELOPES
            .iter()
            .find(|(known, _)| *known == envelope.essence());
        let version = match known {
            Some((_, version)) => *version,
            None if has_parts => None,
            None => {
                return Err(format!(
                    "messages of the type {:?} are not read here; text/xml (SOAP 1.1) and application/soap+xml (1.2) are, \
                     and multipart/related with one of them in it",
                    media_type.essence()
                ));
            }
        };
        Ok(Announced {
            said: Said::Parsed(media_type),
            version,
            has_parts,
        })
    }

    /// `type/subtype`.
    pub fn essence(&self) -> &str {
        match &self.said {
            Said::Usual(essence) => essence,
            Said::Parsed(media_type) => media_type.essence(),
        }
    }

    /// The action, of SOAP 1.2.
    pub fn action(&self) -> Option<&str> {
        match &self.said {
            Said::Usual(_) => None,
            Said::Parsed(media_type) => media_type.parameter("action"),
        }
    }

    /// Finds the envelope in a body.
    ///
    /// # Errors
    /// The body is not of the parts that it should be, as one sentence.
    pub(crate) fn cut(&self, body: &Bytes, limits: &MimeLimits) -> Result<Cut, String> {
        let whole = |charset| Cut {
            envelope: 0..body.len(),
            charset,
            attachments: Attachments::default(),
        };
        let charset = |media_type: &MediaType| {
            let charset = media_type.parameter("charset");
            charset.map(|charset| Cow::Owned(charset.to_owned()))
        };
        let media_type = match &self.said {
            Said::Usual(_) => return Ok(whole(Some(Cow::Borrowed("utf-8")))),
            Said::Parsed(media_type) if !self.has_parts => return Ok(whole(charset(media_type))),
            Said::Parsed(media_type) => media_type,
        };
        let package = read_package(body, media_type, limits).map_err(|error| error.to_string())?;
        Ok(Cut {
            envelope: package.root,
            charset: charset(&package.root_type),
            attachments: package.attachments,
        })
    }
}

/// A message with this envelope, and the parts that it refers to.
pub(crate) fn message(outgoing: Outgoing, envelope: Vec<u8>, action: &str) -> Message {
    let mut fields = Vec::new();
    if outgoing.version == Version::Soap11
        && let Ok(value) = HeaderValue::from_str(&format!("\"{action}\""))
    {
        fields.push((HeaderName::from_static("soapaction"), value));
    }
    if !outgoing.parts.is_empty() {
        let envelope = Bytes::from(envelope);
        let package = write_package(
            outgoing.version,
            action,
            envelope,
            &outgoing.parts,
            unique(),
        );
        let mut body = Body::default();
        for piece in package.pieces {
            body.push(piece);
        }
        let content_type = HeaderValue::from_str(&package.content_type);
        return Message {
            content_type: content_type.unwrap_or_else(|_| plain(outgoing.version)),
            fields,
            body,
        };
    }
    Message {
        content_type: envelope_type(outgoing.version, action),
        fields,
        body: Body::from(envelope),
    }
}

/// What tells one message's boundary from what stands in it: nobody else can know it.
fn unique() -> u128 {
    let random = || RandomState::new().build_hasher().finish();
    u128::from(random()) << 64 | u128::from(random())
}

fn envelope_type(version: Version, action: &str) -> HeaderValue {
    if version == Version::Soap11 || action.is_empty() {
        return plain(version);
    }
    let text = format!("application/soap+xml; charset=utf-8; action=\"{action}\"");
    HeaderValue::from_str(&text).unwrap_or_else(|_| plain(version))
}

fn plain(version: Version) -> HeaderValue {
    HeaderValue::from_static(match version {
        Version::Soap11 => "text/xml; charset=utf-8",
        Version::Soap12 => "application/soap+xml; charset=utf-8",
    })
}

/// An answer with this envelope.
pub(crate) fn response(status: StatusCode, version: Version, envelope: Vec<u8>) -> Response {
    Response {
        status,
        content_type: Some(plain(version)),
        fields: Vec::new(),
        body: Body::from(envelope),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(text: &str) -> Result<Announced, String> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(text).unwrap());
        Announced::read(&headers)
    }

    fn cut(found: &Announced, body: &Bytes) -> Result<Cut, String> {
        found.cut(body, &MimeLimits::default())
    }

    #[test]
    fn version_charset_and_action_are_the_media_type_s() {
        let found =
            announced("Application/SOAP+XML;Charset=\"latin1\"; action=\"urn:a;b\"").unwrap();
        assert_eq!(found.version, Some(Version::Soap12));
        assert_eq!(found.action(), Some("urn:a;b"));
        let cut = cut(&found, &Bytes::from_static(b"<e/>")).unwrap();
        assert_eq!(
            (cut.envelope, cut.charset.as_deref()),
            (0..4, Some("latin1"))
        );
        let found = announced("text/xml").unwrap();
        assert_eq!(
            (found.version, found.action()),
            (Some(Version::Soap11), None)
        );
        assert_eq!(announced("application/xml").unwrap().version, None);
        let found = announced("multipart/related; boundary=b; start-info=\"application/soap+xml\"");
        assert_eq!(found.unwrap().version, Some(Version::Soap12));
    }

    #[test]
    fn usual_types_are_known_as_they_would_be_read() {
        for (usual, essence, version) in USUAL {
            let text = String::from_utf8(usual.to_vec()).unwrap();
            let found = announced(&text).unwrap();
            assert!(matches!(found.said, Said::Usual(_)));
            let read = announced(&format!("{text};x=y")).unwrap();
            assert!(matches!(read.said, Said::Parsed(_)));
            for found in [found, read] {
                assert_eq!((found.essence(), found.version), (essence, Some(version)));
                assert_eq!(found.action(), None);
                let charset = cut(&found, &Bytes::new()).unwrap().charset;
                assert_eq!(charset.unwrap().to_ascii_lowercase(), "utf-8");
            }
        }
    }

    #[test]
    fn other_types_are_refused_in_a_sentence() {
        for wrong in [
            "text/html",
            "application/json",
            "multipart/mixed; boundary=b",
        ] {
            let said = announced(wrong).unwrap_err();
            assert!(said.contains("application/soap+xml"), "{wrong}: {said}");
        }
        assert!(announced("text").unwrap_err().contains("no media type"));
        assert!(
            Announced::read(&HeaderMap::new())
                .unwrap_err()
                .contains("needs a Content-Type")
        );
    }

    #[test]
    fn parts_go_there_and_back() {
        let outgoing = Outgoing {
            version: Version::Soap12,
            parts: vec![Bytes::from_static(b"\0\r\n--binary")],
        };
        let sent = message(outgoing, b"<envelope/>".to_vec(), "urn:a");
        let bytes: Vec<u8> = sent.body.parts().flatten().copied().collect();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, sent.content_type);
        let found = Announced::read(&headers).unwrap();
        assert_eq!(
            (found.version, found.action()),
            (Some(Version::Soap12), Some("urn:a"))
        );
        let bytes = Bytes::from(bytes);
        let whole = cut(&found, &bytes).unwrap();
        assert_eq!(&bytes[whole.envelope], b"<envelope/>");
        assert!(cut(&found, &bytes.slice(..bytes.len() - 4)).is_err());
    }
}

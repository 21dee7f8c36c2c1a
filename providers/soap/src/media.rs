//! Media types of messages: what a peer's says, and what is sent. Knows no XML.

use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::codec::Attachments;
use crate::envelope::{Outgoing, Version};
use crate::http::{Body, Message, Response};
use crate::options::Common;

/// What a peer says of its message.
#[derive(Debug, Default)]
pub(crate) struct MediaType {
    /// Type and subtype, in lower case.
    pub(crate) essence: String,
    /// The version of SOAP that goes with it, where one does.
    pub(crate) version: Option<Version>,
    /// `charset`.
    pub(crate) charset: Option<String>,
    /// `action`, of SOAP 1.2.
    pub(crate) action: Option<String>,
}

/// Types of an envelope, and the version of SOAP that is theirs.
const ENVELOPES: [(&str, Option<Version>); 3] = [
    ("text/xml", Some(Version::Soap11)),
    ("application/soap+xml", Some(Version::Soap12)),
    // Some peers have nothing better to say.
    ("application/xml", None),
];

/// Reads `Content-Type`.
///
/// # Errors
/// It is missing, or none of those that envelopes come with, as one sentence.
pub(crate) fn read(headers: &HeaderMap) -> Result<MediaType, String> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Err("a message needs a Content-Type: text/xml, or application/soap+xml".to_owned());
    };
    let text = String::from_utf8_lossy(value.as_bytes());
    let (essence, parameters) = text.split_once(';').unwrap_or((&text, ""));
    let essence = essence.trim().to_ascii_lowercase();
    let known = ENVELOPES.iter().find(|(known, _)| *known == essence);
    let Some((_, version)) = known else {
        return Err(format!(
            "messages of the type {essence:?} are not read here; text/xml (SOAP 1.1) and application/soap+xml (1.2) are"
        ));
    };
    let mut media = MediaType {
        essence,
        version: *version,
        ..MediaType::default()
    };
    for (name, value) in Parameters(parameters) {
        match name.as_str() {
            "charset" => media.charset = Some(value),
            "action" => media.action = Some(value),
            _ => {}
        }
    }
    Ok(media)
}

/// Parameters of a media type: `; name=value`, values quoted or not.
struct Parameters<'a>(&'a str);

impl Iterator for Parameters<'_> {
    type Item = (String, String);

    fn next(&mut self) -> Option<(String, String)> {
        let rest = self.0.trim_start_matches([';', ' ', '\t']);
        let (name, rest) = rest.split_once('=')?;
        let mut value = String::new();
        let rest = match rest.strip_prefix('"') {
            None => {
                let (token, rest) = rest.split_once(';').unwrap_or((rest, ""));
                value.push_str(token.trim());
                rest
            }
            Some(quoted) => {
                let mut characters = quoted.chars();
                while let Some(character) = characters.next() {
                    match character {
                        '"' => break,
                        '\\' => value.extend(characters.next()),
                        other => value.push(other),
                    }
                }
                characters.as_str()
            }
        };
        self.0 = rest;
        Some((name.trim().to_ascii_lowercase(), value))
    }
}

/// Where the envelope lies in a body, and what lies beside it.
pub(crate) fn split(
    body: &[u8],
    _media: &MediaType,
    _common: &Common,
) -> Result<(std::ops::Range<usize>, Attachments), String> {
    Ok((0..body.len(), Attachments::default()))
}

/// A message with this envelope.
pub(crate) fn message(outgoing: Outgoing, envelope: Vec<u8>, action: &str) -> Message {
    let mut fields = Vec::new();
    let content_type = match outgoing.version {
        Version::Soap11 => {
            if let Ok(value) = HeaderValue::from_str(&format!("\"{action}\"")) {
                fields.push((HeaderName::from_static("soapaction"), value));
            }
            HeaderValue::from_static("text/xml; charset=utf-8")
        }
        Version::Soap12 if action.is_empty() => plain_1_2(),
        Version::Soap12 => {
            let text = format!("application/soap+xml; charset=utf-8; action=\"{action}\"");
            HeaderValue::from_str(&text).unwrap_or_else(|_| plain_1_2())
        }
    };
    Message {
        content_type,
        fields,
        body: Body::from(envelope),
    }
}

fn plain_1_2() -> HeaderValue {
    HeaderValue::from_static("application/soap+xml; charset=utf-8")
}

/// An answer with this envelope.
pub(crate) fn response(status: StatusCode, version: Version, envelope: Vec<u8>) -> Response {
    let content_type = match version {
        Version::Soap11 => HeaderValue::from_static("text/xml; charset=utf-8"),
        Version::Soap12 => plain_1_2(),
    };
    Response {
        status,
        content_type: Some(content_type),
        fields: Vec::new(),
        body: Body::from(envelope),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(text: &str) -> Result<MediaType, String> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(text).unwrap());
        read(&headers)
    }

    #[test]
    fn parameters_are_read_quoted_or_not() {
        let found =
            media("Application/SOAP+XML;Charset=\"utf-8\"; action=\"urn:a;b\\\"c\" ;x=1").unwrap();
        assert_eq!(found.version, Some(Version::Soap12));
        assert_eq!(found.charset.as_deref(), Some("utf-8"));
        assert_eq!(found.action.as_deref(), Some("urn:a;b\"c"));
        let found = media("text/xml").unwrap();
        assert_eq!(
            (found.version, found.charset),
            (Some(Version::Soap11), None)
        );
        assert_eq!(
            media("application/xml; charset=latin1")
                .unwrap()
                .charset
                .as_deref(),
            Some("latin1")
        );
    }

    #[test]
    fn other_types_are_refused_in_a_sentence() {
        for wrong in ["text/html", "", "text", "application/json"] {
            assert!(
                media(wrong).unwrap_err().contains("application/soap+xml"),
                "{wrong}"
            );
        }
        assert!(
            read(&HeaderMap::new())
                .unwrap_err()
                .contains("needs a Content-Type")
        );
    }
}

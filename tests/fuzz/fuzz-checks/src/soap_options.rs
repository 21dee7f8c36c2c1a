//! What a peer says of its message in `Content-Type`, and what a user says in an endpoint of SOAP.

use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use rmix_provider::endpoint::Parts;
use rmix_provider::tables::Limits;
use rmix_soap::http::Target;
use rmix_soap::media::Announced;
use rmix_soap::mime::MediaType;
use rmix_soap::options::{Client, Server};

use crate::budget::within;

/// A line that is a media type, and an endpoint.
pub fn check_soap_options(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n');
    let (line, endpoint) = data.split_at(end.unwrap_or(data.len()));
    check_media_type(line);
    if let Ok(endpoint) = std::str::from_utf8(endpoint.get(1..).unwrap_or_default()) {
        check_endpoint(endpoint);
    }
}

fn check_media_type(line: &[u8]) {
    let text = String::from_utf8_lossy(line);
    // A parameter of a few bytes is two strings.
    if let Some(parsed) = within(line.len(), || MediaType::parse(&text)) {
        let essence = parsed.essence();
        assert_eq!(essence, essence.to_ascii_lowercase());
        assert_eq!(
            MediaType::parse(essence).as_ref().map(MediaType::essence),
            Some(essence)
        );
    }
    let Ok(value) = HeaderValue::from_bytes(line) else {
        return;
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, value);
    match Announced::read(&headers) {
        Ok(announced) => {
            let parsed = MediaType::parse(&text).expect("it was read");
            assert_eq!(announced.essence(), parsed.essence());
            assert_eq!(announced.action(), parsed.parameter("action"));
        }
        Err(refused) => assert!(!refused.is_empty()),
    }
}

fn check_endpoint(text: &str) {
    let Ok(parts) = Parts::parse(text) else {
        return;
    };
    let limits = Limits::default();
    let client = within(text.len(), || Client::new(&parts, &limits));
    let server = within(text.len(), || Server::new(&parts, &limits));
    if let Err(refused) = &client {
        assert!(!refused.text().is_empty());
    }
    if let Err(refused) = &server {
        assert!(!refused.text().is_empty());
    }
    if let Err(refused) = Target::new(&parts) {
        assert!(!refused.text().is_empty());
    }
}

/// Media types and endpoints of every kind.
pub(crate) const SEEDS: &[&str] = &[
    "Application/SOAP+XML;Charset=\"latin1\"; action=\"urn:a;b\\\"\"\nsoap+http://127.0.0.1:8080/a%20b?version=1.2&mtom=0",
    "text/xml; charset=utf-8\nsoap+https://[::1]/?gzip=on&connections=4&ca=/a&cert=/b&key=/c",
    "multipart/related; boundary=\"b b\"; start-info=\"text/xml\"; type=\"application/xop+xml\"\n\
     soap+http://h:1/x?schemas=separate&header_bytes=8192&header_fields=5&header_timeout=1&gzip_ratio=1&body_rate=0",
];

//! Addressing headers onto the wire (SOAP binding, 3).

use std::fmt;

use super::{Edition, Parameters};
use crate::xml::escape;

/// The action of faults that are about addressing.
pub(super) const fn violation_action(edition: Edition) -> &'static str {
    match edition {
        Edition::W3c => "http://www.w3.org/2005/08/addressing/fault",
        Edition::Submission => "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault",
    }
}

/// The name of a message: a random number, written as a UUID of version 4 (RFC 9562, 5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageId(pub(crate) u128);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0 & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
        write!(
            f,
            "urn:uuid:{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            bits >> 96,
            bits >> 80 & 0xffff,
            bits >> 64 & 0xffff,
            bits >> 48 & 0xffff,
            bits & 0xffff_ffff_ffff
        )
    }
}

/// What all requests of a link say.
#[derive(Debug)]
pub(crate) struct RequestHeaders {
    edition: Edition,
    must_understand: bool,
    to: String,
    parameters: Parameters,
}

impl RequestHeaders {
    /// Requests to this address, made by a reference with these parameters.
    pub(crate) fn new(
        edition: Edition,
        must_understand: bool,
        to: String,
        parameters: Parameters,
    ) -> RequestHeaders {
        RequestHeaders {
            edition,
            must_understand,
            to,
            parameters,
        }
    }

    /// Appends the header blocks of one request.
    pub(crate) fn put(&self, action: &str, id: MessageId, answered: bool, out: &mut Vec<u8>) {
        let must = match self.must_understand {
            true => " soap:mustUnderstand=\"1\"",
            false => "",
        };
        put(self.edition, "Action", must, action, out);
        put(self.edition, "To", "", &self.to, out);
        put(self.edition, "MessageID", "", &id.to_string(), out);
        if answered {
            let (namespace, anonymous) = (self.edition.namespace(), self.edition.anonymous());
            let reply = format!(
                "<wsa:ReplyTo xmlns:wsa=\"{namespace}\"><wsa:Address>{anonymous}</wsa:Address></wsa:ReplyTo>"
            );
            out.extend_from_slice(reply.as_bytes());
        }
        self.parameters.put_as_headers(self.edition, out);
    }
}

/// Appends the header blocks of an answer.
pub(super) fn put_answer(
    edition: Edition,
    action: &str,
    id: MessageId,
    relates_to: Option<&str>,
    out: &mut Vec<u8>,
) {
    put(edition, "Action", "", action, out);
    put(edition, "To", "", edition.anonymous(), out);
    put(edition, "MessageID", "", &id.to_string(), out);
    if let Some(relates_to) = relates_to {
        put(edition, "RelatesTo", "", relates_to, out);
    }
}

/// Appends the header block that SOAP 1.1 has the detail of such faults in.
pub(super) fn put_fault_detail(edition: Edition, detail: &[u8], out: &mut Vec<u8>) {
    let start = format!("<wsa:FaultDetail xmlns:wsa=\"{}\">", edition.namespace());
    out.extend_from_slice(start.as_bytes());
    out.extend_from_slice(detail);
    out.extend_from_slice(b"</wsa:FaultDetail>");
}

fn put(edition: Edition, name: &str, attributes: &str, text: &str, out: &mut Vec<u8>) {
    let start = format!(
        "<wsa:{name} xmlns:wsa=\"{}\"{attributes}>",
        edition.namespace()
    );
    out.extend_from_slice(start.as_bytes());
    // Text that was read from a message, or is of a description: it has no character that could be refused.
    let _ = escape(text.as_bytes(), out);
    out.extend_from_slice(format!("</wsa:{name}>").as_bytes());
}

//! Answers off the wire: a result, a declared fault, or a refusal.

use std::sync::Arc;

use rmix_abi::tables::{Dec, Err, Fault, cause, delivery, kind, profile};

use super::REFUSAL_NAMESPACE;
use crate::codec::{
    Attachments, Content, Reading, SoapCodec, end_of_document, end_of_envelope, fits_fault,
};
use crate::envelope::{Envelope, EnvelopeError, Version};
use crate::names::Interface;
use crate::xml::{Document, Element, StartTag, malformed, trim};

/// What an answer is.
pub enum Reply {
    /// The result.
    Value(Dec),
    /// A declared fault's value.
    Fault(Dec),
    /// The peer refused the call, or failed.
    Refused(Err),
}

/// What was read of a fault.
#[derive(Default)]
struct Found {
    code: String,
    subcode: String,
    reason: String,
    refusal: String,
    /// The detail's tag and the entry that is a declared fault.
    declared: Option<(StartTag, StartTag)>,
}

/// Says what the answer to a call of operation `place` is.
///
/// # Errors
/// The message is no answer: the peer broke its protocol.
pub fn read_reply(
    envelope: Envelope,
    interface: &Arc<Interface>,
    place: usize,
    attachments: Attachments,
    (depth, items): (u32, u64),
) -> Result<Reply, EnvelopeError> {
    let version = envelope.version();
    let is_fault = envelope.is_fault();
    let Some(tag) = envelope.child().filter(|_| is_fault) else {
        let limits = (depth, items);
        let dec = envelope.into_values(interface, place, Content::Response, attachments, limits)?;
        return Ok(Reply::Value(dec));
    };
    let (mut document, around, headers) = envelope.into_parts();
    let bytes = document.message().clone();
    let as_error = |found: Fault| EnvelopeError::of_fault(&found, &bytes);
    let found =
        read_fault(&mut document, tag, version, interface, place, &around).map_err(as_error)?;
    let Some((detail, entry)) = found.declared else {
        return Ok(Reply::Refused(refused(&found)));
    };
    let ty = interface
        .operation(place)
        .and_then(|operation| operation.method.fault());
    let Some(ty) = ty else {
        return Ok(Reply::Refused(refused(&found)));
    };
    // The whole message is known to be well-formed but for its end: back to the entry, with its scope.
    document.open(tag).map_err(as_error)?;
    document.open(detail).map_err(as_error)?;
    document.at = entry.at;
    let parts = (document, around, headers);
    let mut reading = Reading::new(interface.clone(), place, Content::Fault, parts, attachments);
    reading.enter_detail(entry, ty).map_err(as_error)?;
    let mut dec = Dec::over(
        bytes.clone(),
        SoapCodec::DECODER,
        profile::NONE,
        depth,
        items,
    );
    dec.keep(reading);
    Ok(Reply::Fault(dec))
}

fn read_fault(
    document: &mut Document,
    tag: StartTag,
    version: Version,
    interface: &Interface,
    place: usize,
    around: &[Element; 2],
) -> Result<Found, Fault> {
    let mut found = Found::default();
    let fault = document.open(tag)?;
    while !tag.is_empty
        && let Some(child) = document.peek_child()?
    {
        let local = child.local().of(document.bytes()).to_vec();
        match (version, local.as_slice()) {
            (Version::Soap11, b"faultcode") => found.code = text_of(document, child)?,
            (Version::Soap11, b"faultstring") => found.reason = text_of(document, child)?,
            (Version::Soap12, b"Code") => read_code(document, child, &mut found, 0)?,
            (Version::Soap12, b"Reason") => read_reason(document, child, &mut found)?,
            (Version::Soap11, b"detail") | (Version::Soap12, b"Detail") => {
                read_detail(document, child, interface, place, &mut found)?;
            }
            _ => document.skip()?,
        }
    }
    document.close(&fault)?;
    if found.code.is_empty() {
        return Err(malformed("a fault has no code", tag.at));
    }
    let back = document.at;
    rest_of_message(document, around)?;
    document.at = back;
    Ok(found)
}

/// What follows the fault is the end of the body and of the envelope.
fn rest_of_message(document: &mut Document, around: &[Element; 2]) -> Result<(), Fault> {
    let [envelope, body] = around;
    document.pass_rest(body)?;
    end_of_envelope(document)?;
    document.pass_rest(envelope)?;
    end_of_document(document)
}

fn text_of(document: &mut Document, tag: StartTag) -> Result<String, Fault> {
    let element = document.open(tag)?;
    let text = document.text(&element)?;
    let text = trim(text.of(document.bytes()));
    Ok(String::from_utf8_lossy(text).into_owned())
}

/// Code and subcodes of SOAP 1.2: `Value`, and perhaps `Subcode` with the same in it.
fn read_code(
    document: &mut Document,
    tag: StartTag,
    found: &mut Found,
    level: usize,
) -> Result<(), Fault> {
    let element = document.open(tag)?;
    while !tag.is_empty
        && let Some(child) = document.peek_child()?
    {
        match (child.local().of(document.bytes()), level) {
            (b"Value", 0) => found.code = text_of(document, child)?,
            (b"Value", _) => found.subcode = text_of(document, child)?,
            (b"Subcode", 0) => read_code(document, child, found, 1)?,
            _ => document.skip()?,
        }
    }
    document.close(&element)
}

/// The reason in English, or in the first language there is.
fn read_reason(document: &mut Document, tag: StartTag, found: &mut Found) -> Result<(), Fault> {
    let element = document.open(tag)?;
    while !tag.is_empty
        && let Some(child) = document.peek_child()?
    {
        let namespace = b"http://www.w3.org/XML/1998/namespace";
        let language = document.attribute(&child, namespace, b"lang")?;
        let is_english =
            language.is_some_and(|language| language.of(document.bytes()).starts_with(b"en"));
        let text = text_of(document, child)?;
        if found.reason.is_empty() || is_english {
            found.reason = text;
        }
    }
    document.close(&element)
}

fn read_detail(
    document: &mut Document,
    tag: StartTag,
    interface: &Interface,
    place: usize,
    found: &mut Found,
) -> Result<(), Fault> {
    let element = document.open(tag)?;
    let operation = interface.operation(place);
    // Detail may be text only, which some peers send.
    while !tag.is_empty
        && let Some(child) = next_entry(document)?
    {
        let declared = operation.and_then(|operation| {
            let ty = operation.method.fault()?;
            let namespace = document.namespace(&child).ok()?;
            let local = child.local().of(document.bytes());
            fits_fault(ty, operation.namespace, &namespace, local).then_some((tag, child))
        });
        if declared.is_some() && found.declared.is_none() {
            found.declared = declared;
        }
        let is_refusal = child.local().of(document.bytes()) == b"refusal"
            && *document.namespace(&child)? == *REFUSAL_NAMESPACE.as_bytes();
        match is_refusal {
            true => found.refusal = text_of(document, child)?,
            false => document.skip()?,
        }
    }
    document.close(&element)
}

fn next_entry(document: &mut Document) -> Result<Option<StartTag>, Fault> {
    loop {
        let before = document.at;
        match document.token()? {
            crate::xml::Token::Start(tag) => {
                document.at = before;
                return Ok(Some(tag));
            }
            crate::xml::Token::End(_) => {
                document.at = before;
                return Ok(None);
            }
            crate::xml::Token::Eof => return Err(document.ends_early()),
            _ => {}
        }
    }
}

/// A fault that is not declared, in the contract's words.
fn refused(found: &Found) -> Err {
    let local = |name: &str| name.rsplit(':').next().unwrap_or_default().to_owned();
    let (code, subcode) = (local(&found.code), local(&found.subcode));
    let (kind, cause, delivery) = match (code.as_str(), subcode.as_str(), found.refusal.as_str()) {
        (_, _, "no_such_object") => (kind::FIX_REQUEST, cause::NO_SUCH_OBJECT, delivery::NOT_SENT),
        (_, _, "no_such_method") | (_, "ProcedureNotPresent", _) => {
            (kind::FIX_REQUEST, cause::NO_SUCH_METHOD, delivery::NOT_SENT)
        }
        (_, _, "bad_arguments") | (_, "BadArguments", _) => {
            (kind::FIX_REQUEST, cause::BAD_ARGUMENTS, delivery::NOT_SENT)
        }
        (_, _, "denied") => (kind::DENIED, cause::AUTHENTICATION, delivery::NOT_SENT),
        (_, _, "busy") => (kind::RETRY, cause::LIMIT, delivery::NOT_SENT),
        // SOAP 1.1 has an extension's code in place of its own, 1.2 as a subcode.
        (name, _, _) | (_, name, _) if DENIED.contains(&name) => {
            (kind::DENIED, cause::AUTHENTICATION, delivery::NOT_SENT)
        }
        ("DestinationUnreachable", ..) | (_, "DestinationUnreachable", _) => {
            (kind::FIX_REQUEST, cause::NO_SUCH_OBJECT, delivery::NOT_SENT)
        }
        (name, _, _) | (_, name, _) if ADDRESSING.contains(&name) => {
            (kind::FIX_REQUEST, cause::PROTOCOL, delivery::NOT_SENT)
        }
        ("VersionMismatch", ..) => (kind::UNSUPPORTED, cause::VERSION, delivery::NOT_SENT),
        ("MustUnderstand", ..) => (kind::UNSUPPORTED, cause::PROTOCOL, delivery::NOT_SENT),
        (_, _, "internal") => (kind::PEER_BROKEN, cause::REMOTE, delivery::EXECUTED),
        // The code says who is to blame, not how far the peer came: its stack may have refused the message before anything
        // ran, or the operation may have ended with it.
        (code, ..) if code.starts_with("Client") || code == "Sender" => {
            (kind::FIX_REQUEST, cause::REMOTE, delivery::MAYBE_EXECUTED)
        }
        _ => (kind::PEER_BROKEN, cause::REMOTE, delivery::MAYBE_EXECUTED),
    };
    let reason = excerpt(&found.reason);
    let message = match subcode.as_str() {
        "" => format!("the peer answered with the fault {code}: {reason}"),
        subcode => format!("the peer answered with the fault {code} ({subcode}): {reason}"),
    };
    Err::new(kind, cause, message).delivered(delivery)
}

/// Faults of WS-Security that refuse a request for who makes it, or when.
const DENIED: [&str; 8] = [
    "FailedAuthentication",
    "InvalidSecurity",
    "InvalidSecurityToken",
    "SecurityTokenUnavailable",
    "UnsupportedSecurityToken",
    "UnsupportedAlgorithm",
    "FailedCheck",
    "MessageExpired",
];

/// Faults of WS-Addressing that refuse a request, of the recommendation and of the submission.
const ADDRESSING: [&str; 10] = [
    "InvalidAddressingHeader",
    "InvalidAddress",
    "InvalidCardinality",
    "MissingAddressInEPR",
    "ActionMismatch",
    "OnlyAnonymousAddressSupported",
    "MessageAddressingHeaderRequired",
    "ActionNotSupported",
    "InvalidMessageInformationHeader",
    "MessageInformationHeaderRequired",
];

/// As much of a peer's text as an error carries.
fn excerpt(text: &str) -> &str {
    match text.char_indices().nth(REASON_CHARACTERS_MAX) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

/// Characters of a peer's reason that go into an error.
const REASON_CHARACTERS_MAX: usize = 500;

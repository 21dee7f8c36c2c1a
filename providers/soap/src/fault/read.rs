//! Answers off the wire: a result, a declared fault, or a refusal.

use std::sync::Arc;

use rmix_abi::tables::{Dec, Err, Fault, cause, delivery, kind, profile};

use super::{REFUSAL_NAMESPACE, RPC_1_2};
use crate::addressing::Edition;
use crate::codec::{
    Attachments, Content, Reading, SoapCodec, end_of_document, end_of_envelope, fits_fault,
};
use crate::envelope::{Envelope, EnvelopeError, Version};
use crate::names::Interface;
use crate::security::{WSSE, WSU};
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

/// A code of a fault: a qualified name, for applications have codes of their own that are called as others'.
#[derive(Default)]
struct Code {
    namespace: String,
    local: String,
}

impl Code {
    fn read(document: &mut Document, tag: StartTag) -> Result<Code, Fault> {
        let element = document.open(tag)?;
        let (namespace, local) = document.qualified_name(&element)?;
        Ok(Code { namespace, local })
    }

    /// Whether it is one of these, of one of these namespaces.
    fn is_one(&self, namespaces: &[&str], names: &[&str]) -> bool {
        namespaces.contains(&&*self.namespace) && names.contains(&&*self.local)
    }
}

/// What was read of a fault.
#[derive(Default)]
struct Found {
    code: Code,
    subcode: Code,
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
        return Ok(Reply::Refused(refused(&found, version)));
    };
    let ty = interface
        .operation(place)
        .and_then(|operation| operation.method.fault());
    let Some(ty) = ty else {
        return Ok(Reply::Refused(refused(&found, version)));
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
            (Version::Soap11, b"faultcode") => found.code = Code::read(document, child)?,
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
    if found.code.local.is_empty() {
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
            (b"Value", 0) => found.code = Code::read(document, child)?,
            (b"Value", _) => found.subcode = Code::read(document, child)?,
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
fn refused(found: &Found, version: Version) -> Err {
    let (code, subcode) = (&found.code, &found.subcode);
    let (kind, cause, delivery) = meaning(found, version);
    let (code, subcode) = (&code.local, &subcode.local);
    let reason = excerpt(&found.reason);
    let message = match subcode.as_str() {
        "" => format!("the peer answered with the fault {code}: {reason}"),
        subcode => format!("the peer answered with the fault {code} ({subcode}): {reason}"),
    };
    Err::new(kind, cause, message).delivered(delivery)
}

/// Kind, cause and delivery. That nothing ran is believed of codes alone whose namespace says who has refused: an
/// application may call its own codes, after the operation has run, whatever it likes.
fn meaning(found: &Found, version: Version) -> (u32, u32, u32) {
    let (code, subcode) = (&found.code, &found.subcode);
    // SOAP 1.1 has an extension's code in place of its own, 1.2 as a subcode.
    let extends = |namespaces: &[&str], names: &[&str]| {
        code.is_one(namespaces, names) || subcode.is_one(namespaces, names)
    };
    let addressing = Edition::ALL.map(Edition::namespace);
    let own = [version.namespace()];
    match found.refusal.as_str() {
        "no_such_object" => NO_SUCH_OBJECT,
        "no_such_method" => NO_SUCH_METHOD,
        "bad_arguments" => BAD_ARGUMENTS,
        "denied" => NOT_ADMITTED,
        "busy" => (kind::RETRY, cause::LIMIT, delivery::NOT_SENT),
        _ if subcode.is_one(&[RPC_1_2], &["ProcedureNotPresent"]) => NO_SUCH_METHOD,
        _ if subcode.is_one(&[RPC_1_2], &["BadArguments"]) => BAD_ARGUMENTS,
        _ if extends(&[WSSE, WSU], &DENIED) => NOT_ADMITTED,
        _ if extends(&addressing, &["DestinationUnreachable"]) => NO_SUCH_OBJECT,
        _ if extends(&addressing, &ADDRESSING) => {
            (kind::FIX_REQUEST, cause::PROTOCOL, delivery::NOT_SENT)
        }
        _ if code.is_one(&own, &["VersionMismatch"]) => {
            (kind::UNSUPPORTED, cause::VERSION, delivery::NOT_SENT)
        }
        _ if code.is_one(&own, &["MustUnderstand"]) => {
            (kind::UNSUPPORTED, cause::PROTOCOL, delivery::NOT_SENT)
        }
        "internal" => (kind::PEER_BROKEN, cause::REMOTE, delivery::EXECUTED),
        // The code says who is to blame, not how far the peer came: its stack may have refused the message before anything
        // ran, or the operation may have ended with it. Some peers leave the prefix out.
        _ if (code.namespace.is_empty() || code.namespace == version.namespace())
            && (code.local.starts_with("Client") || code.local == "Sender") =>
        {
            (kind::FIX_REQUEST, cause::REMOTE, delivery::MAYBE_EXECUTED)
        }
        _ => (kind::PEER_BROKEN, cause::REMOTE, delivery::MAYBE_EXECUTED),
    }
}

const NO_SUCH_OBJECT: (u32, u32, u32) =
    (kind::FIX_REQUEST, cause::NO_SUCH_OBJECT, delivery::NOT_SENT);
const NO_SUCH_METHOD: (u32, u32, u32) =
    (kind::FIX_REQUEST, cause::NO_SUCH_METHOD, delivery::NOT_SENT);
const BAD_ARGUMENTS: (u32, u32, u32) =
    (kind::FIX_REQUEST, cause::BAD_ARGUMENTS, delivery::NOT_SENT);
const NOT_ADMITTED: (u32, u32, u32) = (kind::DENIED, cause::AUTHENTICATION, delivery::NOT_SENT);

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

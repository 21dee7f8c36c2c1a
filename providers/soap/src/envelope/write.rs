//! Begins and ends envelopes. Namespaces are declared once, on the envelope: those that the operation's description uses.

use std::sync::Arc;

use bytes::Bytes;
use rmix_abi::tables::{Enc, Fault};

use super::Version;
use crate::codec::{Content, Writing};
use crate::names::{Interface, Operation, XSD, XSI};
use crate::xml::escape_attribute;

/// A message that is complete.
#[derive(Debug)]
pub struct Outgoing {
    /// The envelope's version.
    pub version: Version,
    /// Parts that the envelope refers to, the first as `part1@rmix` and so on.
    pub parts: Vec<Bytes>,
}

/// Begins a call of operation `place`. `headers` are header blocks that are written already; octets of at least
/// `part_bytes_min` go into parts of their own.
///
/// # Errors
/// The message is longer than a limit.
pub fn begin_request(
    enc: &mut Enc,
    interface: &Arc<Interface>,
    place: usize,
    version: Version,
    headers: &[u8],
    part_bytes_min: Option<usize>,
) -> Result<(), Fault> {
    begin(enc, interface, place, (version, Content::Request), headers)?;
    set_parts(enc, part_bytes_min);
    Ok(())
}

/// Begins the answer to a call of operation `place`; see [`begin_request`].
///
/// # Errors
/// The message is longer than a limit.
pub fn begin_response(
    enc: &mut Enc,
    interface: &Arc<Interface>,
    place: usize,
    version: Version,
    headers: &[u8],
    part_bytes_min: Option<usize>,
) -> Result<(), Fault> {
    begin(enc, interface, place, (version, Content::Response), headers)?;
    set_parts(enc, part_bytes_min);
    Ok(())
}

/// Begins the declared fault that a call of operation `place` ends with; see [`begin_request`].
///
/// # Errors
/// The message is longer than a limit.
pub fn begin_fault(
    enc: &mut Enc,
    interface: &Arc<Interface>,
    place: usize,
    version: Version,
    headers: &[u8],
) -> Result<(), Fault> {
    begin(enc, interface, place, (version, Content::Fault), headers)
}

/// Ends the message that was begun, and takes what is kept beside it.
///
/// # Errors
/// The message is longer than a limit, or none was begun.
pub fn finish(enc: &mut Enc) -> Result<Outgoing, Fault> {
    crate::codec::end_message(enc)?;
    let Some(writing) = enc.take_kept::<Writing>() else {
        return Err(Fault::new(
            rmix_abi::tables::fault::MISMATCH,
            "no message was begun",
        ));
    };
    Ok(Outgoing {
        version: writing.version,
        parts: writing.parts,
    })
}

fn set_parts(enc: &mut Enc, part_bytes_min: Option<usize>) {
    if let Some(writing) = enc.kept::<Writing>() {
        writing.part_bytes_min = part_bytes_min;
    }
}

pub(crate) fn begin(
    enc: &mut Enc,
    interface: &Arc<Interface>,
    place: usize,
    (version, content): (Version, Content),
    headers: &[u8],
) -> Result<(), Fault> {
    let Some(operation) = interface.operation(place) else {
        return Err(Fault::new(
            rmix_abi::tables::fault::MISMATCH,
            "the interface has no such operation",
        ));
    };
    let mut out = Vec::with_capacity(512 + headers.len());
    prologue(operation, version, &mut out)?;
    let header = crate::codec::put_headers(headers, enc.buf.len(), &mut out);
    out.extend_from_slice(b"<soap:Body>");
    let wrapper = match content {
        Content::Request => Some(operation.request),
        Content::Response => Some(operation.response),
        Content::Fault => None,
    };
    if content == Content::Fault {
        crate::fault::open_declared(version, &mut out);
    }
    let mut writing = Writing::new(interface.clone(), place, version, content, header);
    if let Some(name) = wrapper.filter(|_| !operation.is_bare()) {
        out.push(b'<');
        writing.put_name(name.namespace, name.local, &mut out);
        if operation.is_encoded() {
            put_encoding_style(version, &mut out);
        }
        writing.open_wrapper(name.namespace, name.local, enc.buf.len() + out.len())?;
    } else if operation.several {
        writing.open_body(enc.buf.len() + out.len());
    }
    enc.put(&out)?;
    enc.keep(writing);
    Ok(())
}

/// The envelope's start tag.
pub(crate) fn prologue(
    operation: &Operation,
    version: Version,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    begin_envelope(version, out);
    for (uri, prefix) in operation.namespaces.iter() {
        declare(prefix, uri, out)?;
    }
    if operation.namespaces.instance {
        declare("xsi", XSI, out)?;
        declare("xsd", XSD, out)?;
    }
    if operation.is_encoded() {
        declare("enc", version.encoding(), out)?;
    }
    out.push(b'>');
    Ok(())
}

/// The envelope's start tag, open for declarations.
pub(crate) fn begin_envelope(version: Version, out: &mut Vec<u8>) {
    out.extend_from_slice(
        b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><soap:Envelope xmlns:soap=\"",
    );
    out.extend_from_slice(version.namespace().as_bytes());
    out.push(b'"');
}

fn declare(prefix: &str, uri: &str, out: &mut Vec<u8>) -> Result<(), Fault> {
    out.extend_from_slice(b" xmlns:");
    out.extend_from_slice(prefix.as_bytes());
    out.extend_from_slice(b"=\"");
    escape_attribute(uri.as_bytes(), out)?;
    out.push(b'"');
    Ok(())
}

fn put_encoding_style(version: Version, out: &mut Vec<u8>) {
    out.extend_from_slice(b" soap:encodingStyle=\"");
    out.extend_from_slice(version.encoding().as_bytes());
    out.push(b'"');
}

//! The addressing properties of a message, as its header blocks say them (core, 3.2; SOAP binding, 3.2).

use rmix_abi::tables::Fault;

use super::{Edition, Parameters, URI_BYTES_MAX, Violation};
use crate::envelope::Envelope;
use crate::fault::REFUSAL_NAMESPACE;
use crate::xml::{Document, StartTag, trim};

/// What the header blocks of a message say.
#[derive(Debug, Default)]
pub(crate) struct Properties {
    /// The edition they are of; none when there are none.
    pub(crate) edition: Option<Edition>,
    pub(crate) to: Option<String>,
    pub(crate) action: Option<String>,
    pub(crate) message_id: Option<String>,
    /// Messages that this one answers.
    pub(crate) relates_to: Vec<String>,
    pub(crate) reply_to: Option<Recipient>,
    pub(crate) fault_to: Option<Recipient>,
    /// The object that the reference was to which the call was made by, where the reference was one of ours.
    pub(crate) object: Option<String>,
    /// The first rule that is broken; what was read before it is there.
    pub(crate) violation: Option<Violation>,
}

/// Where an answer is to go.
#[derive(Debug)]
pub(crate) struct Recipient {
    pub(crate) address: String,
    /// What is echoed in messages to it.
    pub(crate) parameters: Parameters,
}

/// What is said of the relationship to the message that is answered; the submission writes it as a qualified name.
const REPLY: &str = "http://www.w3.org/2005/08/addressing/reply";

impl Properties {
    /// Reads the blocks that are for this receiver. The recommendation's are read where a message has both.
    pub(crate) fn read(envelope: &mut Envelope) -> Properties {
        let of = |edition: Edition| {
            let blocks = envelope.headers().iter();
            let mut own = blocks
                .filter(|block| block.is_for_us() && block.namespace() == edition.namespace());
            own.next().is_some()
        };
        let Some(edition) = Edition::ALL.into_iter().find(|edition| of(*edition)) else {
            return Properties::default();
        };
        let blocks: Vec<(String, StartTag)> = envelope
            .headers()
            .iter()
            .filter(|block| block.is_for_us())
            .filter_map(|block| {
                let is_object = block.namespace() == REFUSAL_NAMESPACE && block.local() == OBJECT;
                let is_own = block.namespace() == edition.namespace();
                (is_own || is_object).then(|| (block.local().to_owned(), block.tag))
            })
            .collect();
        let mut found = Properties {
            edition: Some(edition),
            ..Properties::default()
        };
        for (local, tag) in blocks {
            if let Err(violation) = found.block(envelope, edition, &local, tag)
                && found.violation.is_none()
            {
                found.violation = Some(violation);
            }
        }
        found
    }

    fn block(
        &mut self,
        envelope: &mut Envelope,
        edition: Edition,
        local: &str,
        tag: StartTag,
    ) -> Result<(), Violation> {
        match local {
            "To" => put("To", &mut self.to, uri(envelope, "To", tag)?),
            "Action" => put("Action", &mut self.action, uri(envelope, "Action", tag)?),
            "MessageID" => {
                let id = uri(envelope, "MessageID", tag)?;
                put("MessageID", &mut self.message_id, id)
            }
            "RelatesTo" => {
                if is_reply(envelope, edition, tag)? {
                    self.relates_to.push(uri(envelope, "RelatesTo", tag)?);
                }
                Ok(())
            }
            "ReplyTo" => {
                let to = recipient(envelope, edition, "ReplyTo", tag)?;
                put("ReplyTo", &mut self.reply_to, to)
            }
            "FaultTo" => {
                let to = recipient(envelope, edition, "FaultTo", tag)?;
                put("FaultTo", &mut self.fault_to, to)
            }
            // Whoever sent it is not written to; it has to be a reference all the same.
            "From" => recipient(envelope, edition, "From", tag).map(drop),
            OBJECT => put("To", &mut self.object, uri(envelope, "To", tag)?),
            _ => Ok(()),
        }
    }
}

/// Keeps what stands in a block that there is one of at most.
fn put<T>(name: &'static str, place: &mut Option<T>, found: T) -> Result<(), Violation> {
    if place.is_some() {
        return Err(Violation::Repeated(name));
    }
    *place = Some(found);
    Ok(())
}

/// The text of a block, which is a URI.
fn uri(envelope: &mut Envelope, name: &'static str, tag: StartTag) -> Result<String, Violation> {
    let found = envelope.within_header(tag, text);
    as_uri(name, found.map_err(Violation::Malformed)?)
}

fn as_uri(name: &'static str, text: String) -> Result<String, Violation> {
    if text.len() > URI_BYTES_MAX {
        return Err(Violation::TooLong {
            name,
            bytes: text.len(),
            bytes_max: URI_BYTES_MAX,
        });
    }
    if text.is_empty() || text.contains(char::is_whitespace) {
        return Err(Violation::NoUri(name));
    }
    Ok(text)
}

fn text(document: &mut Document, tag: StartTag) -> Result<String, Fault> {
    let element = document.open(tag)?;
    let text = document.text(&element)?;
    Ok(String::from_utf8_lossy(trim(text.of(document.bytes()))).into_owned())
}

fn is_reply(envelope: &mut Envelope, edition: Edition, tag: StartTag) -> Result<bool, Violation> {
    let said = envelope.within_header(tag, |document, tag| {
        let element = document.open(tag)?;
        let said = document.attribute(&tag, b"", b"RelationshipType")?;
        let said =
            said.map(|said| String::from_utf8_lossy(trim(said.of(document.bytes()))).into_owned());
        document.close(&element)?;
        Ok(said)
    });
    let said = said.map_err(Violation::Malformed)?;
    Ok(match (said, edition) {
        (None, _) => true,
        (Some(said), Edition::W3c) => said == REPLY,
        (Some(said), Edition::Submission) => said
            .rsplit(':')
            .next()
            .is_some_and(|local| local == "Reply"),
    })
}

/// An endpoint reference: its address, and the parameters that are echoed.
fn recipient(
    envelope: &mut Envelope,
    edition: Edition,
    name: &'static str,
    tag: StartTag,
) -> Result<Recipient, Violation> {
    let namespace = edition.namespace().as_bytes();
    let found = envelope.within_header(tag, |document, tag| {
        let mut addresses = Vec::new();
        let mut parameters = Parameters::default();
        let element = document.open(tag)?;
        while !tag.is_empty
            && let Some(child) = document.peek_child()?
        {
            let is_own = *document.namespace(&child)? == *namespace;
            match child.local().of(document.bytes()) {
                b"Address" if is_own => addresses.push(text(document, child)?),
                b"ReferenceParameters" if is_own => parameters.read(document, child)?,
                // The submission has two kinds, and echoes both.
                b"ReferenceProperties" if is_own && edition == Edition::Submission => {
                    parameters.read(document, child)?;
                }
                _ => document.skip()?,
            }
        }
        document.close(&element)?;
        Ok((addresses, parameters))
    });
    let (mut addresses, parameters) = found.map_err(Violation::Malformed)?;
    match (addresses.pop(), addresses.pop()) {
        (Some(address), None) => Ok(Recipient {
            address: as_uri(name, address)?,
            parameters,
        }),
        (None, _) => Err(Violation::NoAddress(name)),
        (Some(_), Some(_)) => Err(Violation::Repeated(name)),
    }
}

/// The local name of the reference parameter that names an object of ours.
pub(crate) const OBJECT: &str = "object";

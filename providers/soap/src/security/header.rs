//! A `Security` header block as a message has it (SOAP message security, 5 and 10).

use rmix_abi::tables::Fault;

use super::token::{Token, field};
use super::verify::is_expired;
use super::{Moment, WSSE, WSU};
use crate::envelope::{Envelope, EnvelopeError};
use crate::xml::{Document, StartTag, malformed};

/// What the block for this receiver says.
#[derive(Debug, Default)]
pub(crate) struct SecurityBlock {
    pub(crate) timestamp: Option<Timestamp>,
    pub(crate) token: Option<Token>,
    /// The first element that is not understood here, where the block must be understood.
    pub(crate) unknown: Option<String>,
}

/// When a message was made, and until when it is good.
#[derive(Debug, Default)]
pub(crate) struct Timestamp {
    pub(crate) created: Option<Moment>,
    pub(crate) expires: Option<Moment>,
}

impl SecurityBlock {
    /// Reads the block for this receiver; none when there is none.
    ///
    /// # Errors
    /// It breaks a rule of XML or of security headers, or there are two.
    pub(crate) fn read(envelope: &mut Envelope) -> Result<Option<SecurityBlock>, EnvelopeError> {
        let blocks = envelope.headers().iter();
        let mut blocks = blocks.filter(|block| {
            block.is_for_us() && block.namespace() == WSSE && block.local() == "Security"
        });
        let Some(block) = blocks.next() else {
            return Ok(None);
        };
        let (tag, must_understand) = (block.tag, block.must_understand());
        let second = blocks.next().map(|second| second.tag);
        let found = envelope.within_header(tag, |document, tag| {
            if let Some(second) = second {
                let rule = "there are two security headers for the same receiver";
                return Err(malformed(rule, second.at));
            }
            read(document, tag, must_understand)
        });
        found.map(Some)
    }
}

fn read(
    document: &mut Document,
    tag: StartTag,
    must_understand: bool,
) -> Result<SecurityBlock, Fault> {
    let mut found = SecurityBlock::default();
    let element = document.open(tag)?;
    while !tag.is_empty
        && let Some(child) = document.peek_child()?
    {
        let namespace = document.namespace(&child)?;
        let (is_wsse, is_wsu) = (
            *namespace == *WSSE.as_bytes(),
            *namespace == *WSU.as_bytes(),
        );
        match child.local().of(document.bytes()) {
            b"Timestamp" if is_wsu => {
                if found.timestamp.is_some() {
                    return Err(malformed("there are two timestamps", child.at));
                }
                found.timestamp = Some(read_timestamp(document, child)?);
            }
            b"UsernameToken" if is_wsse => {
                if found.token.is_some() {
                    return Err(malformed("there are two user name tokens", child.at));
                }
                found.token = Some(Token::read(document, child)?);
            }
            other => {
                if must_understand && found.unknown.is_none() {
                    found.unknown = Some(String::from_utf8_lossy(other).into_owned());
                }
                document.skip()?;
            }
        }
    }
    document.close(&element)?;
    Ok(found)
}

fn read_timestamp(document: &mut Document, tag: StartTag) -> Result<Timestamp, Fault> {
    let mut found = Timestamp::default();
    let element = document.open(tag)?;
    while !tag.is_empty
        && let Some(child) = document.peek_child()?
    {
        let is_wsu = *document.namespace(&child)? == *WSU.as_bytes();
        let place = match child.local().of(document.bytes()) {
            b"Created" if is_wsu => &mut found.created,
            b"Expires" if is_wsu => &mut found.expires,
            _ => {
                document.skip()?;
                continue;
            }
        };
        if place.is_some() {
            return Err(malformed("a timestamp says a time twice", child.at));
        }
        let text = field(document, child, true)?;
        let read = Moment::parse(&text);
        *place = Some(read.ok_or_else(|| malformed("a time is no xs:dateTime", child.at))?);
    }
    document.close(&element)?;
    Ok(found)
}

/// Checks the security header of an answer, if it has one: its times.
///
/// # Errors
/// It cannot be read, has what must be understood and is not, or its time has passed, as a sentence.
pub(crate) fn check_answer(
    envelope: &mut Envelope,
    skew_seconds: u32,
    now: Moment,
) -> Result<(), String> {
    let block = SecurityBlock::read(envelope).map_err(|error| error.message)?;
    let Some(block) = block else {
        return Ok(());
    };
    if let Some(unknown) = block.unknown {
        return Err(format!(
            "the answer's security header has {unknown:?}, which is not understood here"
        ));
    }
    match block.timestamp.and_then(|timestamp| timestamp.expires) {
        Some(expires) if is_expired(expires, skew_seconds, now) => {
            Err("the answer's timestamp has expired".to_owned())
        }
        _ => Ok(()),
    }
}

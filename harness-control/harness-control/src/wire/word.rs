//! Words: the requests and results that members broadcast.

use std::collections::BTreeSet;

use harness_ring::{Agreement, Failure, MemberId, Request, RequestId, Word};

use super::WireLimits;
use super::malformed::{Fault, Malformed};
use super::reader::Reader;
use super::writer::Writer;
use crate::Octets;

/// Writes a word.
pub fn encode_word(word: &Word<Octets>) -> Vec<u8> {
    let payload = match word {
        Word::Request(request) => request.payload.len() + request.members.len() * MEMBER_BYTES_MAX,
        Word::Result { result, .. } => result.as_ref().map_or(0, |value| value.len()),
    };
    encode_word_into(word, Vec::with_capacity(payload + HEAD_BYTES))
}

/// Writes a word in place of what is in a buffer.
pub(crate) fn encode_word_into(word: &Word<Octets>, buffer: Vec<u8>) -> Vec<u8> {
    let mut out = Writer::within(buffer);
    match word {
        Word::Request(request) => {
            out.number(0_u64);
            write_request(&mut out, request);
        }
        Word::Result { id, result } => {
            out.number(1_u64);
            write_id(&mut out, *id);
            write_result(&mut out, result);
        }
    }
    out.finish()
}

/// Reads a word, all of it.
///
/// # Errors
/// The bytes break a rule of the wire.
pub fn decode_word(bytes: &[u8], limits: &WireLimits) -> Result<Word<Octets>, Malformed> {
    let mut from = Reader::new(bytes);
    let word = match from.number("kind of word")? {
        0 => Word::Request(read_request(&mut from, limits)?),
        1 => Word::Result {
            id: read_id(&mut from)?,
            result: read_result(&mut from)?,
        },
        other => return Err(from.fault("kind of word", Fault::Variant(other))),
    };
    from.end("word")?;
    Ok(word)
}

pub(crate) fn write_request(out: &mut Writer, request: &Request<Octets>) {
    write_id(out, request.id);
    out.octets(&request.payload);
    out.length(request.members.len());
    request
        .members
        .iter()
        .for_each(|member| write_member(out, *member));
    match request.agreement {
        Agreement::AllOf => out.number(0_u64),
        Agreement::AnyOf => out.number(1_u64),
        Agreement::Quorum(wanted) => {
            out.number(2_u64);
            out.length(wanted);
        }
    }
    out.number(request.domain);
}

pub(crate) fn read_request(
    from: &mut Reader<'_>,
    limits: &WireLimits,
) -> Result<Request<Octets>, Malformed> {
    let id = read_id(from)?;
    let payload = Octets::from(from.octets("payload")?);
    let named = from.list("members", limits.members_max, read_member)?;
    let members: BTreeSet<_> = named.iter().copied().collect();
    if !members.iter().eq(&named) {
        return Err(from.fault("members", Fault::Order));
    }
    let agreement = match from.number("agreement")? {
        0 => Agreement::AllOf,
        1 => Agreement::AnyOf,
        2 => Agreement::Quorum(from.narrow("quorum")?),
        other => return Err(from.fault("agreement", Fault::Variant(other))),
    };
    Ok(Request {
        id,
        payload,
        members,
        agreement,
        domain: from.narrow("order domain")?,
    })
}

pub(crate) fn write_result(out: &mut Writer, result: &Result<Octets, Failure>) {
    match result {
        Ok(value) => {
            out.number(0_u64);
            out.octets(value);
        }
        Err(Failure::Failed) => out.number(1_u64),
        Err(Failure::Gone) => out.number(2_u64),
    }
}

pub(crate) fn read_result(from: &mut Reader<'_>) -> Result<Result<Octets, Failure>, Malformed> {
    Ok(match from.number("kind of result")? {
        0 => Ok(Octets::from(from.octets("result")?)),
        1 => Err(Failure::Failed),
        2 => Err(Failure::Gone),
        other => return Err(from.fault("kind of result", Fault::Variant(other))),
    })
}

fn write_id(out: &mut Writer, id: RequestId) {
    write_member(out, id.origin);
    out.number(id.number);
}

fn read_id(from: &mut Reader<'_>) -> Result<RequestId, Malformed> {
    Ok(RequestId {
        origin: read_member(from)?,
        number: from.number("request number")?,
    })
}

pub(crate) fn write_member(out: &mut Writer, member: MemberId) {
    out.number(member.slot);
    out.number(member.incarnation);
}

pub(crate) fn read_member(from: &mut Reader<'_>) -> Result<MemberId, Malformed> {
    Ok(MemberId {
        slot: from.narrow("slot")?,
        incarnation: from.narrow("incarnation")?,
    })
}

/// Room for all of a word but its payload and the members that it names; more is not wrong.
const HEAD_BYTES: usize = 48;
const MEMBER_BYTES_MAX: usize = 10;

//! Bodies of frames: data, the tokens of a view change, and short notes.

use std::collections::BTreeMap;
use std::sync::Arc;

use harness_ring::{
    Accept, Accepted, Body, Content, Direction, Evidence, Item, MemberId, Numbered, Prepare,
    RingArc, Stamp, Value,
};

use super::WireLimits;
use super::malformed::{Fault, Malformed};
use super::packet::{read_ballot, read_view, write_ballot, write_view};
use super::reader::Reader;
use super::word::{read_member, write_member};
use super::writer::Writer;
use crate::Octets;

pub(super) fn write_body(out: &mut Writer, body: &Body<Octets>) {
    out.number(match body {
        Body::Data { .. } => 0_u64,
        Body::Prepare(_) => 1,
        Body::Accept(_) => 2,
        Body::Install(_) => 3,
        Body::Refuse { .. } => 4,
        Body::Accuse(_) => 5,
        Body::Join(_) => 6,
        Body::Leave => 7,
        Body::Loaded => 8,
        Body::Pull => 9,
        Body::Exclude => 10,
    });
    match body {
        Body::Data { direction, items } => {
            out.flag(*direction == Direction::Backward);
            out.length(items.len());
            items.iter().for_each(|item| write_item(out, item));
        }
        Body::Prepare(token) => write_prepare(out, token),
        Body::Accept(token) => {
            write_ballot(out, &token.ballot);
            write_members(out, &token.participants);
            write_base(out, token.base.as_deref());
            write_value(out, &token.value);
        }
        Body::Install(value) => write_value(out, value),
        Body::Refuse { ballot, promised } => {
            write_ballot(out, ballot);
            write_ballot(out, promised);
        }
        Body::Accuse(members) | Body::Join(members) => write_members(out, members),
        Body::Leave | Body::Loaded | Body::Pull | Body::Exclude => {}
    }
}

pub(super) fn read_body(
    from: &mut Reader<'_>,
    limits: &WireLimits,
) -> Result<Body<Octets>, Malformed> {
    Ok(match from.number("kind of body")? {
        0 => Body::Data {
            direction: match from.flag("direction")? {
                true => Direction::Backward,
                false => Direction::Forward,
            },
            items: from.list("items", limits.items_max, |from| read_item(from, limits))?,
        },
        1 => Body::Prepare(Box::new(read_prepare(from, limits)?)),
        2 => Body::Accept(Box::new(Accept {
            ballot: read_ballot(from)?,
            participants: read_members(from, limits)?,
            base: read_base(from, limits)?,
            value: Arc::new(read_value(from, limits)?),
        })),
        3 => Body::Install(Arc::new(read_value(from, limits)?)),
        4 => Body::Refuse {
            ballot: read_ballot(from)?,
            promised: read_ballot(from)?,
        },
        5 => Body::Accuse(read_members(from, limits)?),
        6 => Body::Join(read_members(from, limits)?),
        7 => Body::Leave,
        8 => Body::Loaded,
        9 => Body::Pull,
        10 => Body::Exclude,
        other => return Err(from.fault("kind of body", Fault::Variant(other))),
    })
}

fn write_prepare(out: &mut Writer, token: &Prepare<Octets>) {
    write_ballot(out, &token.ballot);
    write_members(out, &token.participants);
    write_base(out, token.base.as_deref());
    out.flag(token.accepted.is_some());
    if let Some(accepted) = &token.accepted {
        write_ballot(out, &accepted.ballot);
        write_value(out, &accepted.value);
    }
    out.length(token.unstable.len());
    for (stamp, content) in &token.unstable {
        write_stamp(out, *stamp);
        write_content(out, content);
    }
    out.number(token.floor);
    out.flag(token.loaded);
}

fn read_prepare(from: &mut Reader<'_>, limits: &WireLimits) -> Result<Prepare<Octets>, Malformed> {
    Ok(Prepare {
        ballot: read_ballot(from)?,
        participants: read_members(from, limits)?,
        base: read_base(from, limits)?,
        accepted: from.option("accepted", |from| {
            Ok(Accepted {
                ballot: read_ballot(from)?,
                value: Arc::new(read_value(from, limits)?),
            })
        })?,
        unstable: read_unstable(from, limits)?,
        floor: from.count("floor")?,
        loaded: from.flag("loaded")?,
    })
}

/// Stamps rise, as they are written.
fn read_unstable(
    from: &mut Reader<'_>,
    limits: &WireLimits,
) -> Result<BTreeMap<Stamp, Content<Octets>>, Malformed> {
    let length = from.length("unstable", limits.flush_max)?;
    let mut unstable = BTreeMap::new();
    for _ in 0..length {
        let stamp = read_stamp(from)?;
        let last = unstable.last_key_value().map(|(last, _)| *last);
        if last.is_some_and(|last| last >= stamp) {
            return Err(from.fault("unstable", Fault::Order));
        }
        unstable.insert(stamp, read_content(from, limits)?);
    }
    Ok(unstable)
}

fn write_base(out: &mut Writer, base: Option<&Value<Octets>>) {
    out.flag(base.is_some());
    if let Some(base) = base {
        write_value(out, base);
    }
}

fn read_base(
    from: &mut Reader<'_>,
    limits: &WireLimits,
) -> Result<Option<Arc<Value<Octets>>>, Malformed> {
    from.option("base", |from| read_value(from, limits).map(Arc::new))
}

fn write_value(out: &mut Writer, value: &Value<Octets>) {
    write_view(out, &value.view);
    write_members(out, &value.joiners);
    write_members(out, &value.leavers);
    out.number(value.floor);
    out.length(value.flush.len());
    for numbered in &value.flush {
        write_stamp(out, numbered.stamp);
        write_content(out, &numbered.content);
    }
}

fn read_value(from: &mut Reader<'_>, limits: &WireLimits) -> Result<Value<Octets>, Malformed> {
    Ok(Value {
        view: read_view(from, limits)?,
        joiners: read_members(from, limits)?,
        leavers: read_members(from, limits)?,
        floor: from.count("floor")?,
        flush: from.list("flush", limits.flush_max, |from| {
            Ok(Numbered {
                stamp: read_stamp(from)?,
                content: read_content(from, limits)?,
            })
        })?,
    })
}

fn write_item(out: &mut Writer, item: &Item<Octets>) {
    match item {
        Item::Copy {
            stamp,
            holders,
            content,
        } => {
            out.number(0_u64);
            write_stamp(out, *stamp);
            write_arc(out, *holders);
            out.flag(content.is_some());
            if let Some(content) = content {
                write_content(out, content);
            }
        }
        Item::Evidence(evidence) => {
            out.number(1_u64);
            out.number(evidence.origin);
            out.number(evidence.up_to);
            write_arc(out, evidence.known);
        }
    }
}

fn read_item(from: &mut Reader<'_>, limits: &WireLimits) -> Result<Item<Octets>, Malformed> {
    Ok(match from.number("kind of item")? {
        0 => Item::Copy {
            stamp: read_stamp(from)?,
            holders: read_arc(from)?,
            content: from.option("content", |from| read_content(from, limits))?,
        },
        1 => Item::Evidence(Evidence {
            origin: from.narrow("origin")?,
            up_to: from.count("evidence")?,
            known: read_arc(from)?,
        }),
        other => return Err(from.fault("kind of item", Fault::Variant(other))),
    })
}

fn write_content(out: &mut Writer, content: &Content<Octets>) {
    match content {
        Content::Batch(batch) => {
            out.number(0_u64);
            out.length(batch.len());
            batch.iter().for_each(|message| out.octets(message));
        }
        Content::Synced => out.number(1_u64),
    }
}

fn read_content(from: &mut Reader<'_>, limits: &WireLimits) -> Result<Content<Octets>, Malformed> {
    Ok(match from.number("kind of content")? {
        0 => {
            let batch = from.list("batch", limits.batch_messages_max, |from| {
                Ok(Octets::from(from.octets("message")?))
            })?;
            Content::Batch(batch.into())
        }
        1 => Content::Synced,
        other => return Err(from.fault("kind of content", Fault::Variant(other))),
    })
}

fn write_stamp(out: &mut Writer, stamp: Stamp) {
    out.number(stamp.clock);
    out.number(stamp.origin);
}

fn read_stamp(from: &mut Reader<'_>) -> Result<Stamp, Malformed> {
    Ok(Stamp {
        clock: from.count("clock")?,
        origin: from.narrow("origin")?,
    })
}

fn write_arc(out: &mut Writer, arc: RingArc) {
    let (start, length) = arc.parts();
    out.number(start);
    out.number(length);
}

fn read_arc(from: &mut Reader<'_>) -> Result<RingArc, Malformed> {
    Ok(RingArc::claimed(
        from.narrow("start of arc")?,
        from.narrow("length of arc")?,
    ))
}

fn write_members(out: &mut Writer, members: &[MemberId]) {
    out.length(members.len());
    members.iter().for_each(|member| write_member(out, *member));
}

fn read_members(from: &mut Reader<'_>, limits: &WireLimits) -> Result<Vec<MemberId>, Malformed> {
    from.list("members", limits.members_max, read_member)
}

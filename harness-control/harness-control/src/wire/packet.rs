//! Packets of a session and the views that frames name.

use std::sync::Arc;

use harness_ring::{Ballot, Body, Content, Frame, Item, Packet, View, ViewId};

use super::WireLimits;
use super::body::{read_body, write_body};
use super::malformed::{Fault, Malformed};
use super::reader::Reader;
use super::word::{read_member, write_member};
use super::writer::Writer;
use crate::Octets;

/// Writes a packet.
pub fn encode_packet(packet: &Packet<Octets>) -> Vec<u8> {
    let mut out = Writer::with_room(room(packet));
    match packet {
        Packet::Hello { received, asks } => {
            out.number(0_u64);
            out.number(*received);
            out.flag(*asks);
        }
        Packet::Frame {
            number,
            received,
            frame,
        } => {
            out.number(1_u64);
            out.number(*number);
            out.number(*received);
            write_view_id(&mut out, &frame.view);
            write_body(&mut out, &frame.body);
        }
        Packet::Acknowledge { received } => {
            out.number(2_u64);
            out.number(*received);
        }
    }
    out.finish()
}

/// About how many bytes a packet takes: most are not moved again while it is written.
fn room(packet: &Packet<Octets>) -> usize {
    let Packet::Frame { frame, .. } = packet else {
        return HEAD_BYTES;
    };
    let Body::Data { items, .. } = &frame.body else {
        return HEAD_BYTES;
    };
    let messages = items.iter().filter_map(|item| match item {
        Item::Copy {
            content: Some(Content::Batch(batch)),
            ..
        } => Some(batch),
        _ => None,
    });
    let messages = messages.flat_map(|batch| batch.iter());
    let bytes: usize = messages.map(|message| message.len() + LENGTH_BYTES).sum();
    HEAD_BYTES + items.len() * ITEM_BYTES + bytes
}

/// All but the items, one item without messages, and the length of a message.
const HEAD_BYTES: usize = 80;
const ITEM_BYTES: usize = 20;
const LENGTH_BYTES: usize = 3;

/// Reads a packet, all of it.
///
/// # Errors
/// The bytes break a rule of the wire: whoever sent them is no member that works.
pub fn decode_packet(bytes: &[u8], limits: &WireLimits) -> Result<Packet<Octets>, Malformed> {
    let mut from = Reader::new(bytes);
    let packet = match from.number("kind of packet")? {
        0 => Packet::Hello {
            received: from.number("received")?,
            asks: from.flag("asks")?,
        },
        1 => Packet::Frame {
            number: from.number("frame number")?,
            received: from.number("received")?,
            frame: Arc::new(Frame {
                view: read_view_id(&mut from)?,
                body: read_body(&mut from, limits)?,
            }),
        },
        2 => Packet::Acknowledge {
            received: from.number("received")?,
        },
        other => return Err(from.fault("kind of packet", Fault::Variant(other))),
    };
    from.end("packet")?;
    Ok(packet)
}

pub(super) fn write_ballot(out: &mut Writer, ballot: &Ballot) {
    out.number(ballot.round);
    write_member(out, ballot.coordinator);
}

pub(super) fn read_ballot(from: &mut Reader<'_>) -> Result<Ballot, Malformed> {
    Ok(Ballot {
        round: from.count("round")?,
        coordinator: read_member(from)?,
    })
}

fn write_view_id(out: &mut Writer, view: &ViewId) {
    out.number(view.epoch);
    write_ballot(out, &view.ballot);
    out.number(view.parent);
}

fn read_view_id(from: &mut Reader<'_>) -> Result<ViewId, Malformed> {
    Ok(ViewId {
        epoch: from.count("epoch")?,
        ballot: read_ballot(from)?,
        parent: from.number("parent")?,
    })
}

pub(super) fn write_view(out: &mut Writer, view: &View) {
    write_view_id(out, &view.id);
    out.length(view.ring.len());
    view.ring
        .iter()
        .for_each(|member| write_member(out, *member));
}

pub(super) fn read_view(from: &mut Reader<'_>, limits: &WireLimits) -> Result<View, Malformed> {
    Ok(View {
        id: read_view_id(from)?,
        ring: from.list("ring", limits.members_max, read_member)?,
    })
}

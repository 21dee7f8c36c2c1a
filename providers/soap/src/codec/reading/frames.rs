//! What is open around the value that is read next.

use rmix_abi::describe::{FieldXml, TypeDesc};

use crate::codec::slot::{Parts, Slot};
use crate::xml::{Document, Element, Mark, Numbers, StartTag, Text};

/// An element that is entered, and where to go when it is left.
#[derive(Clone, Copy, Debug)]
pub(in crate::codec) struct Opened {
    pub(in crate::codec) element: Element,
    pub(super) back: Option<(usize, Mark)>,
}

/// What is open.
#[derive(Debug)]
pub(in crate::codec) enum Frame {
    /// An element whose values are named, or the parts of one.
    Struct(StructFrame),
    /// Sibling elements; the part of the frame below, and how far its index was searched.
    Run {
        part: usize,
        first: Option<StartTag>,
        from: usize,
    },
    /// Children of an element; of any name when it is empty.
    Items {
        opened: Opened,
        name: &'static str,
        item: Slot,
    },
    /// Items between white space.
    List {
        text: Text,
        at: usize,
        ty: &'static TypeDesc,
        xml: &'static FieldXml,
    },
    /// Numbers that were read ahead.
    Numbers { all: Numbers, next: usize },
    /// Nothing.
    Empty,
    /// A variant; the element of its enum, or what of it is to be left.
    Variant(Option<Opened>),
}

/// The state of a struct that is open.
#[derive(Debug)]
pub(in crate::codec) struct StructFrame {
    /// The element; none when it is that of the frame below.
    pub(in crate::codec) opened: Option<Opened>,
    pub(in crate::codec) parts: Parts,
    /// Bit by bit, which of the first 64 parts were found.
    pub(super) seen: u64,
    /// The others.
    pub(super) seen_beyond: Vec<u64>,
    pub(super) phase: Phase,
    pub(super) index: Option<Index>,
    /// The member of a tuple that comes next.
    pub(in crate::codec) next_member: Option<usize>,
    /// The element was left: its text was read.
    pub(in crate::codec) is_left: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Phase {
    Attributes(usize),
    Headers(usize),
    Children(usize),
    Missing(usize),
}

/// Where the children of an element stand whose runs are interrupted: the part, and the first of a run.
#[derive(Debug)]
pub(super) struct Index {
    /// Part (`TAKEN` once it was read) and place.
    pub(super) runs: Vec<(u32, u32)>,
    pub(super) end: usize,
}

pub(super) const TAKEN: u32 = u32::MAX;

impl StructFrame {
    pub(in crate::codec) fn new(opened: Option<Opened>, parts: Parts) -> StructFrame {
        StructFrame {
            opened,
            parts,
            seen: 0,
            seen_beyond: vec![0; parts.len() / 64],
            phase: Phase::Attributes(0),
            index: None,
            next_member: matches!(parts, Parts::Members(..)).then_some(0),
            is_left: false,
        }
    }

    /// Whether a part was found before; it is from now on.
    pub(super) fn saw(&mut self, part: usize) -> bool {
        let word = match part / 64 {
            0 => Some(&mut self.seen),
            word => self.seen_beyond.get_mut(word - 1),
        };
        let Some(word) = word else {
            return true;
        };
        let before = *word & (1 << (part % 64)) != 0;
        *word |= 1 << (part % 64);
        before
    }
}

impl StructFrame {
    /// Goes to the end tag, where an index has led away from it.
    pub(in crate::codec) fn go_to_end(&self, document: &mut Document) {
        if let Some(index) = &self.index {
            document.at = index.end;
        }
    }

    /// The part that is read, where fields are read in the order of the document.
    pub(in crate::codec) fn part_under_way(&self) -> Option<usize> {
        match self.phase {
            Phase::Children(next) => next.checked_sub(1),
            _ => None,
        }
    }
}

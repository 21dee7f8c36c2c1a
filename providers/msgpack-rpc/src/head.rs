//! What a marker byte says about the value it begins: how long the head is and what it declares.
//! No limits and no positions here. `rmp` supplies the markers; its readers are not used, because
//! they tell neither offsets nor how many bytes are missing.

use rmp::Marker;

/// The head of a value that is not a scalar: marker, length field, and the type byte of an ext.
#[derive(Clone, Copy)]
pub(crate) struct Head {
    pub(crate) shape: Shape,
    field: Field,
    len: u8,
}

/// What follows the head.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// As many bytes as declared, text or what the sender took for text.
    Str,
    /// As many bytes as declared.
    Bin,
    /// As many bytes as declared; the last byte of the head is the type.
    Ext,
    /// As many values as declared.
    Array,
    /// Twice as many values as declared.
    Map,
}

#[derive(Clone, Copy)]
enum Field {
    Inline(u8),
    One,
    Two,
    Four,
}

impl Head {
    /// The head that `marker` begins; `None` for scalars and for the reserved marker.
    #[inline]
    pub(crate) fn of(marker: u8) -> Option<Self> {
        // A byte cannot be outside a table of 256, so the check is compiled away.
        HEADS.get(usize::from(marker)).copied().flatten()
    }

    const fn read(marker: u8) -> Option<Self> {
        let (shape, field) = match Marker::from_u8(marker) {
            Marker::FixStr(length) => (Shape::Str, Field::Inline(length)),
            Marker::Str8 => (Shape::Str, Field::One),
            Marker::Str16 => (Shape::Str, Field::Two),
            Marker::Str32 => (Shape::Str, Field::Four),
            Marker::Bin8 => (Shape::Bin, Field::One),
            Marker::Bin16 => (Shape::Bin, Field::Two),
            Marker::Bin32 => (Shape::Bin, Field::Four),
            Marker::FixExt1 => (Shape::Ext, Field::Inline(1)),
            Marker::FixExt2 => (Shape::Ext, Field::Inline(2)),
            Marker::FixExt4 => (Shape::Ext, Field::Inline(4)),
            Marker::FixExt8 => (Shape::Ext, Field::Inline(8)),
            Marker::FixExt16 => (Shape::Ext, Field::Inline(16)),
            Marker::Ext8 => (Shape::Ext, Field::One),
            Marker::Ext16 => (Shape::Ext, Field::Two),
            Marker::Ext32 => (Shape::Ext, Field::Four),
            Marker::FixArray(count) => (Shape::Array, Field::Inline(count)),
            Marker::Array16 => (Shape::Array, Field::Two),
            Marker::Array32 => (Shape::Array, Field::Four),
            Marker::FixMap(count) => (Shape::Map, Field::Inline(count)),
            Marker::Map16 => (Shape::Map, Field::Two),
            Marker::Map32 => (Shape::Map, Field::Four),
            _ => return None,
        };
        let field_len = match field {
            Field::Inline(_) => 0,
            Field::One => 1,
            Field::Two => 2,
            Field::Four => 4,
        };
        let type_len = matches!(shape, Shape::Ext) as u8;
        Some(Self {
            shape,
            field,
            len: 1 + field_len + type_len,
        })
    }

    /// Bytes of the head, from 1 to 6.
    #[inline]
    pub(crate) fn len(self) -> usize {
        usize::from(self.len)
    }

    /// The declared bytes, values or pairs; `None` when `input`, which begins with the marker,
    /// ends before the length field does.
    #[inline]
    pub(crate) fn declared(self, input: &[u8]) -> Option<u32> {
        match self.field {
            Field::Inline(declared) => Some(u32::from(declared)),
            Field::One => payload(input).map(|[byte]| u32::from(byte)),
            Field::Two => payload(input).map(|bytes| u32::from(u16::from_be_bytes(bytes))),
            Field::Four => payload(input).map(u32::from_be_bytes),
        }
    }
}

/// The `N` bytes after the marker that `input` begins with.
#[inline]
pub(crate) fn payload<const N: usize>(input: &[u8]) -> Option<[u8; N]> {
    input.get(1..)?.first_chunk().copied()
}

/// Bytes of the whole scalar that `marker` begins; 0 when it does not begin a scalar.
#[inline]
pub(crate) fn scalar_width(marker: u8) -> usize {
    // A byte cannot be outside a table of 256, so the check is compiled away.
    SCALAR_WIDTHS
        .get(usize::from(marker))
        .map_or(0, |&width| usize::from(width))
}

static HEADS: [Option<Head>; 256] = heads();

#[allow(
    clippy::indexing_slicing,
    reason = "runs at compile time, where a bad index is a compile error"
)]
const fn heads() -> [Option<Head>; 256] {
    let mut heads = [None; 256];
    let mut marker = u8::MIN;
    loop {
        heads[marker as usize] = Head::read(marker);
        if marker == u8::MAX {
            return heads;
        }
        marker += 1;
    }
}

static SCALAR_WIDTHS: [u8; 256] = scalar_widths();

#[allow(
    clippy::indexing_slicing,
    reason = "runs at compile time, where a bad index is a compile error"
)]
const fn scalar_widths() -> [u8; 256] {
    let mut widths = [0; 256];
    let mut marker = u8::MIN;
    loop {
        widths[marker as usize] = match Marker::from_u8(marker) {
            Marker::FixPos(_) | Marker::FixNeg(_) | Marker::Null | Marker::False | Marker::True => {
                1
            }
            Marker::U8 | Marker::I8 => 2,
            Marker::U16 | Marker::I16 => 3,
            Marker::U32 | Marker::I32 | Marker::F32 => 5,
            Marker::U64 | Marker::I64 | Marker::F64 => 9,
            _ => 0,
        };
        if marker == u8::MAX {
            return widths;
        }
        marker += 1;
    }
}

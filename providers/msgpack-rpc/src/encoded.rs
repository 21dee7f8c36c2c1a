//! One encoded scalar or header in a fixed array, always in its smallest encoding. Bodies of
//! strings are not here. Built on the stack whole, so that a sink is called once for each.
//!
//! ```text
//! 0        1                                 9
//! +--------+---------------------------------+
//! | marker | payload, big-endian, left-aligned |   the first `length` bytes count
//! +--------+---------------------------------+
//! ```

use rmp::Marker;

/// The bytes of one scalar, or of one header of a string, ext or container.
#[derive(Clone, Copy)]
pub(crate) struct Encoded {
    bytes: [u8; ENCODED_BYTES_MAX],
    length: usize,
}

impl Encoded {
    #[inline]
    pub(crate) fn nil() -> Self {
        Self::marker(Marker::Null)
    }

    #[inline]
    pub(crate) fn bool(value: bool) -> Self {
        Self::marker(if value { Marker::True } else { Marker::False })
    }

    #[inline]
    pub(crate) fn unsigned(value: u64) -> Self {
        if value < 0x80 {
            return Self::new(value.to_be_bytes()[7], 0, 0);
        }
        if value <= u64::from(u8::MAX) {
            return Self::new(Marker::U8.to_u8(), value << 56, 1);
        }
        if value <= u64::from(u16::MAX) {
            return Self::new(Marker::U16.to_u8(), value << 48, 2);
        }
        if value <= u64::from(u32::MAX) {
            return Self::new(Marker::U32.to_u8(), value << 32, 4);
        }
        Self::new(Marker::U64.to_u8(), value, 8)
    }

    #[inline]
    pub(crate) fn signed(value: i64) -> Self {
        let bits = value.cast_unsigned();
        if value >= 0 {
            return Self::unsigned(bits);
        }
        if value >= -32 {
            return Self::new(bits.to_be_bytes()[7], 0, 0);
        }
        if value >= i64::from(i8::MIN) {
            return Self::new(Marker::I8.to_u8(), bits << 56, 1);
        }
        if value >= i64::from(i16::MIN) {
            return Self::new(Marker::I16.to_u8(), bits << 48, 2);
        }
        if value >= i64::from(i32::MIN) {
            return Self::new(Marker::I32.to_u8(), bits << 32, 4);
        }
        Self::new(Marker::I64.to_u8(), bits, 8)
    }

    #[inline]
    pub(crate) fn float32(value: f32) -> Self {
        Self::new(Marker::F32.to_u8(), u64::from(value.to_bits()) << 32, 4)
    }

    #[inline]
    pub(crate) fn float64(value: f64) -> Self {
        Self::new(Marker::F64.to_u8(), value.to_bits(), 8)
    }

    #[inline]
    pub(crate) fn str_header(length: u32) -> Self {
        if length < 32 {
            return Self::new(FIXSTR | length.to_be_bytes()[3], 0, 0);
        }
        Self::sized([Marker::Str8, Marker::Str16, Marker::Str32], length)
    }

    #[inline]
    pub(crate) fn bin_header(length: u32) -> Self {
        Self::sized([Marker::Bin8, Marker::Bin16, Marker::Bin32], length)
    }

    #[inline]
    pub(crate) fn array_header(count: u32) -> Self {
        if count < 16 {
            return Self::new(FIXARRAY | count.to_be_bytes()[3], 0, 0);
        }
        // There is no array8: a short count takes the 16-bit header.
        Self::counted(Marker::Array16, Marker::Array32, count)
    }

    #[inline]
    pub(crate) fn map_header(count: u32) -> Self {
        if count < 16 {
            return Self::new(FIXMAP | count.to_be_bytes()[3], 0, 0);
        }
        Self::counted(Marker::Map16, Marker::Map32, count)
    }

    pub(crate) fn ext_header(kind: i8, length: u32) -> Self {
        let kind = u64::from(kind.cast_unsigned());
        let fixed = match length {
            1 => Some(Marker::FixExt1),
            2 => Some(Marker::FixExt2),
            4 => Some(Marker::FixExt4),
            8 => Some(Marker::FixExt8),
            16 => Some(Marker::FixExt16),
            _ => None,
        };
        if let Some(marker) = fixed {
            return Self::new(marker.to_u8(), kind << 56, 1);
        }
        let mut header = Self::sized([Marker::Ext8, Marker::Ext16, Marker::Ext32], length);
        // The type follows the length field, which is at most four bytes long.
        if let Some(slot) = header.bytes.get_mut(header.length) {
            *slot = kind.to_be_bytes()[7];
        }
        header.length += 1;
        header
    }

    /// All bytes, of which the first [`Encoded::len`] count.
    #[inline]
    pub(crate) fn padded(&self) -> &[u8; ENCODED_BYTES_MAX] {
        &self.bytes
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&self.bytes)
    }

    #[inline]
    fn sized(markers: [Marker; 3], length: u32) -> Self {
        let [one, two, four] = markers;
        if length <= u32::from(u8::MAX) {
            return Self::new(one.to_u8(), u64::from(length) << 56, 1);
        }
        Self::counted(two, four, length)
    }

    #[inline]
    fn counted(two: Marker, four: Marker, count: u32) -> Self {
        if count <= u32::from(u16::MAX) {
            return Self::new(two.to_u8(), u64::from(count) << 48, 2);
        }
        Self::new(four.to_u8(), u64::from(count) << 32, 4)
    }

    #[inline]
    fn marker(marker: Marker) -> Self {
        Self::new(marker.to_u8(), 0, 0)
    }

    #[inline]
    fn new(marker: u8, payload: u64, payload_bytes: usize) -> Self {
        let [a, b, c, d, e, f, g, h] = payload.to_be_bytes();
        Self {
            bytes: [marker, a, b, c, d, e, f, g, h],
            length: 1 + payload_bytes,
        }
    }
}

/// The longest scalar: a marker and eight bytes.
pub(crate) const ENCODED_BYTES_MAX: usize = 9;

const FIXMAP: u8 = Marker::FixMap(0).to_u8();
const FIXARRAY: u8 = Marker::FixArray(0).to_u8();
const FIXSTR: u8 = Marker::FixStr(0).to_u8();

//! XDR (RFC 4506) as the host's codec: the typed events of the plug-in boundary become XDR items
//! and come back from them. Knows no record and no message: arguments begin where a header ended.
//!
//! | value | XDR |
//! |---|---|
//! | bool | bool |
//! | integer of up to 32 bits, char | int or unsigned int, four bytes |
//! | integer of 64 bits | hyper, unsigned hyper |
//! | f32, f64 | float, double |
//! | text | `string<>` |
//! | octets, sequence of `u8` | `opaque<>` |
//! | unit | void |
//! | option | optional-data: bool, and the value if there is one |
//! | sequence | variable-length array |
//! | tuple, struct | its members, nothing else |
//! | map | variable-length array of pairs of key and value |
//! | enum | union: the variant's position, or its declared discriminant (`rmix::Union`), as int; and its content |
//! | `rmix::List`, `rmix::Opaque`, `rmix::Bounded` | linked list, `opaque[N]`, `string<N>` and the like |
//!
//! XDR has no 128-bit integers, no extension types and no text that is not UTF-8; a value of those
//! is refused. Values do not describe themselves, so they are read with their declared type only.
//! The codec has the profile `FIXED_BE4`: the host may write and read primitives itself.

mod decode;
mod encode;
mod fault;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use rmix_abi::guest::{dec_table, enc_table};
use rmix_abi::tables::{Buf, Dec, DecVt, Enc, OK, Status, profile};

/// What is done with a NUL in text that is written: C programs take it for the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Nul {
    /// The text is refused.
    #[default]
    Refuse,
    /// The two characters `\0` are written in its place.
    Escape,
    /// It is written.
    Keep,
}

impl Nul {
    /// Tells an encoder.
    pub fn set(self, enc: &mut Enc) {
        if let Some(word) = enc.state.get_mut(NUL_WORD) {
            *word = self as u64;
        }
    }

    fn of(enc: &Enc) -> Nul {
        match enc.state.get(NUL_WORD) {
            Some(1) => Nul::Escape,
            Some(2) => Nul::Keep,
            _ => Nul::Refuse,
        }
    }
}

/// Word of an encoder's state in which that is kept.
const NUL_WORD: usize = 0;

/// The codec.
#[derive(Debug)]
pub struct XdrCodec;

impl XdrCodec {
    /// What the codec promises to the host: RFC 4506 units, which it may write and read itself.
    pub const PROFILE: u32 = profile::FIXED_BE4;

    /// The table of a decoder that leaves bytes behind a result alone, as C clients do: there are servers that send more
    /// than their interface says (rpc.rstatd's structs are a word longer than those of `rstat.x`).
    pub(crate) const LONGER_RESULTS: DecVt = DecVt {
        finish: Some(leave_rest),
        ..dec_table::<XdrCodec>()
    };

    /// An encoder that appends to `buf`, which may hold a header already, up to `bytes_max` bytes in
    /// all. The host sets how deep values may nest.
    pub fn encoder(buf: Buf, bytes_max: u64) -> Enc {
        let table = const { &enc_table::<Self>() };
        Enc::new(buf, table, Self::PROFILE, bytes_max)
    }

    /// A decoder of the values in `bytes`, nested at most `depth` deep and with at most `items`
    /// containers, elements and strings.
    pub fn decoder(bytes: Bytes, depth: u32, items: u64) -> Dec {
        let table = const { &dec_table::<Self>() };
        Dec::over(bytes, table, Self::PROFILE, depth, items)
    }
}

extern "C" fn leave_rest(_decoder: *mut Dec) -> Status {
    OK
}

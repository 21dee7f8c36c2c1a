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
//! | enum | union: the variant's position as int, and its content |
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
use rmix_abi::tables::{Buf, Dec, Enc, profile};

/// The codec.
#[derive(Debug)]
pub struct XdrCodec;

impl XdrCodec {
    /// What the codec promises to the host: RFC 4506 units, which it may write and read itself.
    pub const PROFILE: u32 = profile::FIXED_BE4;

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

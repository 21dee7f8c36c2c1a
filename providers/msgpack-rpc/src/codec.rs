//! MessagePack as the host's codec: the typed events of the plug-in boundary become values and come
//! back from them. Knows no envelope: a provider writes the message's header before and finds the
//! end of a message itself.
//!
//! | value | written as | also read from |
//! |---|---|---|
//! | integer | smallest integer that holds it | integer of any width |
//! | float | float of its own width | other float, integer |
//! | text, char | str | bin (old peers); UTF-8 is checked by the host |
//! | octets, sequence of `u8` | bin | str; a sequence also from an array of integers |
//! | unit, absent option | nil | unit also from an empty array |
//! | present option | its value | |
//! | sequence, tuple | array | tuple of `u8` also from bin |
//! | map | map | |
//! | struct | map by field name, or array: [`MsgpackArrayCodec`] | either |
//! | enum variant | its name as str, or with content a map of one pair | index in place of the name |
//! | extension | ext, type −128 to 127 | |
//!
//! An option whose value is itself nil (`Some(())`, `Some(None)`) reads back as absent.

mod decode;
mod encode;
mod fault;

#[cfg(test)]
mod tests;

use std::marker::PhantomData;

use bytes::Bytes;
use rmix_abi::guest::{Decode, dec_table, enc_table};
use rmix_abi::tables::{Buf, Dec, Enc, profile};

/// The codec; `L` says how structs are written. Both layouts are read by either.
#[derive(Debug)]
pub struct ValueCodec<L>(PhantomData<L>);

/// Structs as maps from field name to value: the default of MessagePack peers.
pub type MsgpackCodec = ValueCodec<StructsAsMaps>;

/// Structs as arrays of their fields in declaration order: smaller, for peers that expect it.
pub type MsgpackArrayCodec = ValueCodec<StructsAsArrays>;

/// Layout of [`MsgpackCodec`].
#[derive(Debug)]
pub struct StructsAsMaps;

/// Layout of [`MsgpackArrayCodec`].
#[derive(Debug)]
pub struct StructsAsArrays;

/// How structs are written: [`StructsAsMaps`] or [`StructsAsArrays`]; sealed.
pub trait StructLayout: sealed::Layout + 'static {}

impl StructLayout for StructsAsMaps {}
impl StructLayout for StructsAsArrays {}

impl<L: StructLayout> ValueCodec<L> {
    /// An encoder that appends to `buf`, which may hold a header already, up to `bytes_max` bytes in
    /// all. The host sets how deep values may nest.
    pub fn encoder(buf: Buf, bytes_max: u64) -> Enc {
        Enc::new(
            buf,
            const { &enc_table::<Self>() },
            profile::NONE,
            bytes_max,
        )
    }

    /// A decoder of the values in `bytes`, nested at most `depth` deep and with at most `items`
    /// containers, elements and strings.
    pub fn decoder(bytes: Bytes, depth: u32, items: u64) -> Dec
    where
        Self: Decode,
    {
        let table = const { &dec_table::<Self>() };
        Dec::over(bytes, table, profile::NONE, depth, items)
    }
}

mod sealed {
    //! The choice itself, kept out of the public surface.

    /// How structs are written.
    pub trait Layout {
        /// Whether each field is preceded by its name.
        const NAMED: bool;
    }

    impl Layout for super::StructsAsMaps {
        const NAMED: bool = true;
    }

    impl Layout for super::StructsAsArrays {
        const NAMED: bool = false;
    }
}

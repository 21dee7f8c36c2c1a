//! Values to and from XML, by the interface's description. The host drives serde over these functions; what they know of
//! the message under way is kept beside it, in `writing` and `reading`.

mod decode;
mod encode;
mod octets;
mod place;
mod reading;
mod references;
mod slot;
mod types;
mod writing;

#[cfg(test)]
mod tests;

use rmix_abi::guest::{dec_table, enc_table};
use rmix_abi::tables::{DecVt, EncVt, Fault, fault};

pub use octets::Attachments;
pub(crate) use octets::part_id;
pub(crate) use reading::{Reading, end_of_document, end_of_envelope};
pub(crate) use slot::fits_fault;
pub(crate) use writing::{Content, Writing, end_message, put_headers};

/// SOAP's codec.
#[derive(Debug, Clone, Copy)]
pub struct SoapCodec;

impl SoapCodec {
    /// The encoder's table.
    pub const ENCODER: &'static EncVt = const { &enc_table::<SoapCodec>() };
    /// The decoder's table.
    pub const DECODER: &'static DecVt = const { &dec_table::<SoapCodec>() };
}

/// A value that is not of the described kind.
#[cold]
fn mismatch(rule: &'static str) -> Fault {
    Fault::new(fault::MISMATCH, rule)
}

/// A value that XML, or this place in it, cannot carry.
#[cold]
fn unsupported(rule: &'static str) -> Fault {
    Fault::new(fault::UNSUPPORTED, rule)
}

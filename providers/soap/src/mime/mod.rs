//! Messages of several parts: `multipart/related` (RFC 2387) with an XOP package in it (MTOM), read from a whole body and
//! written as pieces that are not copied again. Nothing is put into files, no part is decoded but by its transfer encoding.

mod media_type;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub use media_type::MediaType;
pub(crate) use read::OPTIONS;
pub use read::{MimeError, MimeLimits, Package, read_package};
pub use write::{OutgoingPackage, write_package};

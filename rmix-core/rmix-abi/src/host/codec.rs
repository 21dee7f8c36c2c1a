//! Values through a codec's tables without a link: for tests of codecs, and for tools that encode or show bytes. Calls
//! do not come through here; they go through `Encoding` and `ReplyValue`.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::CodecError;
use super::link::{finish, put_argument, read_argument};
use super::{de, ser};
use crate::tables::{Dec, Enc};

/// Encodes `value` as the next value of `enc`, whose `depth_left` the caller has set.
///
/// # Errors
/// The format cannot carry the value, or a limit is exceeded; `enc` may then hold a part of it.
pub fn encode_value<T: Serialize + ?Sized>(enc: &mut Enc, value: &T) -> Result<(), CodecError> {
    put_argument(enc, 0, value)
}

/// Decodes the one value that `dec` holds.
///
/// # Errors
/// The bytes are not such a value, something follows it, or a limit is exceeded.
pub fn decode_value<T: DeserializeOwned>(mut dec: Dec) -> Result<T, CodecError> {
    let value = read_argument(&mut dec, 0)?;
    finish(&mut dec)?;
    Ok(value)
}

/// Encodes `value` where `enc` stands, in the middle of a message.
///
/// # Errors
/// As [`encode_value`].
pub fn encode_next<T: Serialize + ?Sized>(enc: &mut Enc, value: &T) -> Result<(), CodecError> {
    ser::to_enc(enc, value)
}

/// Decodes the value where `dec` stands, in the middle of a message.
///
/// # Errors
/// The bytes are not such a value, or a limit is exceeded.
pub fn decode_next<T: DeserializeOwned>(dec: &mut Dec) -> Result<T, CodecError> {
    de::from_dec(dec, std::marker::PhantomData)
}

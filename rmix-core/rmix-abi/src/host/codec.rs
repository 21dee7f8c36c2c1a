//! Values through a codec's tables without a link: for tests of codecs, and for tools that encode or show bytes. Calls
//! do not come through here; they go through `Encoding` and `ReplyValue`.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::CodecError;
use super::link::{finish, put_argument, read_argument};
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

//! What is wrong with a value, in the boundary's words: class, rule, place and the numbers that
//! disagreed. Every rule is text that lives for ever; nothing is formatted here.

use rmix_abi::tables::{Fault, fault};
use rmix_xdr::XdrError;

/// What a decoder at the right offset says; `misfit` is the rule for a number that its type cannot
/// hold.
#[cold]
pub(super) fn of_xdr(error: XdrError, misfit: &'static str) -> Fault {
    let malformed = |rule, offset: usize| Fault::new(fault::MALFORMED, rule).at(offset as u64);
    match error {
        XdrError::Truncated {
            offset,
            needed,
            remaining,
        } => malformed("the value ends early", offset)
            .declared(needed as u64)
            .limit(remaining as u64),
        XdrError::LengthBeyondInput {
            offset,
            declared,
            remaining,
        } => malformed("a length reaches beyond the message", offset)
            .declared(declared.into())
            .limit(remaining as u64),
        XdrError::LengthBeyondLimit {
            offset,
            declared,
            limit,
        } => Fault::new(fault::LIMIT, "XDR lengths")
            .declared(declared.into())
            .limit(limit.into())
            .at(offset as u64),
        XdrError::ValueTooLong { length, limit } => too_long(length as u64).limit(limit.into()),
        XdrError::InvalidBool { offset, value } => {
            malformed("a bool or the mark of an option is neither 0 nor 1", offset)
                .declared(value.into())
        }
        XdrError::OutOfRange { offset, value, .. } => {
            malformed(misfit, offset).declared(value.into())
        }
        XdrError::NonZeroPadding { offset } => malformed("padding is not zero", offset),
        XdrError::InvalidUtf8 { offset } => malformed("text is not UTF-8", offset),
        XdrError::TrailingBytes { offset, remaining } => {
            malformed("bytes follow the last value", offset)
                .declared(remaining as u64)
                .limit(0)
        }
        _ => Fault::new(fault::MALFORMED, "the value breaks a rule of XDR"),
    }
}

/// A length as the format can declare it.
#[inline]
pub(super) fn length(length: u64) -> Result<u32, Fault> {
    u32::try_from(length).map_err(|_| too_long(length))
}

#[cold]
fn too_long(length: u64) -> Fault {
    Fault::new(fault::LIMIT, "XDR lengths")
        .declared(length)
        .limit(u32::MAX.into())
}

/// A 128-bit integer is to be written or read.
#[cold]
pub(super) fn no_128_bits() -> Fault {
    Fault::new(
        fault::UNSUPPORTED,
        "XDR has no 128-bit integers: declare two u64, text or 16 octets instead",
    )
}

//! What messages need from outside: the time of day, and chance. Everything else gets both as arguments.

use std::time::{SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom, SystemRandom};
use rmix_provider::tables::{Err, cause, kind};

use crate::security::Moment;

/// The time of day.
pub(crate) fn now() -> Moment {
    let milliseconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()),
        Err(before) => i64::try_from(before.duration().as_millis()).map(|before| -before),
    };
    Moment(milliseconds.unwrap_or(i64::MAX))
}

/// Bits that nobody can know before.
///
/// # Errors
/// `Internal`: the operating system has none.
pub(crate) fn random() -> Result<u128, Err> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        let message = "the operating system has no random numbers";
        Err::new(kind::INTERNAL, cause::OTHER, message)
    })?;
    Ok(u128::from_ne_bytes(bytes))
}

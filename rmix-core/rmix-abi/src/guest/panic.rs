//! Nothing unwinds across the boundary: the guard every entry of the provider's side runs in.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::tables::{ERR, Err, Status, cause, delivery, kind};

/// Runs `body`; a panic becomes `on_panic`.
pub(super) fn guard<R>(on_panic: R, body: impl FnOnce() -> R) -> R {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(payload) => {
            // The payload's own destructor may panic too.
            if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(second);
            }
            on_panic
        }
    }
}

/// Runs `body`, writing its error, or a panic as an error, to `err`.
///
/// # Safety
/// `err` points to an `Err` that may be overwritten.
pub(super) unsafe fn guard_err(
    err: *mut Err,
    body: impl FnOnce() -> Result<Status, Err>,
) -> Status {
    let result = guard(None, || Some(body()));
    let failure = match result {
        Some(Ok(status)) => return status,
        Some(Err(failure)) => failure,
        None => Err::new(kind::INTERNAL, cause::PANIC, "the provider panicked")
            .delivered(delivery::MAYBE_EXECUTED),
    };
    // SAFETY: the caller vouches for `err`; assignment frees what it held.
    unsafe { *err = failure };
    ERR
}

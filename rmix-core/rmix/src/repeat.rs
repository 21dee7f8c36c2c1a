//! Making a failed call again: which failures allow it, how often, and after which pause.
//!
//! It deliberately never repeats what may have run, unless the method is declared idempotent.

use std::collections::hash_map::RandomState;
use std::future::poll_fn;
use std::hash::BuildHasher;
use std::time::{Duration, Instant};

use rmix_abi::tables::call_flags;

use crate::call::Shape;
use crate::error::{Delivery, Error, ErrorKind};
use crate::reactor::Timer;
use crate::runtime::Inner;

/// The repetitions of one call.
pub(crate) struct Repeats {
    idempotent: bool,
    until: Instant,
    made: u32,
    /// The last failure after which the call may have run.
    may_have_run: Option<Error>,
}

impl Repeats {
    /// For a call that ends at `until`.
    pub(crate) fn new(shape: Shape, until: Instant) -> Repeats {
        Repeats {
            idempotent: shape.flags & call_flags::IDEMPOTENT != 0,
            until,
            made: 0,
            may_have_run: None,
        }
    }

    /// Whether an earlier attempt may have run.
    pub(crate) fn may_have_run(&self) -> bool {
        self.may_have_run.is_some()
    }

    /// Waits until the call is to be made again. `linked` says that it failed on a link, not while one was opened.
    ///
    /// # Errors
    /// It is not to be made again: the failure to report. One after which the call may have run wins over a later one
    /// of an attempt that was not sent.
    pub(crate) async fn again(
        &mut self,
        runtime: &Inner,
        error: Error,
        linked: bool,
    ) -> Result<(), Error> {
        if self.made >= runtime.limits.repeats || !self.allows(&error) {
            return Err(self.outcome(error));
        }
        self.made += 1;
        let at_once = linked && error.kind() == ErrorKind::Reconnect && self.made == 1;
        if !at_once {
            let at = Instant::now() + pause(self.made, RandomState::new().hash_one(self.made));
            if at >= self.until {
                return Err(self.outcome(error));
            }
            let mut timer = Timer::new(runtime.services.clone());
            poll_fn(|cx| timer.poll(at, cx)).await;
        }
        tracing::debug!(target: "rmix::link", %error, repetition = self.made, "a call is made again");
        if error.delivery() == Delivery::MaybeExecuted {
            self.may_have_run = Some(error);
        }
        Ok(())
    }

    fn allows(&self, error: &Error) -> bool {
        let helps = matches!(error.kind(), ErrorKind::Retry | ErrorKind::Reconnect);
        helps
            && match error.delivery() {
                Delivery::NotSent => true,
                Delivery::MaybeExecuted => self.idempotent,
                Delivery::Executed => false,
            }
    }

    /// What to report after a last failure.
    fn outcome(&mut self, last: Error) -> Error {
        match self.may_have_run.take() {
            Some(earlier) if last.delivery() == Delivery::NotSent => earlier,
            _ => last,
        }
    }
}

/// The pause before a repetition, the first being 1: it doubles each time, and up to half of it is left off at random,
/// so that callers who failed together do not come back together.
fn pause(repetition: u32, random: u64) -> Duration {
    let whole = FIRST_PAUSE.saturating_mul(1 << (repetition.saturating_sub(1)).min(16));
    let half = whole / 2;
    let nanos = u64::try_from(half.as_nanos()).unwrap_or(u64::MAX);
    whole - Duration::from_nanos(random % nanos.max(1))
}

/// The longest pause before the first repetition.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use rmix_abi::describe::MethodDesc;

    use super::*;
    use crate::error::Cause;

    static PLAIN: MethodDesc = MethodDesc::new("plain", 0, 0, &[], None, None);
    static IDEMPOTENT: MethodDesc =
        MethodDesc::new("idempotent", 0, call_flags::IDEMPOTENT, &[], None, None);

    #[test]
    fn only_what_did_not_run_or_may_run_twice_is_repeated() {
        let kinds = [
            (ErrorKind::Retry, true),
            (ErrorKind::Reconnect, true),
            (ErrorKind::FixRequest, false),
            (ErrorKind::Unsupported, false),
            (ErrorKind::Denied, false),
            (ErrorKind::PeerBroken, false),
            (ErrorKind::Internal, false),
        ];
        let deliveries = [
            (Delivery::NotSent, true, true),
            (Delivery::MaybeExecuted, false, true),
            (Delivery::Executed, false, false),
        ];
        for (kind, helps) in kinds {
            for (delivery, plain, idempotent) in deliveries {
                let error = Error::new(kind, Cause::Other, "a failure").with_delivery(delivery);
                for (method, safe) in [(&PLAIN, plain), (&IDEMPOTENT, idempotent)] {
                    let repeats = Repeats::new(Shape::of(method, 0), Instant::now());
                    let allowed = repeats.allows(&error);
                    assert_eq!(
                        allowed,
                        helps && safe,
                        "{} {kind} {delivery}",
                        method.name()
                    );
                }
            }
        }
    }

    #[test]
    fn nothing_is_repeated_beyond_the_deadline() {
        let runtime = crate::Runtime::builder().build().unwrap();
        let hour = Duration::from_secs(3600);
        for (until, waits) in [(Instant::now() + hour, true), (Instant::now(), false)] {
            let mut repeats = Repeats::new(Shape::of(&PLAIN, 0), until);
            let failure = Error::new(ErrorKind::Retry, Cause::Connect, "nobody listens");
            let mut again = pin!(repeats.again(&runtime.inner, failure, false));
            match again.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Pending => assert!(waits),
                Poll::Ready(ended) => {
                    // The failure itself, not the deadline that the pause would have crossed.
                    assert_eq!(ended.unwrap_err().cause(), Cause::Connect);
                    assert!(!waits);
                }
            }
        }
    }

    #[test]
    fn a_pause_is_between_half_and_whole_and_doubles() {
        for (repetition, whole) in [(1, 10), (2, 20), (3, 40), (10, 5120)] {
            let whole = Duration::from_millis(whole);
            assert_eq!(pause(repetition, 0), whole);
            for random in [1, 4_999_999, u64::MAX, u64::MAX / 3] {
                let pause = pause(repetition, random);
                assert!(pause > whole / 2 && pause <= whole, "{pause:?}");
            }
        }
    }
}

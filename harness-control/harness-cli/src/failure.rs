//! How the command fails: the exit code, and the sentence that goes with it.

use std::error::Error;
use std::process::ExitCode;

use harness_control::{ControlError, Refused};
use rmix::{CallError, Cause, Delivery, ErrorKind};

use crate::output;

/// The ring refused it and nothing was done, or the answer is no.
pub(crate) const REFUSED: u8 = 1;
/// The command line, an endpoint or a provider is wrong.
pub(crate) const USAGE: u8 = 2;
/// The link failed, or this machine, or the member is not in the ring: what was asked for may have been done.
pub(crate) const LINK: u8 = 3;
/// The time was up.
pub(crate) const TIMEOUT: u8 = 4;

/// Why the command did not do what it was told.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
    may_be_done: bool,
}

impl Failure {
    pub(crate) fn refused(message: impl Into<String>) -> Failure {
        Failure::with_code(REFUSED, message)
    }

    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure::with_code(USAGE, message)
    }

    pub(crate) fn with_code(code: u8, message: impl Into<String>) -> Failure {
        Failure {
            code,
            message: message.into(),
            may_be_done: false,
        }
    }

    pub(crate) fn timeout(message: impl Into<String>) -> Failure {
        Failure::with_code(TIMEOUT, message)
    }

    pub(crate) fn local(what: &str, error: &dyn Error) -> Failure {
        Failure::with_code(LINK, format!("{what}: {error}"))
    }

    /// Whether the member may have done all the same what it was asked for.
    pub(crate) fn may_be_done(&self) -> bool {
        self.may_be_done
    }

    /// The same, of what leaves something behind: no refusal, after which everything is as it was.
    pub(crate) fn open(mut self, what_is_left: &str) -> Failure {
        if self.code == REFUSED {
            self.code = LINK;
        }
        self.message.push_str("; ");
        self.message.push_str(what_is_left);
        self
    }

    /// The same, of what came after the member had done something.
    pub(crate) fn after_the_fact(mut self) -> Failure {
        self.may_be_done = true;
        self
    }

    /// Tells it, and gives its exit code.
    pub(crate) fn report(self) -> ExitCode {
        output::note(&self.message);
        ExitCode::from(self.code)
    }
}

impl From<rmix::Error> for Failure {
    fn from(error: rmix::Error) -> Failure {
        let was_not_sent = error.delivery() == Delivery::NotSent;
        let code = match error.cause() {
            Cause::Timeout => TIMEOUT,
            Cause::Endpoint => USAGE,
            _ if was_not_sent
                && matches!(error.kind(), ErrorKind::FixRequest | ErrorKind::Unsupported) =>
            {
                USAGE
            }
            _ => LINK,
        };
        let fate = match was_not_sent {
            true => "nothing was done",
            false => "it may or may not have been done",
        };
        Failure {
            code,
            message: format!("{error} ({fate})"),
            may_be_done: !was_not_sent,
        }
    }
}

impl From<CallError<Refused>> for Failure {
    fn from(error: CallError<Refused>) -> Failure {
        match error {
            CallError::Fault(refused) => refused.into(),
            CallError::Failed(error) => error.into(),
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        let code = match &refused {
            // Not a no of the ring: whoever repeats it after that could do it twice, or had better ask another member.
            Refused::Unknown(_) | Refused::NotMember(_) => LINK,
            _ => REFUSED,
        };
        Failure {
            code,
            message: refused.to_string(),
            may_be_done: matches!(refused, Refused::Unknown(_)),
        }
    }
}

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Failure {
        let code = match &error {
            ControlError::Config(_) | ControlError::Listen(_) => USAGE,
            ControlError::Refused { .. } => REFUSED,
            ControlError::NotTaken { .. } => TIMEOUT,
            _ => LINK,
        };
        let cause = error.source().map(|cause| format!(": {cause}"));
        Failure::with_code(code, format!("{error}{}", cause.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_certainly_not_done_is_refused() {
        let why = || "why".to_owned();
        for (refused, code) in [
            (Refused::Different(why()), REFUSED),
            (Refused::Taken(why()), REFUSED),
            (Refused::Outdated(1), REFUSED),
            (Refused::Busy(why()), REFUSED),
            (Refused::Limit(why()), REFUSED),
            (Refused::Absent(why()), REFUSED),
            (Refused::Forbidden(why()), REFUSED),
            (Refused::NotNow(why()), REFUSED),
            (Refused::Unknown(why()), LINK),
            (Refused::NotMember(why()), LINK),
        ] {
            let text = format!("{refused:?}");
            assert_eq!(Failure::from(refused.clone()).code, code, "{text}");
            let called = Failure::from(CallError::Fault(refused.clone()));
            assert_eq!(called.code, code, "{text}");
            assert_eq!(called.message, refused.to_string());
            let is_unknown = matches!(refused, Refused::Unknown(_));
            assert_eq!(called.may_be_done(), is_unknown, "{text}");
        }
    }
}

//! How the command fails: the exit code, and the sentence that goes with it.

use std::error::Error;
use std::process::ExitCode;

use harness_control::{ControlError, Refused};
use rmix::{CallError, Cause, Delivery, ErrorKind};

use crate::output;

/// The ring refused it, or the answer is no.
pub(crate) const REFUSED: u8 = 1;
/// The command line, an endpoint or a provider is wrong.
pub(crate) const USAGE: u8 = 2;
/// The link failed, or this machine.
pub(crate) const LINK: u8 = 3;
/// The time was up.
pub(crate) const TIMEOUT: u8 = 4;

/// Why the command did not do what it was told.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    pub(crate) fn refused(message: impl Into<String>) -> Failure {
        Failure {
            code: REFUSED,
            message: message.into(),
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure {
            code: USAGE,
            message: message.into(),
        }
    }

    pub(crate) fn with_code(code: u8, message: impl Into<String>) -> Failure {
        Failure {
            code,
            message: message.into(),
        }
    }

    pub(crate) fn timeout(message: impl Into<String>) -> Failure {
        Failure {
            code: TIMEOUT,
            message: message.into(),
        }
    }

    pub(crate) fn local(what: &str, error: &dyn Error) -> Failure {
        Failure {
            code: LINK,
            message: format!("{what}: {error}"),
        }
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
        let fate = match error.delivery() {
            Delivery::NotSent => "nothing was done",
            _ => "it may or may not have been done",
        };
        Failure {
            code,
            message: format!("{error} ({fate})"),
        }
    }
}

impl From<CallError<Refused>> for Failure {
    fn from(error: CallError<Refused>) -> Failure {
        match error {
            CallError::Fault(refused) => Failure::refused(refused.to_string()),
            CallError::Failed(error) => error.into(),
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
        Failure {
            code,
            message: format!("{error}{}", cause.unwrap_or_default()),
        }
    }
}

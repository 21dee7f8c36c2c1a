//! Why a member did not start, and why a request has no outcome.

use std::fmt;

use rmix::Delivery;

use crate::interface::Refused;

/// Why a member is not in a ring.
#[derive(Debug)]
#[non_exhaustive]
pub enum ControlError {
    /// The configuration is wrong: what, and what is allowed.
    Config(String),
    /// The endpoints cannot be listened on.
    Listen(rmix::Error),
    /// Every member that was asked refused, this one last.
    Refused {
        /// The endpoint that was asked.
        contact: String,
        /// Why.
        refused: Refused,
    },
    /// No member could be reached, or none took it in, within `Timing::join_within`.
    NotTaken {
        /// Who was asked how often, and what each said last.
        last: String,
    },
    /// The member has ended.
    Ended,
}

impl fmt::Display for ControlError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ControlError::Config(what) => write!(out, "the configuration is wrong: {what}"),
            ControlError::Listen(_) => write!(out, "the endpoints cannot be listened on"),
            ControlError::Refused { contact, .. } => {
                write!(out, "the member at {contact} refuses this one")
            }
            ControlError::NotTaken { last } => {
                write!(out, "no ring took this member in: {last}")
            }
            ControlError::Ended => write!(out, "the member has ended"),
        }
    }
}

impl std::error::Error for ControlError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ControlError::Listen(error) => Some(error),
            ControlError::Refused { refused, .. } => Some(refused),
            _ => None,
        }
    }
}

/// Why a request has no outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SubmitError {
    /// As many wait as may; nothing was done. Try again after a delivery.
    Busy,
    /// It is larger than `ControlLimits::payload_bytes_max`; nothing was done.
    TooLarge {
        /// Its bytes.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// No member of this name is known; nothing was done.
    NoSuchMember(String),
    /// This process is not in the ring; nothing was done.
    NotMember,
    /// The replication has no such requests; nothing was done.
    Unsupported(&'static str),
    /// This process was left out, or ended, before the outcome was there: the request may or may not have
    /// been done.
    Unknown,
    /// The primary was lost while it ran the request, or had just been given it: it may or may not have been
    /// done, nobody does it again, and the state has nothing of it.
    Interrupted,
    /// The request has its place in the order, so all members that are left do it; this process was left out
    /// before it knew the outcome.
    Ordered,
}

impl SubmitError {
    /// Whether the request may have been done, as failed calls say it.
    pub fn delivery(&self) -> Delivery {
        match self {
            SubmitError::Busy
            | SubmitError::TooLarge { .. }
            | SubmitError::NoSuchMember(_)
            | SubmitError::NotMember
            | SubmitError::Unsupported(_) => Delivery::NotSent,
            SubmitError::Unknown | SubmitError::Interrupted => Delivery::MaybeExecuted,
            SubmitError::Ordered => Delivery::Executed,
        }
    }
}

impl fmt::Display for SubmitError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SubmitError::Busy => write!(out, "too many requests wait; nothing was done"),
            SubmitError::TooLarge { bytes, max } => write!(
                out,
                "the request has {bytes} bytes and may have {max}; nothing was done"
            ),
            SubmitError::NoSuchMember(name) => {
                write!(out, "no member is named {name:?}; nothing was done")
            }
            SubmitError::NotMember => {
                write!(out, "this process is not in the ring; nothing was done")
            }
            SubmitError::Unsupported(why) => write!(out, "{why}; nothing was done"),
            SubmitError::Interrupted => write!(
                out,
                "the primary was lost with the request: it may or may not have been done, and is not done again"
            ),
            SubmitError::Ordered => write!(
                out,
                "this process was left out before the outcome was there: the request is in the order, and is done by those who are left"
            ),
            SubmitError::Unknown => write!(
                out,
                "this process left the ring before the outcome was there: the request may or may not have been done"
            ),
        }
    }
}

impl std::error::Error for SubmitError {}

impl From<SubmitError> for Refused {
    fn from(error: SubmitError) -> Refused {
        let text = error.to_string();
        match error {
            SubmitError::Busy => Refused::Busy(text),
            SubmitError::TooLarge { .. } => Refused::Limit(text),
            SubmitError::NoSuchMember(_) => Refused::Absent(text),
            SubmitError::NotMember => Refused::NotMember(text),
            SubmitError::Unsupported(_) => Refused::Limit(text),
            SubmitError::Unknown | SubmitError::Interrupted | SubmitError::Ordered => {
                Refused::Unknown(text)
            }
        }
    }
}

//! How the command fails: the exit code, and the sentence or the JSON object that goes with it.

use std::process::ExitCode;

use rmix::{CallError, Cause, Delivery, Error, ErrorKind, Value};
use rmix_idl::Place;
use serde::Serialize;

use crate::{json, output};

/// Done.
pub(crate) const OK: u8 = 0;
/// The peer raised a fault.
pub(crate) const FAULT: u8 = 1;
/// The command line, the endpoint or the providers are wrong; nothing was sent.
pub(crate) const USAGE: u8 = 2;
/// The link or the protocol failed, or this machine.
pub(crate) const LINK: u8 = 3;
/// The deadline passed.
pub(crate) const TIMEOUT: u8 = 4;

/// Why the command did not do what it was told.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is wrong.
    Usage(String),
    /// An interface file is wrong, at a place if it could be read.
    Interface(String, Option<Place>),
    /// A description could not be fetched; whether its time was up.
    Fetch(String, bool),
    /// This machine would not do its part: standard output, a thread.
    Local(String),
    /// The remote operation raised a fault.
    Fault(Value),
    /// The remote operation raised a fault that its description declares.
    Declared(serde_json::Value),
    /// The base library or a provider failed.
    Machinery(Error),
}

impl Failure {
    pub(crate) fn usage(message: &str) -> Failure {
        Failure::Usage(message.to_owned())
    }

    /// Tells it: as one JSON object on standard output, or as a sentence on standard error.
    pub(crate) fn report(self, as_json: bool) -> ExitCode {
        let code = ExitCode::from(self.exit_code());
        if as_json {
            // Nothing better can be done when even this cannot be written.
            let _ = output::result(&self.to_json());
            return code;
        }
        match &self {
            Failure::Usage(message) => {
                output::note(&format!("{message}\nFor more information, try '--help'."));
            }
            Failure::Local(message)
            | Failure::Interface(message, _)
            | Failure::Fetch(message, _) => output::note(message),
            Failure::Fault(value) => {
                output::note(&format!("the peer raised a fault: {}", json::pretty(value)));
            }
            Failure::Declared(value) => {
                let value = json::text(value, true);
                output::note(&format!("the peer raised a fault: {value}"));
            }
            Failure::Machinery(error) => {
                let fate = match error.delivery() {
                    Delivery::NotSent => "the call was not sent",
                    Delivery::Executed => "the peer executed the call",
                    _ => "the peer may have executed the call",
                };
                let (kind, cause) = (error.kind(), error.cause());
                output::note(&format!("{error}\n({kind}, {cause}; {fate})"));
            }
        }
        code
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Failure::Usage(_) | Failure::Interface(..) => USAGE,
            Failure::Fetch(_, true) => TIMEOUT,
            Failure::Fetch(_, false) | Failure::Local(_) => LINK,
            Failure::Fault(_) | Failure::Declared(_) => FAULT,
            Failure::Machinery(error) => exit_code(error),
        }
    }

    fn to_json(&self) -> String {
        let object = match self {
            Failure::Fault(value) => return format!("{{\"fault\":{}}}", json::compact(value)),
            Failure::Declared(value) => {
                return format!("{{\"fault\":{}}}", json::text(value, false));
            }
            Failure::Usage(message) => ErrorObject {
                kind: ErrorKind::FixRequest.name(),
                cause: "usage",
                delivery: Delivery::NotSent.name(),
                message,
                ..ErrorObject::default()
            },
            Failure::Interface(message, place) => ErrorObject {
                kind: ErrorKind::FixRequest.name(),
                cause: "interface-file",
                delivery: Delivery::NotSent.name(),
                message,
                file: place.as_ref().map(|place| &*place.file),
                line: place.as_ref().map(|place| place.line),
                column: place.as_ref().map(|place| place.column),
                ..ErrorObject::default()
            },
            Failure::Fetch(message, is_late) => ErrorObject {
                kind: ErrorKind::Retry.name(),
                cause: if *is_late { Cause::Timeout } else { Cause::Io }.name(),
                delivery: Delivery::NotSent.name(),
                message,
                ..ErrorObject::default()
            },
            Failure::Local(message) => ErrorObject {
                kind: ErrorKind::Internal.name(),
                cause: Cause::Io.name(),
                delivery: Delivery::MaybeExecuted.name(),
                message,
                ..ErrorObject::default()
            },
            Failure::Machinery(error) => ErrorObject {
                kind: error.kind().name(),
                cause: error.cause().name(),
                delivery: error.delivery().name(),
                code: error.code(),
                message: error.message(),
                ..ErrorObject::default()
            },
        };
        json::text(&Reported { error: object }, false)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Machinery(error)
    }
}

impl From<CallError<Value>> for Failure {
    fn from(error: CallError<Value>) -> Failure {
        match error {
            CallError::Fault(value) => Failure::Fault(value),
            CallError::Failed(error) => Failure::Machinery(error),
        }
    }
}

/// The exit code of a failure of the machinery.
pub(crate) fn exit_code(error: &Error) -> u8 {
    // A number of the protocol's own (HTTP's 415) is what a peer has said.
    let refused_here = error.delivery() == Delivery::NotSent
        && error.code() == 0
        && matches!(error.kind(), ErrorKind::FixRequest | ErrorKind::Unsupported);
    match error.cause() {
        Cause::Timeout => TIMEOUT,
        Cause::Remote => FAULT,
        Cause::Endpoint if error.code() == 0 => USAGE,
        Cause::Codec | Cause::Limit | Cause::Version | Cause::Other if refused_here => USAGE,
        _ => LINK,
    }
}

#[derive(Serialize)]
struct Reported<'a> {
    error: ErrorObject<'a>,
}

#[derive(Default, Serialize)]
struct ErrorObject<'a> {
    kind: &'a str,
    cause: &'a str,
    delivery: &'a str,
    /// The protocol's own number: errno, exit status of a child.
    #[serde(skip_serializing_if = "is_zero")]
    code: i64,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

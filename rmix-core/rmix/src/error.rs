//! Errors of the façade: what to do next, why, and what the call may have done. Made from the boundary's numbers; the
//! codec and provider errors end here.

use std::fmt;
use std::sync::Arc;

use rmix_abi::host::CodecError;
use rmix_abi::tables::{Err, cause, delivery, fault, kind};

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident($module:ident) { $($(#[$vdoc:meta])* $variant:ident = $number:ident $text:literal,)* }
        else $other:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Its stable name.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            fn from_number(number: u32) -> $name {
                match number {
                    $($module::$number => $name::$variant,)*
                    _ => $name::$other,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

numbered! {
    /// What to do next.
    ErrorKind(kind) {
        /// The same call may succeed later on this link.
        Retry = RETRY "retry",
        /// The link is gone; a new one may work.
        Reconnect = RECONNECT "reconnect",
        /// The request, endpoint or configuration is wrong.
        FixRequest = FIX_REQUEST "fix-request",
        /// This provider or peer cannot do it.
        Unsupported = UNSUPPORTED "unsupported",
        /// Refused for lack of rights.
        Denied = DENIED "denied",
        /// The peer broke its protocol.
        PeerBroken = PEER_BROKEN "peer-broken",
        /// A defect on this side.
        Internal = INTERNAL "internal",
    } else Internal
}

numbered! {
    /// Why it failed.
    Cause(cause) {
        /// None of the others.
        Other = OTHER "other",
        /// The deadline passed.
        Timeout = TIMEOUT "timeout",
        /// The caller gave the call up.
        Cancelled = CANCELLED "cancelled",
        /// The connection could not be made.
        Connect = CONNECT "connect",
        /// The name does not resolve.
        Resolve = RESOLVE "resolve",
        /// The link was closed or broke.
        LinkClosed = LINK_CLOSED "link-closed",
        /// Input or output failed.
        Io = IO "io",
        /// The bytes of the peer break a rule of the protocol.
        Protocol = PROTOCOL "protocol",
        /// A value could not be encoded or decoded.
        Codec = CODEC "codec",
        /// The peer has no such object.
        NoSuchObject = NO_SUCH_OBJECT "no-such-object",
        /// The peer has no such method.
        NoSuchMethod = NO_SUCH_METHOD "no-such-method",
        /// The peer could not read the arguments.
        BadArguments = BAD_ARGUMENTS "bad-arguments",
        /// The remote operation raised a fault that is not declared.
        Remote = REMOTE "remote",
        /// A limit was reached.
        Limit = LIMIT "limit",
        /// Code panicked.
        Panic = PANIC "panic",
        /// The runtime, provider or link is shutting down.
        Shutdown = SHUTDOWN "shutdown",
        /// The endpoint's text is not valid, or no provider serves it.
        Endpoint = ENDPOINT "endpoint",
        /// The child process ended; [`Error::code`] is its exit status.
        ChildExited = CHILD_EXITED "child-exited",
        /// Authentication was refused.
        Authentication = AUTHENTICATION "authentication",
        /// The peer has another version of the interface.
        Version = VERSION "version",
    } else Other
}

numbered! {
    /// What a failed call may have done.
    Delivery(delivery) {
        /// The peer did not run it: repeating it is safe.
        NotSent = NOT_SENT "not-sent",
        /// Sent, at least in part, and no answer came.
        MaybeExecuted = MAYBE_EXECUTED "maybe-executed",
        /// The peer ran it.
        Executed = EXECUTED "executed",
    } else MaybeExecuted
}

type Source = Arc<dyn std::error::Error + Send + Sync + 'static>;

/// A failure of the machinery: of a call, of a binding, or of the runtime. A fault that an operation declares is not one;
/// see [`CallError`].
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    cause: Cause,
    delivery: Delivery,
    code: i64,
    message: String,
    source: Option<Source>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, cause: Cause, message: impl Into<String>) -> Error {
        Error {
            kind,
            cause,
            delivery: Delivery::NotSent,
            code: 0,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn caused_by(
        mut self,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Error {
        self.source = Some(Arc::new(source));
        self
    }

    pub(crate) fn with_delivery(mut self, delivery: Delivery) -> Error {
        self.delivery = delivery;
        self
    }

    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Error {
        self.message = message.into();
        self
    }

    pub(crate) fn from_abi(err: &Err) -> Error {
        let text = err.text();
        Error {
            kind: ErrorKind::from_number(err.kind),
            cause: Cause::from_number(err.cause),
            delivery: Delivery::from_number(err.delivery),
            code: err.code,
            message: if text.is_empty() {
                "the provider failed without a reason".to_owned()
            } else {
                text.into_owned()
            },
            source: None,
        }
    }

    /// An argument that cannot be encoded: nothing was sent.
    pub(crate) fn from_encoding(method: &str, failure: CodecError) -> Error {
        let (kind, cause) = match failure.class() {
            fault::LIMIT => (ErrorKind::FixRequest, Cause::Limit),
            fault::UNSUPPORTED => (ErrorKind::Unsupported, Cause::Codec),
            fault::PANIC => (ErrorKind::Internal, Cause::Panic),
            _ => (ErrorKind::FixRequest, Cause::Codec),
        };
        let message = format!("the arguments of `{method}` cannot be sent: {failure}");
        Error::new(kind, cause, message).caused_by(failure)
    }

    /// A reply that cannot be decoded: the call was executed.
    pub(crate) fn from_decoding(method: &str, failure: CodecError) -> Error {
        let (kind, cause) = match failure.class() {
            fault::LIMIT => (ErrorKind::FixRequest, Cause::Limit),
            fault::UNSUPPORTED => (ErrorKind::Unsupported, Cause::Codec),
            fault::MISMATCH => (ErrorKind::FixRequest, Cause::Codec),
            fault::PANIC => (ErrorKind::Internal, Cause::Panic),
            _ => (ErrorKind::PeerBroken, Cause::Codec),
        };
        let message = format!("the reply to `{method}` cannot be read: {failure}");
        Error::new(kind, cause, message)
            .caused_by(failure)
            .with_delivery(Delivery::Executed)
    }

    /// What to do next.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Why it failed.
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// What the call may have done.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// The protocol's own number (errno, exit status, accept state…), or 0.
    pub fn code(&self) -> i64 {
        self.code
    }

    /// The sentence that `Display` prints.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}

/// How a call of an operation with a declared fault fails.
#[derive(Debug, Clone)]
pub enum CallError<E> {
    /// The operation raised its declared fault.
    Fault(E),
    /// The machinery failed; see [`Error::delivery`] for what the call may have done.
    Failed(Error),
}

impl<E> CallError<E> {
    /// The declared fault.
    pub fn fault(&self) -> Option<&E> {
        match self {
            CallError::Fault(fault) => Some(fault),
            CallError::Failed(_) => None,
        }
    }

    /// The failure of the machinery.
    pub fn error(&self) -> Option<&Error> {
        match self {
            CallError::Fault(_) => None,
            CallError::Failed(error) => Some(error),
        }
    }

    /// What the call may have done; a declared fault means that it was executed.
    pub fn delivery(&self) -> Delivery {
        self.error().map_or(Delivery::Executed, Error::delivery)
    }
}

impl<E> From<Error> for CallError<E> {
    fn from(error: Error) -> CallError<E> {
        CallError::Failed(error)
    }
}

impl<E: fmt::Debug> fmt::Display for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Fault(fault) => write!(f, "the operation raised its fault {fault:?}"),
            CallError::Failed(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug> std::error::Error for CallError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error().and_then(std::error::Error::source)
    }
}

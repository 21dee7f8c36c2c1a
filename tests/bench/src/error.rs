//! Why something could not be measured.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// What can go wrong in a run.
#[derive(Debug)]
pub(crate) enum BenchError {
    /// A program could not be started.
    NotStarted { program: String, source: io::Error },
    /// The C compiler refused a program.
    NotCompiled { program: String, complaint: String },
    /// A file or folder could not be used.
    File { path: PathBuf, source: io::Error },
    /// A drawing could not be made.
    Drawing { path: PathBuf, complaint: String },
    /// No provider in any place looked at.
    NoProviders { places: Vec<PathBuf> },
    /// A measured program said something else than it should, or ended.
    Answer { program: String, said: String },
    /// A measured program said nothing in time.
    Silent { program: String, after: Duration },
    /// A call of ours failed.
    Call {
        what: &'static str,
        source: rmix::Error,
    },
    /// The control ring failed.
    Control {
        what: &'static str,
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A call of tarpc failed.
    Tarpc { source: tarpc::client::RpcError },
    /// A result was wrong.
    Wrong { what: &'static str },
    /// Something of the operating system failed.
    System {
        what: &'static str,
        source: io::Error,
    },
    /// An unknown peer or measure on the command line.
    Unknown { word: String },
}

impl fmt::Display for BenchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BenchError::NotStarted { program, .. } => write!(formatter, "cannot start {program}"),
            BenchError::NotCompiled { program, complaint } => {
                write!(formatter, "{program} does not compile: {complaint}")
            }
            BenchError::File { path, .. } => write!(formatter, "cannot use {}", path.display()),
            BenchError::Drawing { path, complaint } => {
                write!(formatter, "cannot draw {}: {complaint}", path.display())
            }
            BenchError::NoProviders { places } => {
                formatter.write_str("no librmix_msgpack.so in")?;
                for place in places {
                    write!(formatter, " {}", place.display())?;
                }
                formatter.write_str(": run `cargo xtask bench`, which builds the providers")
            }
            BenchError::Answer { program, said } => write!(formatter, "{program}: {said}"),
            BenchError::Silent { program, after } => {
                write!(formatter, "{program} said nothing for {after:?}")
            }
            BenchError::Call { what, .. } | BenchError::Control { what, .. } => {
                write!(formatter, "{what} failed")
            }
            BenchError::Tarpc { .. } => formatter.write_str("a call of tarpc failed"),
            BenchError::Wrong { what } => write!(formatter, "wrong result of {what}"),
            BenchError::System { what, .. } => write!(formatter, "{what} failed"),
            BenchError::Unknown { word } => write!(formatter, "{word:?} is not known"),
        }
    }
}

impl std::error::Error for BenchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            BenchError::NotStarted { source, .. }
            | BenchError::File { source, .. }
            | BenchError::System { source, .. } => Some(source),
            BenchError::Call { source, .. } => Some(source),
            BenchError::Control { source, .. } => Some(&**source),
            BenchError::Tarpc { source } => Some(source),
            _ => None,
        }
    }
}

impl BenchError {
    /// For `map_err` on what the system refuses.
    pub(crate) fn system<E: Into<io::Error>>(what: &'static str) -> impl Fn(E) -> BenchError {
        move |source| BenchError::System {
            what,
            source: source.into(),
        }
    }

    /// For `map_err` on what the control ring refuses.
    pub(crate) fn control<E: std::error::Error + Send + Sync + 'static>(
        what: &'static str,
    ) -> impl Fn(E) -> BenchError {
        move |source| BenchError::Control {
            what,
            source: Box::new(source),
        }
    }

    /// For `map_err` on what a peer's library refuses.
    pub(crate) fn peer<E: fmt::Display>(what: &'static str) -> impl Fn(E) -> BenchError {
        move |failure| BenchError::System {
            what,
            source: io::Error::other(failure.to_string()),
        }
    }

    /// For `map_err` on calls of ours.
    pub(crate) fn call(what: &'static str) -> impl Fn(rmix::Error) -> BenchError {
        move |source| BenchError::Call { what, source }
    }
}

/// An error and its causes in one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

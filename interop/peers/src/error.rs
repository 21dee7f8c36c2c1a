//! What can go wrong with a peer, and what to do next. Each error shows its own level only, the
//! cause is its source; what the peer wrote to its standard error belongs to the level it failed at.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use crate::peer::PeerStatus;

/// A program that could not be run to a good end.
#[derive(Debug)]
#[non_exhaustive]
pub enum CommandError {
    /// The program could not be started at all.
    Start {
        /// The command line.
        command: String,
        /// Why the system refused.
        source: io::Error,
    },
    /// The program ended with something else than success.
    Failed {
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it wrote to its standard error.
        stderr: String,
    },
    /// The program was still running at its deadline, and was killed.
    TimedOut {
        /// The command line.
        command: String,
        /// How long it was given.
        after: Duration,
        /// The end of what it wrote to its standard error.
        stderr: String,
    },
}

impl fmt::Display for CommandError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { command, .. } => write!(formatter, "cannot start `{command}`"),
            Self::Failed {
                command,
                status,
                stderr,
            } => write!(formatter, "`{command}` ended with {status}: {stderr}"),
            Self::TimedOut {
                command,
                after,
                stderr,
            } => write!(
                formatter,
                "`{command}` did not end within {after:?}: {stderr}"
            ),
        }
    }
}

impl Error for CommandError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Start { source, .. } => Some(source),
            Self::Failed { .. } | Self::TimedOut { .. } => None,
        }
    }
}

/// Why packages could not be installed.
#[derive(Debug)]
#[non_exhaustive]
pub enum InstallError {
    /// Only the administrator may install packages; the command is what to run as such.
    NotRoot {
        /// The command that installs what is missing.
        command: String,
    },
    /// The system has no apt-get; the command says which packages are meant, by their Debian names.
    NoAptGet {
        /// The command that installs what is missing on Debian.
        command: String,
    },
    /// apt-get failed.
    AptGet(CommandError),
    /// apt-get succeeded, and still something is not there.
    StillMissing(Vec<PeerStatus>),
}

impl fmt::Display for InstallError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRoot { command } => write!(
                formatter,
                "only root may install the peers, run this as root: {command}"
            ),
            Self::NoAptGet { command } => write!(
                formatter,
                "there is no apt-get here, install the equivalent of: {command}"
            ),
            Self::AptGet(error) => error.fmt(formatter),
            Self::StillMissing(peers) => {
                formatter.write_str("apt-get succeeded, yet:")?;
                peers
                    .iter()
                    .try_for_each(|peer| write!(formatter, " {peer};"))
            }
        }
    }
}

impl Error for InstallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::AptGet(error) => error.source(),
            _ => None,
        }
    }
}

/// Why a peer could not be built or prepared.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// The peer needs packages that are not installed; its text carries the command to run.
    Missing(PeerStatus),
    /// The folder for what is built cannot be used.
    Folder {
        /// The file or folder in question.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else kept on building in the folder until the deadline.
    Locked {
        /// The lock file.
        path: PathBuf,
        /// How long it was waited for.
        after: Duration,
    },
    /// A tool failed.
    Command(CommandError),
    /// Neither of Python's two ways to install packages into a folder worked.
    NoPackages {
        /// What `python3 -m venv` failed with.
        venv: Box<CommandError>,
        /// What `python3 -m pip install --target` failed with.
        target: Box<CommandError>,
    },
}

impl BuildError {
    /// For `map_err`: an error of the file system at `path`.
    pub(crate) fn folder(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Folder { path, source }
    }
}

impl From<CommandError> for BuildError {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(status) => status.fmt(formatter),
            Self::Folder { path, .. } => write!(formatter, "cannot use {}", path.display()),
            Self::Locked { path, after } => write!(
                formatter,
                "{} was still locked after {after:?}",
                path.display()
            ),
            Self::Command(error) => error.fmt(formatter),
            Self::NoPackages { venv, target } => {
                write!(formatter, "{venv}; and without venv: {target}")
            }
        }
    }
}

impl Error for BuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Folder { source, .. } => Some(source),
            Self::Command(error) => error.source(),
            _ => None,
        }
    }
}

/// Why a built peer did not do what was asked of it.
#[derive(Debug)]
#[non_exhaustive]
pub enum PeerError {
    /// The peer needs packages that are not installed; its text carries the command to run.
    Missing(PeerStatus),
    /// The program did not run to a good end.
    Command(CommandError),
    /// A server ended, or wrote something else, where `READY <address>` was due.
    NotReady {
        /// The command line.
        command: String,
        /// What it wrote instead; nothing when it ended.
        instead: Option<String>,
        /// The end of what it wrote to its standard error.
        stderr: String,
    },
    /// A client wrote something else than one line of JSON.
    NotOneLineOfJson {
        /// The command line.
        command: String,
        /// What it wrote.
        output: String,
    },
    /// A program wrote something else than what is read from it.
    NotUnderstood {
        /// The command line.
        command: String,
        /// What it wrote.
        output: String,
    },
    /// A file the peer needs cannot be written or opened.
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl PeerError {
    /// For `map_err`: an error of the file system at `path`.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

impl From<CommandError> for PeerError {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}

impl fmt::Display for PeerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(status) => status.fmt(formatter),
            Self::Command(error) => error.fmt(formatter),
            Self::NotReady {
                command,
                instead: None,
                stderr,
            } => write!(formatter, "`{command}` ended before it was ready: {stderr}"),
            Self::NotReady {
                command,
                instead: Some(line),
                stderr,
            } => write!(
                formatter,
                "`{command}` wrote {line:?} where READY was due: {stderr}"
            ),
            Self::NotOneLineOfJson { command, output } => write!(
                formatter,
                "`{command}` wrote {output:?} where one line of JSON was due"
            ),
            Self::NotUnderstood { command, output } => {
                write!(
                    formatter,
                    "`{command}` wrote what is not understood: {output:?}"
                )
            }
            Self::File { path, .. } => write!(formatter, "cannot use {}", path.display()),
        }
    }
}

impl Error for PeerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Command(error) => error.source(),
            Self::File { source, .. } => Some(source),
            Self::Missing(_)
            | Self::NotReady { .. }
            | Self::NotOneLineOfJson { .. }
            | Self::NotUnderstood { .. } => None,
        }
    }
}

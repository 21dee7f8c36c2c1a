//! The tokio runtime behind the asynchronous half: the caller's, or one of our own, started on first need on a thread
//! named `rmix-io` and stopped with a bound.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::error::{Cause, Error, ErrorKind};

/// Whose runtime to use.
#[derive(Debug, Clone)]
pub(crate) enum IoChoice {
    /// The caller's.
    Lent(Handle),
    /// One of our own with so many worker threads.
    Own { worker_threads: usize },
}

/// The choice, and our own runtime once it runs.
pub(crate) struct IoRuntime {
    choice: IoChoice,
    /// Guards start and stop of the own runtime.
    own: Mutex<State>,
    /// The own runtime's handle once it runs, so that finding it takes no lock.
    running: OnceLock<Handle>,
}

enum State {
    Idle,
    Running {
        stop: oneshot::Sender<Duration>,
        /// Disconnected when the thread has nothing more to do.
        ended: mpsc::Receiver<()>,
        thread: JoinHandle<()>,
    },
    Stopped,
}

impl IoRuntime {
    pub(super) fn new(choice: IoChoice) -> IoRuntime {
        IoRuntime {
            choice,
            own: Mutex::new(State::Idle),
            running: OnceLock::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn handle(&self) -> Result<Handle, Error> {
        let worker_threads = match &self.choice {
            IoChoice::Lent(handle) => return Ok(handle.clone()),
            IoChoice::Own { worker_threads } => *worker_threads,
        };
        if let Some(handle) = self.running.get() {
            return Ok(handle.clone());
        }
        let mut state = self.state();
        match *state {
            State::Running { .. } => {}
            State::Stopped => {
                return Err(Error::new(
                    ErrorKind::FixRequest,
                    Cause::Shutdown,
                    "the runtime was shut down",
                ));
            }
            State::Idle => {
                let (handle, running) = start(worker_threads)?;
                *state = running;
                let _ = self.running.set(handle);
            }
        }
        self.running.get().cloned().ok_or_else(|| {
            Error::new(
                ErrorKind::Internal,
                Cause::Other,
                "the I/O thread has no runtime",
            )
        })
    }

    /// Stops our own runtime; tasks that are not done within `bound` are dropped.
    pub(super) fn stop(&self, bound: Duration) {
        let state = std::mem::replace(&mut *self.state(), State::Stopped);
        let State::Running {
            stop,
            ended,
            thread,
        } = state
        else {
            return;
        };
        // Fails only when the thread has ended by itself.
        let _ = stop.send(bound);
        // The last handle on a runtime may be dropped by a task of its own thread, which cannot wait for itself.
        if thread.thread().id() == std::thread::current().id() {
            return;
        }
        // A task that blocks the thread is left behind: the bound is hard.
        let waited = ended.recv_timeout(bound.saturating_add(GRACE));
        if waited == Err(mpsc::RecvTimeoutError::Disconnected) {
            let _ = thread.join();
        }
    }
}

/// Time beyond the bound for the thread itself to end.
const GRACE: Duration = Duration::from_millis(500);

fn start(worker_threads: usize) -> Result<(Handle, State), Error> {
    let failed = |failure: std::io::Error| {
        let message = format!("the I/O thread cannot be started: {failure}");
        Error::new(ErrorKind::Retry, Cause::Io, message).caused_by(failure)
    };
    let mut builder = if worker_threads > 1 {
        Builder::new_multi_thread()
    } else {
        Builder::new_current_thread()
    };
    if worker_threads > 1 {
        builder.worker_threads(worker_threads);
    }
    let runtime = builder
        .enable_all()
        .thread_name("rmix-worker")
        .build()
        .map_err(failed)?;
    let handle = runtime.handle().clone();
    let (stop, stopped) = oneshot::channel::<Duration>();
    let (end, ended) = mpsc::channel::<()>();
    let thread = std::thread::Builder::new()
        .name("rmix-io".to_owned())
        .spawn(move || {
            let bound = runtime.block_on(stopped).unwrap_or_default();
            runtime.shutdown_timeout(bound);
            drop(end);
        })
        .map_err(failed)?;
    Ok((
        handle,
        State::Running {
            stop,
            ended,
            thread,
        },
    ))
}

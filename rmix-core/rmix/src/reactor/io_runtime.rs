//! The tokio runtime behind the asynchronous half: the caller's, or one of our own, started on first need on a thread
//! named `rmix-io` and stopped with a bound. After that nothing here keeps a tokio runtime, because the host's services
//! live for ever.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, mpsc};
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
    /// Of our own runtime; `None` when one was lent.
    worker_threads: Option<usize>,
    /// Guards start and stop of the own runtime; taken before `running`.
    own: Mutex<State>,
    /// The lent runtime, or our own while it runs; `None` after `stop`.
    running: RwLock<Option<Handle>>,
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
        let (worker_threads, running) = match choice {
            IoChoice::Lent(handle) => (None, Some(handle)),
            IoChoice::Own { worker_threads } => (Some(worker_threads), None),
        };
        IoRuntime {
            worker_threads,
            own: Mutex::new(State::Idle),
            running: RwLock::new(running),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> Option<Handle> {
        self.running
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set_running(&self, handle: Option<Handle>) {
        let mut running = self.running.write().unwrap_or_else(PoisonError::into_inner);
        let previous = std::mem::replace(&mut *running, handle);
        drop(running);
        drop(previous);
    }

    pub(super) fn handle(&self) -> Result<Handle, Error> {
        if let Some(handle) = self.running() {
            return Ok(handle);
        }
        let stopped = || {
            Error::new(
                ErrorKind::FixRequest,
                Cause::Shutdown,
                "the runtime was shut down",
            )
        };
        let Some(worker_threads) = self.worker_threads else {
            // What links left behind on a lent runtime, for example unsent bytes, goes on there.
            return Handle::try_current().map_err(|_| stopped());
        };
        let mut state = self.state();
        match *state {
            State::Stopped => Err(stopped()),
            // Another thread has started it meanwhile.
            State::Running { .. } => self.running().ok_or_else(stopped),
            State::Idle => {
                let (handle, running) = start(worker_threads)?;
                *state = running;
                self.set_running(Some(handle.clone()));
                Ok(handle)
            }
        }
    }

    /// Lets go of the tokio runtime, and stops our own; tasks that are not done within `bound` are dropped.
    pub(super) fn stop(&self, bound: Duration) {
        let state = {
            let mut state = self.state();
            self.set_running(None);
            std::mem::replace(&mut *state, State::Stopped)
        };
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

//! Runs one test; one that hangs ends the whole run, so that nothing waits for ever.

use std::io::Write as _;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

/// Runs a test to its end.
///
/// # Panics
/// When the test does, or no runtime can be started.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    let _watchdog = watchdog();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a tokio runtime can be started");
    runtime.block_on(future)
}

fn watchdog() -> Sender<()> {
    let (alive, ended) = mpsc::channel::<()>();
    let name = std::thread::current().name().unwrap_or("a test").to_owned();
    std::thread::spawn(move || {
        if ended.recv_timeout(HANGS_AFTER) == Err(RecvTimeoutError::Timeout) {
            let _ = writeln!(
                std::io::stderr(),
                "{name} hangs: given up after {HANGS_AFTER:?}"
            );
            std::process::exit(101);
        }
    });
    alive
}

/// Far beyond what any test takes, on any machine.
const HANGS_AFTER: Duration = Duration::from_secs(300);
